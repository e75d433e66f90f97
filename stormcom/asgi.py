"""The one kind of web process: the webhook door in front, Django behind."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

# WhiteNoise hands files over as synchronous iterators; Django reads them in a thread, and warns of it.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormcom.settings")
django_application = get_asgi_application()

from integrations.webhooks.door import WebhookDoor  # noqa: E402  (needs Django set up)

application = WebhookDoor(django_application)

"""The one kind of web process: the webhook door in front, Django behind."""

from __future__ import annotations

import os
import warnings

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormcom.settings")
# WhiteNoise hands files over as synchronous iterators; Django reads them in a thread, and warns of it.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
django.setup(set_prefix=False)

from integrations.webhooks.door import WebhookDoor  # noqa: E402  (needs Django set up)
from stormcom.pages import PageHandler  # noqa: E402

django_application = PageHandler()
application = WebhookDoor(django_application)

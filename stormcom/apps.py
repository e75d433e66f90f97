from django.apps import AppConfig
from django.conf import settings


class StormcomConfig(AppConfig):
    name = "stormcom"

    def ready(self) -> None:
        from stormcom import checks  # noqa: F401  (registers the system checks)

        if settings.SENTRY_DSN:
            from stormcom.reporting import start_reporting

            start_reporting(settings.SENTRY_DSN)

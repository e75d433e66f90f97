from django.apps import AppConfig


class StormcomConfig(AppConfig):
    name = "stormcom"

    def ready(self) -> None:
        from stormcom import checks  # noqa: F401  (registers the system checks)

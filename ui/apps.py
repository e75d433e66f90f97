"""The design system as a Django app: template tags, public pages, style guide. Imports nothing of ours."""

from django.apps import AppConfig

from ui.form_words import set_form_words


class UiConfig(AppConfig):
    name = "ui"

    def ready(self) -> None:
        set_form_words()

"""The design system as a Django app: template tags, public pages, style guide. Imports nothing of ours."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "ui"

"""The Celery application: queues by purpose, the timetable, and the apps' tasks.

Queues: `webhooks` (Meta's messages), `stock` (the fast lane), `default`, `bulk` (full pushes and back-fills).
The broker may forget; every task can be found again by a sweep of the timetable.
"""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormcom.settings")

app = Celery("stormcom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
CATALOG = (
    "bulk",
    "canary",
    "comparing",
    "counting",
    "linking",
    "pictures",
    "push",
    "spreadsheets",
    "stock",
)
app.autodiscover_tasks(["integrations.webhooks", *(f"catalog.{package}" for package in CATALOG)])
app.autodiscover_tasks(["catalog.linking"], related_name="look_tasks")


@setup_logging.connect
def keep_django_logging(**kwargs: object) -> None:
    """Leave logging as settings.LOGGING has it: Celery would lay its own over it."""


@app.on_after_configure.connect
def set_timetable(sender: Celery, **kwargs: object) -> None:
    from stormcom.timetable import TIMETABLE

    sender.conf.beat_schedule = {entry.task: entry.as_beat() for entry in TIMETABLE}

from __future__ import annotations

from celery.signals import task_postrun
from django.apps import AppConfig
from django.core.signals import request_finished


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        """Have the rows of a task's or a request's calls to Meta written when it ends."""
        from integrations.graph.records import write_waiting

        task_postrun.connect(write_waiting, dispatch_uid="graph-calls")
        request_finished.connect(write_waiting, dispatch_uid="graph-calls")

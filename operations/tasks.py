"""Jobs of the platform as a whole."""

from __future__ import annotations

from celery import shared_task

from operations import erasure, forget_facebook_user
from operations.models import DeletionRequest
from tenancy.tasks import StoreTask

STEPS = {DeletionRequest.Kind.FACEBOOK_USER.value: forget_facebook_user.STEPS}
"""Kind of request → its steps, in order."""


@shared_task(base=StoreTask)
def erase(request_pk: int) -> None:
    """Work on one request to be forgotten. Safe twice; the sweep comes again for what failed."""
    erasure.work_on(request_pk, STEPS)


@shared_task
def sweep_erasures() -> None:
    """Work on the requests whose task was lost, and on those whose next try is due."""
    for request_pk in erasure.find_due():
        erase.delay(request_pk)

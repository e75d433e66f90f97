"""Jobs of the platform as a whole."""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task
from kombu.exceptions import OperationalError

from operations import erasure, forget_buyer, forget_facebook_user, retention
from operations.models import DeletionRequest
from tenancy.tasks import StoreTask

STEPS = {
    DeletionRequest.Kind.FACEBOOK_USER.value: forget_facebook_user.STEPS,
    DeletionRequest.Kind.BUYER.value: forget_buyer.STEPS,
}
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


@shared_task
def purge_old_rows() -> None:
    """Remove what has been kept for long enough, a bounded amount; comes again soon while there is more."""
    if retention.purge_old_rows() >= retention.ROWS_THAT_MEAN_MORE:
        with suppress(OperationalError):  # a broker that is away: the timetable comes again
            purge_old_rows.apply_async(countdown=5, expires=600, retry=False)

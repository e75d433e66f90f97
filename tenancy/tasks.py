"""Tasks of one store: `@store_task` opens the store named by the first argument. And those of this app."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from tenancy import invitations
from tenancy.models import Invitation
from tenancy.scope import open_store

logger = logging.getLogger(__name__)


class StoreTask(Task):  # type: ignore[misc]  # Celery comes without types
    """A task that a dead broker cannot turn into an error: the rows are there, and a sweep finds them."""

    abstract = True

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        transaction.on_commit(partial(self._nudge, args, kwargs))

    def _nudge(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            self.apply_async(args, kwargs, retry=False)
        except OperationalError as error:
            logger.warning("%s waits for its sweep: the broker is away (%s)", self.name, error)


def store_task(function: Callable[..., Any]) -> Task[..., Any]:
    """Make a Celery task whose first argument is a store id; the function itself does not see it.

    Call it as `task.delay_on_commit(store_id, …)`. The same task run twice or late must change nothing more.
    """

    @wraps(function)
    def inside(store_id: int, *args: Any, **kwargs: Any) -> Any:
        with open_store(store_id):
            return function(*args, **kwargs)

    return shared_task(base=StoreTask)(inside)


@store_task
def send_invitation(invitation_id: int) -> None:
    """Send an invitation's e-mail unless it was sent; in the worst case it goes out twice, with one link."""
    invitation = Invitation.objects.select_related("store", "invited_by").filter(pk=invitation_id).first()
    if invitation and invitation.is_open() and invitation.sent_at is None:
        invitations.send(invitation)


@shared_task
def sweep_invitations() -> None:
    """Start again what has not been sent a minute after it was written."""
    for invitation in invitations.unsent():
        send_invitation.delay(invitation.store_id, invitation.pk)

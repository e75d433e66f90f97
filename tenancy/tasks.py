"""Tasks of one store: `@store_task` opens the store named by the first argument."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from celery import Task, shared_task
from celery.contrib.django.task import DjangoTask
from django.db import transaction

from tenancy.scope import open_store


class SweptTask(DjangoTask):
    """A task that a sweep finds again: a broker that is away is logged, and fails nobody's request."""

    abstract = True

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        transaction.on_commit(partial(self.delay, *args, **kwargs), robust=True)


def store_task(**options: Any) -> Callable[[Callable[..., Any]], Task[..., Any]]:
    """Make a Celery task whose first argument is a store id; the function itself does not see it.

    Call it as `task.delay_on_commit(store_id, …)`. The same task run twice or late must change nothing more.
    """

    def make(function: Callable[..., Any]) -> Task[..., Any]:
        @wraps(function)
        def inside(store_id: int, *args: Any, **kwargs: Any) -> Any:
            with open_store(store_id):
                return function(*args, **kwargs)

        return shared_task(base=SweptTask, **options)(inside)

    return make

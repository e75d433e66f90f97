"""Doors to the jobs of pictures. All are safe twice, late and beside each other."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from catalog.models import Picture
from catalog.pictures import leftovers, looks
from catalog.push import nudges
from tenancy.scope import get_open_store_id
from tenancy.tasks import store_task


@store_task
def look_at_pictures() -> None:
    """Look at pictures that others keep, a slice of those that are due. Calls their hosts."""
    nudges.take_up(look_at_pictures, get_open_store_id())
    if looks.look_at_due():
        nudges.ask(look_at_pictures, get_open_store_id())


@shared_task
def sweep_pictures() -> None:
    """Start with each store that has pictures to look at."""
    due = Picture.unscoped.filter(not_before__lte=timezone.now())
    for store_id in due.values_list("store_id", flat=True).distinct().order_by():
        nudges.ask(look_at_pictures, store_id)


@store_task
def forget_pictures() -> None:
    """Forget pictures of a store that nothing shows any more."""
    leftovers.forget_unused()


@shared_task
def collect_pictures() -> None:
    """Forget what nothing shows in any store, and delete files without a row, a folder at a time."""
    for store_id in leftovers.stores_with_unused():
        forget_pictures.delay(store_id)
    now = timezone.now()
    folder = leftovers.folder_at(now)
    leftovers.collect_files(folder, before=now - leftovers.FILES_KEPT_FOR)

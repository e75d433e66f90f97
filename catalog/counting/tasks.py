"""Door to the job that counts for pages. Safe twice, late and beside itself."""

from __future__ import annotations

from catalog.counting import counts
from tenancy.tasks import store_task


@store_task
def count_for_pages(catalog_pk: int) -> None:
    """Count what pages of a catalog asked for, one thing after the other."""
    while counts.count_next(catalog_pk):
        pass

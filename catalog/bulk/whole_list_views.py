"""What is done with all that a list shows: the question first, then a page that says how far it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.bulk import whole_lists
from catalog.bulk.changes import Change
from catalog.bulk.forms import BulkForm
from catalog.bulk.tasks import work_on_bulk_change
from catalog.filter_words import describe, list_words, read_wanted
from catalog.models import BulkChange, Catalog
from catalog.product_selectors import Wanted, matching
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role
from ui.counting import count_up_to_most, count_words

Action = BulkChange.Action
ASKED = (Action.ARCHIVE, Action.RESTORE)


def many(request: StoreRequest) -> HttpResponse:
    """Ask what to do with all products of a list, or begin it; the caller has checked the role."""
    action = request.POST.get("action", "")
    wanted = read_wanted(QueryDict(request.POST.get("list", "")[:1000]), list_words())
    if action in ASKED:
        if request.POST.get("sure") == "yes":
            return _begin(request, wanted, action)
        return render(request, "catalog/whole_list.html", _describe(request, wanted) | {"action": action})
    form = BulkForm(request.POST if action == "save" else None)
    if form.is_bound and form.is_valid():
        return _begin(request, wanted, Action.EDIT, form.change())
    context = _describe(request, wanted) | {"form": form}
    return render(request, "catalog/bulk.html", context, status=422 if form.is_bound else 200)


def _describe(request: StoreRequest, wanted: Wanted) -> dict[str, object]:
    return {
        "everything": describe(wanted),
        "count": count_words(count_up_to_most(matching(wanted))),
        "catalogs": Catalog.objects.filter(state__in=Catalog.PUSHED),
        "list": request.POST.get("list", ""),
    }


def _begin(request: StoreRequest, wanted: Wanted, action: str, change: Change | None = None) -> HttpResponse:
    row = whole_lists.begin(wanted, action, change, actor=request.user)
    if row is None:
        messages.info(
            request, _("Another change to many products is under way. Wait for its end, or stop it.")
        )
        row = whole_lists.find_running()
    else:
        work_on_bulk_change.delay_on_commit(request.store.pk, row.pk)
    if row is None:  # it ended this moment
        return redirect("catalog:products", store=request.store.slug)
    return redirect("catalog:bulk_change", store=request.store.slug, bulk_change=row.pk)


def _get(pk: int) -> BulkChange:
    found: BulkChange = get_object_or_404(BulkChange.objects.select_related("actor"), pk=pk)
    return found


@require_safe
@store_view(Role.MANAGER)
def show(request: StoreRequest, bulk_change: int) -> HttpResponse:
    found = _get(bulk_change)
    context = {"change": found, "everything": describe(Wanted(**found.listed))}
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(
        request, "catalog/_bulk_change.html" if is_fragment else "catalog/bulk_change.html", context
    )


@require_POST
@store_view(Role.MANAGER)
def stop(request: StoreRequest, bulk_change: int) -> HttpResponse:
    found = _get(bulk_change)
    if whole_lists.stop(found):
        messages.success(request, _("It is stopped. What is changed already stays changed."))
    return redirect("catalog:bulk_change", store=request.store.slug, bulk_change=found.pk)

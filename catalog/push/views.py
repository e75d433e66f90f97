"""The page of one catalog's push: what would be sent, the word to go or stop, and how far it has come."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from catalog import services
from catalog.counting.counts import read_rehearsal
from catalog.counting.tasks import count_for_pages
from catalog.linking import services as linking
from catalog.linking.leaving import measure_stake
from catalog.linking.standing import CatalogCard, read_card
from catalog.models import Catalog, CatalogItem, PushBatch
from catalog.push.outcomes import OF_CALLS, keeps_back, list_in_review, list_items, list_items_of
from catalog.push.progress import find_last_run, measure_push
from catalog.push.waiting import say_how_many_are_left, say_how_many_wait
from catalog.selectors import get_catalog
from catalog.standings import IN_REVIEW, KINDS, REFUSED, REJECTED, REVIEWING, UNANSWERED, UNREADY, WARNED
from integrations.models import AssetState
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

RARE = (REVIEWING, UNANSWERED, WARNED)


@require_safe
@store_view(Role.VIEWER)
def show(request: StoreRequest, catalog: int) -> HttpResponse:
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    if is_fragment and Catalog.objects.filter(pk=catalog, state=AssetState.DISCONNECTED).exists():
        # It was let go while somebody looked on.
        return HttpResponseClientRedirect(reverse("catalog:catalogs", args=[request.store.slug]))
    found = get_catalog(catalog)
    is_shut_out = found.state == AssetState.NEEDS_RECONNECT
    is_flowing = found.is_sending and not is_shut_out
    is_rehearsing = found.is_held and found.choice and not found.is_leaving
    counted = read_rehearsal(found) if is_rehearsing else None
    if counted and counted.has_asked:
        count_for_pages.delay_on_commit(request.store.pk, found.pk)
    context = {
        "catalog": found,
        "card": read_card(found),
        "stake": measure_stake(found) if found.is_leaving else None,
        "counted": counted,
        **(_describe_sending(found) if is_flowing else {}),
        "waiting": None if is_flowing or found.is_held else say_how_many_wait(found),
        "is_shut_out": is_shut_out,
        "resumes_at": found.not_before if found.not_before > timezone.now() else None,
        "can_edit": request.membership.allows(Role.MANAGER),
    }
    return render(request, "catalog/_push.html" if is_fragment else "catalog/push.html", context)


@require_safe
@store_view(Role.VIEWER)
def items(request: StoreRequest, catalog: int) -> HttpResponse:
    """List a catalog's items by how they stand at Meta, or those of one call by what became of them."""
    found = get_catalog(catalog)
    card = read_card(found)
    show, number = request.GET.get("show", ""), request.GET.get("batch", "")
    known = {*KINDS, *OF_CALLS} if number else {*KINDS, *IN_REVIEW}
    show = show if show in known else str(CatalogItem.State.LIVE)
    context = {"catalog": found, "show": show, "tabs": _tabs(card, show, of_batch=bool(number))}
    if number:
        pk = int(number) if number.isdecimal() and len(number) <= 18 else 0
        batch = get_object_or_404(PushBatch.objects.select_related("catalog"), pk=pk, catalog=found)
        page = list_items_of(batch, show=show, params=request.GET.dict())
        context |= {"page": page, "batch": batch, "is_kept_back": keeps_back(batch)}
        return render(request, "catalog/items.html", context)
    is_unseen = show == REVIEWING and not card.is_reviewed  # then all that Meta has waits for its review
    listed = list_in_review if show in IN_REVIEW and not is_unseen else list_items
    kind = str(CatalogItem.State.LIVE) if is_unseen else show
    context["page"] = listed(found, show=kind, params=request.GET.dict())
    context["can_edit"] = request.membership.allows(Role.MANAGER)
    return render(request, "catalog/items.html", context)


def _tabs(card: CatalogCard, show: str, *, of_batch: bool) -> list[dict[str, object]]:
    """Return one tab for each kind of items, with its count; of kinds that are rare only those there are."""
    kinds = {
        CatalogItem.State.LIVE: (_("Confirmed"), card.live),
        CatalogItem.State.WAITING: (_("On their way") if card.is_flowing else _("Waiting"), card.waiting),
        REVIEWING: (_("In review"), card.reviewing),
        REFUSED: (_("Refused by Meta"), card.refused),
        REJECTED: (_("Rejected in review"), card.rejected),
        UNREADY: (_("Not ready"), card.unready),
        UNANSWERED: (_("No answer from Meta"), card.unanswered),
        WARNED: (_("With a warning"), card.warned),
    }
    return [
        {
            "url": f"?show={kind}",
            "label": label,
            "count": count or "0",
            "current": kind == show and not of_batch,
        }
        for kind, (label, count) in kinds.items()
        if count or kind not in RARE or kind == show
    ]


def _describe_sending(catalog: Catalog) -> dict[str, object]:
    progress = measure_push(catalog)
    changes = "" if progress else say_how_many_are_left(catalog)
    at_rest = not progress and not changes
    return {"progress": progress, "changes": changes, "last_run": find_last_run(catalog) if at_rest else None}


@require_POST
@store_view(Role.MANAGER)
def let_go(request: StoreRequest, catalog: int) -> HttpResponse:
    """Agree to what the page shows: from now on it is sent."""
    found = get_catalog(catalog)
    services.let_go(found, actor=request.user)
    messages.success(request, _("Your products are on their way to %(catalog)s.") % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)


@require_POST
@store_view(Role.MANAGER)
def hold_back(request: StoreRequest, catalog: int) -> HttpResponse:
    """Stop sending; what is left stays here."""
    found = get_catalog(catalog)
    services.hold_back(found, actor=request.user)
    words = _("Nothing more is sent to %(catalog)s. What is left stays here until you send it.")
    messages.success(request, words % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)


@require_POST
@store_view(Role.MANAGER)
def send_all(request: StoreRequest, catalog: int) -> HttpResponse:
    """Send everything again, whatever we know of what Meta has."""
    found = get_catalog(catalog)
    linking.send_all_again(found, actor=request.user)
    messages.success(request, _("Everything is sent to %(catalog)s again.") % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)

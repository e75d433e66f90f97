"""The page of one Page or Instagram account, and what a person may do to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from integrations import selectors, standing
from integrations.connections import Asset, PageTaken
from integrations.erasing import describe, request_erasure
from integrations.forms import EraseForm
from integrations.models import AssetPicture, ConnectedPage, InstagramAccount
from integrations.standing import NotPossible, kind_word
from integrations.subscriptions import fill_gap
from integrations.tasks import check_subscription, erase_asset, leave_page
from integrations.webhooks.replay import replay_pauses
from integrations.webhooks.tasks import nudge_inbox
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


def _find(page: int, instagram: int) -> Asset:
    """Return the asset that the address names: of a Page or of an Instagram account."""
    if instagram:
        return get_object_or_404(InstagramAccount.objects.select_related("page__account"), pk=instagram)
    return get_object_or_404(ConnectedPage.objects.select_related("account"), pk=page)


@require_GET
@store_view(Role.VIEWER)
def asset(request: StoreRequest, page: int = 0, instagram: int = 0) -> HttpResponse:
    found = _find(page, instagram)
    context = {
        "asset": found,
        "view": selectors.describe_asset(found, request.store),
        "can_connect": request.membership.allows(Role.MANAGER),
        "can_erase": request.membership.allows(Role.OWNER),
    }
    return render(request, "integrations/asset.html", context)


@require_GET
@store_view(Role.VIEWER)
def picture(request: StoreRequest, asset_id: str) -> HttpResponse:
    found = get_object_or_404(AssetPicture.objects, asset_id=asset_id)
    answer = HttpResponse(bytes(found.content), content_type=found.content_type)
    answer["Cache-Control"] = "private, max-age=86400"
    return answer


@require_POST
@store_view(Role.MANAGER)
def pause(request: StoreRequest, page: int = 0, instagram: int = 0) -> HttpResponse:
    found = _find(page, instagram)
    done = _("%(name)s is paused. What Meta sends is noted, and worked on when you resume.")
    return _act(request, found, lambda: standing.pause(found, actor=request.user), done)


@require_POST
@store_view(Role.MANAGER)
def resume(request: StoreRequest, page: int = 0, instagram: int = 0) -> HttpResponse:
    found = _find(page, instagram)
    done = _("%(name)s works again. What came meanwhile is being worked on now.")
    return _act(request, found, lambda: _resume(found, request), done)


def _resume(found: Asset, request: StoreRequest) -> None:
    standing.resume(found, actor=request.user)
    if replay_pauses(request.store.pk, actor=request.user):
        nudge_inbox()
    fill_gap(standing.page_of(found))
    check_subscription.delay_on_commit(request.store.pk, standing.page_of(found).pk)


@require_POST
@store_view(Role.MANAGER)
def reconnect(request: StoreRequest, instagram: int) -> HttpResponse:
    """Bring back a disconnected Instagram account through its Page."""
    found = get_object_or_404(InstagramAccount.objects.select_related("page"), pk=instagram)
    done = _("%(name)s is connected.")
    try:
        return _act(request, found, lambda: standing.reconnect_instagram(found, actor=request.user), done)
    except PageTaken:
        messages.error(request, _("This Instagram account is connected to another store."))
        return redirect(address_of(found, request))


@store_view(Role.MANAGER)
def disconnect(request: StoreRequest, page: int = 0, instagram: int = 0) -> HttpResponse:
    """Ask first, with what it will do; then do it."""
    found = _find(page, instagram)
    linked = selectors.living_instagram(found)
    if request.method != "POST":
        return render(request, "integrations/disconnect.html", {"asset": found, "linked": linked})
    keep = request.POST.get("keep_instagram") == "on"
    standing.disconnect(found, actor=request.user, keep_instagram=keep)
    leave_page.delay_on_commit(request.store.pk, standing.page_of(found).pk)
    messages.success(request, _("%(page)s is disconnected. Its history stays here.") % {"page": found.name})
    return redirect("integrations:index", store=request.store.slug)


@store_view(Role.OWNER)
def delete(request: StoreRequest, page: int = 0, instagram: int = 0) -> HttpResponse:
    """Say what goes and what stays, and have the name typed; then erase in the background."""
    found = _find(page, instagram)
    form = EraseForm(request.POST if request.method == "POST" else None, name=found.name)
    if request.method == "POST" and form.is_valid():
        request_erasure(found, actor=request.user)
        erase_asset.delay_on_commit(request.store.pk, kind_word(found), found.pk)
        words = _("%(name)s is disconnected, and its data is being erased.") % {"name": found.name}
        messages.success(request, words)
        return redirect("integrations:index", store=request.store.slug)
    context = {"asset": found, "form": form, "going": describe(found)}
    return render(request, "integrations/delete.html", context, status=422 if form.errors else 200)


def address_of(found: Asset, request: StoreRequest) -> str:
    kind = kind_word(found)
    return reverse(f"integrations:{kind}", kwargs={"store": request.store.slug, kind: found.pk})


def _act(request: StoreRequest, found: Asset, act: Callable[[], Any], done: str) -> HttpResponse:
    """Do one thing to an asset and say so, or that it does not stand like that any more."""
    try:
        act()
    except NotPossible:
        words = _("%(name)s has changed in the meantime. Look at how it stands now.")
        messages.error(request, words % {"name": found.name})
    else:
        messages.success(request, done % {"name": found.name})
    return redirect(address_of(found, request))

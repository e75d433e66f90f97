"""Asking another store for a Page, and answering such a request."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations import transfers
from integrations.models import MetaAccount, PageTransfer
from integrations.standing import NotPossible
from integrations.tasks import announce_transfer, finish_transfer, tell_transfer_end
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@store_view(Role.MANAGER)
def ask(request: StoreRequest, account: int) -> HttpResponse:
    """Say what asking does, then ask; `page` is Meta's id of a Page that the account offers."""
    found = get_object_or_404(MetaAccount.objects, pk=account)
    page_id = request.POST.get("page", "") or request.GET.get("page", "")
    name = next((page["name"] for page in found.available_pages if page["page_id"] == page_id), "")
    if not name:
        messages.error(request, _("This Page is no longer offered. Look at the list again."))
        return redirect("integrations:pick", store=request.store.slug, account=found.pk)
    if request.method != "POST":
        context = {"account": found, "page_id": page_id, "name": name}
        return render(request, "integrations/transfer_ask.html", context)
    try:
        asked = transfers.ask(found, page_id, actor=request.user)
    except NotPossible:
        messages.error(request, _("%(name)s is free by now: connect it here.") % {"name": name})
        return redirect("integrations:pick", store=request.store.slug, account=found.pk)
    except transfers.AskedLately:
        words = _("You have asked for %(name)s already. Ask again a day later, or talk to its owner.")
        messages.error(request, words % {"name": name})
        return redirect("integrations:index", store=request.store.slug)
    announce_transfer.delay_on_commit(asked.pk)
    messages.success(
        request, _("We have asked for %(name)s. The answer comes by e-mail and stands here.") % {"name": name}
    )
    return redirect("integrations:index", store=request.store.slug)


@store_view(Role.OWNER)
def answer(request: StoreRequest, transfer: int) -> HttpResponse:
    """Show the owner who asks for a Page and what giving it away does; then do what they say."""
    found = transfers.find_received(transfer, request.store)
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "integrations/transfer_answer.html", {"transfer": found})
    try:
        _decide(request, found, agreed=request.POST.get("answer") == "accept")
    except NotPossible:
        messages.error(request, _("This request is no longer open. Nothing was changed."))
    return redirect("integrations:index", store=request.store.slug)


@require_POST
@store_view(Role.MANAGER)
def withdraw(request: StoreRequest, transfer: int) -> HttpResponse:
    found = get_object_or_404(PageTransfer.objects, pk=transfer)
    try:
        transfers.withdraw(found, actor=request.user)
    except NotPossible:
        messages.error(request, _("The request was answered already."))
    else:
        messages.success(request, _("The request is withdrawn."))
    return redirect("integrations:index", store=request.store.slug)


def _decide(request: StoreRequest, found: PageTransfer, *, agreed: bool) -> None:
    if not agreed:
        transfers.refuse(found, actor=request.user)
        tell_transfer_end.delay_on_commit(found.pk)
        messages.success(request, _("You keep %(name)s.") % {"name": found.page_name})
        return
    transfers.accept(found, actor=request.user)
    finish_transfer.delay_on_commit(found.store_id, found.pk)
    words = _("%(name)s is handed over. Its history stays here.")
    messages.success(request, words % {"name": found.page_name})

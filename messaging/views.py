"""The inbox: who waits, what was said, and the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as toasts
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from messaging import selectors
from messaging.forms import ArrivalsForm, NewerForm, ReplyForm, UpToForm
from messaging.models import Conversation, Message
from messaging.replies import ReplyRefused, mark_done, mark_seen, outlook, queue_reply, retry_reply
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

NEWS = {"HX-Trigger": "newMessages"}
"""Has the live part of the page look for what is new at once."""


@require_GET
@store_view(Role.VIEWER)
def inbox(request: StoreRequest) -> HttpResponse:
    return render(request, "messaging/inbox.html", _list_context(request, params=request.GET.dict()))


@require_GET
@store_view(Role.VIEWER)
def conversation(request: StoreRequest, uuid: UUID) -> HttpResponse:
    return _page(request, selectors.get_conversation(uuid))


@require_GET
@store_view(Role.VIEWER)
def newer(request: StoreRequest, uuid: UUID) -> HttpResponse:
    """Answer a live page with what came or changed since the revision it shows; 204 when nothing did."""
    shown = NewerForm(request.GET)
    if not shown.is_valid():
        return HttpResponseBadRequest()
    found = selectors.get_conversation(uuid)
    changed = selectors.list_changed(found, since=shown.cleaned_data["since"])
    if not changed:
        return HttpResponse(status=204)
    if len(changed) > selectors.CHANGES:
        return HttpResponse(headers={"HX-Refresh": "true"})
    after = shown.cleaned_data["after"]
    context = _conversation_context(request, found) | {
        "fresh": [message for message in changed if message.pk > after],
        "changed": [message for message in changed if message.pk <= after],
        "newest_id": max(after, *(message.pk for message in changed)),
        "was_blocked": shown.cleaned_data["blocked"],
        "listed": shown.cleaned_data["listed"],
    }
    return render(request, "messaging/_newer.html", context)


@require_POST
@store_view(Role.AGENT)
def reply(request: StoreRequest, uuid: UUID) -> HttpResponse:
    found = selectors.get_conversation(uuid)
    form = ReplyForm(request.POST, conversation=found)
    if form.is_valid():
        try:
            queue_reply(
                found,
                text=form.cleaned_data["text"],
                actor=request.user,
                reference=form.cleaned_data["reference"],
            )
        except ReplyRefused as refusal:
            form.add_error("text", str(refusal))
    if form.errors:
        return _composer(request, found, form, status=422)
    if not _is_htmx(request):
        return redirect(found)
    return _composer(request, found, ReplyForm(conversation=found), headers=NEWS)


@require_POST
@store_view(Role.AGENT)
def retry(request: StoreRequest, uuid: UUID, message_id: int) -> HttpResponse:
    found = selectors.get_conversation(uuid)
    message: Message = get_object_or_404(Message, conversation=found, pk=message_id)
    refusal = ""
    try:
        message = retry_reply(message, actor=request.user)
    except ReplyRefused as refused:
        refusal = str(refused)
    if not _is_htmx(request):
        if refusal:
            toasts.error(request, refusal)
        return redirect(found)
    context = _conversation_context(request, found) | {"message": message, "refusal": refusal}
    status = 422 if refusal else 200
    return render(request, "messaging/_message.html", context, status=status)


@require_POST
@store_view(Role.AGENT)
def seen(request: StoreRequest, uuid: UUID) -> HttpResponse:
    """Note that the page showed all messages up to one; the page itself tells so, once it is looked at."""
    form = UpToForm(request.POST)
    found = selectors.get_conversation(uuid)
    if not form.is_valid():
        return HttpResponseBadRequest()
    mark_seen(found, up_to=form.cleaned_data["up_to"])
    return HttpResponse(status=204)


@require_POST
@store_view(Role.AGENT)
def done(request: StoreRequest, uuid: UUID) -> HttpResponse:
    form = UpToForm(request.POST)
    found = selectors.get_conversation(uuid)
    if not form.is_valid():
        return HttpResponseBadRequest()
    mark_done(found, up_to=form.cleaned_data["up_to"], actor=request.user)
    toasts.success(request, _("Done. It comes back when the customer writes again."))
    return redirect("messaging:inbox", store=request.store.slug)


@require_GET
@store_view(Role.VIEWER)
def arrivals(request: StoreRequest) -> HttpResponse:
    """Tell a list how many conversations got something since it was made; 204 when none did."""
    shown = ArrivalsForm(request.GET)
    if not shown.is_valid():
        return HttpResponseBadRequest()
    since = datetime.fromtimestamp(shown.cleaned_data["since"] / 1000, UTC)
    count = selectors.count_arrived(since=since, besides=shown.cleaned_data["open"])
    if not count:
        return HttpResponse(status=204)
    context = {"count": count, "show": _show(request), "made_at_ms": shown.cleaned_data["since"]}
    return render(request, "messaging/_arrivals.html", context | {"open": shown.cleaned_data["open"]})


# --- What the pages show ----------------------------------------------------------------------------------


def _page(
    request: StoreRequest, found: Conversation, *, form: ReplyForm | None = None, status: int = 200
) -> HttpResponse:
    params = request.GET.dict()
    page = selectors.list_messages(found, params=params)
    context = _list_context(request, params={"show": params.get("show", "")})
    context |= _conversation_context(request, found, form=form)
    context |= {
        "thread": page,
        "is_live": not page.previous_url,
        "listed": found in context["threads"].rows,
        "newest_id": max((message.pk for message in page.rows), default=0),
    }
    return render(request, "messaging/inbox.html", context, status=status)


def _composer(
    request: StoreRequest,
    found: Conversation,
    form: ReplyForm,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    if not _is_htmx(request):
        return _page(request, found, form=form, status=status)
    context = _conversation_context(request, found, form=form)
    response = render(request, "messaging/_composer.html", context, status=status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def _list_context(request: StoreRequest, *, params: dict[str, str]) -> dict[str, Any]:
    made_at = timezone.now()
    show, counts = _show(request), selectors.inbox_counts()
    return {
        "show": show,
        "counts": counts,
        "tabs": _tabs(request, show=show, waiting=counts.waiting),
        "threads": selectors.list_threads(show=show, params=params),
        "made_at_ms": int(made_at.timestamp() * 1000),
    }


def _tabs(request: StoreRequest, *, show: str, waiting: int) -> list[dict[str, Any]]:
    address = reverse("messaging:inbox", kwargs={"store": request.store.slug})
    everything = selectors.ALL
    return [
        {"label": _("Waiting"), "url": address, "count": waiting or None, "current": show != everything},
        {
            "label": _("All"),
            "url": f"{address}?show={everything}",
            "count": None,
            "current": show == everything,
        },
    ]


def _conversation_context(
    request: StoreRequest, found: Conversation, *, form: ReplyForm | None = None
) -> dict[str, Any]:
    return {
        "conversation": found,
        "contact": found.contact,
        "origins": selectors.list_origins(found),
        "outlook": outlook(found),
        "form": form or ReplyForm(conversation=found),
        "can_reply": request.membership.allows(Role.AGENT),
        "show": _show(request),
    }


def _show(request: StoreRequest) -> str:
    return selectors.ALL if request.GET.get("show") == selectors.ALL else selectors.WAITING


def _is_htmx(request: StoreRequest) -> bool:
    return bool(getattr(request, "htmx", False))

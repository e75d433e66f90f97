"""The connect button, and where Meta's login dialog comes back to."""

from __future__ import annotations

from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations.models import MetaAccount, OAuthAttempt
from integrations.oauth.failures import FAILURES, ConnectFailed
from integrations.oauth.flow import claim_attempt, find_attempt, finish_attempt, refusal_of, start_attempt
from integrations.permissions import NEEDED
from integrations.tasks import recheck_person
from tenancy.access import StoreRequest, find_membership, store_view
from tenancy.audit import record_audit
from tenancy.models import Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tenancy.selectors import find_home_store

Display = OAuthAttempt.Display
R = TypeVar("R", bound=HttpResponse)


@store_view(Role.MANAGER)
def start(request: StoreRequest) -> HttpResponse:
    """Go to Meta's dialog; with `account`, ask that person again for what they left out."""
    asked = request.POST if request.method == "POST" else request.GET
    display = Display.POPUP if asked.get("display") == Display.POPUP else Display.PAGE
    return_to = asked.get("next", "")
    scopes = list(NEEDED)
    if number := asked.get("account", ""):
        account = get_object_or_404(MetaAccount.objects, pk=_read_number(number))
        scopes = account.missing_scopes or scopes
    try:
        if return_to and not is_ours(request, return_to):
            raise ConnectFailed("return_elsewhere")
        dialog = start_attempt(request.user, scopes=scopes, display=display, return_to=return_to)
    except ConnectFailed as failed:
        return _failed(request, failed, store=request.store, display=display)
    return _in_popup(redirect(dialog)) if display == Display.POPUP else redirect(dialog)


connect = require_POST(start)


@login_required
@require_http_methods(["GET", "POST"])
def connect_from_a_guide(request: HttpRequest) -> HttpResponseBase:
    """Start where older guides say: for the store that is named, or the one that the person was in last.

    A link is enough here: what it starts is bound to this person, who still has to agree at Facebook.
    """
    store = find_home_store(cast(User, request.user))
    slug = request.GET.get("store") or (store.slug if store else "")
    return start(request, store=slug) if slug else redirect("tenancy:home")


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Finish one attempt: the state says which store; the user must still be its manager."""
    state = request.GET.get("state", "")
    if not request.user.is_authenticated:
        started = find_attempt(state)
        return _failed(request, ConnectFailed("signed_out"), audit_in=started.store if started else None)
    user = request.user
    attempt = claim_attempt(state, user=user)
    if attempt is None:
        return _refused(request, find_attempt(state), user)
    try:
        account = _finish(request, attempt, user)
    except ConnectFailed as failed:
        return _failed(request, failed, store=attempt.store, display=attempt.display)
    recheck_person.delay_on_commit(account.meta_user_id)
    return _done(request, attempt, account)


def is_ours(request: HttpRequest, address: str) -> bool:
    """Say whether an address is a path of this StormCom: nobody is sent elsewhere after connecting."""
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=hosts, require_https=request.is_secure())
    return safe and address.startswith("/") and address.isprintable() and len(address) <= 500


def _read_number(text: str) -> int:
    """Return the number of a row; 0, which no row has, for what is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _finish(request: HttpRequest, attempt: OAuthAttempt, user: User) -> MetaAccount:
    membership = find_membership(user, attempt.store.slug)
    if membership is None or not membership.allows(Role.MANAGER):
        raise ConnectFailed("role_lost")
    if error := request.GET.get("error") or request.GET.get("error_code"):
        raise ConnectFailed("cancelled" if error == "access_denied" else "dialog_refused")
    if not request.GET.get("code"):
        raise ConnectFailed("no_code")
    with open_store(attempt.store_id):
        return finish_attempt(attempt, code=request.GET["code"])


def _done(request: HttpRequest, attempt: OAuthAttempt, account: MetaAccount) -> HttpResponse:
    address = reverse("integrations:pick", kwargs={"store": attempt.store.slug, "account": account.pk})
    if attempt.return_to:
        address += "?" + urlencode({"next": attempt.return_to})
    if attempt.display != Display.POPUP:
        return redirect(address)
    return _in_popup(render(request, "integrations/connected.html", {"address": address}))


def _refused(request: HttpRequest, attempt: OAuthAttempt | None, user: User) -> HttpResponse:
    """Answer a state that was not claimed; only members learn of which store it was."""
    failed = ConnectFailed(refusal_of(attempt, user=user))
    if attempt is None:
        place = user.last_store
        known = place is not None and find_membership(user, place.slug) is not None
        return _failed(request, failed, audit_in=place if known else None)
    if attempt.user_id != user.pk:
        return _failed(request, failed, audit_in=attempt.store)
    return _failed(request, failed, store=attempt.store, display=attempt.display)


def _failed(
    request: HttpRequest,
    failed: ConnectFailed,
    *,
    store: Store | None = None,
    audit_in: Store | None = None,
    display: str = Display.PAGE,
) -> HttpResponse:
    """Show why nothing was connected, and write it to the trail of the store it was meant for.

    The way back to the store is for its members only.
    """
    failure = FAILURES[failed.reason]
    member = store is not None and find_membership(cast(User, request.user), store.slug) is not None
    if place := audit_in or store:
        _record_failure(request, failed, place)
    context: dict[str, Any] = {
        "failure": failure,
        "error": failed.error,
        "reason": failed.reason,
        "slug": store.slug if store and member else "",
        "display": display,
        "sign_in": f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}",
    }
    answer = render(request, "integrations/connect_failed.html", context, status=failure.status)
    return _in_popup(answer) if display == Display.POPUP else answer


def _record_failure(request: HttpRequest, failed: ConnectFailed, store: Store) -> None:
    user = request.user if request.user.is_authenticated else None
    member = user and find_membership(user, store.slug)
    details: dict[str, Any] = {"reason": failed.reason}
    if failed.error:
        details |= {"code": failed.error.code, "subcode": failed.error.subcode, "trace": failed.error.trace}
    with open_store(store.pk):
        record_audit("connect.failed", actor=user if member else None, **details)


def _in_popup(answer: R) -> R:
    """Keep the window that opened the popup reachable: a stricter policy than Meta's page has cuts it off."""
    answer["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return answer

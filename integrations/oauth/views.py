"""Where Meta's login dialog comes back to."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from integrations.oauth.flow import ConnectFailed, claim_attempt, finish_attempt
from tenancy.access import find_membership
from tenancy.models import User
from tenancy.roles import Role
from tenancy.scope import open_store


@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Finish one attempt: the state says which store; the user must still be its manager."""
    user = cast(User, request.user)
    attempt = claim_attempt(request.GET.get("state", ""), user=user)
    if attempt is None:
        return _failed(request, _("This connection was not started here, was used already, or is too old."))
    slug = attempt.store.slug
    membership = find_membership(user, slug)
    if membership is None or not membership.allows(Role.MANAGER):
        return _failed(request, _("You may not connect Pages to this store any more."))
    if not request.GET.get("code"):
        messages.warning(request, _("Nothing was connected: the login at Meta was cancelled."))
        return redirect("integrations:index", store=slug)
    try:
        with open_store(attempt.store_id):
            account = finish_attempt(attempt, code=request.GET["code"])
    except ConnectFailed as error:
        return _failed(request, str(error), slug=slug)
    return redirect("integrations:pick", store=slug, account=account.pk)


def _failed(request: HttpRequest, why: str, *, slug: str = "") -> HttpResponse:
    return render(request, "integrations/connect_failed.html", {"why": why, "slug": slug}, status=400)

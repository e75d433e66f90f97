from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenancy import invitations, selectors, services
from tenancy.access import StoreRequest, store_view
from tenancy.forms import InvitationForm, RoleForm, StoreForm
from tenancy.models import Invitation, Membership, User
from tenancy.roles import Role
from tenancy.services import TeamRuleError

StoreView = Callable[..., HttpResponse]
form_methods = require_http_methods(["GET", "HEAD", "POST"])


# --- A person's stores ------------------------------------------------------------------------------------


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the store the person was in last; to an invitation, or a new store, when there is none."""
    user = cast(User, request.user)
    if store := selectors.find_home_store(user):
        return redirect(store)
    if waiting := invitations.waiting_for(user):
        return redirect(invitations.path(waiting[0]))
    return redirect("tenancy:create")


@login_required
def stores(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    waiting = [(offer, invitations.path(offer)) for offer in invitations.waiting_for(user)]
    context = {"memberships": selectors.my_memberships(user), "waiting": waiting}
    return render(request, "tenancy/stores.html", context)


@login_required
@form_methods
def create(request: HttpRequest) -> HttpResponse:
    form = StoreForm(request.POST or None, initial={"currency": "GBP", "timezone": "Europe/London"})
    if request.method == "POST" and form.is_valid():
        store = services.create_store(**form.cleaned_data, owner=cast(User, request.user))
        return redirect(store)
    first = not Membership.objects.filter(user=cast(User, request.user)).exists()
    return render(
        request, "tenancy/create.html", {"form": form, "first": first}, status=_status(request, form.errors)
    )


@form_methods
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation to whoever holds its link; only the invited person can accept it."""
    offer = invitations.find_invitation_owner(token)
    state = selectors.invitation_state(offer)
    user = request.user if request.user.is_authenticated else None
    for_me = bool(offer and user and invitations.is_for(offer, user))
    if request.method == "POST" and offer and user:
        try:
            membership = services.accept_invitation(offer, user=user)
        except TeamRuleError as refused:
            messages.error(request, str(refused))
            return redirect("tenancy:invitation", token)
        messages.success(request, _("You are in the team of %(store)s.") % {"store": membership.store})
        return redirect(membership.store)
    context = {"invitation": offer, "state": state, "for_me": for_me}
    return render(request, "tenancy/invitation.html", context, status=404 if state == "unknown" else 200)


# --- A store's settings -----------------------------------------------------------------------------------


@store_view(Role.MANAGER)
@form_methods
def settings(request: StoreRequest) -> HttpResponse:
    form = StoreForm(request.POST or None, instance=request.store)
    if request.method == "POST":
        if form.is_valid():
            try:
                services.update_store(request.store, actor=request.user, **form.cleaned_data)
            except services.CurrencyInUse as refused:
                form.add_error("currency", str(refused))
            else:
                messages.success(request, _("Saved."))
                return redirect("tenancy:settings", request.store.slug)
        request.store.refresh_from_db()  # The form wrote on it; the frame shows the store as it is.
    return render(request, "tenancy/settings.html", {"form": form}, status=_status(request, form.errors))


@store_view(Role.MANAGER)
def audit(request: StoreRequest) -> HttpResponse:
    page = selectors.audit_page(
        older_than=_find_number(request, "older_than"), newer_than=_find_number(request, "newer_than")
    )
    return render(request, "tenancy/audit.html", {"page": page})


# --- The team ---------------------------------------------------------------------------------------------


def _says_why(view: StoreView) -> StoreView:
    """Show the sentence of a rule that refused, on the team's page."""

    @wraps(view)
    def saying(request: StoreRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except TeamRuleError as refused:
            messages.error(request, str(refused))
            return redirect("tenancy:team", request.store.slug)

    return saying


@store_view(Role.VIEWER)
def team(request: StoreRequest) -> HttpResponse:
    return _show_team(request, _invitation_form(request))


@store_view(Role.MANAGER)
@require_POST
def invite(request: StoreRequest) -> HttpResponse:
    form = _invitation_form(request, request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            services.invite_member(request.store, email=email, role=role, by=request.membership)
        except TeamRuleError as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": email})
            return redirect("tenancy:team", request.store.slug)
    return _show_team(request, form)


@store_view(Role.MANAGER)
@require_POST
@_says_why
def invite_again(request: StoreRequest, invitation: int) -> HttpResponse:
    offer = get_object_or_404(Invitation.objects.filter(accepted_at__isnull=True), pk=invitation)
    services.invite_member(request.store, email=offer.email, role=Role(offer.role), by=request.membership)
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": offer.email})
    return redirect("tenancy:team", request.store.slug)


@store_view(Role.MANAGER)
@require_POST
@_says_why
def withdraw(request: StoreRequest, invitation: int) -> HttpResponse:
    offer = get_object_or_404(Invitation.objects.select_related("store"), pk=invitation)
    services.withdraw_invitation(offer, by=request.membership)
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("tenancy:team", request.store.slug)


@store_view(Role.MANAGER)
@require_POST
@_says_why
def change_role(request: StoreRequest, member: int) -> HttpResponse:
    membership = _get_member(request, member)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("tenancy:team", request.store.slug)
    services.change_role(membership, to=Role(form.cleaned_data["role"]), by=request.membership)
    messages.success(request, _("The role of %(member)s is changed.") % {"member": membership.user})
    return redirect("tenancy:team", request.store.slug)


@store_view(Role.MANAGER)
@require_POST
@_says_why
def remove(request: StoreRequest, member: int) -> HttpResponse:
    membership = _get_member(request, member)
    services.remove_member(membership, by=request.membership)
    messages.success(request, _("%(member)s is no longer in the team.") % {"member": membership.user})
    return redirect("tenancy:team", request.store.slug)


@store_view(Role.VIEWER)
@require_POST
@_says_why
def leave(request: StoreRequest) -> HttpResponse:
    services.leave_store(request.membership)
    messages.success(request, _("You have left %(store)s.") % {"store": request.store})
    return redirect("tenancy:stores")


# --- Shared -----------------------------------------------------------------------------------------------


def _get_member(request: StoreRequest, member: int) -> Membership:
    members = Membership.objects.select_related("store", "user").filter(store=request.store)
    return get_object_or_404(members, pk=member)


def _invitation_form(request: StoreRequest, data: Any = None) -> InvitationForm:
    return InvitationForm(data, giver=Role(request.membership.role))


def _show_team(request: StoreRequest, form: InvitationForm) -> HttpResponse:
    may_invite = request.membership.allows(Role.MANAGER)
    context = {
        "rows": selectors.team_rows(request.membership),
        "invitations": selectors.open_invitations(request.membership) if may_invite else [],
        "form": form if may_invite else None,
    }
    return render(request, "tenancy/team.html", context, status=_status(request, form.errors))


def _status(request: HttpRequest, errors: Any) -> int:
    """422 for a form that came back with errors."""
    return 422 if request.method == "POST" and errors else 200


def _find_number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 18 else None

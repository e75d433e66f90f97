"""The guard of every page under /s/<store>/: sign-in, membership, role, scope, in that order."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store

R = TypeVar("R", bound=HttpResponseBase)
StoreView = Callable[..., HttpResponseBase]


class StoreRequest(HttpRequest):
    """A request that has passed `store_view`."""

    user: User
    store: Store
    membership: Membership


def find_membership(user: User, slug: str) -> Membership | None:
    """Return the user's membership of the store with this slug, with the store; one query."""
    return Membership.objects.select_related("store").filter(store__slug=slug, user=user).first()


def store_view(role: Role) -> Callable[[StoreView], StoreView]:
    """Let in members of the store with at least `role`, and open the store for the view.

    Strangers get 404, so that nobody learns which stores exist; members below the role get 403.
    The view is called with a `StoreRequest`, without the slug.
    """

    def guard(view: StoreView) -> StoreView:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, store: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            membership = find_membership(request.user, store)
            if membership is None:
                raise Http404
            if not membership.allows(role):
                raise PermissionDenied
            entered = cast(StoreRequest, request)
            entered.store, entered.membership = membership.store, membership
            if entered.user.last_store_id != membership.store_id:
                User.objects.filter(pk=entered.user.pk).update(last_store=membership.store)
            with open_store(membership.store_id), timezone.override(membership.store.timezone):
                return rendered(view(entered, *args, **kwargs))

        guarded.store_role = role  # type: ignore[attr-defined]  # tests/laws walks the URLconf for this mark
        return guarded

    return guard


def rendered(response: R) -> R:
    """Render a lazy template response while its store is still open."""
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response

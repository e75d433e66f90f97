"""Who calls the API, for which store, and what they may: a key of the store, or a person's session.

The same rules as on the pages (`tenancy.access`): strangers get 404, members below the role 403.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.validators import slug_re
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.security.session import SessionAuth as NinjaSessionAuth
from ninja.utils import check_csrf

from operations.api.limits import count_address, count_caller, count_store
from operations.api.problems import Problem
from tenancy.access import find_membership
from tenancy.api_tokens import TokenRefused, find_token, get_maker, note_use
from tenancy.models import Membership, Store, User
from tenancy.roles import ApiScope
from tenancy.scope import open_store

Operation = TypeVar("Operation", bound=Callable[..., Any])

STORE_HEADER = "X-Store"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who acts: a member, in person or by a key of theirs."""

    membership: Membership

    @property
    def store(self) -> Store:
        return self.membership.store

    @property
    def user(self) -> User:
        return self.membership.user


class ApiRequest(HttpRequest):
    """A request that has passed `KeyAuth` or `SessionAuth`."""

    auth: Caller


class KeyAuth(HttpBearer):
    """An API key in the Authorization header. It opens its own store and no other."""

    def __init__(self, scope: ApiScope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Read the header ourselves: ninja would log one that it does not understand."""
        count_address(request)
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != self.openapi_scheme:
            raise Problem("not-signed-in")
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        found = find_token(token)
        if found is None:
            raise _refused("There is no such key.")
        count_caller(request, f"key:{found.pk}")
        try:
            maker = get_maker(found)
        except TokenRefused as refused:
            raise _refused(str(refused)) from None
        if (named := _named_store(request)) and named != found.store.slug:
            raise Problem("not-found", "The key is for another store than the one you name.")
        count_store(request, found.store_id)
        if not found.allows(self.scope):
            raise Problem("missing-scope", f"The key lacks the scope “{self.scope}”.")
        with open_store(found.store_id):
            note_use(found)
        return Caller(membership=maker)


class SessionAuth(NinjaSessionAuth):
    """A signed-in person, who names the store."""

    def __init__(self, scope: ApiScope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller | None:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise Problem("no-csrf")
        return self.enter(request, request.user)

    def enter(self, request: HttpRequest, user: User) -> Caller:
        count_caller(request, f"user:{user.pk}")
        slug = _named_store(request)
        if not slug:
            words = f"Say which store, as a parameter or in the {STORE_HEADER} header."
            raise Problem("invalid", errors={"store": [words]})
        membership = find_membership(user, slug)
        if membership is None:
            raise Problem("not-found")
        count_store(request, membership.store_id)
        if not membership.allows(self.scope.role):
            raise Problem("role-too-low", f"This needs the role “{self.scope.role}”.")
        membership.user = user
        return Caller(membership=membership)


def needs(scope: ApiScope) -> list[KeyAuth | APIKeyCookie]:
    """Return the two ways to call an operation, for `auth=`. The key comes first: it is never mixed up."""
    return [KeyAuth(scope), SessionAuth(scope)]


def in_store(operation: Operation) -> Operation:
    """Open the caller's store for an operation."""

    @wraps(operation)
    def inside(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
        with open_store(request.auth.store.pk):
            return operation(request, *args, **kwargs)

    # Ninja reads annotations with the globals of this module otherwise.
    inside.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
    inside.opens_store = True  # type: ignore[attr-defined]  # tests/laws looks for this mark
    return cast(Operation, inside)


def _named_store(request: HttpRequest) -> str:
    """Return the address of the store that a request names, '' for none. Raises Problem for what is none."""
    slug = request.GET.get("store") or request.headers.get(STORE_HEADER, "")
    if slug and not slug_re.fullmatch(slug):
        raise Problem("not-found")
    return slug


def _refused(words: str) -> Problem:
    headers = {"WWW-Authenticate": 'Bearer realm="StormCom", error="invalid_token"'}
    return Problem("key-refused", words, headers=headers)

"""Codes and tokens: the dialog's outcome, the exchanges, `debug_token`."""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlencode

from sandbox.call import Call
from sandbox.errors import GraphError, bad_token, invalid
from sandbox.faults import dead_subcode, expires
from sandbox.models import JSON, Code, Grant, Token
from sandbox.permissions import LOGIN_ONLY
from sandbox.world import World

CODE_SECONDS = 600
SHORT_SECONDS = 5_400
LONG_SECONDS = 5_184_000
DATA_ACCESS_SECONDS = 90 * 86_400


def consent(
    world: World,
    user_id: str,
    *,
    asked: Iterable[str],
    granted: Iterable[str],
    page_ids: list[str],
    redirect_uri: str,
    for_system_user: bool = False,
) -> Code:
    """Record what a person allows and issue the code for it.

    A login that asks for no Page leaves the Pages of an earlier grant alone.
    """
    asked_scopes, granted_scopes = set(asked), set(granted) | {"public_profile"}
    before = world.grants.get(user_id) or Grant(id=user_id, scopes=[], declined=[], page_ids=[])
    scopes = (set(before.scopes) - asked_scopes) | granted_scopes
    declined = (set(before.declined) | asked_scopes) - scopes
    own = [page.id for page in world.pages.values() if user_id in page.roles]
    pages = [page for page in own if page in page_ids] if asked_scopes - LOGIN_ONLY else before.page_ids
    world.grants[user_id] = Grant(
        id=user_id, scopes=sorted(scopes), declined=sorted(declined), page_ids=pages
    )
    world.removals.pop(user_id, None)
    code = Code("AQB" + world.opaque("code"), user_id, redirect_uri, issued_at=int(world.now()))
    code.for_system_user = for_system_user
    world.codes[code.id] = code
    return code


def redirect_address(redirect_uri: str, parameters: dict[str, str], *, tail: str = "") -> str:
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(parameters)}{tail}"


def access_token(call: Call) -> JSON:
    grant_type = call.text("grant_type")
    _check_client(call, secret=True)
    if grant_type == "client_credentials":
        return {"access_token": f"{call.world.app.id}|{call.world.app.secret}", "token_type": "bearer"}
    if grant_type == "fb_exchange_token":
        return _exchange(call)
    return _redeem(call)


def _check_client(call: Call, *, secret: bool) -> None:
    app = call.world.app
    if call.text("client_id") != app.id:
        raise GraphError(
            "Error validating application. Cannot get application info due to a system error.", code=101
        )
    if secret and not hmac.compare_digest(call.text("client_secret").encode(), app.secret.encode()):
        raise GraphError("Error validating client secret.", code=1)


def _redeem(call: Call) -> JSON:
    world, code = call.world, call.world.codes.get(call.needed("code"))
    if code is None:
        raise invalid("Invalid verification code format.")
    if code.used:
        raise invalid("This authorization code has been used.", subcode=36009)
    if world.now() - code.issued_at > CODE_SECONDS:
        raise invalid("This authorization code has expired.", subcode=36007)
    if call.text("redirect_uri") != code.redirect_uri:
        raise invalid(
            "Error validating verification code. Please make sure your redirect_uri is identical to the one "
            "you used in the OAuth dialog request",
            subcode=36008,
        )
    code.used = True
    if code.for_system_user:
        return _system_user_token(world, code.user_id)
    return _user_token(world, code.user_id, SHORT_SECONDS)


def _exchange(call: Call) -> JSON:
    token = get_token(call.world, call.needed("fb_exchange_token"))
    if token.kind != "USER":
        raise invalid("The access token is not a user access token")
    return _user_token(call.world, token.user_id, LONG_SECONDS)


def _user_token(world: World, user_id: str, seconds: int) -> JSON:
    now = int(world.now())
    token = Token(
        "EAAB" + world.opaque("token"), "USER", user_id, "", issued_at=now, expires_at=now + seconds
    )
    world.tokens[token.id] = token
    return {"access_token": token.id, "token_type": "bearer", "expires_in": seconds}


def _system_user_token(world: World, user_id: str) -> JSON:
    token = Token(
        "EAAS" + world.opaque("token"), "SYSTEM_USER", user_id, "", issued_at=int(world.now()), expires_at=0
    )
    world.tokens[token.id] = token
    return {"access_token": token.id, "token_type": "bearer"}


def page_token(world: World, user_id: str, page_id: str) -> str:
    """Return the one living Page token of this person for this Page; it never expires by itself."""
    for token in world.tokens.values():
        if (token.user_id, token.page_id) == (user_id, page_id) and not token.dead_subcode:
            return token.id
    token = Token("EAAG" + world.opaque("token"), "PAGE", user_id, page_id, int(world.now()), expires_at=0)
    world.tokens[token.id] = token
    return token.id


def get_token(world: World, text: str) -> Token:
    """Raises GraphError 190 for a token that is unknown, dead or expired."""
    if text == f"{world.app.id}|{world.app.secret}":
        return Token(text, "APP", user_id="", page_id="", issued_at=0, expires_at=0)
    token = world.tokens.get(text)
    if token is None:
        raise bad_token("Malformed access token", subcode=467)
    if token.dead_subcode:
        raise bad_token(DEATHS.get(token.dead_subcode, "The session is invalid."), subcode=token.dead_subcode)
    if token.expires_at and token.expires_at <= world.now():
        raise bad_token("Session has expired.", subcode=463)
    page = world.pages.get(token.page_id)
    if page and token.user_id not in page.roles:
        raise bad_token("The user is not an administrator of the page.", subcode=492)
    return token


DEATHS = {
    458: "The user has not authorized the application.",
    460: "The session has been invalidated because the user changed their password.",
    463: "Session has expired.",
}


def kill_tokens(world: World, user_id: str, *, subcode: int) -> int:
    """End all tokens of a person; returns how many."""
    living = [t for t in world.tokens.values() if t.user_id == user_id and not t.dead_subcode]
    for token in living:
        token.dead_subcode = subcode
    return len(living)


def check_proof(call: Call) -> None:
    """Refuse a wrong `appsecret_proof`; without one the call passes, as with Meta's default setting."""
    proof = call.params.get("appsecret_proof")
    if proof is None or call.token is None:
        return
    expected = hmac.new(call.world.app.secret.encode(), call.token.id.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), str(proof).encode()):
        raise GraphError(
            "Invalid appsecret_proof provided in the API argument", code=100, kind="GraphMethodException"
        )


def debug_token(call: Call) -> JSON:
    if call.token is None or call.token.kind == "PAGE":
        call.need_app()
    world, text = call.world, call.needed("input_token")
    try:
        token = get_token(world, text)
        if expires(world, token):
            raise bad_token("Session has expired.", subcode=dead_subcode(world))
    except GraphError as error:
        details = {"code": 190, "message": error.body["message"], "subcode": error.body.get("error_subcode")}
        return {"data": {"app_id": world.app.id, "is_valid": False, "scopes": [], "error": details}}
    return {"data": _token_facts(world, token)}


def _token_facts(world: World, token: Token) -> JSON:
    facts: JSON = {
        "app_id": world.app.id,
        "type": token.kind,
        "application": world.app.name,
        "is_valid": True,
        "expires_at": token.expires_at,
        "data_access_expires_at": token.issued_at + DATA_ACCESS_SECONDS if token.user_id else 0,
        "issued_at": token.issued_at,
    }
    if token.page_id:
        facts["profile_id"] = token.page_id
    grant = world.grants.get(token.user_id)
    if grant is None:
        return facts | {"scopes": []}
    granular = [_granular(world, grant, scope) for scope in grant.scopes]
    speaker = world.system_user_of(token)
    return facts | {
        "user_id": speaker.id if speaker else token.user_id,
        "scopes": grant.scopes,
        "granular_scopes": granular,
    }


def _granular(world: World, grant: Grant, scope: str) -> JSON:
    """Name the Pages or Instagram accounts a scope covers; no `target_ids` means all there are."""
    if scope.startswith("pages_") or scope == "leads_retrieval":
        return {"scope": scope, "target_ids": grant.page_ids}
    if scope.startswith("instagram_"):
        linked = [world.pages[page_id].instagram_id for page_id in grant.page_ids]
        return {"scope": scope, "target_ids": [account for account in linked if account]}
    return {"scope": scope}

"""The login dialog: a person chooses who they are, which Pages and which permissions."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox import oauth
from sandbox.permissions import BUSINESS_LOGIN, LABELS, LOGIN_ONLY, SYSTEM_USER_CONFIGURATION
from sandbox.render import page
from sandbox.world import World


class DialogError(Exception):
    """What Facebook shows on a page of its own and never sends to the redirect address."""


@dataclass(frozen=True)
class LoginRequest:
    redirect_uri: str
    state: str
    scopes: list[str]
    all_or_nothing: bool
    return_scopes: bool
    for_system_user: bool

    @property
    def asks_for_pages(self) -> bool:
        return bool(set(self.scopes) - LOGIN_ONLY)


def read_request(world: World, query: dict[str, str]) -> LoginRequest:
    if query.get("client_id") != world.app.id:
        raise DialogError("Invalid App ID: the provided app ID does not look like a valid app ID.")
    redirect_uri = query.get("redirect_uri", "")
    if not redirect_uri.startswith(("http://", "https://")):
        raise DialogError(
            "Can't load URL: the redirect_uri parameter must be given, and must be a full address."
        )
    if query.get("response_type", "code") != "code":
        raise DialogError("Unsupported response_type: this sandbox gives codes only.")
    scopes = BUSINESS_LOGIN if query.get("config_id") else query.get("scope", "").replace(",", " ").split()
    if unknown := [scope for scope in scopes if scope not in LABELS]:
        raise DialogError(f"Invalid Scopes: {', '.join(unknown)}. This message is only shown to developers.")
    return LoginRequest(
        redirect_uri=redirect_uri,
        state=query.get("state", ""),
        scopes=list(dict.fromkeys(["public_profile", *scopes])),
        all_or_nothing=bool(query.get("config_id")),
        return_scopes=query.get("return_scopes") == "true",
        for_system_user=query.get("config_id") == SYSTEM_USER_CONFIGURATION,
    )


async def show(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        login = read_request(world, dict(request.query_params))
    except DialogError as error:
        return page(request, "dialog_error.html", {"reason": str(error)}, status=400)
    people = [
        {"user": user, "pages": [p for p in world.pages.values() if user.id in p.roles]}
        for user in world.users.values()
    ]
    permissions = [(scope, LABELS[scope]) for scope in login.scopes if scope != "public_profile"]
    context = {"login": login, "people": people, "permissions": permissions, "app": world.app}
    return page(request, "dialog.html", context)


async def decide(request: Request) -> Response:
    """Take the form: `user`, `pages`, `scopes` (both repeated) and `decision` continue or cancel."""
    world: World = request.app.state.world
    form = await request.form()
    try:
        login = read_request(world, dict(request.query_params) | {k: str(v) for k, v in form.items()})
    except DialogError as error:
        return page(request, "dialog_error.html", {"reason": str(error)}, status=400)
    user_id = str(form.get("user", ""))
    if form.get("decision") == "cancel":
        return _cancelled(login)
    if user_id not in world.users:
        return page(request, "dialog_error.html", {"reason": "No Facebook user was chosen."}, status=400)
    ticked = {str(scope) for scope in form.getlist("scopes")}
    granted = [scope for scope in login.scopes if login.all_or_nothing or scope in ticked]
    code = oauth.consent(
        world,
        user_id,
        asked=login.scopes,
        granted=granted,
        page_ids=[str(page_id) for page_id in form.getlist("pages")],
        redirect_uri=login.redirect_uri,
        for_system_user=login.for_system_user,
    )
    parameters = {"code": code.id}
    if login.return_scopes:
        grant = world.grants[user_id]
        parameters |= {"granted_scopes": ",".join(grant.scopes), "denied_scopes": ",".join(grant.declined)}
    return _back(login, parameters, tail="#_=_")


def _cancelled(login: LoginRequest) -> Response:
    parameters = {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    }
    return _back(login, parameters)


def _back(login: LoginRequest, parameters: dict[str, str], *, tail: str = "") -> Response:
    if login.state:
        parameters["state"] = login.state
    return RedirectResponse(
        oauth.redirect_address(login.redirect_uri, parameters, tail=tail), status_code=302
    )


ROUTES = [
    Route("/dialog/oauth", show),
    Route("/dialog/oauth", decide, methods=["POST"]),
    Route("/{version}/dialog/oauth", show),
    Route("/{version}/dialog/oauth", decide, methods=["POST"]),
]

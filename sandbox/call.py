"""One Graph call on its way: who asks, for what, and what they may see."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.errors import bad_token, invalid, missing_permission
from sandbox.models import JSON, Grant, Page, Token
from sandbox.world import World


@dataclass
class Call:
    world: World
    method: str
    path: str
    """Without version: "me/accounts"."""
    params: JSON
    version: str
    origin: str
    token: Token | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the answer."""

    def within(self, path: str, params: JSON) -> "Call":
        """Return the call that a field expansion makes for an edge."""
        return replace(self, method="GET", path=path, params=params)

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def needed(self, name: str) -> str:
        if self.params.get(name) in (None, ""):
            raise invalid(f"The parameter {name} is required")
        return self.text(name)

    def flag(self, name: str, *, default: bool) -> bool:
        return self.text(name, str(default)).lower() in ("true", "1")

    def json(self, name: str) -> Any:
        """Return a nested value, sent as JSON text in a form or as itself in a JSON body."""
        value = self.params.get(name)
        if not isinstance(value, str) or value == "":
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise invalid(f"Param {name} must be valid JSON") from None

    def words(self, name: str) -> list[str]:
        """Return a list sent as JSON, as a comma list, or as a list."""
        value = self.params.get(name, "")
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = self.json(name)
        if isinstance(value, str):
            value = value.split(",")
        return [str(word).strip() for word in value if str(word).strip()]

    @property
    def grant(self) -> Grant | None:
        return self.world.grants.get(self.token.user_id) if self.token else None

    def may(self, scope: str) -> bool:
        return self.grant is not None and scope in self.grant.scopes

    def need_scopes(self, *scopes: str, why: str = "") -> None:
        missing = [scope for scope in scopes if not self.may(scope)]
        if missing:
            raise missing_permission(
                f"{why or 'Requires'} {', '.join(missing)} permission to manage the object"
            )

    def need_user(self) -> str:
        """Return the Facebook user behind a user token."""
        if not self.token or self.token.kind != "USER":
            raise bad_token("A user access token is required to request this resource.", subcode=467)
        return self.token.user_id

    def need_app(self) -> None:
        if not self.token or self.token.kind != "APP":
            raise bad_token("An app access token is required to request this resource.", subcode=467)

    def need_page(self, page: Page, *tasks: str) -> None:
        """Refuse whoever is not this Page, or whose person has none of the tasks on it."""
        if not self.token or self.token.kind != "PAGE":
            raise missing_permission("A page access token is required to request this resource.", code=210)
        if tasks and not set(tasks) & set(page.roles.get(self.token.user_id, ())):
            raise missing_permission(
                "User does not have sufficient administrative permission for this action on page "
                f"{page.name}. One of these tasks is needed: {', '.join(tasks)}"
            )

    def sees_page(self, page_id: str) -> bool:
        """Say whether the token reaches this Page: its own, or one its person ticked."""
        if not self.token or not self.grant:
            return False
        if self.token.kind == "PAGE":
            return self.token.page_id == page_id
        page = self.world.pages.get(page_id)
        return page is not None and page_id in self.grant.page_ids and self.token.user_id in page.roles

    def sees_business(self, business_id: str) -> bool:
        business = self.world.businesses.get(business_id)
        return bool(
            business
            and self.token
            and self.token.kind in ("USER", "SYSTEM_USER")
            and self.token.user_id in business.user_ids
        )

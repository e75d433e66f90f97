"""Playing the merchant at the sandbox's login dialog, where nobody sits in front of it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

import requests

from integrations.permissions import NEEDED

ADA = "70001"
HAZEL_HOME = "100200300400501"


def consent(
    dialog_url: str,
    *,
    user: str = ADA,
    pages: Iterable[str] = (HAZEL_HOME,),
    scopes: Iterable[str] = tuple(NEEDED),
    decision: str = "continue",
) -> dict[str, str]:
    """Answer the dialog as a person would, and return what it hands to the redirect address."""
    form = {"user": user, "pages": list(pages), "scopes": list(scopes), "decision": decision}
    answer = requests.post(dialog_url, data=form, allow_redirects=False, timeout=10)
    if answer.status_code != 302:
        raise RuntimeError(f"The login dialog answered HTTP {answer.status_code}.")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}

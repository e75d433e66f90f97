"""A store's address: made once from its name, never changed after. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator

from django.utils.text import slugify

LONGEST = 60
# fmt: off
RESERVED = frozenset([
    "account", "accounts", "admin", "api", "app", "billing", "checkout", "demo", "facebook", "help",
    "home", "instagram", "login", "mail", "me", "meta", "new", "none", "null", "order", "orders",
    "public", "s", "sandbox", "settings", "shop", "static", "status", "store", "stores", "stormcom",
    "support", "undefined", "webhook", "webhooks", "www",
])
# fmt: on
"""Words that an address may need later, or that would look like ours."""


def make_slug(name: str, *, taken: Container[str] = ()) -> str:
    """Return a free address for a store of this name; `taken` needs those only that begin with its stem."""
    return next(slug for slug in candidates(name) if slug not in taken)


def stem(name: str) -> str:
    """Return what every address made from this name begins with."""
    return (_base(name) or "shop")[: LONGEST - 10].rstrip("-_")


def candidates(name: str) -> Iterator[str]:
    """Yield addresses for a name without an end, the nicest first; "shop-1" for one without Latin letters."""
    base = _base(name)
    if len(base) >= 2 and base not in RESERVED:
        yield base
    number = 2 if base else 1
    while True:
        tail = f"-{number}"
        yield (base or "shop")[: LONGEST - len(tail)].rstrip("-_") + tail
        number += 1


def _base(name: str) -> str:
    return slugify(name)[:LONGEST].strip("-_")

"""Addresses of pictures. Those of files of ours are kept as paths, so that our own host may change. Pure."""

from __future__ import annotations

import hashlib

OWN_PATH = "/pictures/"
"""Before the name of a file of ours, which is its digest."""
THUMBNAIL, MEDIUM = 160, 800
"""Longest sides of the smaller copies of a file, in pixels."""


def is_own(address: str) -> bool:
    return address.startswith(OWN_PATH)


def digest_of(address: str) -> str:
    """Return what a picture is known by: of a file of ours its name, else a hash of the address."""
    if is_own(address):
        return address.removeprefix(OWN_PATH).partition(".")[0]
    return hashlib.sha256(address.encode()).hexdigest()


def sized(address: str, side: int) -> str:
    """Return the address of a smaller copy of a file of ours."""
    stem, dot, kind = address.rpartition(".")
    return f"{stem}-{side}{dot}{kind}"


def absolute(address: str, *, base_url: str) -> str:
    """Return the address at which the whole world finds a picture."""
    return f"{base_url}{address}" if is_own(address) else address


def localise(address: str, *, base_url: str) -> str:
    """Return an address as we keep it: that of a file of ours without our host before it."""
    return address.removeprefix(base_url) if address.startswith(f"{base_url}{OWN_PATH}") else address

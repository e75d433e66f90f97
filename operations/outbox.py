"""The e-mails that embedded mode keeps as files instead of sending them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path

from django.conf import settings

MAILS_SHOWN = 50
BYTES_READ = 200_000
"""Per file. A file holds what one connection sent, which is rarely more than one e-mail."""
_SEPARATOR = re.compile(rb"^-{79}\n", re.MULTILINE)
"""What Django's file backend writes after each e-mail."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One e-mail as a person reads it."""

    subject: str
    to: str
    sent_at: datetime | None
    text: str


def is_outbox_open() -> bool:
    """Say whether there is an outbox: only while developing, and only when e-mails go to files."""
    return bool(settings.DEBUG) and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def list_mails() -> list[Mail]:
    """Return the newest e-mails, newest first. Reads the files of MAIL_DIR itself and follows no link."""
    files = sorted(_files(settings.MAIL_DIR), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return list(islice((mail for path in files for mail in _read(path)), MAILS_SHOWN))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.glob("*.log") if path.is_file() and not path.is_symlink()]


def _read(path: Path) -> list[Mail]:
    with path.open("rb") as file:
        parts = _SEPARATOR.split(file.read(BYTES_READ))
    mails = [message_from_bytes(part, policy=policy.default) for part in parts if part.strip()]
    return [_describe(mail) for mail in reversed(mails)]


def _describe(message: EmailMessage) -> Mail:
    body = message.get_body(preferencelist=("plain",))
    return Mail(
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sent_at=_moment(message["Date"]),
        text=str(body.get_content()).strip() if body else "",
    )


def _moment(date: object) -> datetime | None:
    """Read a Date header. Django's says "-0000", which Python reads as a time of no zone: it is UTC."""
    when = parsedate_to_datetime(str(date)) if date else None
    return when.replace(tzinfo=UTC) if when and when.tzinfo is None else when

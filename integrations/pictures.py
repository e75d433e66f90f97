"""Pictures of Pages and Instagram accounts: fetched daily, kept small, shown from ourselves (ADR 8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from integrations.graph.accounts import PageFacts
from integrations.models import AssetPicture
from tenancy.models import Store

FRESH = timedelta(hours=20)
TIMEOUT_SECONDS = (3.05, 8)
MOST_BYTES = 200_000
META_HOSTS = (".fbcdn.net", ".cdninstagram.com", ".fbsbx.com", ".facebook.com")
KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
"""First bytes of what we show. A drawing with a script in it (SVG) is none of them."""

log = structlog.get_logger()


def keep_pictures(pages: Iterable[PageFacts]) -> None:
    """Fetch the pictures of these Pages and their Instagram accounts that are not fresh. Safe twice."""
    wanted: dict[str, str] = {}
    for page in pages:
        wanted[page.page_id] = page.picture_url
        wanted[page.instagram_id] = page.instagram_picture_url
    fresh = AssetPicture.objects.filter(asset_id__in=wanted, fetched_at__gt=timezone.now() - FRESH)
    for asset_id in set(wanted) - set(fresh.values_list("asset_id", flat=True)):
        if asset_id and (found := _fetch(wanted[asset_id])):
            values = {"content": found[0], "content_type": found[1], "fetched_at": timezone.now()}
            AssetPicture.objects.update_or_create(asset_id=asset_id, defaults=values)


def picture_urls(asset_ids: Iterable[str], store: Store) -> dict[str, str]:
    """Return id → address of those that have a picture; 1 query, without the pictures themselves."""
    rows = AssetPicture.objects.filter(asset_id__in=list(asset_ids)).values_list("asset_id", "fetched_at")
    return {asset_id: _address(asset_id, store, int(at.timestamp())) for asset_id, at in rows}


def _address(asset_id: str, store: Store, version: int) -> str:
    path = reverse("integrations:picture", kwargs={"store": store.slug, "asset_id": asset_id})
    return f"{path}?v={version}"


def _fetch(url: str) -> tuple[bytes, str] | None:
    """Return a picture and its type; None for what is away, too big, no picture or not of Meta."""
    if not _is_metas(url):
        return None
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, stream=True, allow_redirects=False) as answer:
            content = _read(answer) if answer.ok else b""
    except (requests.RequestException, OSError) as error:
        log.info("picture_not_fetched", error=type(error).__name__)
        return None
    kind = next((kind for start, kind in KINDS.items() if content.startswith(start)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    return (content, kind) if kind and len(content) <= MOST_BYTES else None


def _read(answer: requests.Response) -> bytes:
    """Return a body as far as it is not too big, and a little more of one that is."""
    content = b""
    for piece in answer.iter_content(16_384):
        content += piece
        if len(content) > MOST_BYTES:
            break
    return content


def _is_metas(url: str) -> bool:
    """Say whether an address leads to Meta: nobody else makes our server ask around."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.netloc and parts.netloc == urlsplit(settings.GRAPH_API_URL).netloc:
        return True
    return parts.scheme == "https" and (parts.hostname or "").endswith(META_HOSTS)

"""What is in a file that is said to be a picture, and a clean one made of it. Pure; Pillow does the reading.

Nothing is decoded before its size in pixels is known, and nothing that came is ever served: what we keep is
drawn anew, upright, without place, time or camera.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from catalog.models import Picture
from catalog.pictures.addresses import MEDIUM, THUMBNAIL

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 64_000_000
"""Of a file that is decoded: what the best telephones take. As colours in memory it is 192 MB."""
SHORTEST_SIDE = 500
LONGEST_SIDE = 4096
"""A larger picture is made smaller: Meta shows none of the rest, and refuses some."""
NARROWEST = 3.0
"""Longer than that many times its width, a picture is cut hard in Meta's square frames."""
QUALITY = 88
TAKEN = ("JPEG", "PNG", "WEBP", "GIF")
META_TAKES = ("JPEG", "PNG", "MPO")
"""MPO is what telephones write that keep a second picture behind the JPEG that everybody sees."""
ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
NOTES = ("exif", "Raw profile type exif")
"""Where Pillow keeps what a camera noted, as it came."""
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_WHOLE_PAGE = re.compile(rb"<(!doctype\s+html|html)[\s>]", re.IGNORECASE)
_PAGE = re.compile(rb"<(head|body|title|script|meta)[\s>]", re.IGNORECASE)
_decoding = BoundedSemaphore(2)
"""So many large pictures are in a process's memory at once."""
Image.MAX_IMAGE_PIXELS = None
"""Pillow's own limit, of which it only warns; MOST_PIXELS is lower, and asked before anything is decoded."""

Finding = Picture.Finding


@dataclass(frozen=True)
class Facts:
    """What was found in a file; sizes as a person sees the picture, 0 where they are not known."""

    finding: Finding
    width: int = 0
    height: int = 0
    kind: str = ""


@dataclass(frozen=True)
class Remade:
    """A picture drawn anew in three sizes: the whole one, and copies by their longest side."""

    suffix: str
    width: int
    height: int
    whole: bytes
    copies: dict[int, bytes]


def inspect(content: bytes) -> Facts:
    """Say what is in a file and what Meta would have against it, without decoding what is too large."""
    if not content:
        return Facts(Finding.EMPTY)
    if len(content) > MOST_BYTES:
        return Facts(Finding.TOO_MANY_BYTES)
    try:
        with _open(content) as image:
            return _inspect(image)
    except UnidentifiedImageError:
        return Facts(_guess(content))
    except Exception:  # whatever Pillow stumbles over in a damaged file, such as an IndexError
        return Facts(Finding.BROKEN)


def _open(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=TAKEN)


def _inspect(image: Image.Image) -> Facts:
    width, height = image.size
    if width * height > MOST_PIXELS:
        return Facts(Finding.TOO_MANY_PIXELS, width, height)
    finding = _find(image)
    if image.getexif().get(ORIENTATION) in ON_ITS_SIDE:
        width, height = height, width
    return Facts(finding, width, height, image.format or "")


def _find(image: Image.Image) -> Finding:
    short, long = sorted(image.size)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        return Finding.MOVING
    if short < SHORTEST_SIDE:
        return Finding.TOO_SMALL
    kind = image.format
    with _decoding:
        image.draft("RGB", (THUMBNAIL, THUMBNAIL))
        image.load()
    if long > short * NARROWEST:
        return Finding.NARROW
    return Finding.NONE if kind in META_TAKES else Finding.KIND


def _guess(content: bytes) -> Finding:
    """Say what a file that is no picture is instead."""
    head = content[:4096]
    if _WHOLE_PAGE.search(head):  # it may have drawings in it
        return Finding.WEB_PAGE
    if _SVG.search(head):
        return Finding.DRAWING
    if _PAGE.search(head):
        return Finding.WEB_PAGE
    return Finding.UNKNOWN


FITTING = (Finding.NONE, Finding.KIND, Finding.NARROW)
"""What is found in a file that can be kept: WebP and GIF become JPEG or PNG."""


def remake(content: bytes) -> Remade:
    """Draw a picture anew that `inspect` found fitting."""
    with _decoding, _open(content) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        _put_upright(image)
        drawn = _in_colours(image)
        drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        suffix = "png" if drawn.mode == "RGBA" else "jpg"
        whole = _within(drawn, suffix)
        copies = {side: _write(_smaller(drawn, side), suffix) for side in (MEDIUM, THUMBNAIL)}
    return Remade(suffix, drawn.width, drawn.height, whole, copies)


def _put_upright(image: Image.Image) -> None:
    """Turn a picture as its camera was held. Its notes go first: Pillow cannot write odd ones again."""
    image.load()
    image.getexif()
    for name in NOTES:
        image.info.pop(name, None)
    ImageOps.exif_transpose(image, in_place=True)


def _in_colours(image: Image.Image) -> Image.Image:
    """Return a picture in the colours that every page shows: with a see-through part only if it has one."""
    if profile := image.info.get("icc_profile"):
        image = _in_srgb(image, profile)
    if image.has_transparency_data:
        see_through = image.convert("RGBA")
        is_solid = see_through.getchannel("A").getextrema() == (255, 255)
        return see_through.convert("RGB") if is_solid else see_through
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture whose colours mean what they say; as it was when its profile is none."""
    mode = image.mode if image.mode in ("RGB", "RGBA") else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return turned or image


def _within(image: Image.Image, suffix: str) -> bytes:
    """Write a picture so that Meta takes it: a PNG that got too large is made smaller."""
    content = _write(image, suffix)
    while len(content) > MOST_BYTES:
        image.thumbnail((image.width * 3 // 4, image.height * 3 // 4))
        content = _write(image, suffix)
    return content


def _smaller(image: Image.Image, side: int) -> Image.Image:
    """Return a smaller copy; the smallest is a square out of the middle, for lists."""
    if side == THUMBNAIL:
        return ImageOps.fit(image, (side, side))
    copy = image.copy()
    copy.thumbnail((side, side))
    return copy


def _write(image: Image.Image, suffix: str) -> bytes:
    out = io.BytesIO()
    if suffix == "png":
        image.save(out, "PNG")
    else:
        image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()

"""What is in a file, told by its content; and what we make of it."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from PIL import Image

from catalog.pictures.files import MOST_BYTES, inspect, remake
from catalog.pictures.words import say
from tests.catalog import picture_sample as files
from tests.catalog.picture_sample import CAMERA, GPS_TAG


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (files.picture("JPEG"), ""),
        (files.picture("PNG"), ""),
        (files.picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)), ""),
        (files.picture("JPEG", mode="CMYK", colour=0), ""),
        (files.picture("PNG", mode="I;16", colour=0), ""),
        (files.picture("WEBP"), "kind"),
        (files.picture("GIF"), "kind"),
        (files.picture("JPEG", 500, 500), ""),
        (files.picture("JPEG", 499, 2000), "too_small"),
        (files.picture("JPEG", 600, 1801), "narrow"),
        (files.moving("GIF"), "moving"),
        (files.moving("WEBP"), "moving"),
        (files.moving("PNG"), "moving"),
        (files.bomb(), "too_many_pixels"),
        (files.bomb(width=20_000), "too_many_pixels"),
        (files.double(), ""),
        (b"", "empty"),
        (files.PAGE, "web_page"),
        (b"  \n<html lang=en>", "web_page"),
        (b"<!doctype html><html><head></head><body><svg width=9></svg></body>", "web_page"),
        (b"<body><h1>Gone</h1></body>", "web_page"),
        (files.DRAWING, "drawing"),
        (files.picture("BMP"), "unknown"),
        (b"%PDF-1.7 a price list", "unknown"),
        (b"\0" * 2000, "unknown"),
        (files.picture("JPEG")[:2000], "broken"),
        (files.picture("PNG", colour=(1, 2, 3))[:-40], "broken"),
        (files.picture("GIF")[:-1] + b"!", "broken"),  # which Pillow answers with an IndexError
        (files.picture("JPEG") + b"\0" * MOST_BYTES, "too_many_bytes"),
    ],
)
def test_a_file_is_told_by_its_content(content: bytes, finding: str) -> None:
    assert inspect(content).finding == finding


def test_a_finding_has_a_sentence_with_its_figures() -> None:
    facts = inspect(files.picture("JPEG", 300, 200))
    assert say(facts.finding, facts.width, facts.height) == (
        "300 × 200: Meta needs 500 × 500 pixels at least. Take a larger picture."
    )
    assert say("unreachable", status_code=403).startswith("The address answers with an error (403).")
    assert say("") == ""


def test_a_bomb_is_never_decoded() -> None:
    bomb = files.bomb()
    tracemalloc.start()
    facts = inspect(bomb)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (facts.finding, facts.width, facts.height) == ("too_many_pixels", 10_000, 10_000)
    assert peak < 1_000_000


def test_a_photo_stands_upright_and_forgets_where_it_was_taken() -> None:
    content = files.photo(orientation=6)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(GPS_TAG)
    facts = inspect(content)
    assert (facts.finding, facts.width, facts.height) == ("", 600, 800)
    remade = remake(content)
    assert (remade.suffix, remade.width, remade.height) == ("jpg", 600, 800)
    for one in (remade.whole, *remade.copies.values()):
        drawn = Image.open(io.BytesIO(one))
        assert (drawn.format, dict(drawn.getexif()), drawn.info.get("exif")) == ("JPEG", {}, None)
        assert b"Camera of Olive" not in one
    upright = Image.open(io.BytesIO(remade.whole)).convert("RGB")
    top, bottom = upright.getpixel((300, 100)), upright.getpixel((300, 700))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[1] < 60, bottom[1] > 200) == (True, True)
    assert CAMERA not in upright.getexif()


@pytest.mark.parametrize("kind", [1, 3, 6, 8], ids=["byte", "short", "signed byte", "signed short"])
def test_notes_of_a_camera_that_are_odd_hold_up_no_photo(kind: int) -> None:
    """Where it was taken is a text and three fractions; some say that they are something else."""
    text, fractions = b"\x00\x01\x00\x02\x00\x00\x00\x02N", b"\x00\x02\x00\x05\x00\x00\x00\x03"
    photo = files.photo()
    assert photo.count(text) == photo.count(fractions) == 1
    for entry in (text, fractions):
        odd = photo.replace(entry, entry[:3] + bytes([kind]) + entry[4:])
        assert inspect(odd).finding == ""
        remade = remake(odd)
        assert (remade.width, remade.height) == (600, 800)
        assert not Image.open(io.BytesIO(remade.whole)).getexif()


def test_copies_have_the_sizes_that_pages_ask_for() -> None:
    remade = remake(files.picture("JPEG", 3000, 1500))
    sizes = {side: Image.open(io.BytesIO(one)).size for side, one in remade.copies.items()}
    assert sizes == {800: (800, 400), 160: (160, 160)}


def test_what_is_see_through_stays_so_and_anything_else_is_a_jpeg() -> None:
    assert remake(files.picture("PNG", mode="RGBA", colour=(0, 0, 0, 0))).suffix == "png"
    assert remake(files.picture("PNG", mode="RGBA", colour=(9, 9, 9, 255))).suffix == "jpg"
    assert remake(files.picture("WEBP")).suffix == "jpg"
    assert remake(files.picture("GIF")).suffix == "jpg"
    assert (remake(files.double()).suffix, remake(files.double()).width) == ("jpg", 800)


def test_a_large_picture_is_made_as_large_as_meta_likes() -> None:
    remade = remake(files.picture("JPEG", 6000, 3000))
    assert (remade.width, remade.height) == (4096, 2048)
    assert len(remade.whole) <= MOST_BYTES


def test_the_same_picture_becomes_the_same_bytes() -> None:
    assert remake(files.photo()).whole == remake(files.photo()).whole

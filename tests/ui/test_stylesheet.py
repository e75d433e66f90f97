from __future__ import annotations

import re

import pytest

from tests.ui import stylesheet
from tests.ui.stylesheet import Theme, contrast

THEMES = ["light", "dark"]
TONES = ["success", "warning", "danger", "info", "accent", "instagram"]
GROUNDS = ["bg", "surface", "sunken"]


def test_one_stylesheet_dresses_all_pages_in_thirty_kilobytes() -> None:
    sheets = list(stylesheet.PATH.parent.rglob("*.css"))
    assert sheets == [stylesheet.PATH]
    assert len(stylesheet.PATH.read_bytes()) <= 30_000


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", ["text", "soft", "muted"])
def test_text_can_be_read_on_every_ground(theme: str, ground: str, text: str) -> None:
    colours = Theme(theme)
    assert contrast(colours.colour(text), colours.colour(ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("meaning", ["accent", "success", "warning", "danger", "info"])
def test_words_with_a_meaning_can_be_read_on_page_and_card(theme: str, meaning: str) -> None:
    colours = Theme(theme)
    for ground in ("bg", "surface"):
        assert contrast(colours.colour(meaning), colours.colour(ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", TONES)
def test_tones_can_be_read_on_their_own_soft_ground(theme: str, tone: str) -> None:
    colours = Theme(theme, tone)
    assert contrast(colours.colour("tone"), colours.colour("tone-soft")) >= 4.5
    assert contrast(colours.colour("text"), colours.colour("tone-soft")) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-accent", "fill"),
        ("on-accent", "fill-hover"),
        ("on-inverse", "inverse"),
        ("accent", "accent-soft"),
        ("danger", "danger-soft"),
        ("muted", "accent-soft"),
    ],
)
def test_text_can_be_read_on_filled_things(theme: str, text: str, ground: str) -> None:
    colours = Theme(theme)
    assert contrast(colours.colour(text), colours.colour(ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["danger-solid", "danger-hover"])
def test_white_can_be_read_on_dangerous_buttons(theme: str, ground: str) -> None:
    assert contrast((1.0, 1.0, 1.0), Theme(theme).colour(ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("edge", ["control", "accent", "danger"])
def test_edges_of_controls_and_the_focus_ring_can_be_seen(theme: str, edge: str) -> None:
    colours = Theme(theme)
    for ground in ("bg", "surface"):
        assert contrast(colours.colour(edge), colours.colour(ground)) >= 3


def test_everything_lives_in_the_five_layers() -> None:
    source = stylesheet.text()
    layers = re.findall(r"^@layer (\w+)\{", source, re.M)
    assert layers == ["tokens", "reset", "base", "layout", "components"]
    assert source.startswith("@layer reset, tokens, base, layout, components;\n")


def test_every_custom_property_that_is_used_is_set_somewhere() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", stylesheet.text()))
    assert used - set(re.findall(r"--([\w-]+):", stylesheet.text())) == set()


def test_nothing_comes_from_another_host() -> None:
    assert re.findall(r"url\(|@import|https?:", stylesheet.text()) == []

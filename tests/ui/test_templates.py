"""Laws of all templates: what the content security policy would block is never written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.template import Engine
from django.test import Client

ROOT = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(path for path in ROOT.rglob("*.html") if "mail" not in path.relative_to(ROOT).parts)
COMPONENTS = sorted(f"components/{path.name}" for path in (ROOT / "components").glob("*.html"))


def found(pattern: str) -> list[tuple[str, str]]:
    return [
        (str(path.relative_to(ROOT)), match)
        for path in PAGES
        for match in re.findall(pattern, path.read_text(encoding="utf-8"), re.I)
    ]


def test_no_template_has_a_style_attribute_or_element() -> None:
    assert found(r"<style\b|\sstyle\s*=") == []


def test_no_template_has_an_inline_script_without_a_nonce() -> None:
    assert found(r"<script(?![^>]*\s(?:src|nonce)=)[^>]*>") == []


def test_no_template_has_an_inline_handler_or_evaluated_value() -> None:
    assert found(r"\son[a-z]+\s*=\s*[\"']|hx-on[:=-]|javascript:|=\s*[\"']js:|hx-vars") == []


def test_no_tag_runs_over_a_line_end_for_django_prints_it_as_text() -> None:
    assert found(r"\{%[^%}]*\n|\{\{[^}]*\n") == []


def test_no_template_asks_another_host() -> None:
    assert found(r"(?:src|srcset)\s*=\s*[\"'](?:https?:)?//") == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_can_be_parsed(path: Path) -> None:
    assert Engine.get_default().get_template(str(path.relative_to(ROOT))).nodelist


@pytest.mark.django_db
def test_the_style_guide_shows_every_component(client: Client, settings: LazySettings) -> None:
    settings.DEBUG = True
    response = client.get("/styleguide/")
    assert response.status_code == 200
    shown = {template.name for template in response.templates}
    assert [name for name in COMPONENTS if name not in shown] == []


@pytest.mark.django_db
def test_ids_of_the_style_guide_are_unique(client: Client, settings: LazySettings) -> None:
    settings.DEBUG = True
    ids = re.findall(r'\sid="([^"]+)"', client.get("/styleguide/").content.decode())
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.django_db
def test_the_style_guide_is_for_developers_only(client: Client, settings: LazySettings) -> None:
    settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404

"""Law 12: each model that holds personal data has a retention rule, and what has none says why."""

from __future__ import annotations

import inspect

import pytest

from operations.retention import NO_PERSONAL_DATA, RULES, purges
from tests.laws.house import our_models

LABELS = {model._meta.label for model in our_models()}
PERSONAL = ("email", "phone", "buyer", "address", "person_id", "answers", "body", "snippet", "username")
"""Parts of field names that smell of a person."""
NOT_A_PERSONS = {
    "integrations.InstagramAccount.username": "The shop's own account.",
    "catalog.Picture.address": "Where a picture is in the web.",
}


@pytest.mark.parametrize("label", sorted(LABELS))
def test_every_model_has_a_rule_or_says_why_it_needs_none(label: str) -> None:
    assert (label in RULES) != (label in NO_PERSONAL_DATA), "Say so in operations/retention.py."


def test_nothing_is_listed_that_is_no_model() -> None:
    assert {*RULES, *NO_PERSONAL_DATA} == LABELS


def test_no_model_that_says_it_holds_nothing_has_a_field_of_a_person() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        if model._meta.label in NO_PERSONAL_DATA
        for field in model._meta.concrete_fields
        if any(part in field.name for part in PERSONAL)
    ]
    assert set(found) == set(NOT_A_PERSONS)


@pytest.mark.parametrize("label", sorted(RULES))
def test_a_rule_says_what_is_held_until_when_and_what_removes_it(label: str) -> None:
    rule = RULES[label]
    assert rule.holds.endswith(".")
    assert rule.until.endswith(".")
    assert ("_DAYS" in rule.until) == (rule.purge is not None)


def test_each_purge_is_bounded() -> None:
    assert purges()
    for purge in purges():
        assert list(inspect.signature(purge).parameters) == ["slices"]

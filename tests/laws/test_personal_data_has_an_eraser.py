"""Law 12, the erasers: every field that can hold personal data names what erases it, or why nothing does."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from operations.personal_data import IMPERSONAL, PERSONAL
from operations.retention import RULES
from operations.tasks import STEPS
from tests.laws.house import our_models

FREE = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
OF_OTHERS = ("account.EmailAddress", "socialaccount.SocialAccount", "mfa.Authenticator")
"""Models of packages that hold data of people."""


def free_fields() -> set[tuple[str, str]]:
    """Return (model, field) of all that is not a number, a date, a key or one of a few choices."""
    found = [*our_models(), *(apps.get_model(label) for label in OF_OTHERS)]
    return {
        (model._meta.label, field.name)
        for model in found
        for field in model._meta.concrete_fields
        if isinstance(field, FREE) and not field.choices
    }


def test_every_field_stands_in_one_of_the_tables() -> None:
    personal = {(label, name) for label, fields in PERSONAL.items() for name in fields}
    impersonal = {(label, name) for label, names in IMPERSONAL.items() for name in names.split()}

    assert personal & impersonal == set()
    assert personal | impersonal == free_fields(), "Say in operations/personal_data.py what the field holds."


def test_every_eraser_that_is_named_is_a_step_of_an_erasure() -> None:
    steps = {(kind, step.name) for kind, taken in STEPS.items() for step in taken}
    named = {how for fields in PERSONAL.values() for how in fields.values() if isinstance(how, tuple)}

    assert named == steps


def test_what_is_kept_for_a_time_because_it_is_personal_has_erasers_too() -> None:
    assert set(RULES) <= set(PERSONAL)


def test_where_nothing_erases_the_reason_is_a_sentence() -> None:
    reasons = {how for fields in PERSONAL.values() for how in fields.values() if isinstance(how, str)}

    assert all(reason.endswith(".") and len(reason) > 30 for reason in reasons)

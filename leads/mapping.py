"""From the answers of a form to a person's name, e-mail and phone. Pure.

Source: fact sheet section 19: `field_data.name` is the key of a question. Meta's own questions have fixed
keys; a merchant's own have the key that was made when the form was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Answers = Mapping[str, list[str]]

FULL_NAME = ("full_name", "name", "your_name")
FIRST_NAME = ("first_name", "given_name")
LAST_NAME = ("last_name", "family_name", "surname")
EMAIL = ("email", "work_email", "e_mail", "email_address")
PHONE = ("phone_number", "work_phone_number", "phone", "mobile_number", "whatsapp_number")
KNOWN = frozenset(FULL_NAME + FIRST_NAME + LAST_NAME + EMAIL + PHONE)

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who left a lead; a field is '' when the form did not ask or the answer is no such thing."""

    name: str
    email: str
    phone: str


def map_person(answers: Answers) -> Person:
    """Find the person in the answers of a form."""
    found = {_key(question): values for question, values in answers.items()}
    name = _first(found, FULL_NAME) or f"{_first(found, FIRST_NAME)} {_first(found, LAST_NAME)}"
    email = _first(found, EMAIL)
    return Person(
        name=" ".join(name.split())[:200],
        email=email if _EMAIL.fullmatch(email) and len(email) <= 254 else "",
        phone=_first(found, PHONE)[:40],
    )


def other_answers(
    answers: Answers, labels: Mapping[str, str], options: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, str]]:
    """Return question and answer, in the form's words, of all that is not the person's name, e-mail or phone.

    An answer that was chosen comes as the key of its option.
    """
    rest = [(question, values) for question, values in answers.items() if _key(question) not in KNOWN]
    return [
        (labels.get(question) or _as_label(question), ", ".join(_words(values, options.get(question, {}))))
        for question, values in rest
    ]


def _words(values: Iterable[str], options: Mapping[str, str]) -> Iterable[str]:
    return (options.get(value, value) for value in values)


def phone_digits(phone: str) -> str:
    """Return a phone number as digits with a leading + when it has a country code: `+447700900123`.

    Digits of any script count; a leading 00 is the +. Without a country code the number stays national.
    """
    digits = "".join(_digits(phone))
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if digits and phone.strip().startswith(("+", "＋")) else digits


def _digits(text: str) -> Iterable[str]:
    for letter in text:
        value = unicodedata.decimal(letter, None)
        if value is not None:
            yield str(value)


def _first(found: Answers, keys: Iterable[str]) -> str:
    """Return the first answer that says anything, in the order of the keys."""
    said = (value.strip() for key in keys for value in found.get(key, ()))
    return next((value for value in said if value), "")


def _key(question: str) -> str:
    return "_".join(question.lower().replace("-", " ").replace("?", "").split())


def _as_label(question: str) -> str:
    return question.replace("_", " ").strip().capitalize()

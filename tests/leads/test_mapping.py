from __future__ import annotations

import pytest

from leads.mapping import Person, map_person, other_answers, phone_digits


@pytest.mark.parametrize(
    ("answers", "person"),
    [
        (
            {"full_name": ["Ann Lee"], "email": ["ann@example.com"], "phone_number": ["+44 7700 900123"]},
            Person(name="Ann Lee", email="ann@example.com", phone="+44 7700 900123"),
        ),
        ({"first_name": ["Ann"], "last_name": ["Lee"]}, Person(name="Ann Lee", email="", phone="")),
        ({"last_name": ["Lee"]}, Person(name="Lee", email="", phone="")),
        ({"FULL_NAME": ["  Ann \n Lee "]}, Person(name="Ann Lee", email="", phone="")),
        ({"full_name": [""], "first_name": ["Ann"]}, Person(name="Ann", email="", phone="")),
        ({"work_email": ["ann@work.example"]}, Person(name="", email="ann@work.example", phone="")),
        ({"email": ["<test lead: dummy data for email>"]}, Person(name="", email="", phone="")),
        ({"email": ["a@b.example\r\nBcc: x@y.example"]}, Person(name="", email="", phone="")),
        ({"email": [f"{'a' * 300}@b.example"]}, Person(name="", email="", phone="")),
        ({}, Person(name="", email="", phone="")),
        ({"email": []}, Person(name="", email="", phone="")),
    ],
)
def test_the_person_is_found_in_the_answers(answers: dict[str, list[str]], person: Person) -> None:
    assert map_person(answers) == person


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("(0)7700-900 123", "07700900123"),
        ("＋৪৪ ৭৭০০", "+447700"),
        ("none", ""),
        ("", ""),
    ],
)
def test_phones_are_kept_as_digits_for_search(phone: str, digits: str) -> None:
    assert phone_digits(phone) == digits


def test_other_answers_keep_the_forms_own_words_and_order() -> None:
    answers = {"size": ["l", "Made to measure"], "email": ["ann@example.com"], "when_do_you_move": ["Soon"]}
    labels, options = {"size": "Which size?"}, {"size": {"l": "Large", "xl": "Extra large"}}
    assert other_answers(answers, labels, options) == [
        ("Which size?", "Large, Made to measure"),
        ("When do you move", "Soon"),
    ]

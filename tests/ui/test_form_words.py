from __future__ import annotations

import pytest
from django import forms


class Sample(forms.Form):
    name = forms.CharField(max_length=5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x" * 8, "At most 5 characters fit here, and this has 8. Shorten it."),
        ("a\0b", "This holds a character that cannot be read. Type it anew instead of pasting it."),
    ],
)
def test_a_text_that_does_not_do_is_refused_in_our_words(value: str, words: str) -> None:
    assert Sample({"name": value}).errors["name"] == [words]

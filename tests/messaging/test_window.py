from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from messaging.window import Opening, length_problem, reply_window, span

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("silence", "by_person", "approved", "opening", "tag"),
    [
        (timedelta(), True, True, Opening.REPLY, ""),
        (timedelta(hours=23, minutes=59, seconds=59), True, True, Opening.REPLY, ""),
        (timedelta(hours=23, minutes=59, seconds=59), False, False, Opening.REPLY, ""),
        (timedelta(hours=24), True, True, Opening.HUMAN_AGENT, "HUMAN_AGENT"),
        (timedelta(hours=24), False, True, Opening.CLOSED, ""),
        (timedelta(hours=24), True, False, Opening.CLOSED, ""),
        (timedelta(days=6, hours=23), True, True, Opening.HUMAN_AGENT, "HUMAN_AGENT"),
        (timedelta(days=7), True, True, Opening.CLOSED, ""),
        (timedelta(days=400), True, True, Opening.CLOSED, ""),
    ],
)
def test_the_window_follows_the_silence_and_who_answers(
    silence: timedelta, by_person: bool, approved: bool, opening: Opening, tag: str
) -> None:
    window = reply_window(NOW - silence, now=NOW, by_person=by_person, human_agent_approved=approved)
    assert (window.opening, window.tag) == (opening, tag)
    assert window.is_open == (opening != Opening.CLOSED)


def test_the_words_say_how_long_it_stays_open() -> None:
    window = reply_window(NOW - timedelta(hours=19), now=NOW, by_person=True, human_agent_approved=True)
    assert window.seconds_left == 5 * 3600
    assert window.words == "You can reply for another 5 hours."


def test_after_a_day_the_words_say_what_is_still_possible() -> None:
    window = reply_window(NOW - timedelta(days=3), now=NOW, by_person=True, human_agent_approved=True)
    assert window.seconds_left == 4 * 86400
    assert window.words == "You can reply in person for another 4 days. Meta allows no offers any more."


def test_a_customer_who_never_wrote_cannot_be_written_to() -> None:
    window = reply_window(None, now=NOW, by_person=True, human_agent_approved=True)
    assert not window.is_open
    assert window.words == "You can reply once this customer has written to you."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "1 minute"), (119, "1 minute"), (7199, "1 hour"), (47 * 3600, "47 hours"), (48 * 3600, "2 days")],
)
def test_a_span_never_promises_more_than_there_is(seconds: int, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("text", "on_instagram", "fits"),
    [
        ("x" * 2000, False, True),
        ("x" * 2001, False, False),
        ("😀" * 2000, False, True),
        ("x" * 1000, True, True),
        ("x" * 1001, True, False),
        ("😀" * 250, True, True),
        ("😀" * 251, True, False),
    ],
)
def test_the_length_is_counted_as_each_platform_counts(text: str, on_instagram: bool, fits: bool) -> None:
    assert (length_problem(text, on_instagram=on_instagram) == "") is fits


def test_a_text_that_is_too_long_says_by_how_much() -> None:
    assert length_problem("x" * 2003, on_instagram=False) == (
        "Messenger takes 2,000 characters; this is 3 characters too long."
    )

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def ago(when: datetime | None) -> str:
    return Template("{% load ui %}{{ when|ago }}").render(Context({"when": when}))


def words(when: datetime) -> str:
    with time_machine.travel(NOW, tick=False):
        return ago(when).split(">")[1].removesuffix("</time")


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=44), "just now"),
        (timedelta(seconds=45), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "14 Nov"),
        (timedelta(days=400), "17 Oct 2025"),
        (timedelta(seconds=-10), "in a moment"),
        (timedelta(minutes=-3), "in 3 min"),
        (timedelta(hours=-5), "in 5 h"),
        (timedelta(days=-1), "in 1 day"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=-60), "20 Jan 2027"),
    ],
)
def test_times_are_relative_and_become_a_date_after_a_week(age: timedelta, text: str) -> None:
    assert words(NOW - age) == text


def test_the_exact_time_is_in_the_zone_of_the_store() -> None:
    with timezone.override("Europe/Berlin"), time_machine.travel(NOW, tick=False):
        assert ago(NOW - timedelta(minutes=3)) == (
            '<time datetime="2026-11-21T11:57:00+00:00" title="21 November 2026, 12:57:00 CET">'
            "3 min ago</time>"
        )


def test_no_time_is_a_dash() -> None:
    assert ago(None) == "–"

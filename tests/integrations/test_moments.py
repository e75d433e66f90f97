from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from integrations.webhooks.since import NotAMoment, read_moment

LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 7, 25, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:00", datetime(2026, 7, 25, 13, 0, tzinfo=UTC)),
        ("14:00:30", datetime(2026, 7, 25, 13, 0, 30, tzinfo=UTC)),
        ("23:00", datetime(2026, 7, 24, 22, 0, tzinfo=UTC)),
        ("2026-07-25", datetime(2026, 7, 24, 23, 0, tzinfo=UTC)),
        ("2026-07-25 09:15", datetime(2026, 7, 25, 8, 15, tzinfo=UTC)),
        (" 2026-07-25T09:15 ", datetime(2026, 7, 25, 8, 15, tzinfo=UTC)),
        ("2026-01-25T09:15", datetime(2026, 1, 25, 9, 15, tzinfo=UTC)),
        ("2026-07-25T09:15+02:00", datetime(2026, 7, 25, 7, 15, tzinfo=UTC)),
        ("2026-07-25T09:15Z", datetime(2026, 7, 25, 9, 15, tzinfo=UTC)),
        ("2h", datetime(2026, 7, 25, 11, 30, tzinfo=UTC)),
        ("90s", datetime(2026, 7, 25, 13, 28, 30, tzinfo=UTC)),
        ("1d12h", datetime(2026, 7, 24, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_stores_time_zone(text: str, expected: datetime) -> None:
    assert read_moment(text, now=NOW, zone=LONDON) == expected


def test_the_same_clock_is_another_moment_in_another_zone() -> None:
    assert read_moment("14:00", now=NOW, zone=BERLIN) == datetime(2026, 7, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "25:00", "2026-13-01", "2x", "h", "-2h", "999999w", "1400", "2026-02-30 10:00", "²h"],
)
def test_what_is_no_moment_is_answered_with_what_to_write(text: str) -> None:
    with pytest.raises(NotAMoment, match="Write 14:00, 2026-11-25 14:00, or how long ago: 30m, 2h, 1d"):
        read_moment(text, now=NOW, zone=LONDON)


def test_the_future_is_refused() -> None:
    with pytest.raises(NotAMoment, match="“2026-07-26” is in the future"):
        read_moment("2026-07-26", now=NOW, zone=LONDON)

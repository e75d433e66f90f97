"""Every periodic task, how often, and why that often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the timetable; a run that was not started within its own interval is dropped."""

    task: str
    every_seconds: int
    why: str

    def as_beat(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "schedule": self.every_seconds,
            "options": {"expires": self.every_seconds},
        }


TIMETABLE = (
    Entry(
        task="integrations.webhooks.tasks.work_inbox",
        every_seconds=5,
        why="Finds what Meta sent while the broker was away, and what the retry ladder has brought back.",
    ),
)

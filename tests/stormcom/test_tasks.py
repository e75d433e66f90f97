"""A worker knows every task: one that it does not know is thrown away without a word to anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

from stormcom.celery import app
from stormcom.timetable import TIMETABLE
from tests.laws.house import FLOORS, ROOT, sources

KNOWN = """
from stormcom.celery import app
app.loader.import_default_modules()
print(*sorted(app.tasks))
"""


def test_a_worker_knows_every_task() -> None:
    for path in sources(*FLOORS):
        if path.stem.endswith("tasks"):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    # The checks would load the pages, and with them by chance some of the tasks.
    environment = os.environ | {"CELERY_SKIP_CHECKS": "1"}
    worker = subprocess.run(
        [sys.executable, "-c", KNOWN],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ours - set(worker.stdout.split()) == set()
    assert {entry.task for entry in TIMETABLE} - ours == set()

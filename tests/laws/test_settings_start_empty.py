"""The app starts with nothing set: the environment is for what a place changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.laws.house import ROOT


def test_the_settings_start_with_an_empty_environment(tmp_path: Path) -> None:
    """STATE_DIR only, so that the secrets made on the way do not land in a developer's own folder."""
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('check')\n"
        "from django.conf import settings as s\n"
        "print(s.META_MODE, s.EMBEDDED_DATABASE, s.EMBEDDED_BROKER)\n"
        "print(len(s.SECRET_KEY) > 40, len(s.FERNET_KEYS))"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "stormcom.settings",
    }

    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-2:] == ["sandbox True True", "True 1"]

"""`bootstrap.py`: what it says when a machine cannot have the environment, and what it costs when it has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own: a lock without packages, and no environment yet."""
    venv = tmp_path / ".venv"
    for name, path in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "STAMP": venv / "stormcom.stamp",
        "RUNTIME_LOCK": tmp_path / "requirements.lock",
        "DEV_LOCK": tmp_path / "requirements-dev.lock",
    }.items():
        monkeypatch.setattr(bootstrap, name, path)
    bootstrap.RUNTIME_LOCK.write_text("# nothing\n")
    bootstrap.DEV_LOCK.write_text("# nothing for developers\n")
    return tmp_path


def make_ready(lock: Path) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.symlink_to(sys.executable)
    bootstrap.STAMP.write_text(bootstrap.stamp_of(lock))


def test_an_environment_is_made_from_nothing_and_then_left_alone(project: Path) -> None:
    bootstrap.ensure_environment(bootstrap.RUNTIME_LOCK)
    made = bootstrap.STAMP.stat().st_mtime_ns
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([str(bootstrap.PYTHON), "-c", code], capture_output=True, text=True, check=True)
    assert (Path(found.stdout.strip()) / "stormcom.pth").read_text() == f"{project}\n"
    bootstrap.ensure_environment(bootstrap.RUNTIME_LOCK)
    assert bootstrap.STAMP.stat().st_mtime_ns == made


def test_what_developers_have_serves_the_demo_but_not_the_other_way_round(project: Path) -> None:
    make_ready(bootstrap.DEV_LOCK)
    assert bootstrap.is_ready(bootstrap.RUNTIME_LOCK)
    bootstrap.STAMP.write_text(bootstrap.stamp_of(bootstrap.RUNTIME_LOCK))
    assert bootstrap.is_ready(bootstrap.RUNTIME_LOCK)
    assert not bootstrap.is_ready(bootstrap.DEV_LOCK)


def test_a_changed_lock_or_a_lost_python_asks_for_a_new_environment(project: Path) -> None:
    make_ready(bootstrap.RUNTIME_LOCK)
    bootstrap.RUNTIME_LOCK.write_text("# something new\n")
    assert not bootstrap.is_ready(bootstrap.RUNTIME_LOCK)
    bootstrap.STAMP.write_text(bootstrap.stamp_of(bootstrap.RUNTIME_LOCK))
    assert bootstrap.is_ready(bootstrap.RUNTIME_LOCK)
    bootstrap.PYTHON.unlink()
    bootstrap.PYTHON.symlink_to(project / "gone")
    assert not bootstrap.is_ready(bootstrap.RUNTIME_LOCK)


def test_an_old_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(bootstrap, "OLDEST", (4, 0))
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name == "python3.12" else None)
    monkeypatch.setattr(os, "execv", lambda *words: started.append(words))
    bootstrap.use_newer_python()
    assert started == [("/bin/python3.12", ["/bin/python3.12", *sys.argv])]


def test_an_old_python_alone_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (4, 0))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as caught:
        bootstrap.use_newer_python()
    version = ".".join(map(str, sys.version_info[:2]))
    assert str(caught.value).startswith(f"StormCom needs Python 3.11 or newer; this is Python {version}.")


def test_a_python_without_venv_is_told_what_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(bootstrap.SetupError, match=r"apt install python3\.\d+-venv"):
        bootstrap.ensure_environment(bootstrap.RUNTIME_LOCK)
    assert not bootstrap.STAMP.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "You may not write to"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "A package is not the one that requirements.lock names",
        ),
        ("[Errno -3] Temporary failure in name resolution", "The Python package index cannot be reached"),
        ("ERROR: Could not find a version that satisfies the requirement", "The Python package index cannot"),
        ("error: dns error", "The Python package index cannot be reached"),
    ],
)
def test_a_failed_installation_is_told_in_a_sentence(words: str, sentence: str) -> None:
    assert bootstrap.explain(f"much\n{words}\nmore", Path("requirements.lock")).startswith(sentence)


def test_words_nobody_foresaw_are_shown() -> None:
    told = bootstrap.explain("strange\nthings", Path("requirements.lock"))
    assert told == "The Python packages could not be installed:\nstrange\nthings"


def test_a_machine_without_a_browser_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.SetupError, match=r"need Chromium\. Install it"):
        bootstrap.ensure_browser()


def test_a_named_browser_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/chrome")
    assert bootstrap.ensure_browser() == "/opt/chrome"


def test_the_bootstrap_needs_the_standard_library_alone(project: Path) -> None:
    make_ready(bootstrap.DEV_LOCK)
    shutil.copy(bootstrap.__file__, project)
    command = [sys.executable, "-I", "-S", str(project / "bootstrap.py"), "--dev", "-c", "print('in it')"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("in it\n", "", 0)

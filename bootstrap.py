"""Make the virtual environment of StormCom, then run a command in it.

    python3 bootstrap.py [--dev] [--browser] [COMMAND FOR PYTHON ...]

Standard library only, and written so that an old Python can still read it and say what it lacks. An
environment that is up to date costs some milliseconds: a stamp in it names the lock it was made from.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "stormcom.stamp"
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
"""Everything of the runtime lock, and what tests and checks need."""

SENTENCES = (
    (
        ("No space left on device", "Disk quota exceeded", "os error 28"),
        "The disk is full: the packages need about 400 MB in {venv}.",
    ),
    (
        ("Permission denied", "Read-only file system", "os error 13"),
        "You may not write to {venv}. Get the right to, or copy the project to a folder of yours.",
    ),
    (
        ("DO NOT MATCH THE HASHES", "Hash mismatch"),
        "A package is not the one that {lock} names, so it was not installed. Try again, then ask its index.",
    ),
    (
        (
            "NewConnectionError",
            "Temporary failure in name resolution",
            "Name or service not known",
            "ConnectTimeout",
            "Max retries exceeded",
            "timed out",
            "Network is unreachable",
            "Could not find a version that satisfies",
            "Could not connect",
            "dns error",
            "error sending request",
            "Failed to fetch",
        ),
        "The Python package index cannot be reached, or lacks a package. Check the network, then try again.",
    ),
)
"""What a failed installation says, and what that means for a person; the first that fits."""


class SetupError(Exception):
    """Why there is no environment: a sentence for a person."""


def main(arguments: list[str]) -> None:
    use_newer_python()
    began = time.time()
    options = {word for word in arguments[:2] if word in ("--dev", "--browser")}
    command = arguments[len(options) :]
    if "demo" in command:
        os.environ["STARTED_AT"] = str(began)  # for the seconds that it shows
    try:
        ensure_environment(DEV_LOCK if "--dev" in options else RUNTIME_LOCK)
        if "--browser" in options:
            os.environ.setdefault("CHROMIUM", ensure_browser())
    except SetupError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(explain(f"{error.strerror}: {error.filename}", RUNTIME_LOCK))
    if command:
        os.execv(str(PYTHON), [str(PYTHON), *command])


def use_newer_python() -> None:
    """Go on in a newer Python where this one is too old."""
    if sys.version_info >= OLDEST:
        return
    found = next((path for path in map(shutil.which, PYTHONS) if path), None)
    if found is None:
        sys.exit(
            "StormCom needs Python 3.11 or newer; this is Python {}.{}. "
            "Install one (Debian, Ubuntu: apt install python3.11 python3.11-venv), then try again.".format(
                *sys.version_info[:2]
            )
        )
    os.execv(found, [found, *sys.argv])


def ensure_environment(lock: Path) -> None:
    """Make or update the environment unless its stamp says it is up to date."""
    if is_ready(lock):
        return
    folder = os.open(str(ROOT), os.O_RDONLY)
    # Two commands at once on a fresh clone: the second waits, then finds the work done.
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        if not is_ready(lock):
            make_environment(lock)
    finally:
        os.close(folder)


def is_ready(lock: Path) -> bool:
    """The dev lock holds all of the runtime lock, so its stamp serves both."""
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    stamp = STAMP.read_text()
    return stamp in [stamp_of(lock), stamp_of(DEV_LOCK)]


def stamp_of(lock: Path) -> str:
    return f"{lock.name} {hashlib.sha256(lock.read_bytes()).hexdigest()} {ROOT}"


def make_environment(lock: Path) -> None:
    began = time.monotonic()
    say("Setting up Python packages in .venv (once, about half a minute) …")
    if STAMP.exists():
        STAMP.unlink()
    uv = shutil.which("uv")
    if not has_good_python():
        make_venv(uv)
    install(lock, uv)
    for folder in VENV.glob("lib/python3*/site-packages"):
        # So that every tool of the environment finds the project, from whatever folder it is called.
        (folder / "stormcom.pth").write_text(f"{ROOT}\n")
    STAMP.write_text(stamp_of(lock))
    say(f"Python packages ready in {time.monotonic() - began:.1f} s.")


def has_good_python() -> bool:
    """Say whether .venv holds a Python that runs and is new enough."""
    if not PYTHON.exists():
        return False
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([str(PYTHON), "-c", check], stderr=subprocess.DEVNULL).returncode == 0


def make_venv(uv: str | None) -> None:
    if uv:
        run([uv, "venv", "--clear", "--quiet", "--python", sys.executable, str(VENV)], RUNTIME_LOCK)
        return
    try:
        import ensurepip  # noqa: F401  (Debian and Ubuntu ship venv without it)
        import venv  # noqa: F401
    except ImportError:
        version = "python{}.{}".format(*sys.version_info[:2])
        raise SetupError(
            "This Python cannot make virtual environments. Install the missing part (Debian, Ubuntu: "
            f"apt install {version}-venv), or install uv, then try again."
        ) from None
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], RUNTIME_LOCK)


def install(lock: Path, uv: str | None) -> None:
    exact = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock)]
    if uv:
        run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *exact], lock)
        return
    if subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True).returncode:
        run([str(PYTHON), "-m", "ensurepip"], lock)
    # Bytecode is made when a module is first used: half of these modules never are.
    quiet = ["--quiet", "--no-input", "--no-compile", "--disable-pip-version-check"]
    run([str(PYTHON), "-m", "pip", "install", *quiet, *exact], lock)


def run(command: list[str], lock: Path) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise SetupError(explain(done.stdout, lock))


def explain(output: str, lock: Path) -> str:
    """Say in a sentence why an installation failed; words nobody foresaw are shown as they are."""
    for signs, sentence in SENTENCES:
        if any(sign in output for sign in signs):
            return sentence.format(venv=VENV, lock=lock.name)
    return "The Python packages could not be installed:\n{}".format("\n".join(output.splitlines()[-15:]))


def ensure_browser() -> str:
    """Find Chromium, which the browser tests drive; root gets it installed."""
    found = find_browser()
    if found is None and os.getuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium for the browser tests …")
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(
                ["apt-get", *words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        found = find_browser()
    if found is None:
        raise SetupError(
            "The browser tests need Chromium. Install it (Debian: sudo apt install chromium; macOS: "
            "brew install --cask chromium), or name yours: CHROMIUM=/path/to/chrome make test."
        )
    return found


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, BROWSERS) if path), None)


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The world: deterministic, kept in a file, back at its seed on demand; the process around it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox import state
from sandbox.seed import seeded
from tests.sandbox.conftest import HAZEL, Meta, wait_until


def play(meta: Meta) -> list[str]:
    token = meta.login()
    mid = meta.control("message", page_id=HAZEL, buyer="Maya Iyer", text="hi")["mid"]
    order = meta.control("order", page_id=HAZEL, buyer="Tom Okafor", items=[{"retailer_id": "a"}])
    lead = meta.control("lead", form_id="300100", answers={"email": "a@example.com"})
    return [token, mid, order["id"], lead["leadgen_id"]]


def test_the_same_seed_gives_the_same_ids_and_another_seed_others(meta: Meta) -> None:
    first = play(meta)
    meta.control("reset", seed=0)
    assert play(meta) == first
    meta.control("reset", seed=1)
    assert not set(play(meta)) & set(first)


def test_reset_forgets_everything_done(meta: Meta) -> None:
    play(meta)
    meta.get("me")
    meta.control("reset")
    assert state.dump(meta.world) == state.dump(seeded())
    assert requests.get(f"{meta.url}/_sandbox/calls", timeout=10).json() == []


def test_the_world_survives_being_written_and_read(meta: Meta, tmp_path: Path) -> None:
    play(meta)
    file = tmp_path / "deep" / "state.json"
    state.save(state.dump(meta.world), file)
    assert state.load(file, meta.world.app) == meta.world
    assert [path.name for path in file.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"seed": 0}'])
def test_a_file_that_is_not_ours_is_said_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(content)
    with pytest.raises(state.StateError, match="is not a sandbox state file: remove it"):
        state.load(file, seeded().app)


def test_the_world_is_shown_without_tokens_and_codes(meta: Meta) -> None:
    token = meta.login()
    answer = requests.get(f"{meta.url}/_sandbox/world", timeout=10)
    assert {row["id"] for row in answer.json()["pages"]} >= {HAZEL}
    assert token not in answer.text
    assert not {"tokens", "codes"} & set(answer.json())


def start(port: int, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", "--port", str(port), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def healthy(port: int) -> bool:
    try:
        return bool(requests.get(f"http://127.0.0.1:{port}/_sandbox/health", timeout=1).json()["ok"])
    except requests.RequestException:
        return False


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_process_ends_cleanly_and_goes_on_where_it_was(tmp_path: Path, ending: signal.Signals) -> None:
    port, file = free_port(), tmp_path / "state.json"
    process = start(port, "--state", str(file))
    wait_until(lambda: healthy(port), seconds=20)
    first = Meta(f"http://127.0.0.1:{port}", seeded())
    token = first.login()
    process.send_signal(ending)
    assert process.wait(timeout=10) == 0
    again = start(port, "--state", str(file))
    wait_until(lambda: healthy(port), seconds=20)
    assert first.get("me", token)["id"] == "70001"
    again.send_signal(ending)
    assert again.wait(timeout=10) == 0
    assert again.stderr is not None
    assert again.stderr.read() == ""


def test_a_busy_port_and_a_broken_file_are_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(taken.getsockname()[1])
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1
        assert said.startswith(
            f"The sandbox cannot listen on 127.0.0.1:{taken.getsockname()[1]} (Address already"
        )
    file = tmp_path / "state.json"
    file.write_text("no")
    process = start(free_port(), "--state", str(file))
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said.count("\n")) == (1, 1)
    assert "remove it to start afresh" in said

"""What our Graph client adds to a call, against bare `requests` on the same pooled session.

    .venv/bin/python -m benchmarks.graph_client [--calls 40] [--rounds 80]

Same process, session and connection, the same local server, which answers a small JSON with a usage header
that rises; PostgreSQL is the private one. Ours does all that it does in production: proof, looking for a
pause, reading the usage header and keeping it, the row of the call. Short rounds alternate, so that a drift
of the machine meets both; figures are medians of the rounds, by the clock and in CPU time of this process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.null_graph import PORT
from stormcom import embedded

URL = f"http://127.0.0.1:{PORT}"
TOKEN = "EAAGbenchmark" * 12
PATH = "100200300400501/conversations"
PARAMS = {"fields": "id,updated_time,participants", "limit": "25"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=80)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stormcom-bench-") as folder:
        Path(folder).chmod(0o755)
        os.environ |= {"STATE_DIR": folder, "DEBUG": "0", "LOG_LEVEL": "WARNING", "GRAPH_API_URL": URL}
        os.environ["DJANGO_SETTINGS_MODULE"] = "stormcom.settings"
        with embedded.running(Path(folder)), _null_server():
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
            figures = _run_all(calls=options.calls, rounds=options.rounds)
    _print(figures)


Rounds = dict[str, list[tuple[float, float]]]
"""Candidate → (milliseconds by the clock, of CPU) per call, one for each round."""


def _run_all(*, calls: int, rounds: int) -> Rounds:
    candidates = _candidates()
    figures: Rounds = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name, call in candidates.items():
            found = _time(call, calls)
            if number:  # the first round warms up
                figures[name].append(found)
    return figures


def _candidates() -> dict[str, Callable[[], object]]:
    import django

    django.setup()
    from integrations.graph.client import GraphClient
    from integrations.graph.pool import get_session

    session = get_session()
    address = f"{URL}/v26.0/{PATH}"
    bare = PARAMS | {"access_token": TOKEN, "appsecret_proof": "0" * 64}
    return {
        "bare requests": lambda: session.get(address, params=bare, timeout=(3.05, 20)).json(),
        "StormCom's client": lambda: GraphClient(TOKEN).get(PATH, **PARAMS),
    }


def _time(call: Callable[[], object], count: int) -> tuple[float, float]:
    started, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        call()
    return (time.perf_counter() - started) / count * 1000, (time.process_time() - cpu) / count * 1000


@contextmanager
def _null_server() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.null_graph"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it says when it listens
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _print(figures: Rounds) -> None:
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in figures.items()
    }
    for name, (clock, cpu) in medians.items():
        print(
            f"{name:20}{clock:8.3f} ms a call, {cpu:.3f} of it CPU   (median of {len(figures[name])} rounds)"
        )
    clock, cpu = (ours / bare for bare, ours in zip(*medians.values(), strict=True))
    print(f"ours / bare: {clock:.2f} by the clock, {cpu:.2f} in CPU   (aim: at most 1.5)")


if __name__ == "__main__":
    main()

"""How fast the webhook door takes signed bodies, against two bare limits in the same run.

    .venv/bin/python -m benchmarks.webhook_intake [--seconds 6] [--rounds 5]

Same machine, same uvicorn, one process each but where two are named, 32 connections, synchronous commit on,
no worker running. Needs `wrk`. Prints requests per second, p50 and p99 of the answer, CPU per request of the
web processes and of PostgreSQL as medians of the rounds, and the median of the ratios within a round: a
machine that writes something else to its disk for a minute slows both sides of a ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.signing import signed
from stormcom import embedded

CONNECTIONS = 32
PORT = 18700
BODY = json.dumps(
    {
        "object": "page",
        "entry": [
            {
                "id": "100200300400501",
                "time": 1763700000123,
                "messaging": [
                    {
                        "sender": {"id": "5551234567890123"},
                        "recipient": {"id": "100200300400501"},
                        "timestamp": 1763700000123,
                        "message": {"mid": "m_" + "x" * 90, "text": "Do you have this in blue? " * 10},
                    }
                ],
            }
        ],
    },
    separators=(",", ":"),
).encode()

CANDIDATES = {
    "A one insert each": "benchmarks.bare_webhooks:one_insert",
    "B group commit": "benchmarks.bare_webhooks:group_commit",
    "StormCom's door": "stormcom.asgi:application",
    "StormCom's view": "stormcom.asgi:django_application",
    "the view, 2 processes": "stormcom.asgi:django_application",
}
PROCESSES = {"the view, 2 processes": 2}
"""The others run in one process each; this one is what dependency measurements of the plain view used."""


@dataclass(frozen=True)
class Figures:
    per_second: float
    p50_ms: float
    p99_ms: float
    web_us: float
    postgres_us: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("This benchmark needs wrk (Debian: apt-get install wrk).")
    with tempfile.TemporaryDirectory(prefix="stormcom-bench-") as folder:
        state = Path(folder)
        state.chmod(0o755)
        os.environ |= {"STATE_DIR": folder, "DEBUG": "0", "LOG_LEVEL": "WARNING"}
        with embedded.running(state) as sockets:
            os.environ["BENCH_CONNINFO"] = f"host={sockets.postgres_dir} dbname=stormcom user=stormcom"
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
            figures = _run_all(state, options)
    _print(figures)


def _run_all(state: Path, options: argparse.Namespace) -> dict[str, list[Figures]]:
    """Run the candidates in turn, round after round, so that a drift of the machine meets all of them."""
    figures: dict[str, list[Figures]] = {name: [] for name in CANDIDATES}
    for number in range(options.rounds):
        for name, application in CANDIDATES.items():
            print(f"round {number + 1}: {name}", file=sys.stderr)
            figures[name].append(
                _measure(application, state, options.seconds, processes=PROCESSES.get(name, 1))
            )
    return figures


def _measure(application: str, state: Path, seconds: int, *, processes: int) -> Figures:
    script = state / "post.lua"
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = [==[{BODY.decode()}]==]\n'
        f'wrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["X-Hub-Signature-256"] = "{signed(BODY)}"\n'
    )
    url = f"http://127.0.0.1:{PORT}/webhooks/facebook"
    with _serving(application, processes) as server:
        _load(url, script, 2)
        before = _cpu_seconds(server.pid), _postgres_cpu_seconds(state)
        output = _load(url, script, seconds)
        after = _cpu_seconds(server.pid), _postgres_cpu_seconds(state)
    return _read(output, web=after[0] - before[0], postgres=after[1] - before[1])


def _load(url: str, script: Path, seconds: int) -> str:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def _serving(application: str, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(PORT), "--log-level", "warning"]
    several = ["--workers", str(processes)] if processes > 1 else []
    server = subprocess.Popen([*command, "--no-access-log", *several])
    try:
        _wait()
        yield server
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait() -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/webhooks/facebook",
            data=BODY,
            headers={"X-Hub-Signature-256": signed(BODY)},
        )
        try:
            urllib.request.urlopen(request, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server did not start within 20 s.")


def _cpu_seconds(pid: int) -> float:
    """CPU of a process and of its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rows = (Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split() for one in (str(pid), *children))
    return sum(int(row[11]) + int(row[12]) for row in rows) / os.sysconf("SC_CLK_TCK")


def _postgres_cpu_seconds(folder: Path) -> float:
    """CPU of the private server: the postmaster, its living children, and the ones it has waited for."""
    fields = {int(p.parent.name): p.read_text().rsplit(")", 1)[1].split() for p in _stats()}
    mine = {pid for pid in fields if str(folder) in Path(f"/proc/{pid}/cmdline").read_text()}
    ticks = sum(
        sum(int(value) for value in row[11 : 15 if pid in mine else 13])
        for pid, row in fields.items()
        if pid in mine or int(row[1]) in mine
    )
    return ticks / os.sysconf("SC_CLK_TCK")


def _stats() -> Iterator[Path]:
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if comm.read_text().strip() == "postgres":
                yield comm.with_name("stat")


def _read(output: str, *, web: float, postgres: float) -> Figures:
    if "Non-2xx" in output:
        raise RuntimeError(output)
    requests = int(_find(r"(\d+) requests in", output))
    return Figures(
        per_second=float(_find(r"Requests/sec:\s+([\d.]+)", output)),
        p50_ms=_milliseconds(_find(r"\n\s+50%\s+(\S+)", output)),
        p99_ms=_milliseconds(_find(r"\n\s+99%\s+(\S+)", output)),
        web_us=web / requests * 1e6,
        postgres_us=postgres / requests * 1e6,
    )


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"wrk did not print {pattern!r}:\n{text}")
    return found[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def _print(figures: dict[str, list[Figures]]) -> None:
    print(f"{'':24}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'web us':>9}{'PG us':>8}   (medians)")
    medians = {name: _median(rows) for name, rows in figures.items()}
    for name, row in medians.items():
        print(
            f"{name:24}{row.per_second:9.0f}{row.p50_ms:9.2f}{row.p99_ms:9.2f}"
            f"{row.web_us:9.0f}{row.postgres_us:8.0f}"
        )
    for limit in ("A one insert each", "B group commit"):
        pairs = list(zip(figures["StormCom's door"], figures[limit], strict=True))
        ratio = statistics.median(door.per_second / bare.per_second for door, bare in pairs)
        slower = statistics.median(door.p99_ms / bare.p99_ms for door, bare in pairs)
        print(f"door / {limit}: {ratio:.2f} of its throughput, {slower:.2f} of its p99")


def _median(rows: list[Figures]) -> Figures:
    names = Figures.__dataclass_fields__
    return Figures(**{name: statistics.median(getattr(row, name) for row in rows) for name in names})


if __name__ == "__main__":
    main()

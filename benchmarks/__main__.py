"""Run every benchmark, one after the other: `make bench`. Each can be run alone, with options of its own."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "webhook_intake",
    "webhook_drain",
    "webhook_latency",
    "webhook_chaos",
    "graph_client",
    "product_list",
    "product_files",
    "comparing",
    "stock_race",
    "stock_lag",
    "pushing",
)

if __name__ == "__main__":
    for name in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)

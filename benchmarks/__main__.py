"""Run every benchmark: `make bench`."""

from __future__ import annotations

from benchmarks import graph_client, webhook_intake

if __name__ == "__main__":
    webhook_intake.main()
    graph_client.main()

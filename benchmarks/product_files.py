"""What files of products cost: an export of a hundred thousand variants, and the reading of the largest file.

    .venv/bin/python -m benchmarks.product_files

An export is taken from two stores in one private PostgreSQL, part by part as a browser gets it. A figure is
variants a second, and by how much the memory of the process grew at its highest; the larger store has to
need no more of it than the smaller one. The file is as large as one may be, and is read up to its preview.
"""

from __future__ import annotations

import asyncio
import resource
import time

from benchmarks.house import running_house
from benchmarks.large_shop import fill_shop, tidy
from benchmarks.product_list import LARGE, SMALL

HEAD = b"title,price,sku,quantity,description\n"
ROW = b"Rug %d,12.50,R-%d,3,%s\n"


def main() -> None:
    with running_house():
        for size in (SMALL, LARGE):
            fill_shop(size)
        tidy()
        for size in (SMALL, LARGE, LARGE):
            _export(size)
        _preview()


def _export(size: int) -> None:
    from catalog.spreadsheets.exporting import stream_products_csv
    from tenancy.models import Store

    store = Store.objects.get(slug=f"shop-{size}")

    async def read() -> tuple[int, float]:
        length, first = 0, 0.0
        async for part in stream_products_csv(store):
            first = first or time.perf_counter()
            length += len(part)
        return length, first

    before, started = _peak_mb(), time.perf_counter()
    length, first = asyncio.run(read())
    seconds = time.perf_counter() - started
    print(
        f"export of {size:>7,} variants: {size / seconds:8,.0f} a second, {length / 1e6:6.1f} MB, "
        f"first part after {(first - started) * 1000:.1f} ms, memory +{_peak_mb() - before:.0f} MB"
    )


def _preview() -> None:
    from catalog.spreadsheets import importing
    from catalog.spreadsheets.csv_file import MOST_BYTES
    from tenancy.models import Store
    from tenancy.scope import open_store

    content, number = bytearray(HEAD), 0
    while len(content) < MOST_BYTES - 1000:
        content += ROW % (number, number, b"soft and warm " * 20)
        number += 1
    store = Store.objects.get(slug=f"shop-{SMALL}")
    with open_store(store.pk):
        row = importing.begin_import(bytes(content), file_name="largest.csv", actor=None)
        before, started = _peak_mb(), time.perf_counter()
        while importing.take_steps(row.pk):
            pass
        row.refresh_from_db()
    seconds = time.perf_counter() - started
    print(
        f"preview of {number:,} rows in {len(content) / 1024**2:.1f} MB: {seconds:.0f} s, {row.state}, "
        f"{row.good_rows:,} good, memory +{_peak_mb() - before:.0f} MB"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

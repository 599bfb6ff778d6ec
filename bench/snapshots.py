"""The policy store under several processes that write and read at once, and its cost per robots.txt.

usage: snapshots.py [--processes N] [--origins N] [STORE]

Each process writes its own origins one by one (every tenth shared with the others), reads back every one that
it wrote and some of the others'. Exit code 1 when anything is missing or differs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rightscheck.model import Document
from rightscheck.snapshots import SnapshotStore
from rightscheck.sources import digest
from rightscheck.vocab import Carrier

START = datetime(2026, 1, 1, tzinfo=UTC)


def observation(process: int, number: int) -> Document:
    """What a process puts: one robots.txt of its own origin, every tenth of an origin that all share."""
    host = f"h{number}.shared" if number % 10 == 0 else f"h{number}.p{process}"
    url = f"https://{host}.example/robots.txt"
    body = (
        f"User-agent: *\nDisallow: /{number % 500}/\nCrawl-delay: {process}\n".encode() + b"# filler\n" * 40
    )
    return Document(
        carrier=Carrier.ROBOTS_TXT,
        url=url,
        final_url=url,
        status=200,
        headers=(("Content-Type", "text/plain"), ("ETag", f'"{number}"')),
        body=body,
        sha256=digest(body),
        retrieved_at=START + timedelta(seconds=number, microseconds=process),
    )


def work(path: Path, process: int, origins: int) -> tuple[int, float]:
    """How many observations of its own a process missed right after it put them, and its seconds."""
    began = time.perf_counter()
    missed = 0
    with SnapshotStore.open(path) as store:
        for number in range(origins):
            document = observation(process, number)
            store.put(document)
            missed += store.at(document.url, when=document.retrieved_at) is None
            if number % 7 == 0:
                store.latest(observation((process + 1) % 8, number // 2).url)
    return missed, time.perf_counter() - began


def losses(path: Path, processes: int, origins: int) -> int:
    """Observations that are not in the store exactly as they were put."""
    lost = 0
    with SnapshotStore.open(path, read_only=True) as store:
        for process in range(processes):
            for number in range(origins):
                document = observation(process, number)
                lost += document not in store.history(document.url)
    return lost


def run(path: Path, processes: int, origins: int) -> Iterator[str]:
    """Lines of the report; the last one begins with `lost`."""
    context = multiprocessing.get_context("spawn")
    began = time.perf_counter()
    with context.Pool(processes) as pool:
        done = pool.starmap(work, [(path, process, origins) for process in range(processes)])
    seconds = time.perf_counter() - began
    total = processes * origins
    yield f"{processes} processes x {origins:,} origins: {total / seconds:,.0f} puts and reads a second"
    yield f"slowest process {max(spent for _, spent in done):.1f} s, first {min(spent for _, spent in done):.1f} s"
    with SnapshotStore.open(path, read_only=True) as store:
        summary = store.summary()
    size = path.stat().st_size
    yield f"{summary.observations:,} observations, {summary.bodies:,} bodies, {size / total:,.0f} bytes each"
    lost = losses(path, processes, origins) + sum(missed for missed, _ in done)
    yield f"lost: {lost}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--origins", type=int, default=10_000)
    parser.add_argument("store", nargs="?", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.store or Path(folder) / "policies.sqlite"
        line = ""
        for line in run(path, options.processes, options.origins):
            print(line)
    return 0 if line == "lost: 0" else 1


if __name__ == "__main__":
    sys.exit(main())

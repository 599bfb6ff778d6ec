"""What loading a large registry costs: CPU milliseconds for invented publishers, whole and from the index.

python bench/registry_load.py [PUBLISHERS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rightscheck.registry import Registry
from rightscheck.registry.compiled import read_compiled, write_compiled
from rightscheck.registry.publishers import Source, parse_layer

ENTRY = """id = "p{number}"
name = "Publisher {number}"
names = ["Publisher {number} Media Ltd", "The {number} Press"]
country = "gb"
kind = "newspaper"
hosts = ["p{number}.example", "news.p{number}.test"]
review_by = 2027-01-01

[[statement]]
preference = "disallow"
uses = ["ai-train", "crawl"]
purpose = ["ai-all"]
exception = "written-permission"
carrier = "terms"
source = "https://p{number}.example/terms"
locator = "line:{number}"
observed = 2026-01-01
sha256 = "{number:064x}"
confidence = "high"
"""


def invent(count: int) -> list[Source]:
    """The files of that many publishers."""
    names = [f"publishers/gb/p{number}.toml" for number in range(count)]
    return [
        Source(name=name, path=Path(name), body=ENTRY.format(number=number).encode())
        for number, name in enumerate(names)
    ]


def milliseconds(work: Callable[[], object], runs: int) -> float:
    """The median of CPU time over the runs."""
    spent = []
    for _ in range(runs):
        start = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - start))
    return statistics.median(spent)


def main(count: int) -> None:
    start = time.process_time()
    registry = Registry.of([parse_layer(invent(count), "bench", [])], "digest")
    print(f"{count:,} publishers from TOML      {1000 * (time.process_time() - start):10.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        write_compiled(cache, "digest", registry.publishers, registry.hosts, registry.names)

        def load() -> Registry:
            stored = read_compiled(cache, "digest")
            if stored is None:
                raise SystemExit("the index is not whole")
            return Registry(stored.publishers, "digest", stored.hosts, stored.names)

        print(f"{count:,} from the compiled index  {milliseconds(load, 9):10.1f} ms")
        url = f"https://www.p{count // 2}.example/a"
        if load().publisher_of(url) != registry.publisher_of(url):
            raise SystemExit("the index answers otherwise than the entries")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

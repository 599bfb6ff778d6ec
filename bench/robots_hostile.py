"""Time and memory of the robots.txt engine on files made to hurt it.

usage: robots_hostile.py

Prints, per file, the CPU seconds to parse, to decide for the first time (which compiles the group), to decide
again, and the peak of memory. Exit code 1 when a decision takes 100 ms or more.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

from rightscheck.robots import RobotsTxt
from rightscheck.robots.google import GoogleReading
from rightscheck.robots.legacy import LegacyReading

LIMIT = 0.1
SIZE = 512_000
LONG_PATH = "/" + "ab" * 5_000
SAME_PATH = "/" + "a" * 10_000


def fill(line: Callable[[int], str]) -> bytes:
    """Lines in turn until the file is as large as it may be."""
    found = ["User-agent: *"]
    size = 0
    while size < SIZE:
        found.append(line(len(found)))
        size += len(found[-1]) + 1
    return "\n".join(found).encode()[:SIZE]


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "groups for *": (lambda: b"User-agent: *\nDisallow: /x\n" * 19_000, "/y"),
    "agent lines": (lambda: b"User-agent: *\n" * 36_000 + b"Disallow: /x\n", "/y"),
    "agents of their own": (lambda: fill(lambda n: f"User-agent: bot{n}\nDisallow: /{n}"), "/y"),
    "100,000 rules": (
        lambda: b"User-agent: *\n" + b"".join(b"Allow:/%x\n" % n for n in range(100_000)),
        "/186a0",
    ),
    "nested prefixes": (lambda: fill(lambda n: "Disallow: /" + "a" * (n % 1_000)), SAME_PATH),
    "2,000 wildcards": (lambda: fill(lambda n: "Disallow: /" + "*a" * 2_000 + f"*{n}c"), SAME_PATH),
    "2,000 wildcards, anchored": (
        lambda: fill(lambda n: "Disallow: /" + "*ab" * 2_000 + f"*{n}$"),
        LONG_PATH,
    ),
    "stars only": (lambda: fill(lambda n: "Disallow: /" + "*" * 2_000 + f"x{n}"), LONG_PATH),
    "short wildcards": (lambda: fill(lambda n: f"Disallow: /*{n:x}b"), LONG_PATH),
    "pieces that nearly match": (lambda: fill(lambda n: "Allow: /*" + "a" * 90 + f"b{n % 90}a"), SAME_PATH),
    "pieces hard to find": (
        lambda: fill(lambda n: "Allow: /*" + "a" * (20 + n % 70) + "b" + "a" * 20),
        SAME_PATH,
    ),
    "the same, path just too short": (
        lambda: fill(lambda n: "Allow: /*" + "a" * (20 + n % 70) + "b" + "a" * 20),
        "/" + ("a" * 19 + "b" + "a" * 20) * 250,
    ),
    "one line": (lambda: b"User-agent: *\nDisallow: /" + b"a" * SIZE, SAME_PATH),
    "one line that fits": (lambda: b"User-agent: *\nDisallow: /" + b"a*" * 250_000 + b"\n", SAME_PATH),
    "faulty lines": (lambda: fill(lambda n: f"Dissallow: /{n}"), "/y"),
    "invisible characters": (
        lambda: ("User-agent: *\n" + "Dis\u200ballow: /\u2011\n" * 20_000).encode(),
        "/y",
    ),
    "escapes": (lambda: fill(lambda n: "Disallow: /" + "%7e%C3%a9" * 20 + str(n)), "/%7e%C3%A9" * 1_000),
    "comments": (lambda: b"# \n#x\n" * 80_000, "/y"),
    "NUL": (lambda: b"\0" * SIZE, "/y"),
    "carriage returns": (lambda: b"\r" * SIZE, "/y"),
    "noise": (lambda: bytes(range(256)) * 2_000, "/y"),
}


def timed(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> int:
    slow = 0
    print(f"{'file':<30}{'bytes':>9}{'parse':>9}{'first':>9}{'again':>9}{'google':>9}{'legacy':>9}{'MiB':>7}")
    for name, (make, path) in FILES.items():
        body = make()
        url = "https://site.example" + path
        parsing = timed(lambda body=body: RobotsTxt.parse(body))
        robots = RobotsTxt.parse(body)
        first = timed(lambda robots=robots, url=url: robots.decide("ExampleBot", url))
        again = min(timed(lambda robots=robots, url=url: robots.decide("ExampleBot", url)) for _ in range(3))
        google = timed(lambda body=body, url=url: GoogleReading(body).decide("ExampleBot", url))
        legacy = timed(lambda body=body, url=url: LegacyReading(body).decide("ExampleBot", url))
        tracemalloc.start()
        RobotsTxt.parse(body).decide("ExampleBot", url)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        late = max(first, again) >= LIMIT
        slow += late
        row = "".join(f"{seconds:>9.4f}" for seconds in (parsing, first, again, google, legacy))
        print(f"{name:<30}{len(body):>9,}{row}{peak:>7.1f}{'  TOO SLOW' if late else ''}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

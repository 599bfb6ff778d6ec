"""Files made to hurt: every decision stays quick. The limits are generous, a backtracking matcher takes hours."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from rightscheck.robots import RobotsTxt, match_path
from timing import within

SECONDS = 1.0
LONG = "/" + "a" * 10_000

FILES = {
    "groups": b"User-agent: *\nDisallow: /x\n" * 19_000,
    "rules": b"User-agent: *\n" + b"".join(b"Allow:/%x\n" % number for number in range(57_000)),
    "wildcards": b"User-agent: *\n" + (b"Disallow: /" + b"*a" * 2_000 + b"*b\n") * 120,
    "wildcards-anchored": b"User-agent: *\n" + (b"Disallow: /" + b"a*" * 2_000 + b"b$\n") * 120,
    "pieces": b"User-agent: *\n" + (b"Disallow: /*" + b"a" * 60 + b"b" + b"a" * 20 + b"\n") * 5_000,
    "one-line": b"User-agent: *\nDisallow: /" + b"*a" * 255_000 + b"b\n",
    "faults": b"User-agent: *\n" + b"Dissallow: /x\n" * 30_000,
}


@pytest.mark.parametrize("body", FILES.values(), ids=FILES.keys())
def test_a_hostile_file_is_decided_quickly(body: bytes) -> None:
    robots = RobotsTxt.parse(body)
    start = time.process_time()
    for path in ("/y", LONG, "/" + "ab" * 5_000):
        robots.decide("MyBot", path)
    robots.decide_many("MyBot", [LONG, "/y"] * 10)
    assert within(time.process_time() - start, SECONDS)


def test_memory_stays_within_a_small_multiple_of_the_file() -> None:
    body = FILES["rules"]
    tracemalloc.start()
    try:
        RobotsTxt.parse(body).decide("MyBot", "/y")
        assert tracemalloc.get_traced_memory()[1] < 64 * len(body)
    finally:
        tracemalloc.stop()


def test_one_pattern_is_matched_in_linear_time() -> None:
    start = time.process_time()
    assert not match_path("/" + "*a" * 2_000 + "*b", LONG)
    assert match_path("/" + "*a" * 2_000, LONG)
    assert within(time.process_time() - start, SECONDS)


def test_parsed_files_leave_no_cycles_behind() -> None:
    import gc

    gc.collect()
    gc.disable()
    try:
        for _ in range(50):
            RobotsTxt.parse(b"User-agent: *\nDisallow: /x\nDissallow: /y\n").decide("MyBot", "/z")
        assert gc.collect() < 50
    finally:
        gc.enable()

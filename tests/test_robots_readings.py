"""The other readings: Google's parser and parsers of the 1996 draft."""

from __future__ import annotations

import time

import pytest

from rightscheck.robots import RobotsTxt
from rightscheck.robots.google import GoogleReading
from rightscheck.robots.legacy import LegacyReading
from timing import within


@pytest.mark.parametrize(
    ("body", "agent", "url", "google", "ours"),
    [
        ("User-agent: *\nDisallowAITraining: /\n", "MyBot", "/x", False, True),
        ("User-agent: *\nDisallow: /\nAllowAITraining: /\n", "MyBot", "/x", True, False),
        ("User-agent-x: MyBot\nDisallow: /x\n", "MyBot", "/x", False, True),
        ("User-agent: AB12bot\nDisallow: /x\n", "AB12bot", "/x", True, False),
        ("User-agent: *\nDisallow: /%7Ejoe\n", "MyBot", "/~joe", True, False),
        ("User-agent: *\nDisallow: /\nAllow: /a/index.html\n", "MyBot", "/a/", True, False),
        ("User-agent: *\nDisallow: /robots\n", "MyBot", "/robots.txt", False, True),
        (f"User-agent: *\nDisallow: /{'a' * 20_000}\n", "MyBot", f"/{'a' * 17_000}", False, True),
        ("User-agent: *\nDisallow: /caf%c3%a9\n", "MyBot", "/café", False, False),
        ("User-agent: MyBot\n\nUser-agent: *\nDisallow: /\n", "MyBot", "/x", False, False),
    ],
    ids=[
        "key-by-its-beginning",
        "allow-key-too",
        "agent-key-too",
        "digits",
        "escapes",
        "index",
        "own-file",
        "line-length",
        "non-ascii",
        "shared-header",
    ],
)
def test_google_reads(body: str, agent: str, url: str, google: bool, ours: bool) -> None:
    assert GoogleReading(body.encode()).decide(agent, url)[0] is google
    assert RobotsTxt.parse(body.encode()).decide(agent, url).allowed is ours


def test_google_names_the_line() -> None:
    assert GoogleReading(b"# x\nUser-agent: *\nDisallow-all: /x\n").decide("MyBot", "/xy") == (False, 3)


@pytest.mark.parametrize(
    ("body", "agent", "url", "legacy", "ours"),
    [
        ("User-agent: *\nDisallow: /\nAllow: /open/\n", "MyBot", "/open/1", False, True),
        ("User-agent: *\n\nDisallow: /x\n", "MyBot", "/x", True, False),
        ("User-agent: Bot\nDisallow: /\n", "MyBot", "/x", False, True),
        ("User-agent: *\nDisallow: /x*y\n", "MyBot", "/x1y", False, False),
    ],
    ids=["first-match", "blank-line", "part-of-a-name", "wildcard"],
)
def test_old_parsers_read(body: str, agent: str, url: str, legacy: bool, ours: bool) -> None:
    assert LegacyReading(body.encode()).decide(agent, url) is legacy
    assert RobotsTxt.parse(body.encode()).decide(agent, url).allowed is ours


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("Disallow: /*a*a*a*a*b", "/aaaa"),
        ("Disallow: /%2aa%2Aa%2aa%2aa%2ab", "/aaaa"),
        ("X-Disallow: /*a*a*a*a*a*a*b", "/aaaa"),
        ("Disallow: /*a*a*a*b", "/" + "a" * 3_000),
        ("Disallow: /x\n" * 2_001, "/aaaa"),
        ("Disallow: /*x\n" * 201, "/aaaa"),
        ("#" + "x" * 102_400, "/aaaa"),
    ],
    ids=["stars", "escaped-stars", "stars-in-another-key", "long-path", "rules", "wild-rules", "size"],
)
def test_old_parsers_are_not_asked_beyond_their_budget(body: str, path: str) -> None:
    assert LegacyReading(f"User-agent: *\n{body}\n".encode()).decide("MyBot", path) is None


def test_the_budget_keeps_old_parsers_quick() -> None:
    """The worst rules that are still asked about, on the longest path that they may be asked about."""
    path = "/" + "a" * 82
    body = b"User-agent: *\n" + b"Disallow: /*a*a*a*b\n"
    assert LegacyReading(body).decide("MyBot", path) is not None
    start = time.process_time()
    LegacyReading(body).decide("MyBot", path)
    assert within(time.process_time() - start, 2)

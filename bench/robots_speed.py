"""Speed of the robots.txt engine beside its peers, in one run on real files.

usage: robots_speed.py FILES.jsonl.gz [--hosts N]

The input has one JSON object a line with `body_b64`. Peers: Protego, fast-robotstxt, urllib.robotparser,
robotexclusionrulesparser. Rates are per second of CPU, the best of several rounds that take turns; the
ratios are what to quote.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from urllib.robotparser import RobotFileParser

import protego
import robotstxt
from robotexclusionrulesparser import RobotExclusionRulesParser

from rightscheck.robots import RobotsTxt

AGENT = "ExampleBot"
ROUNDS = 5
SIZES = (("1-2 KB", 1_000, 2_100), ("4-10 KB", 4_000, 10_000), ("30 KB and more", 30_000, 10**9))
OURS, PROTEGO, FAST, URLLIB, RERP = (
    "rightscheck",
    "Protego",
    "fast-robotstxt",
    "urllib.robotparser",
    "robotexclusionrulesparser",
)


def parse_urllib(text: str) -> RobotFileParser:
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    return parser


def parse_rerp(text: str) -> RobotExclusionRulesParser:
    parser = RobotExclusionRulesParser()
    parser.parse(text)
    return parser


def race(actions: dict[str, Callable[[], int]]) -> dict[str, float]:
    """Units of work per second of CPU, the best of the rounds; each action returns its units."""
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            start = time.process_time()
            units = action()
            rate = units / (time.process_time() - start)
            best[name] = max(rate, best.get(name, 0))
    return best


def show(title: str, rates: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, rate in rates.items():
        ratio = "" if name == OURS else f"   ours is {rates[OURS] / rate:.1f}x"
        print(f"  {name:<27}{rate:>12,.0f}/s{ratio}")


def some_urls(count: int, chance: random.Random) -> list[str]:
    """URLs of one host as a crawl meets them: sections, dates, slugs, queries, some escapes."""
    words = ("berita", "news", "tag", "search", "wp-content", "uploads", "product", "about", "user", "2026")
    found = []
    for number in range(count):
        path = "/".join(
            f"{chance.choice(words)}-{chance.randrange(500)}" for _ in range(chance.randint(1, 4))
        )
        tail = chance.choice(
            (".html", "/", "", f"?page={number % 50}", "%C3%A9.html", f"?id={number}&sort=asc")
        )
        found.append(f"https://site.example/{path}{tail}")
    return found


def time_parsing(bodies: Sequence[bytes], texts: Sequence[str]) -> None:
    def each(parse: Callable[[bytes], object] | Callable[[str], object], items: Sequence[object]) -> int:
        for item in items:
            parse(item)  # type: ignore[arg-type]  # each parser gets what it takes
        return len(items)

    show(
        "parse",
        race(
            {
                OURS: lambda: each(RobotsTxt.parse, bodies),
                PROTEGO: lambda: each(protego.Protego.parse, texts),
                URLLIB: lambda: each(parse_urllib, texts),
                RERP: lambda: each(parse_rerp, texts),
            }
        ),
    )


def time_matching(bodies: Sequence[bytes], texts: Sequence[str], urls: Sequence[str]) -> None:
    ours = [RobotsTxt.parse(body) for body in bodies]
    theirs = [protego.Protego.parse(text) for text in texts]
    stdlib = [parse_urllib(text) for text in texts]
    rerp = [parse_rerp(text) for text in texts]

    def each(parsers: Sequence[object], ask: Callable[[object, str], object]) -> int:
        for parser in parsers:
            for url in urls:
                ask(parser, url)
        return len(parsers) * len(urls)

    show(
        "one decision, parsed before",
        race(
            {
                OURS: lambda: each(ours, lambda parser, url: parser.decide(AGENT, url)),  # type: ignore[attr-defined]
                PROTEGO: lambda: each(theirs, lambda parser, url: parser.can_fetch(url, AGENT)),  # type: ignore[attr-defined]
                URLLIB: lambda: each(stdlib, lambda parser, url: parser.can_fetch(AGENT, url)),  # type: ignore[attr-defined]
                RERP: lambda: each(rerp, lambda parser, url: parser.is_allowed(AGENT, url)),  # type: ignore[attr-defined]
            }
        ),
    )


def time_first(bodies: Sequence[bytes], texts: Sequence[str], url: str) -> None:
    matcher = robotstxt.RobotsMatcher()

    def ours() -> int:
        for body in bodies:
            RobotsTxt.parse(body).decide(AGENT, url)
        return len(bodies)

    def theirs() -> int:
        for text in texts:
            protego.Protego.parse(text).can_fetch(url, AGENT)
        return len(texts)

    def fast() -> int:
        for text in texts:
            matcher.is_allowed(text, AGENT, url)
        return len(texts)

    show("parse and one decision", race({OURS: ours, PROTEGO: theirs, FAST: fast}))


def time_batches(bodies: Sequence[bytes], texts: Sequence[str], urls: Sequence[str]) -> None:
    """Many URLs of one host: parsing counts for all, once per file where the parser keeps what it parsed."""
    matcher = robotstxt.RobotsMatcher()
    few = urls[:100]

    def ours() -> int:
        return sum(len(RobotsTxt.parse(body).decide_many(AGENT, urls)) for body in bodies)

    def theirs() -> int:
        for text in texts:
            parser = protego.Protego.parse(text)
            for url in urls:
                parser.can_fetch(url, AGENT)
        return len(texts) * len(urls)

    def fast() -> int:
        for text in texts:
            for url in few:
                matcher.is_allowed(text, AGENT, url)
        return len(texts) * len(few)

    show(f"{len(urls):,} URLs of one host", race({OURS: ours, PROTEGO: theirs, FAST: fast}))


def time_corpus(bodies: Sequence[bytes], hosts: int, chance: random.Random) -> None:
    """Ten URLs on each of many hosts, every host with a robots.txt of its own that is parsed for it."""
    urls = some_urls(1_000, chance)
    start = time.process_time()
    allowed = decided = 0
    for host in range(hosts):
        at = host * 10 % len(urls)
        answers = RobotsTxt.parse(bodies[host % len(bodies)]).decide_many(AGENT, urls[at : at + 10])
        allowed += sum(answers)
        decided += len(answers)
    seconds = time.process_time() - start
    print(
        f"\n{decided:,} pairs over {hosts:,} hosts: {seconds:.1f} s, {decided / seconds:,.0f}/s, {allowed:,} allowed"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path)
    parser.add_argument("--hosts", type=int, default=100_000)
    options = parser.parse_args()
    with gzip.open(options.files, "rt", encoding="utf-8") as lines:
        bodies = [base64.b64decode(json.loads(line)["body_b64"]) for line in lines]
    chance = random.Random(9309)  # noqa: S311 - reproducible, not secret
    urls = some_urls(10_000, chance)
    for name, low, high in SIZES:
        some = list(islice((body for body in bodies if low <= len(body) < high), 60))
        texts = [body.decode("utf-8", "replace") for body in some]
        print(f"\n=== {len(some)} files of {name}")
        time_parsing(some, texts)
        time_matching(some, texts, urls[:20])
        time_first(some, texts, urls[0])
        time_batches(some[:12], texts[:12], urls)
    print("\n=== all files")
    time_corpus(bodies, options.hosts, chance)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Compare the robots.txt engine with Protego and fast-robotstxt on real files, decision by decision.

usage: robots_differential.py FILES.jsonl.gz [--mutations N] [--show N]

The input has one JSON object a line with `body_b64`. URLs are derived from each file's own rules, so they
sit on the boundaries. Every difference is put into a class that docs/robots.md explains; exit code 1 when
one is left over, or when a mutated file raises.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import protego
import robotstxt

from rightscheck.robots import RobotsTxt, Ruling, canonical_path
from rightscheck.robots.google import GoogleReading, escape
from rightscheck.robots.paths import canonical_pattern, path_and_query

SITE = "https://site.example"
MAX_URLS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """One question that two parsers answer differently; `other` is the peer's answer."""

    body: bytes
    robots: RobotsTxt
    google: GoogleReading
    agent: str
    path: str
    ours: Ruling
    other: bool

    @property
    def by_google(self) -> tuple[bool, int | None]:
        return self.google.decide(self.agent, SITE + self.path)

    def line(self, number: int | None) -> str:
        return self.robots.text_of(number)


def paths_of(robots: RobotsTxt) -> list[str]:
    """Paths at the boundaries of the file's rules: the rule itself, one octet more, one less, its folder."""
    found = dict.fromkeys(("/", "/robots.txt"))
    for group in robots.groups:
        for rule in group.rules[:30]:
            path = rule.path.replace("*", "x").removesuffix("$")
            path = path if path.startswith("/") else "/" + path
            for variant in (path, path + "x", path[:-1], path.rsplit("/", 1)[0] + "/"):
                if variant.startswith("/") and not variant.startswith("//"):
                    found.setdefault(variant)
        if len(found) > MAX_URLS:
            break
    return list(found)[:MAX_URLS]


def agents_of(robots: RobotsTxt) -> list[str]:
    """Two agents for every file, and the first one named by each of its first groups."""
    named = (group.agents[0] for group in robots.groups[:4] if group.agents)
    tokens = (re.match(r"[\w-]*", name, re.ASCII) for name in named)
    return list(
        dict.fromkeys(["ExampleBot", "GPTBot", *(token[0] for token in tokens if token and token[0])])
    )


def rule_key(line: str) -> str:
    return line.partition("#")[0].partition(":")[0].strip().lower()


def is_google_key(case: Case) -> bool:
    """Google's parser picked a line by a key that only starts like a rule's, or is misspelt."""
    return rule_key(case.line(case.by_google[1])) not in ("allow", "disallow", "")


def is_encoding(case: Case) -> bool:
    """The canonical forms differ for the path asked about or for a rule that one of the readings picked."""
    raw = path_and_query(SITE + case.path)
    if canonical_path(SITE + case.path) != escape(raw):
        return True
    values = (case.line(number).partition(":")[2].strip() for number in (case.ours.line, case.by_google[1]))
    return any(canonical_pattern(value) != escape(value) for value in values)


def has_exotic_line_end(case: Case) -> bool:
    return re.search("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", case.body.decode("utf-8", "replace")) is not None


def has_broken_header(case: Case) -> bool:
    """A line that is neither rule, agent nor sitemap stands between two agent lines."""
    kinds = [rule_key(line) for line in case.body.decode("utf-8", "replace").splitlines()]
    kinds = [kind for kind in kinds if kind]
    return any(
        first == last == "user-agent" and middle not in ("user-agent", "allow", "disallow", "sitemap", "host")
        for first, middle, last in zip(kinds, kinds[1:], kinds[2:], strict=False)
    )


def names_apart(case: Case) -> bool:
    """We know the group by the token its name starts with; or some group's name is only part of the agent."""
    agent = case.agent.lower()
    applied = {name.lower() for name in case.ours.group}
    if applied and "*" not in applied and agent not in applied:
        return True
    names = {name.lower().strip("*") for group in case.robots.groups for name in group.agents} - {""}
    return any(name != agent and name in agent for name in names)


def reads_unasked_line(case: Case) -> bool:
    """A line without a colon, or with a misspelt key, which the peer takes as a rule for and against."""
    words = ("allow ", "disallow ", "user-agent ", "user agent", "useragent", "allow\t", "disallow\t")
    lines = case.body.decode("utf-8", "replace").lower().splitlines()
    return any(line.strip().startswith(words) for line in lines)


FAST, PROTEGO, GOOGLE = "fast-robotstxt", "protego", "google reading"
BY_GOOGLE = (FAST, GOOGLE)

# Class, the peers that it can explain, and how it is recognised; the first that applies counts.
CLASSES: dict[str, tuple[tuple[str, ...], Callable[[Case], bool]]] = {
    "own-file": ((*BY_GOOGLE, PROTEGO), lambda case: case.path == "/robots.txt"),
    "mended": ((*BY_GOOGLE, PROTEGO), lambda case: not case.ours.allowed and bool(case.ours.notes)),
    "empty-query": ((FAST,), lambda case: case.path.endswith("?")),
    "digits": (BY_GOOGLE, lambda case: re.search(r"\d", case.agent) is not None),
    "google-key": (BY_GOOGLE, is_google_key),
    "index-html": (BY_GOOGLE, lambda case: "/index.htm" in case.line(case.by_google[1]).lower()),
    "encoding": ((*BY_GOOGLE, PROTEGO), is_encoding),
    "byte-order-mark": ((PROTEGO,), lambda case: case.body.startswith((b"\xef\xbb\xbf", b"\xff\xfe"))),
    "line-end": ((PROTEGO,), has_exotic_line_end),
    "part-of-name": ((PROTEGO,), names_apart),
    "broken-header": ((PROTEGO,), has_broken_header),
    "missing-colon": ((*BY_GOOGLE, PROTEGO), reads_unasked_line),
}


def differences(bodies: list[bytes]) -> Iterator[tuple[str, Case | None]]:
    """Every decision as (peer, None), and the ones that differ as (peer, case)."""
    matcher = robotstxt.RobotsMatcher()
    for body in bodies:
        robots, google = RobotsTxt.parse(body), GoogleReading(body)
        text = body.decode("utf-8", "replace")
        theirs = protego.Protego.parse(text)
        for agent in agents_of(robots):
            for path in paths_of(robots):
                url = SITE + path
                ours = robots.decide(agent, url)
                answers = {
                    FAST: matcher.is_allowed(text, agent, url),
                    PROTEGO: theirs.can_fetch(url, agent),
                    GOOGLE: google.decide(agent, url)[0],
                }
                for peer, other in answers.items():
                    differs = other != ours.allowed
                    yield peer, Case(body, robots, google, agent, path, ours, other) if differs else None


def explain(peer: str, case: Case) -> str:
    """The class of the difference."""
    rows = ((name, applies) for name, (peers, applies) in CLASSES.items() if peer in peers)
    return next((name for name, applies in rows if applies(case)), UNEXPLAINED)


UNEXPLAINED = "unexplained"


def compare(bodies: list[bytes], show: int) -> int:
    """Prints a table per peer; returns how many differences no class explains."""
    asked: Counter[str] = Counter()
    found: Counter[tuple[str, str, bool]] = Counter()
    shown = 0
    for peer, case in differences(bodies):
        asked[peer] += 1
        if case is None:
            continue
        name = explain(peer, case)
        found[peer, name, case.ours.allowed] += 1
        if name == UNEXPLAINED and shown < show:
            shown += 1
            print(
                peer,
                case.agent,
                case.path,
                "other:",
                case.other,
                "ours:",
                case.ours,
                "google:",
                case.by_google,
            )
    for peer, total in asked.items():
        differing = sum(count for (one, _, _), count in found.items() if one == peer)
        print(f"\n{peer}: {differing:,} of {total:,} decisions differ ({differing / total:.2%})")
        print(f"  {'class':<18}{'ours allows':>12}{'ours closes':>12}")
        for name in [*CLASSES, UNEXPLAINED]:
            opens, closes = found[peer, name, True], found[peer, name, False]
            if opens or closes:
                print(f"  {name:<18}{opens:>12,}{closes:>12,}")
    return sum(count for (_, name, _), count in found.items() if name == UNEXPLAINED)


def mutate(body: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The body with one to four faults: octets changed, cut out, doubled, spliced, or odd ones put in."""
    octets = bytearray(body[:4096])
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(octets) + 1)
        end = min(len(octets), start + chance.randint(1, 40))
        kind = chance.randrange(6)
        if kind == 0:
            octets[start:end] = chance.randbytes(end - start)
        elif kind == 1:
            del octets[start:end]
        elif kind == 2:
            octets[start:start] = octets[start:end] * chance.randint(1, 4)
        elif kind == 3:
            other = chance.choice(others)
            cut = chance.randrange(len(other) + 1)
            octets[start:start] = other[cut : cut + 80]
        elif kind == 4:
            odd = (
                b"\0",
                b"\r",
                b"\xef\xbb\xbf",
                b"\xe2\x80\xa8",
                b"*",
                b"$",
                b"%",
                b"\xff",
                b"#",
                b":",
                b"\x0b",
            )
            octets[start:start] = chance.choice(odd)
        else:
            octets = bytearray(bytes(octets).decode("latin-1").encode("utf-16-le")[: len(octets)])
    return bytes(octets)


def survive(bodies: list[bytes], count: int) -> int:
    """Parses and asks mutated files; returns how many raised or gave two answers to one question."""
    chance = random.Random(9309)  # noqa: S311 - reproducible, not secret
    faults = 0
    for number in range(count):
        body = mutate(bodies[number % len(bodies)], bodies, chance)
        try:
            robots = RobotsTxt.parse(body)
            urls = [SITE + path for path in paths_of(robots)[:20]]
            one_by_one = [robots.decide("ExampleBot", url).allowed for url in urls]
            faults += one_by_one != robots.decide_many("ExampleBot", urls)
            _ = robots.comments, robots.repairs, robots.sitemaps, robots.crawl_delay("*"), robots.is_html
        except Exception as error:  # noqa: BLE001 - counting whatever is raised is the purpose
            faults += 1
            print("raised:", repr(error), body[:200])
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path)
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    with gzip.open(options.files, "rt", encoding="utf-8") as lines:
        bodies = [base64.b64decode(json.loads(line)["body_b64"]) for line in lines]
    print(f"{len(bodies):,} files")
    left = compare(bodies, options.show)
    start = time.perf_counter()
    faults = survive(bodies, options.mutations)
    print(f"\n{options.mutations:,} mutated files: {faults} faults ({time.perf_counter() - start:.0f} s)")
    return 1 if left or faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""Who reads which opt-out: datadiligence and rightscheck on the same answers of a made-up site, and how fast.

usage: opt_out_readers.py [--rounds N]

datadiligence (extra `bench`) judges response headers; what a site says elsewhere it is not asked about. Each
line is one answer with what it means for a crawler `MyBot` that gathers text to train models. In the columns
"read" is right, "missed" lets through what was refused, "false alarm" refuses what was not; "person" leaves
to a person what was refused in a way that no specification knows. The sites answer 404 for all they do not have.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import datadiligence
from datadiligence.exceptions import HttpUnknownHeaderObject

from rightscheck import Checker, Verdict
from rightscheck.check import WELL_KNOWN
from rightscheck.model import Asset, Document, Finding, Request
from rightscheck.signals import all_signals
from rightscheck.sources import Sources, digest
from rightscheck.vocab import Carrier, Mode

AGENT = "MyBot"
URL = "https://news.example/a"
HTML = ("Content-Type", "text/html; charset=utf-8")
BODY = "<!doctype html><title>Rain</title><p>It rained on the hill all day."
Headers = list[tuple[str, str]] | dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """An answer of the site; `headers` may be given as a list of lines or as a mapping."""

    title: str
    refuses: bool
    headers: Headers = field(default_factory=list)
    head: str = ""
    files: dict[Carrier, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return BODY.replace("<p>", f"{self.head}<p>").encode()


def header(title: str, *lines: tuple[str, str], refuses: bool = True) -> Case:
    return Case(title=title, headers=list(lines), refuses=refuses)


def meta(name: str, content: str, *, refuses: bool = True) -> Case:
    return Case(
        title=f"meta {name}: {content}", head=f'<meta name="{name}" content="{content}">', refuses=refuses
    )


def robots(title: str, text: str, *, refuses: bool = True) -> Case:
    return Case(title=f"robots.txt, {title}", files={Carrier.ROBOTS_TXT: text}, refuses=refuses)


def root(carrier: Carrier, title: str, text: str, *, refuses: bool = True) -> Case:
    return Case(title=title, files={carrier: text}, refuses=refuses)


TAG = "X-Robots-Tag"
CASES = (
    header("X-Robots-Tag: noai", (TAG, "noai")),
    header("X-Robots-Tag: noimageai, noai", (TAG, "noimageai, noai")),
    header("X-Robots-Tag: NOAI", (TAG, "NOAI")),
    header("X-Robots-Tag: NoAI, noindex", (TAG, "NoAI, noindex")),
    header("two X-Robots-Tag lines, noai last", (TAG, "noarchive"), (TAG, "noai")),
    header("two X-Robots-Tag lines, noai first", (TAG, "noai"), (TAG, "noarchive")),
    header("name in lower case", ("x-robots-tag", "noai")),
    header("name in capitals", ("X-ROBOTS-TAG", "noai")),
    Case(title="mapping with a name in lower case", headers={"x-robots-tag": "noai"}, refuses=True),
    Case(title="mapping, name as in the specification", headers={TAG: "noai"}, refuses=True),
    header("MyBot: noai", (TAG, "MyBot: noai")),
    header("mybot: noai", (TAG, "mybot: noai")),
    header("MyBot: noindex, noai", (TAG, "MyBot: noindex, noai")),
    header("GPTBot: noai", (TAG, "GPTBot: noai"), refuses=False),
    header("GPTBot: noindex, noai", (TAG, "GPTBot: noindex, noai"), refuses=False),
    header(
        "unavailable_after: 25 Jun 2099 15:00:00 PST", (TAG, "unavailable_after: 25 Jun 2099"), refuses=False
    ),
    header("X-Robots-Tag: all", (TAG, "all"), refuses=False),
    header("no headers that speak", ("Server", "hill"), refuses=False),
    header("no headers at all", refuses=False),
    header("tdm-reservation: 1", ("tdm-reservation", "1")),
    header("TDM-Reservation: 1", ("TDM-Reservation", "1")),
    header("tdm-reservation: 0", ("tdm-reservation", "0"), refuses=False),
    header("tdm-reservation: true", ("tdm-reservation", "true")),
    header("Content-Usage: train-ai=n", ("Content-Usage", "train-ai=n")),
    header("content-usage: search=y, train-ai=n", ("content-usage", "search=y, train-ai=n")),
    header("two Content-Usage lines", ("Content-Usage", "search=y"), ("Content-Usage", "train-ai=n")),
    header("Content-Usage: ai=n", ("Content-Usage", "ai=n")),
    header("Content-Usage: Train-AI=n", ("Content-Usage", "Train-AI=n")),
    header("Content-Usage: search=n", ("Content-Usage", "search=n"), refuses=False),
    header("Content-Signal: ai-train=no", ("Content-Signal", "ai-train=no")),
    header("Link to a licence of its own", ("Link", '<https://news.example/l>; rel="license"'), refuses=True),
    meta("robots", "noai"),
    meta("ROBOTS", "NOAI, NOIMAGEAI"),
    meta("MyBot", "noai"),
    meta("GPTBot", "noai", refuses=False),
    meta("robots", "index, follow", refuses=False),
    meta("tdm-reservation", "1"),
    meta("tdm-reservation", "yes"),
    root(Carrier.TDMREP, "tdmrep.json, 1 for /", '[{"location": "/", "tdm-reservation": 1}]'),
    root(Carrier.TDMREP, "tdmrep.json, an object", '{"location": "/", "tdm-reservation": 1}'),
    root(
        Carrier.TDMREP,
        "tdmrep.json, 1 elsewhere",
        '[{"location": "/b/", "tdm-reservation": 1}]',
        refuses=False,
    ),
    root(Carrier.AI_TXT, "ai.txt, all disallowed", "User-Agent: *\nDisallow: /\nDisallow: *\n"),
    root(Carrier.AI_TXT, "ai.txt, text disallowed", "User-Agent: *\nDisallow: *.txt\nDisallow: *.html\n"),
    root(Carrier.AI_TXT, "ai.txt, pictures disallowed", "User-Agent: *\nDisallow: *.jpg\n", refuses=False),
    root(Carrier.TRUST_TXT, "trust.txt, datatrainingallowed=no", "datatrainingallowed=no\n"),
    robots("Content-Usage: train-ai=n", "User-agent: *\nContent-Usage: train-ai=n\nAllow: /\n"),
    robots("Content-Signal: ai-train=no", "User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n"),
    robots("DisallowAITraining: /", "User-agent: *\nDisallowAITraining: /\nAllow: /\n"),
    robots("a group for MyBot", "User-agent: MyBot\nDisallow: /\n"),
    robots("a group for GPTBot", "User-agent: GPTBot\nDisallow: /\n", refuses=False),
    robots(
        "a reservation in a comment",
        "# Use of this site's content to train AI is prohibited.\nUser-agent: *\nAllow: /\n",
    ),
)


def by_datadiligence(case: Case) -> str:
    """What its evaluator of headers says; an empty list of headers is no input for it."""
    evaluator = datadiligence.HttpEvaluator(user_agent=AGENT)
    headers = case.headers or {"Server": "hill"}
    try:
        allowed = evaluator.is_allowed(headers=headers)
    except HttpUnknownHeaderObject:
        return "error"
    return _word(case, refused=not allowed)


def by_rightscheck(case: Case, checker: Checker) -> str:
    decision = decide(case, checker)
    if case.refuses and decision is Verdict.REVIEW:
        return "person"
    return _word(case, refused=decision is not Verdict.GO)


def decide(case: Case, checker: Checker) -> Verdict:
    lines = case.headers.items() if isinstance(case.headers, dict) else case.headers
    places = {Carrier.ROBOTS_TXT: "/robots.txt", **WELL_KNOWN}
    documents = [_document(case, carrier, path) for carrier, path in places.items()]
    return checker.check_response(URL, 200, [HTML, *lines], case.body, documents=documents).verdict


def _document(case: Case, carrier: Carrier, path: str) -> Document:
    text = case.files.get(carrier)
    url = f"https://news.example{path}"
    headers = (("Content-Type", "application/json" if path.endswith("json") else "text/plain"),)
    return Document(
        carrier=carrier,
        url=url,
        final_url=url,
        status=404 if text is None else 200,
        headers=headers,
        body=(text or "").encode(),
    )


def read_headers(case: Case) -> int:
    """The number of findings of every signal that travels in response headers, and of no other carrier."""
    lines = case.headers.items() if isinstance(case.headers, dict) else case.headers
    page = Document(carrier=Carrier.HTML, url=URL, final_url=URL, status=200, headers=tuple(lines))
    asset = Asset(
        uri=URL, source=URL, text=None, media_type="text/html", mode=Mode.HELD, page=page, sha256=digest(b"")
    )
    request = Request(uses=("ai-train",), on=date(2026, 11, 24), agents=(AGENT,))
    sources = Sources(asset=asset, request=request)
    return sum(isinstance(item, Finding) for read in _READERS for item in read(sources))


_READERS = [signal.read for signal in all_signals() if "http-headers" in signal.carriers]


def _word(case: Case, *, refused: bool) -> str:
    if refused == case.refuses:
        return "read"
    return "false alarm" if refused else "missed"


def rate(action: Callable[[Case], object], cases: list[Case], rounds: int) -> float:
    """Answers judged per second of CPU, the best of five."""
    best = 0.0
    for _ in range(5):
        begun = time.process_time()
        for _ in range(rounds):
            for case in cases:
                action(case)
        best = max(best, rounds * len(cases) / (time.process_time() - begun))
    return best


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    rounds = arguments.parse_args().rounds
    logging.disable(logging.CRITICAL)  # datadiligence speaks of a service that is no longer there
    checker = Checker(use="ai-train", agent=AGENT, on="2026-11-24")
    theirs: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    print(f"{'answer':46} {'refuses':8} {'datadiligence':14} rightscheck")
    for case in CASES:
        words = by_datadiligence(case), by_rightscheck(case, checker)
        theirs[words[0]] += 1
        ours[words[1]] += 1
        print(f"{case.title:46} {'yes' if case.refuses else 'no':8} {words[0]:14} {words[1]}")
    for name, counts in (("datadiligence", theirs), ("rightscheck", ours)):
        print(f"{name}: " + ", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    headers_only = [case for case in CASES if case.headers and not case.head and not case.files]
    evaluator = datadiligence.HttpEvaluator(user_agent=AGENT)
    fast = rate(lambda case: evaluator.is_allowed(headers=case.headers), headers_only, rounds * 20)
    whole = rate(lambda case: decide(case, checker), headers_only, rounds)
    print(f"datadiligence, two headers: {fast:,.0f} answers/s")
    alone = rate(read_headers, headers_only, rounds)
    print(f"rightscheck, every header: {alone:,.0f} answers/s ({fast / alone:.0f} times fewer)")
    print(f"rightscheck, a whole decision: {whole:,.0f} answers/s ({fast / whole:.0f} times fewer)")


if __name__ == "__main__":
    main()

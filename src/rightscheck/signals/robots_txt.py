"""robots.txt as a signal: does it let the request's agents fetch the asset (RFC 9309)?

Only RFC 9309's own reading closes; where older parsers or Google's would close too, that is a note.
An unreachable or refused file is reported as what it is, never as consent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from rightscheck.model import Asset, Document, Finding, Gap, Statement
from rightscheck.robots.document import RobotsTxt
from rightscheck.robots.google import GoogleReading
from rightscheck.robots.legacy import LegacyReading
from rightscheck.robots.responses import Meaning, RobotsState, complete_body, interpret, parse_document
from rightscheck.robots.ruling import Ruling
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import Carrier, Kind, Mode, Preference, Scope, Use

_CRAWL = Statement(preference=Preference.DISALLOW, uses=frozenset({Use.CRAWL}), scope=Scope.SITE)

# The row of the decision table by state; the copy at hand is judged more mildly than the next fetch.
_SITUATIONS = {
    (RobotsState.UNREACHABLE, Mode.FETCH): "robots/unreachable",
    (RobotsState.UNREACHABLE, Mode.HELD): "robots/unreachable-held",
    (RobotsState.REFUSED, Mode.FETCH): "robots/refused",
    (RobotsState.REFUSED, Mode.HELD): "robots/refused",
    (RobotsState.INVALID, Mode.FETCH): "robots/refused",
    (RobotsState.INVALID, Mode.HELD): "robots/refused",
}
_OURS = "rightscheck"
_CLOSED = {Mode.FETCH: "robots/closed", Mode.HELD: "robots/closed-held"}
_TRUNCATED = Meaning(
    RobotsState.REFUSED, "truncated", "robots.txt is cut at 512,000 bytes and no rule decides before the cut"
)


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What robots.txt says to the request's agents about the asset; `rightscheck` when none is named."""
    asset = sources.asset
    document = sources.document(Carrier.ROBOTS_TXT)
    if document is None:
        yield Gap(carrier=Carrier.ROBOTS_TXT, source=_address(asset), reason="not read")
        return
    meaning = interpret(document)
    if meaning.state is RobotsState.ABSENT:
        if meaning.rule:
            yield _note(document, meaning.rule, f"HTTP {document.status}: {meaning.because}", "status")
        return
    if meaning.state not in (RobotsState.RULES, RobotsState.INVALID):
        yield _trouble(document, meaning, asset.mode)
        return
    yield from _read_rules(document, meaning, asset, sources.request.agents or (_OURS,))


def _read_rules(
    document: Document, meaning: Meaning, asset: Asset, agents: tuple[str, ...]
) -> Iterator[Finding | Gap]:
    robots = parse_document(document)
    url = asset.uri or "/"
    rulings = {agent: robots.decide(agent, url) for agent in dict.fromkeys(agents)}
    closed = {agent: ruling for agent, ruling in rulings.items() if not ruling.allowed}
    open_ = {agent: ruling for agent, ruling in rulings.items() if ruling.allowed}
    yield from _closures(document, closed, asset.mode)
    if meaning.state is RobotsState.INVALID:
        if not closed:
            yield _trouble(document, meaning, asset.mode)
    elif (robots.truncated or document.truncated) and not closed and _undecided(open_):
        yield _trouble(document, _TRUNCATED, asset.mode)
    else:
        yield from _openings(document, open_)
    if asset.uri is None:
        yield _note(
            document, "path-unknown", "no URL is known for the asset, so the answer is for the path `/`", ""
        )
    yield from _other_readings(document, open_, url)
    yield from _delays(document, robots, rulings)
    yield from _repairs(document, robots)


def _undecided(rulings: dict[str, Ruling]) -> bool:
    return any(ruling.line is None for ruling in rulings.values())


def _by_line(rulings: dict[str, Ruling]) -> Iterator[tuple[str, Ruling]]:
    """The rulings, agents that the same line decides for taken together, in the order of the agents."""
    agents: dict[int | None, list[str]] = defaultdict(list)
    for agent, ruling in rulings.items():
        agents[ruling.line].append(agent)
    for names in agents.values():
        yield ", ".join(names), rulings[names[0]]


def _closures(document: Document, closed: dict[str, Ruling], mode: Mode) -> Iterator[Finding]:
    for names, ruling in _by_line(closed):
        notes = "".join(f"; {note}" for note in ruling.notes)
        yield Finding(
            rule="robots-txt/disallow",
            kind=Kind.RESERVATION,
            message=f"robots.txt closes this URL to {names}{notes}",
            evidence=evidence(document, f"line:{ruling.line}", ruling.text),
            statement=_CRAWL,
            situation=_CLOSED[mode],
        )


def _openings(document: Document, open_: dict[str, Ruling]) -> Iterator[Finding]:
    for names, ruling in _by_line(open_):
        if ruling.line is None:
            yield _note(document, "allow", f"no rule of robots.txt speaks to {names} about this URL", "")
        else:
            message = f"robots.txt leaves this URL open to {names}"
            yield _note(document, "allow", message, f"line:{ruling.line}", ruling.text)


def _other_readings(document: Document, open_: dict[str, Ruling], url: str) -> Iterator[Finding]:
    if not open_:
        return
    google, legacy = _readings(complete_body(document))
    for agent in open_:
        allowed, line = google.decide(agent, url)
        if not allowed:
            message = f"Google's published parser would close this URL to {agent}"
            text = parse_document(document).text_of(line)
            yield _note(document, "google-differs", message, f"line:{line}", text)
        if legacy.decide(agent, url) is False:
            message = f"parsers of the 1996 draft would close this URL to {agent}"
            yield _note(document, "legacy-differs", message, "")


@lru_cache(maxsize=16)
def _readings(body: bytes) -> tuple[GoogleReading, LegacyReading]:
    return GoogleReading(body), LegacyReading(body)


def _delays(document: Document, robots: RobotsTxt, rulings: dict[str, Ruling]) -> Iterator[Finding]:
    seen: set[int] = set()
    for agent in rulings:
        for line in robots.lines("crawl-delay", agent):
            if line.number not in seen:
                seen.add(line.number)
                message = f"robots.txt asks {agent} to wait between requests: {line.value}"
                yield _note(document, "crawl-delay", message, f"line:{line.number}", line.text)


def _repairs(document: Document, robots: RobotsTxt) -> Iterator[Finding]:
    """One note per kind of fault, with its first line and how often it occurs."""
    kinds: dict[str, list[int | None]] = defaultdict(list)
    messages: dict[str, str] = {}
    for repair in robots.repairs:
        kinds[repair.rule_id_suffix].append(repair.line)
        messages.setdefault(repair.rule_id_suffix, repair.message)
    for kind, lines in kinds.items():
        more = f" (and on {len(lines) - 1} more lines)" if len(lines) > 1 else ""
        locator = f"line:{lines[0]}" if lines[0] else ""
        message = f"{kind}: {messages[kind]}{more}"
        yield _note(document, "repair", message, locator, robots.text_of(lines[0]))


def _trouble(document: Document, meaning: Meaning, mode: Mode) -> Finding:
    told = document.failure or (f"HTTP {document.status}" if document.status is not None else "")
    return Finding(
        rule=f"robots-txt/{meaning.rule}",
        kind=Kind.RESERVATION,
        message=f"{meaning.because} ({told})" if told else meaning.because,
        evidence=evidence(document, "status" if told else ""),
        situation=_SITUATIONS[meaning.state, mode],
    )


def _note(document: Document, rule: str, message: str, locator: str, quote: str = "") -> Finding:
    return Finding(
        rule=f"robots-txt/{rule}",
        kind=Kind.NOTE,
        message=message,
        evidence=evidence(document, locator, quote),
    )


def _address(asset: Asset) -> str:
    """Where the asset's robots.txt would be; the asset's own source when it has no URL."""
    try:
        parts = urlsplit(asset.uri or "")
    except ValueError:
        return asset.source
    return f"{parts.scheme}://{parts.netloc}/robots.txt" if parts.netloc else asset.source

"""`rightscheck robots`: what a robots.txt decides, line by line, and what else it says (RFC 9309).

With URLs: allowed or disallowed, the deciding line, and where other readings differ. Without: a digest.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Optional

import typer

from rightscheck.agents import Purpose, agents_for, agents_named
from rightscheck.errors import UsageError
from rightscheck.robots import RobotsTxt
from rightscheck.robots.google import GoogleReading
from rightscheck.robots.legacy import LegacyReading

DEFAULT_AGENT = "rightscheck"
FORMATS = ("text", "json")
SIGNAL_KEYS = (
    "content-signal",
    "content-usage",
    "license",
    "disallowaitraining",
    "allowaitraining",
    "tdm-reservation",
    "tdm-policy",
    "tdmrep",
    "ai",
)
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One decision. `google` and `legacy` are what other readings make of it; `legacy` is None if not asked."""

    agent: str
    url: str
    allowed: bool
    line: int | None
    text: str
    group: tuple[str, ...]
    notes: tuple[str, ...]
    google: bool
    google_line: int | None
    legacy: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDigest:
    """What one agent may do. `root` tells of `/`, `closing` counts the paths that are closed to it."""

    agent: str
    operator: str
    purpose: str
    oddity: str
    root: bool
    closing: int
    opening: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A robots.txt at a glance. `training_closed` are known agents that collect for AI training, closed at `/`."""

    bytes: int
    truncated: bool
    is_html: bool
    groups: int
    agents: tuple[AgentDigest, ...]
    training_closed: tuple[str, ...]
    training_known: int
    signals: tuple[tuple[int, str], ...]
    crawl_delays: tuple[tuple[int, str], ...]
    sitemaps: tuple[str, ...]
    comments: tuple[tuple[int, int, str], ...]
    repairs: tuple[tuple[int | None, str, str], ...]


def robots_command(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A robots.txt, or - for standard input.")],
    urls: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it at run time
        typer.Argument(metavar="[URL]...", help="URLs or paths to decide; none for a digest of the file."),
    ] = None,
    agent: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--agent", "-a", metavar="TOKEN", help="Product token of the crawler; may be repeated."),
    ] = None,
    fmt: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="text or json.")] = "text",
) -> int:
    """Say what a robots.txt lets an agent fetch, and which line decides.

    Exit code 0: all URLs are allowed (or a digest was asked for); 1: one is disallowed; 2: usage.
    """
    if fmt not in FORMATS:
        raise UsageError(f"unknown format `{fmt}`", hint=f"formats: {', '.join(FORMATS)}")
    body = _read(file)
    agents = tuple(dict.fromkeys(agent or ()))
    if not urls:
        _show_digest(digest(body, agents), fmt)
        return 0
    answers = tuple(decide(body, agents or (DEFAULT_AGENT,), tuple(urls)))
    _show_answers(answers, fmt)
    return 0 if all(answer.allowed for answer in answers) else 1


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    if file.startswith(("http://", "https://")):
        raise UsageError(
            f"`{file}` is a URL, a file is wanted", hint="save it first, or ask `rightscheck check URL`"
        )
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read `{file}`: {error.strerror}", hint="- reads standard input") from error


def decide(body: bytes, agents: tuple[str, ...], urls: tuple[str, ...]) -> Iterator[Answer]:
    """The answer for each agent and URL, agents first."""
    robots, google, legacy = RobotsTxt.parse(body), GoogleReading(body), LegacyReading(body)
    for agent in agents:
        for url in urls:
            ruling = robots.decide(agent, url)
            google_allowed, google_line = google.decide(agent, url)
            yield Answer(
                agent=agent,
                url=url,
                allowed=ruling.allowed,
                line=ruling.line,
                text=ruling.text,
                group=ruling.group,
                notes=ruling.notes,
                google=google_allowed,
                google_line=google_line,
                legacy=legacy.decide(agent, url),
            )


def digest(body: bytes, agents: tuple[str, ...]) -> Digest:
    """What the file says: to the agents named, else to every agent that it names itself."""
    robots = RobotsTxt.parse(body)
    named = (value for group in robots.groups for value in group.agents)
    wanted = agents or tuple(dict.fromkeys((*named, "*")))
    training = [agent.token for agent in agents_for(Purpose.TRAINING)]
    return Digest(
        bytes=len(body),
        truncated=robots.truncated,
        is_html=robots.is_html,
        groups=len(robots.groups),
        agents=tuple(_digest_agent(robots, agent) for agent in wanted if agent),
        training_closed=tuple(token for token in training if not robots.decide(token, "/").allowed),
        training_known=len(training),
        signals=tuple(_lines(robots, SIGNAL_KEYS)),
        crawl_delays=tuple(_lines(robots, ("crawl-delay",))),
        sitemaps=robots.sitemaps,
        comments=tuple((block.first_line, block.last_line, block.text) for block in robots.comments),
        repairs=tuple((repair.line, repair.rule_id_suffix, repair.message) for repair in robots.repairs),
    )


def _digest_agent(robots: RobotsTxt, spelling: str) -> AgentDigest:
    known = agents_named(spelling)
    agent, oddity = known[0] if known else (None, "")
    ruling = robots.decide(spelling, "/")
    rules = [
        rule
        for group in robots.groups
        if set(group.agents) <= set(ruling.group) and ruling.group
        for rule in group.rules
    ]
    return AgentDigest(
        agent=spelling,
        operator=agent.operator if agent else "",
        purpose=agent.purpose.value if agent else "",
        oddity=oddity,
        root=ruling.allowed,
        closing=sum(not rule.allow for rule in rules),
        opening=sum(rule.allow for rule in rules),
    )


def _lines(robots: RobotsTxt, keys: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    found = [line for key in keys for line in robots.lines(key)]
    found += [line for group in robots.groups for line in group.lines if line.key in keys]
    yield from sorted({(line.number, line.text.strip()) for line in found})


def _show_answers(answers: tuple[Answer, ...], fmt: str) -> None:
    if fmt == "json":
        _write_json([asdict(answer) for answer in answers])
        return
    for answer in answers:
        _write(f"{'allowed' if answer.allowed else 'disallowed':<11}{answer.url}  ({answer.agent})")
        if answer.line is None:
            _write("           no rule speaks")
        else:
            _write(f"           line {answer.line}: {answer.text.strip()}")
        for remark in _remarks(answer):
            _write(f"           {remark}")


def _remarks(answer: Answer) -> Iterator[str]:
    yield from answer.notes
    if answer.google != answer.allowed:
        where = f", line {answer.google_line}" if answer.google_line else ""
        yield f"Google's published parser: {_word(answer.google)}{where}"
    if answer.legacy is None:
        yield "parsers of the 1996 draft: not asked, the file is beyond their budget"
    elif answer.legacy != answer.allowed:
        yield f"parsers of the 1996 draft: {_word(answer.legacy)}"


def _word(allowed: bool) -> str:
    return "allowed" if allowed else "disallowed"


def _show_digest(found: Digest, fmt: str) -> None:
    if fmt == "json":
        _write_json(asdict(found))
        return
    facts = [f"{found.bytes:,} bytes", f"{found.groups} groups"]
    facts += ["only the first 512,000 bytes read"] * found.truncated + [
        "a page, not a robots.txt"
    ] * found.is_html
    _write(", ".join(facts))
    _section("agents", [_agent_line(agent) for agent in found.agents])
    if found.training_closed:
        title = (
            f"AI training agents closed at / ({len(found.training_closed)} of {found.training_known} known)"
        )
        _section(title, [", ".join(found.training_closed)])
    _section("signals", [f"line {line}: {text}" for line, text in found.signals])
    _section("crawl delays", [f"line {line}: {text}" for line, text in found.crawl_delays])
    _section("comments", [f"lines {first}-{last}: {text[:100]}" for first, last, text in found.comments])
    _section("sitemaps", list(found.sitemaps))
    _section("faults", [f"line {line or '-'}: {kind}: {message}" for line, kind, message in found.repairs])


def _agent_line(agent: AgentDigest) -> str:
    about = ", ".join(part for part in (agent.purpose, agent.operator, agent.oddity) if part)
    extent = f"{agent.closing} disallow, {agent.opening} allow"
    return f"{agent.agent:<28}{'open at /' if agent.root else 'closed at /':<13}{extent}{f'  ({about})' * bool(about)}"


def _section(title: str, lines: list[str]) -> None:
    if not lines:
        return
    sys.stdout.write(f"\n{title}\n")
    for line in lines[:_SHOWN]:
        _write(f"  {line}")
    if len(lines) > _SHOWN:
        _write(f"  ... and {len(lines) - _SHOWN} more (-f json shows all)")


def _write(line: str) -> None:
    """One line to standard output; characters that could steer a terminal are shown as U+FFFD."""
    sys.stdout.write("".join(one if one.isprintable() else "\ufffd" for one in line) + "\n")


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")

"""A robots.txt as one object: decisions, groups, other lines, comments and repairs (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from rightscheck.robots.encoding import Repair, decode, printable
from rightscheck.robots.grammar import RawGroup, Reading, read_lines
from rightscheck.robots.paths import canonical_path
from rightscheck.robots.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class RobotsLine:
    """A line that is no rule. `key` is in lower case, `value` without comment, `text` as written.

    `group` is the index in `RobotsTxt.groups` of the group it stands in, None before the first one.
    """

    number: int
    key: str
    value: str
    text: str
    group: int | None


@dataclass(frozen=True, slots=True)
class RuleLine:
    """An `Allow` or `Disallow` line with its path as written."""

    number: int
    allow: bool
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """One group as written: groups for the same agent are merged only when asked to decide."""

    agents: tuple[str, ...]
    rules: tuple[RuleLine, ...]
    lines: tuple[RobotsLine, ...]
    first_line: int


@dataclass(frozen=True, slots=True)
class CommentBlock:
    """Comment lines that follow each other, without `#`, joined by line feeds; or a comment behind a line."""

    first_line: int
    last_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer for one agent and URL.

    `line` is the 1-based line that decided and `text` that line as written; None and "" when no rule
    matches. `group` holds the agent tokens of the merged group that applied, empty when none did.
    """

    allowed: bool
    line: int | None
    text: str
    group: tuple[str, ...]
    notes: tuple[str, ...] = ()


_TOKEN = re.compile(r"[A-Za-z0-9_\-]*+")


def product_token(value: str) -> str:
    """The product token that a `User-agent` value starts with, in lower case; digits belong to it.

    RFC 9309 2.2.1 allows letters, `_` and `-`; real tokens such as `AI2Bot` have digits too.
    """
    match = _TOKEN.match(value)
    return match[0].lower() if match else ""


class _View:
    """One reading of the file with its groups indexed by agent."""

    __slots__ = ("_rulesets", "_tokens", "reading")

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._tokens: dict[str, list[int]] = {}
        self._rulesets: dict[tuple[int, ...], tuple[Ruleset, tuple[str, ...]]] = {}
        for index, group in enumerate(reading.groups):
            for value in dict.fromkeys(group.agents):
                names = {value.lower(), product_token(value)}
                if value[:1] == "*" and value[1:2] in " \t":
                    names.add("*")
                for name in names:
                    known = self._tokens.setdefault(name, [])
                    if not known or known[-1] != index:
                        known.append(index)

    def group_of(self, agent: str) -> tuple[int, ...]:
        """The indices of the groups that apply: those naming the agent, else those for `*` (RFC 9309 2.2.1)."""
        tokens = self._tokens
        name = agent.strip().lower()
        found = (tokens.get(name) if name else None) or (tokens.get(product_token(name)) if product_token(name) else None)
        return tuple(found or tokens.get("*", ()))

    def ruleset(self, groups: tuple[int, ...]) -> tuple[Ruleset, tuple[str, ...]]:
        known = self._rulesets.get(groups)
        if known is None:
            raw = [self.reading.groups[index] for index in groups]
            agents = tuple(dict.fromkeys(printable(agent) for group in raw for agent in group.agents))
            known = self._rulesets[groups] = (Ruleset(rule for group in raw for rule in group.rules), agents)
        return known


class RobotsTxt:
    """A parsed robots.txt. Make one with `RobotsTxt.parse`; it never raises, whatever the body holds."""

    def __init__(self, body: bytes) -> None:
        text = decode(body)
        self._lines = text.lines
        self._plain = text.plain
        self._text = text
        self._strict = _View(read_lines(text.lines, plain=text.plain))
        self.truncated = text.truncated

    @classmethod
    def parse(cls, body: bytes) -> RobotsTxt:
        """The parsed file. Reads at most 512,000 bytes (RFC 9309 2.5)."""
        return cls(body)

    @cached_property
    def _mended(self) -> _View | None:
        """The reading with faults mended; None when there are none. It may only close, never open."""
        if not self._strict.reading.repairs:
            return None
        return _View(read_lines(self._lines, plain=False, mend=True))

    def decide(self, agent: str, url: str) -> Ruling:
        """Whether the agent may fetch the URL. `agent` is a product token, `url` a URL or a path from `/`."""
        path = canonical_path(url)
        groups = self._strict.group_of(agent)
        rules, agents = self._strict.ruleset(groups)
        if path == "/robots.txt":
            return Ruling(True, None, "", agents, ("/robots.txt is always allowed (RFC 9309 2.2.2)",))
        allowed, line = rules.decide(path)
        if allowed and self._mended is not None:
            rules, mended_agents = self._mended.ruleset(self._mended.group_of(agent))
            closed, mended_line = rules.decide(path)
            if not closed:
                notes = tuple(repair.message for repair in self._strict.reading.repairs[:8])
                return Ruling(False, mended_line, self._text_of(mended_line), mended_agents, notes)
        return Ruling(allowed, line, self._text_of(line), agents)

    def decide_many(self, agent: str, urls: Iterable[str]) -> list[bool]:
        """Whether the agent may fetch each of the URLs or paths, all of this file's host, in order."""
        return [self.decide(agent, url).allowed for url in urls]

    def _text_of(self, line: int | None) -> str:
        return printable(self._lines[line - 1]) if line else ""

    @cached_property
    def _others(self) -> tuple[RobotsLine, ...]:
        return tuple(
            RobotsLine(number, printable(key), printable(value), self._text_of(number), group)
            for number, key, value, group in self._strict.reading.others
        )

    def lines(self, key: str, agent: str | None = None) -> tuple[RobotsLine, ...]:
        """The lines with that key in the merged group that applies to the agent, in file order.

        Without an agent: the lines before any group, and `sitemap` lines wherever they stand.
        """
        wanted = key.lower()
        found = (line for line in self._others if line.key == wanted)
        if agent is None:
            return tuple(line for line in found if line.group is None or wanted == "sitemap")
        groups = self._strict.group_of(agent)
        return tuple(line for line in found if line.group in groups)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in file order, agents as written."""
        return tuple(self._group(index, raw) for index, raw in enumerate(self._strict.reading.groups))

    def _group(self, index: int, raw: RawGroup) -> Group:
        rules = tuple(
            RuleLine(number, allow, printable(path), self._text_of(number)) for number, allow, path in raw.rules
        )
        lines = tuple(line for line in self._others if line.group == index)
        return Group(tuple(map(printable, raw.agents)), rules, lines, raw.first_line)

    def crawl_delay(self, agent: str) -> float | None:
        """The longest crawl delay in seconds that the agent's group asks for; None when it asks for none."""
        delays = [delay for line in self.lines("crawl-delay", agent) if (delay := _seconds(line.value)) is not None]
        return max(delays, default=None)

    @cached_property
    def sitemaps(self) -> tuple[str, ...]:
        """The values of the `Sitemap` lines, wherever they stand, each once."""
        return tuple(dict.fromkeys(line.value for line in self.lines("sitemap") if line.value))

    @cached_property
    def comments(self) -> tuple[CommentBlock, ...]:
        """The comments in file order: blocks of comment lines, and comments behind other lines."""
        blocks: list[CommentBlock] = []
        block: list[str] = []
        for number, line in enumerate([*self._lines, ""], 1):
            before, mark, comment = line.partition("#")
            comment = printable(comment.lstrip("#").strip())
            alone = bool(mark) and not before.strip(" \t")
            if alone:
                block.append(comment)
                continue
            if any(block):
                blocks.append(CommentBlock(number - len(block), number - 1, "\n".join(block).strip("\n")))
            block = []
            if comment:
                blocks.append(CommentBlock(number, number, comment))
        return tuple(blocks)

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What had to be mended or overlooked, the whole file first, then by line."""
        return (*self._text.repairs, *self._strict.reading.repairs)

    @property
    def is_html(self) -> bool:
        """Whether the body is a page or undecodable: no valid robots.txt, though its lines are still read."""
        return self._text.markup or self._text.binary


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None

"""A robots.txt as one object: decisions, groups, other lines, comments and repairs (RFC 9309)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from rightscheck.robots.encoding import Repair, decode, printable
from rightscheck.robots.grammar import RawGroup, read_lines
from rightscheck.robots.groups import GroupIndex
from rightscheck.robots.paths import canonical_path, canonical_paths
from rightscheck.robots.ruling import AgentRules, Ruling

_MAX_ASKED = 1024
_LARGE = 2_000


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


class RobotsTxt:
    """A parsed robots.txt. Make one with `RobotsTxt.parse`; it never raises, whatever the body holds.

    `truncated` is True when the body was longer than the 512,000 bytes that are read (RFC 9309 2.5).
    """

    def __init__(self, body: bytes) -> None:
        self._text = decode(body)
        self._lines = self._text.lines
        self._reading = read_lines(self._lines, plain=self._text.plain)
        self._mended_reading = (
            read_lines(self._lines, plain=False, mend=True) if self._reading.mendable else None
        )
        self._asked: dict[str, AgentRules] = {}
        self.truncated = self._text.truncated
        if len(self._lines) > _LARGE:
            self._rules_for("*")  # so that no decision on a hostile file has to wait for it

    @classmethod
    def parse(cls, body: bytes) -> RobotsTxt:
        """The parsed file; groups are compiled when an agent first asks for them, in large files at once."""
        return cls(body)

    def decide(self, agent: str, url: str) -> Ruling:
        """Whether the agent may fetch the URL. `agent` is a product token, `url` a URL or a path from `/`."""
        return (self._asked.get(agent) or self._rules_for(agent)).decide(canonical_path(url))

    def decide_many(self, agent: str, urls: Sequence[str]) -> list[bool]:
        """Whether the agent may fetch each of the URLs or paths, all of this file's host, in order."""
        return (self._asked.get(agent) or self._rules_for(agent)).allows_each(canonical_paths(urls))

    def _rules_for(self, agent: str) -> AgentRules:
        if len(self._asked) >= _MAX_ASKED:
            self._asked.clear()
        rules = AgentRules(agent, self._strict, self._mended, self._lines, self._reading.repairs)
        self._asked[agent] = rules
        return rules

    @cached_property
    def _strict(self) -> GroupIndex:
        return GroupIndex(self._reading)

    @cached_property
    def _mended(self) -> GroupIndex | None:
        """The reading with faults mended, None when that makes no difference; it may only close."""
        reading = self._mended_reading
        return None if reading is None else GroupIndex(reading, lists=True)

    def text_of(self, line: int | None) -> str:
        """The line with that number as written; empty for None and for a line that is not there."""
        return printable(self._lines[line - 1]) if line and line <= len(self._lines) else ""

    @cached_property
    def _others(self) -> dict[str, tuple[RobotsLine, ...]]:
        found: dict[str, list[RobotsLine]] = {}
        for number, key, value, group in self._reading.others:
            line = RobotsLine(number, printable(key), printable(value), self.text_of(number), group)
            found.setdefault(line.key, []).append(line)
        return {key: tuple(lines) for key, lines in found.items()}

    @property
    def other_keys(self) -> frozenset[str]:
        """The keys of lines that are no rules, lower-case."""
        return frozenset(self._others)

    def lines(self, key: str, agent: str | None = None) -> tuple[RobotsLine, ...]:
        """The lines with that key in the merged group that applies to the agent, in file order.

        Lines that come under the agent only once a faulty `user-agent` line is mended are among them.
        Without an agent: the lines before any group, and `sitemap` lines wherever they stand.
        """
        wanted = key.lower()
        found = self._others.get(wanted, ())
        if agent is None:
            return tuple(line for line in found if line.group is None or wanted == "sitemap")
        if not found:
            return ()
        groups = set(self._strict.applying(agent))
        numbers = {line.number for line in found if line.group in groups}
        if self._mended is not None and self._mended_reading is not None:
            groups = set(self._mended.applying(agent))
            numbers |= {number for number, _, _, group in self._mended_reading.others if group in groups}
        return tuple(line for line in found if line.number in numbers)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in file order, agents as written."""
        lines: dict[int | None, list[RobotsLine]] = {}
        for found in self._others.values():
            for line in found:
                lines.setdefault(line.group, []).append(line)
        return tuple(
            self._group(raw, sorted(lines.get(index, ()), key=lambda line: line.number))
            for index, raw in enumerate(self._reading.groups)
        )

    def _group(self, raw: RawGroup, lines: Sequence[RobotsLine]) -> Group:
        rules = tuple(
            RuleLine(line, allow, printable(path), self.text_of(line)) for line, allow, path in raw.rules
        )
        return Group(tuple(map(printable, raw.agents)), rules, tuple(lines), raw.first_line)

    def crawl_delay(self, agent: str) -> float | None:
        """The longest crawl delay in seconds in the agent's group; None when it asks for none."""
        delays = (_seconds(line.value) for line in self.lines("crawl-delay", agent))
        return max((delay for delay in delays if delay is not None), default=None)

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
            comment = printable(comment).lstrip("#").strip()
            if mark and not before.strip(" \t"):
                block.append(comment)
                continue
            if any(block):
                blocks.append(CommentBlock(number - len(block), number - 1, "\n".join(block).strip("\n")))
            block = []
            if comment:
                blocks.append(CommentBlock(number, number, comment))
        return tuple(blocks)

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """What had to be mended or overlooked: of the whole file first, then by line."""
        return (*self._text.repairs, *self._reading.repairs)

    @property
    def is_html(self) -> bool:
        """Whether the body is a page or undecodable: no valid robots.txt, though its lines are still read.

        A file with rules is valid even when it begins with a stray tag.
        """
        if self._text.binary or self._text.page:
            return True
        return self._text.markup and not any(group.rules for group in self._reading.groups)


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None

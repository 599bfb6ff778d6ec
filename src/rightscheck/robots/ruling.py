"""The answer for one agent: the strict reading decides, further readings may only close (RFC 9309 2.2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rightscheck.robots.encoding import Repair, printable
from rightscheck.robots.groups import GroupIndex, Merged, is_product_token
from rightscheck.robots.ruleset import Match

_OWN_PATH = "/robots.txt"
_SHORTENED = "the group's token is cut before its first digit (RFC 9309 2.2.1), since that restricts"
_MENDED = "a faulty line is read as it was meant, since that restricts"
_ALWAYS = "/robots.txt itself is allowed whatever the rules say (RFC 9309 2.2.2)"
_BARRED = "the group names the agent and bars everything without exception, /robots.txt included"


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


class AgentRules:
    """What applies to one agent. `lines` are the file's, `repairs` what was mended on some of them."""

    __slots__ = ("_agents", "_closers", "_known", "_lines", "_own", "_repairs", "_ruleset")

    def __init__(
        self,
        agent: str,
        strict: GroupIndex,
        mended: GroupIndex | None,
        lines: Sequence[str],
        repairs: Sequence[Repair],
    ) -> None:
        self._lines, self._repairs = lines, repairs
        self._known: dict[int | None, Ruling] = {}
        self._ruleset, self._agents = strict.merged(strict.applying(agent))
        named = strict.naming(agent)
        shortened = () if named else strict.shortened(agent)
        closers: list[tuple[Merged, str]] = []
        if shortened:
            closers.append((strict.merged(shortened), _SHORTENED))
        if mended is not None:
            closers.append((mended.merged(mended.applying(agent)), _MENDED))
        self._closers = tuple(closers)
        self._own = Ruling(True, None, "", self._agents, (_ALWAYS,))
        if (named or shortened) and is_product_token(agent):
            self._own = self._ruling_on_itself(strict.merged(named or shortened))

    def _ruling_on_itself(self, naming: Merged) -> Ruling:
        """Explicit beats implicit: a group that names the agent and bars all, bars robots.txt as well."""
        ruleset, agents = naming
        return self._ruling(ruleset.decide(_OWN_PATH), agents, (_BARRED,)) if ruleset.bars_all else self._own

    def decide(self, path: str) -> Ruling:
        """The ruling on a canonical path."""
        if path == _OWN_PATH:
            return self._own
        match = self._ruleset.decide(path)
        if self._closers and match[0] & 1:
            for (ruleset, agents), why in self._closers:
                closing = ruleset.decide(path)
                if not closing[0] & 1:
                    return self._ruling(closing, agents, self._faults_on(closing[1]) or (why,))
        known = self._known.get(match[1])
        if known is None:
            known = self._known[match[1]] = self._ruling(match, self._agents, ())
        return known

    def allows_each(self, paths: list[str]) -> list[bool]:
        """Whether each of the canonical paths is allowed, in order."""
        allowed = self._ruleset.allows_each(paths)
        for (ruleset, _), _ in self._closers:
            further = ruleset.allows_each(paths)
            allowed = [first and second for first, second in zip(allowed, further, strict=True)]
        if _OWN_PATH in paths:
            own = self._own.allowed
            allowed = [own if path == _OWN_PATH else one for path, one in zip(paths, allowed, strict=True)]
        return allowed

    def _ruling(self, match: Match, agents: tuple[str, ...], notes: tuple[str, ...]) -> Ruling:
        rank, line = match
        text = printable(self._lines[line - 1]) if line else ""
        return Ruling(rank & 1 == 1, line, text, agents, notes)

    def _faults_on(self, line: int | None) -> tuple[str, ...]:
        return tuple(f"line {line}: {repair.message}" for repair in self._repairs if repair.line == line)

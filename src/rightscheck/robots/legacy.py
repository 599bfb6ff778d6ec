"""The reading of old parsers: first match wins, blank lines end a group, names match as parts.

Asked of robotexclusionrulesparser (the 1996 draft with the wildcards of 2008), only to note where it is
stricter. It turns wildcards into regular expressions that backtrack, so it is asked under a budget.
"""

from __future__ import annotations

import re
from functools import cached_property
from math import comb
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rightscheck.robots.encoding import decode, printable
from rightscheck.robots.paths import path_and_query

if TYPE_CHECKING:
    from robotexclusionrulesparser import RobotExclusionRulesParser

MAX_BYTES = 100 * 1024
MAX_RULES = 2_000
MAX_WILDCARDS = 4
MAX_WILD_RULES = 200
MAX_STEPS = 2_000_000
"""Of the regular expressions of all rules together: ways to place their wildcards on the path."""


_STARS = re.compile(r"\*++")


class LegacyReading:
    """The file as a parser of 1996 to 2008 would take it; `decide` gives None where it was not asked."""

    def __init__(self, body: bytes) -> None:
        self._lines = decode(body[: MAX_BYTES + 1]).lines if len(body) <= MAX_BYTES else None

    @cached_property
    def _stars(self) -> tuple[int, ...] | None:
        """The wildcards of each rule that has any; None when the file is beyond the budget."""
        if self._lines is None:
            return None
        # It finds `allow:` anywhere in a line and decodes escapes: both count, or a rule could slip by.
        rules = [unquote(line) for line in self._lines if "allow" in line.lower()]
        stars = [len(_STARS.findall(rule)) for rule in rules if "*" in rule]
        if len(rules) > MAX_RULES or len(stars) > MAX_WILD_RULES or max(stars, default=0) > MAX_WILDCARDS:
            return None
        return tuple(stars)

    @cached_property
    def _parser(self) -> RobotExclusionRulesParser:
        from robotexclusionrulesparser import RobotExclusionRulesParser

        parser = RobotExclusionRulesParser()
        parser.parse("\n".join(printable(line) for line in self._lines or ()))
        return parser

    def decide(self, agent: str, url: str) -> bool | None:
        """Whether the old reading lets the agent fetch the URL; None when asking would cost too much."""
        path = path_and_query(url)
        if self._stars is None or sum(comb(len(path), stars) for stars in self._stars) > MAX_STEPS:
            return None
        return bool(self._parser.is_allowed(printable(agent), printable(path)))

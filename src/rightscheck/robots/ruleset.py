"""The rules of one merged group, ready to decide (RFC 9309 2.2.2 and 2.2.3).

The most specific match wins, that is the pattern with most octets; an allow wins over an equal disallow.
Plain prefixes are found by bisection, exact paths by lookup; only patterns with `*` are tried one by one,
longest first, and only when a longer one could still win.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from rightscheck.robots.paths import Pattern, canonical_pattern, pattern_length

_OPEN = 1
"""The rank of `no rule matches`: below every rule, and an allow."""


class Ruleset:
    """Rules compiled for one agent. A rank is twice the pattern's octets, plus one for an allow."""

    __slots__ = ("_best", "_exact", "_keys", "_lines", "_parents", "_plain_wild", "_wild")

    def __init__(self, rules: Iterable[tuple[int, bool, str]]) -> None:
        prefixes: dict[str, int] = {}
        wild: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._lines: dict[tuple[str, int], int] = {}
        for line, allow, written in rules:
            if written[0] not in "/*":
                continue
            pattern = canonical_pattern(written)
            rank = 2 * (len(pattern) if pattern == written else pattern_length(written)) + allow
            table: dict[str, int]
            if "*" not in pattern:
                table, key = (self._exact, pattern[:-1]) if pattern[-1] == "$" else (prefixes, pattern)
            elif "*" not in pattern.rstrip("*"):
                table, key = prefixes, pattern.rstrip("*")
            else:
                table, key = wild, pattern
            if table.get(key, 0) < rank:
                table[key] = rank
            self._lines.setdefault((key if table is not self._exact else key + "$", rank), line)
        self._index(prefixes)
        self._wild = [
            (rank, pattern.needle, pattern, key)
            for key, rank in sorted(wild.items(), key=lambda item: (-item[1], item[0]))
            for pattern in (Pattern(key),)
        ]
        self._plain_wild = [entry for entry in self._wild if "?" not in entry[3]]

    def _index(self, prefixes: dict[str, int]) -> None:
        """Sorts the prefixes and links each to the longest other one that it starts with."""
        self._keys = sorted(prefixes)
        self._parents: list[int] = []
        self._best: list[tuple[int, str]] = []
        chain: list[int] = []
        for index, key in enumerate(self._keys):
            while chain and not key.startswith(self._keys[chain[-1]]):
                chain.pop()
            best = (prefixes[key], key)
            if chain and self._best[chain[-1]][0] > best[0]:
                best = self._best[chain[-1]]
            self._parents.append(chain[-1] if chain else -1)
            self._best.append(best)
            chain.append(index)

    def __len__(self) -> int:
        return len(self._keys) + len(self._exact) + len(self._wild)

    def decide(self, path: str) -> tuple[bool, int | None]:
        """Whether the canonical path is allowed, and the line that says so; None when no rule matches."""
        rank, key = _OPEN, ""
        keys = self._keys
        index = bisect_right(keys, path) - 1
        while index >= 0:
            if path.startswith(keys[index]):
                rank, key = self._best[index]
                break
            index = self._parents[index]
        exact = self._exact.get(path, 0)
        if exact > rank:
            rank, key = exact, path + "$"
        for entry in self._wild if "?" in path else self._plain_wild:
            if entry[0] <= rank:
                break
            if entry[1] in path and entry[2].matches(path):
                rank, key = entry[0], entry[3]
                break
        return bool(rank & 1), self._lines.get((key, rank))

"""The rules of one merged group, ready to decide (RFC 9309 2.2.2 and 2.2.3).

The most specific match wins, that is the pattern with most octets; an allow wins over an equal disallow.
Plain prefixes are found by bisection, exact paths by lookup; only patterns with `*` are tried one by one,
longest first, and only while a longer one could still win.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from rightscheck.robots.paths import Pattern, are_canonical, normalise

Match = tuple[int, int | None]
"""A rank (twice the pattern's octets, plus one for an allow) and the line of the rule."""

Rule = tuple[int, bool, str, int]
"""Line, whether it allows, pattern ready to compare, and the octets that make it specific."""

_NONE: Match = (1, None)
"""No rule matches: below every rule, and an allow."""

_MANY = 256
_FEW = 16
_GRAM = 3


class Ruleset:
    """Rules compiled for one merged group, from (line, allow, path as written) in file order."""

    __slots__ = ("_best", "_exact", "_keys", "_parents", "_plain_wild", "_wild")

    def __init__(self, rules: Sequence[tuple[int, bool, str]]) -> None:
        prefixes: dict[str, Match] = {}
        odd: Iterable[Rule]
        if are_canonical([path for _, _, path in rules]):
            odd = [
                (line, allow, path, len(path)) if "$" not in path[:-1] else (line, allow, *normalise(path))
                for line, allow, path in rules
                if "*" in path or "$" in path
            ]
            plain = (
                rules if not odd else [rule for rule in rules if "*" not in rule[2] and "$" not in rule[2]]
            )
            # The first of equal rules is the one to quote; an allow outranks an equal disallow.
            for line, allow, path in reversed(plain):
                if not allow:
                    prefixes[path] = (2 * len(path), line)
            for line, allow, path in reversed(plain):
                if allow:
                    prefixes[path] = (2 * len(path) + 1, line)
        else:
            odd = ((line, allow, *normalise(path)) for line, allow, path in rules)
        self._compile(odd, prefixes)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Ruleset:
        """The rules compiled as they stand, without RFC 9309's normalisation."""
        ruleset = cls.__new__(cls)
        ruleset._compile(rules, {})
        return ruleset

    def _compile(self, rules: Iterable[Rule], prefixes: dict[str, Match]) -> None:
        wild: dict[str, Match] = {}
        self._exact: dict[str, Match] = {}
        for line, allow, key, length in rules:
            rank = 2 * length + allow
            if "*" in key:
                stem = key.rstrip("*")
                table, key = (wild, key) if "*" in stem else (prefixes, stem)
            elif key[:1] != "/":
                continue
            else:
                table, key = (self._exact, key[:-1]) if key[-1] == "$" else (prefixes, key)
            known = table.get(key)
            if known is None or known[0] < rank:
                table[key] = (rank, line)
        self._index(prefixes)
        ordered = sorted(wild.items(), key=lambda item: (-item[1][0], item[0])) if wild else ()
        self._wild = [(match, Pattern(key)) for key, match in ordered if key[0] in "/*"]
        self._plain_wild = [entry for entry in self._wild if not entry[1].in_query]

    def _index(self, prefixes: dict[str, Match]) -> None:
        """Sorts the prefixes and links each to the longest other one that it starts with."""
        self._keys = keys = sorted(prefixes)
        self._parents = parents = list[int]()
        self._best = best = list[Match]()
        parent = -1
        for index, key in enumerate(keys):
            while parent >= 0 and not key.startswith(keys[parent]):
                parent = parents[parent]
            match = prefixes[key]
            if parent >= 0 and best[parent][0] > match[0]:
                match = best[parent]
            parents.append(parent)
            best.append(match)
            parent = index
        best.append(_NONE)  # what index -1, no prefix, finds

    @property
    def bars_all(self) -> bool:
        """Whether the group closes `/` and opens nothing."""
        matches = [*self._best[:-1], *self._exact.values(), *(match for match, _ in self._wild)]
        return ("/" in self._keys or "" in self._keys) and not any(rank & 1 for rank, _ in matches)

    def decide(self, path: str) -> Match:
        """The match that wins for the canonical path; its rank is odd when the path is allowed."""
        keys = self._keys
        index = bisect_right(keys, path) - 1
        while index >= 0 and not path.startswith(keys[index]):
            index = self._parents[index]
        best = self._best[index]
        if self._exact:
            exact = self._exact.get(path, _NONE)
            if exact[0] > best[0]:
                best = exact
        wild = self._wild if "?" in path else self._plain_wild
        if wild:
            floor = best[0]
            for match, pattern in wild if len(wild) < _MANY or len(path) < _MANY else _plausible(wild, path):
                if match[0] <= floor:
                    break
                if pattern.needle in path and pattern.matches(path):
                    return match
        return best

    def allows_each(self, paths: Sequence[str]) -> list[bool]:
        """Whether each of the canonical paths is allowed, in order; wildcards are sought in all at once."""
        if len(paths) < _FEW:
            decide = self.decide
            return [decide(path)[0] & 1 == 1 for path in paths]
        ranks = self._prefix_ranks(paths)
        if self._exact:
            exact = self._exact
            for row, path in enumerate(paths):
                if path in exact and exact[path][0] > ranks[row]:
                    ranks[row] = exact[path][0]
        if self._wild:
            self._raise_by_wildcards(paths, ranks)
        return [rank & 1 == 1 for rank in ranks]

    def _prefix_ranks(self, paths: Sequence[str]) -> list[int]:
        keys, parents = self._keys, self._parents
        best = [rank for rank, _ in self._best]
        ranks: list[int] = []
        append = ranks.append
        for path in paths:
            index = bisect_right(keys, path) - 1
            while index >= 0 and not path.startswith(keys[index]):
                index = parents[index]
            append(best[index])
        return ranks

    def _raise_by_wildcards(self, paths: Sequence[str], ranks: list[int]) -> None:
        """Raises the rank of each path that a longer pattern with `*` matches; its needle finds the rows."""
        joined = "\n".join(paths)
        starts = [0, *accumulate(len(path) + 1 for path in paths)]
        rows_with: dict[str, list[int]] = {}
        for (rank, _), pattern in self._wild:
            rows = rows_with.get(pattern.needle)
            if rows is None:
                rows = rows_with[pattern.needle] = _rows(joined, starts, pattern.needle)
            for row in rows:
                if ranks[row] < rank and pattern.matches(paths[row]):
                    ranks[row] = rank


def _rows(joined: str, starts: Sequence[int], needle: str) -> list[int]:
    """The rows of the joined text that hold the needle."""
    rows: list[int] = []
    position = joined.find(needle)
    while position >= 0:
        row = bisect_right(starts, position) - 1
        rows.append(row)
        position = joined.find(needle, starts[row + 1])
    return rows


def _plausible(wild: list[tuple[Match, Pattern]], path: str) -> Iterator[tuple[Match, Pattern]]:
    """The patterns whose needle starts with three characters that follow each other in a long path."""
    grams = {path[start : start + _GRAM] for start in range(len(path) - _GRAM + 1)}
    for entry in wild:
        needle = entry[1].needle
        if len(needle) < _GRAM or needle[:_GRAM] in grams:
            yield entry

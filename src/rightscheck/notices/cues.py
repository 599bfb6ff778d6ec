"""What the lexicons are made of: cues, the lists they come in, and the hits of cues in folded text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rightscheck.notices.pattern import Pattern, parse


class Hit(NamedTuple):
    """A cue found in folded text: half-open span, `group.kind`, language code."""

    start: int
    end: int
    kind: str
    language: str


class Cue(NamedTuple):
    """One lexicon entry."""

    kind: str
    language: str
    pattern: Pattern


class Run(NamedTuple):
    """One list of one file with the file's prefixes: its size, and the sources a line each, in order."""

    kind: str
    language: str
    prefixes: tuple[str, ...]
    size: int
    lines: str


class Cues:
    """The entries of all files, numbered in order; each is parsed when it is first asked for."""

    __slots__ = ("_first", "_made", "_sources", "runs")

    def __init__(self, runs: Iterable[Run], made: Iterable[Cue] = ()) -> None:
        self.runs = tuple(runs)
        self._first: list[int] = []
        self._sources: dict[int, list[str]] = {}
        total = 0
        for run in self.runs:
            self._first.append(total)
            total += run.size
        self._made: list[Cue | None] = list(made) or [None] * total

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, number: int) -> Cue:
        cue = self._made[number]
        if cue is None:
            place = bisect_right(self._first, number) - 1
            run = self.runs[place]
            sources = self._sources.get(place)
            if sources is None:
                sources = self._sources[place] = run.lines.split("\n")
            source = sources[number - self._first[place]]
            cue = self._made[number] = Cue(run.kind, run.language, parse(source, run.prefixes))
        return cue

    def __iter__(self) -> Iterator[Cue]:
        return (self[number] for number in range(len(self)))

    def of(self, kind: str, language: str) -> Iterator[Cue]:
        """The cues of one kind in one language, in order."""
        for first, run in zip(self._first, self.runs, strict=True):
            if (run.kind, run.language) == (kind, language):
                yield from (self[first + offset] for offset in range(run.size))

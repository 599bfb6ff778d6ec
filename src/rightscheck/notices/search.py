"""The search for cues in folded text: anchors by one automaton, then each cue whose anchor stands there.

A cue of one plain word is looked at where its anchor stands. For another one its other words must be in the text
too; its expression is then tried where its first word stands, or, where that cannot be told, around the anchor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ahocorasick_rs import AhoCorasick

from rightscheck.notices.cues import Cue, Cues, Hit
from rightscheck.notices.fold import Folded
from rightscheck.notices.pattern import Pattern

_REACH = 160
Span = tuple[int, int]


class _Words:
    """Cues of one plain word with one anchor that are found in the same way."""

    __slots__ = ("any_end", "any_start", "at_word", "checked", "plain", "unspaced")

    def __init__(self, cues: Sequence[Cue]) -> None:
        pattern = cues[0].pattern
        self.any_start, self.any_end, self.unspaced = pattern.word or (False, False, False)
        self.at_word = pattern.at_word
        self.plain = tuple((c.kind, c.language) for c in cues if not (c.pattern.bound or c.pattern.capital))
        self.checked = tuple(c for c in cues if c.pattern.bound or c.pattern.capital)


class _Group:
    """Literals of which the text must hold one."""

    __slots__ = ("literals",)

    def __init__(self, literals: tuple[str, ...]) -> None:
        self.literals = literals

    def is_in(self, text: str) -> bool:
        """Whether the text holds one of them."""
        for literal in self.literals:  # noqa: SIM110 - a generator costs more than what it does here
            if literal in text:
                return True
        return False


class _Row:
    """A cue of more than one word, with what its matches hold."""

    __slots__ = ("at_word", "cue", "needed")

    def __init__(self, cue: Cue, needed: tuple[_Group, ...]) -> None:
        self.cue = cue
        self.at_word = cue.pattern.at_word
        self.needed = needed


class Search:
    """The search for some cues, by their folded anchors with the numbers of the cues of each."""

    def __init__(self, cues: Cues, anchors: Mapping[str, Sequence[int]]) -> None:
        self._cues = cues
        self._anchors = tuple(anchors)
        self._numbers = tuple(map(tuple, anchors.values()))
        self._met: dict[int, tuple[tuple[_Words, ...], tuple[_Row, ...]]] = {}
        self._rows: dict[int, _Row] = {}
        self._groups: dict[tuple[str, ...], _Group] = {}

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(list(self._anchors))

    def find(self, given: str, folded: Folded) -> set[Hit]:
        """Every cue in the folded text of a given text."""
        text = folded.text
        places: dict[int, list[Span]] = {}
        for anchor, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if anchor in places:
                places[anchor].append((start, end))
            else:
                places[anchor] = [(start, end)]
        found: set[Hit] = set()
        reach: dict[_Row, list[Span]] = {}
        known: dict[_Group, bool] = {}
        for anchor, spans in places.items():
            met = self._met.get(anchor)
            words, rows = self._meet(anchor) if met is None else met
            outside = [span for span in spans if not _is_within(text, span[0])]
            for group in words:
                for span in outside if group.at_word else spans:
                    _add_word(found, group, given, folded, span)
            for row in rows:
                held = outside if row.at_word else spans
                if held and _holds(row.needed, text, known):
                    if row in reach:
                        reach[row] += held
                    else:
                        reach[row] = list(held)
        for row, spans in reach.items():
            found.update(self._verify(row, given, folded, _merged(spans)))
        return found

    def _meet(self, anchor: int) -> tuple[tuple[_Words, ...], tuple[_Row, ...]]:
        """The cues of an anchor that is met for the first time."""
        groups: dict[object, list[Cue]] = {}
        rows = []
        for number in self._numbers[anchor]:
            cue = self._cues[number]
            if cue.pattern.word is not None:
                groups.setdefault((cue.pattern.word, cue.pattern.at_word), []).append(cue)
                continue
            row = self._rows.get(number)
            if row is None:
                needed = tuple(map(self._group, sorted(cue.pattern.needed, key=_rarest_first)))
                row = self._rows.setdefault(number, _Row(cue, needed))
            rows.append(row)
        found = self._met[anchor] = tuple(map(_Words, groups.values())), tuple(rows)
        return found

    def _group(self, literals: tuple[str, ...]) -> _Group:
        return self._groups.setdefault(literals, _Group(literals))

    def _verify(self, row: _Row, given: str, folded: Folded, spans: Iterator[Span]) -> Iterator[Hit]:
        """The matches of a cue's expression in the spans around its anchors."""
        pattern = row.cue.pattern
        for low, high in spans:
            piece = folded.text[low:high]
            if not all(group.is_in(piece) for group in row.needed):
                continue
            for start, end in _matches(pattern, folded.text, low, high):
                if _stands(pattern, given, folded, start, end):
                    yield Hit(start, end, row.cue.kind, row.cue.language)


def _add_word(found: set[Hit], group: _Words, given: str, folded: Folded, span: Span) -> None:
    """Add the cues of one plain word whose literal stands at the span."""
    stop = _whole_word(folded.text, *span, group.any_start, group.any_end, group.unspaced)
    if stop is None:
        return
    for kind, language in group.plain:
        found.add(Hit(*stop, kind, language))
    for cue in group.checked:
        if _stands(cue.pattern, given, folded, *stop):
            found.add(Hit(*stop, cue.kind, cue.language))


def _rarest_first(literals: tuple[str, ...]) -> int:
    return -min(map(len, literals))


def _holds(needed: tuple[_Group, ...], text: str, known: dict[_Group, bool]) -> bool:
    """Whether the text holds a literal of each group; each is looked for once."""
    for group in needed:
        held = known.get(group)
        if held is None:
            held = known[group] = group.is_in(text)
        if not held:
            return False
    return True


def is_matched(pattern: Pattern, text: str) -> bool:
    """Whether the expression matches anywhere in folded text, however the given text is written."""
    for literals in pattern.needed:
        for literal in literals:
            if literal in text:
                break
        else:
            return False
    return next(_matches(pattern, text, 0, len(text)), None) is not None


def _matches(pattern: Pattern, text: str, low: int, high: int) -> Iterator[Span]:
    """What the expression matches between two places, as `finditer` gives it, tried where a match may begin."""
    heads = pattern.heads
    if not heads:
        yield from (m.span() for m in pattern.regex.finditer(text, low, high) if m.end() > m.start())
        return
    places: list[int] = []
    for head in heads:
        at = text.find(head, low, high)
        while at >= 0:
            places.append(at)
            at = text.find(head, at + 1, high)
    if len(heads) > 1:
        places.sort()
    last = low
    for at in places:
        match = pattern.regex.match(text, at, high) if at >= last else None
        if match is not None:
            yield match.span()
            last = match.end()


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is in reach of the spans, in order, without overlaps."""
    low = high = -1
    for start, end in sorted(spans):
        if low < 0:
            low, high = max(0, start - _REACH), end + _REACH
        elif start - _REACH <= high:
            high = max(high, end + _REACH)
        else:
            yield low, high
            low, high = start - _REACH, end + _REACH
    if low >= 0:
        yield low, high


def _is_within(text: str, start: int) -> bool:
    """Whether the position is inside a word of one script."""
    return start > 0 and _is_letter(text[start - 1]) and text[start - 1].isascii() == text[start].isascii()


def _whole_word(
    text: str, start: int, end: int, any_start: bool, any_end: bool, unspaced: bool
) -> tuple[int, int] | None:
    """The span of a plain word whose literal stands at [start, end), None when it is part of another word."""
    letter = _is_letter if not text[start].isascii() else _is_latin
    if unspaced and not text[start].isascii():
        pass
    elif any_start:
        limit = max(0, start - 16)
        while start > limit and letter(text[start - 1]):
            start -= 1
    elif start and (
        letter(text[start - 1]) or (text[start - 1] == "." and start > 1 and letter(text[start - 2]))
    ):
        return None
    letter = _is_letter if not text[end - 1].isascii() else _is_latin
    if unspaced and not text[end - 1].isascii():
        return start, end
    if any_end:
        limit = min(len(text), end + 24)
        while end < limit and letter(text[end]):
            end += 1
    elif end < len(text) and letter(text[end]):
        return None
    return start, end


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _stands(pattern: Pattern, given: str, folded: Folded, start: int, end: int) -> bool:
    """Whether a match is written as its pattern asks: at the start of a word, in capitals."""
    at = folded.starts[start]
    if pattern.bound and at and given[at - 1].isalnum():
        return False
    return not pattern.capital or not any(c.islower() for c in given[at : folded.ends[end - 1]])

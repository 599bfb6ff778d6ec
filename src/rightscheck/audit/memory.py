"""What was decided of texts that say something, remembered by what they say: its words, not where they stand.

A text's reading rests on its pieces: the paragraphs that are read and the credits. Texts of equal pieces are decided
alike; of what is decided only the places of the quoted words differ, and they move with their piece.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace

from rightscheck.audit.gate import CREDIT, HIDDEN, HIDING, NOTICE, Passed
from rightscheck.audit.outcomes import Outcome
from rightscheck.notices.credit_scan import may_hold_credits
from rightscheck.notices.credits import find_credits
from rightscheck.notices.loading import speaking
from rightscheck.notices.scan import NOWHERE, Scanner

_SPAN = re.compile(r"char:(\d+)-(\d+)")
_SOURCE = "text"
"""What the evidence of a text at hand names as its source."""
_FENCES = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Said:
    """The pieces of a text that say something: half-open spans in order, and what they say."""

    pieces: tuple[tuple[int, int], ...]
    key: Hashable
    size: int


def said_in(text: str, passed: Passed, scanner: Scanner) -> Said | None:
    """What the text says; without pieces when that is nothing, None when it cannot be told by pieces."""
    if passed.why & HIDING and any(mark in text for mark in HIDDEN):
        return None
    regions = scanner.regions_of(text, passed.data, passed.found) if passed.why & NOTICE else NOWHERE
    if regions is not NOWHERE:
        regions = speaking().sift(text, regions)
    credited = list(find_credits(text)) if passed.why & CREDIT and may_hold_credits(text) else []
    if regions is NOWHERE and not credited:
        return Said((), (), 0)
    if regions.capped or any(fence in text for fence in _FENCES):
        return None
    found: list[tuple[int, int, Hashable]] = [
        (low, high, (text[low:high], text[low - 1 : low] if low else "", not text[high:].strip()))
        for low, high in regions.spans
    ]
    size = sum(high - low for low, high in regions.spans)
    for credit in credited:
        said: Hashable = (credit.kind, credit.holder, text[credit.start : credit.end])
        around = next(
            (n for n, (low, high, _) in enumerate(found) if low <= credit.start and credit.end <= high), None
        )
        if around is not None:
            low, high, words = found[around]
            found[around] = low, high, (words, credit.start - low, said)
        elif any(low < credit.end and credit.start < high for low, high, _ in found):
            return None
        else:
            found.append((credit.start, credit.end, said))
    found.sort(key=lambda piece: piece[:2])
    return Said(tuple(piece[:2] for piece in found), tuple(piece[2] for piece in found), size)


@dataclass(frozen=True, slots=True)
class Template:
    """An outcome, and which of its quoted words move with which piece: (evidence, piece, start, end) each.

    `passage` is the piece of the deciding passage.
    """

    outcome: Outcome
    pieces: tuple[tuple[int, int], ...]
    moving: tuple[tuple[int, int, int, int], ...]
    passage: int | None

    def outcome_at(self, said: Said) -> Outcome:
        """The outcome for a text whose pieces stand elsewhere."""
        if not self.moving or said.pieces == self.pieces:
            return self.outcome
        evidence = list(self.outcome.evidence)
        for place, piece, start, end in self.moving:
            rule, source, _, quote = evidence[place]
            low = said.pieces[piece][0]
            evidence[place] = rule, source, f"char:{low + start}-{low + end}", quote
        moved = replace(self.outcome, evidence=tuple(evidence))
        if self.passage is None or moved.start is None or moved.end is None:
            return moved
        by = said.pieces[self.passage][0] - self.pieces[self.passage][0]
        return replace(moved, start=moved.start + by, end=moved.end + by)


def template_of(outcome: Outcome, said: Said) -> Template | None:
    """The template that the outcome of one text makes; None when it quotes what is in none of its pieces."""
    moving = []
    for place, (_, source, locator, _) in enumerate(outcome.evidence):
        span = _SPAN.fullmatch(locator) if source == _SOURCE else None
        if span is None:
            continue
        start, end = int(span[1]), int(span[2])
        piece = _piece_at(said, start, end)
        if piece is None:
            return None
        low = said.pieces[piece][0]
        moving.append((place, piece, start - low, end - low))
    passage = None
    if outcome.start is not None and outcome.end is not None:
        passage = _piece_at(said, outcome.start, outcome.end)
        if passage is None:
            return None
    return Template(outcome, said.pieces, tuple(moving), passage)


def _piece_at(said: Said, start: int, end: int) -> int | None:
    return next((n for n, (low, high) in enumerate(said.pieces) if low <= start and end <= high), None)


class Memory:
    """Templates of what was said last, up to a size in code points."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Hashable, tuple[Template, int]] = OrderedDict()

    def get(self, key: Hashable) -> Template | None:
        """The template remembered under the key."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, template: Template, size: int) -> None:
        """Remember the template, and forget the oldest until there is room."""
        if size > self._most // 4:
            return
        self._kept[key] = template, size + 500
        self._size += size + 500
        while self._size > self._most:
            _, (_, freed) = self._kept.popitem(last=False)
            self._size -= freed

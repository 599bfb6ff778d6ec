"""What to read around the likely places of a text: the paragraphs that hold them, with what bears on them.

A paragraph ends at a blank line, or where a line ends a sentence. What stands in other paragraphs bears on one
only as the head of its list, as a quotation that is still open, or as a clause or notice close by. So equal
paragraphs are read alike wherever they stand, as footers do that are under every page of a site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

BEFORE, AFTER = 900, 700
LARGEST = 12_000
"""Code points of one passage, about: longer ones are read in pieces."""
MAX_READ = 400_000
"""Code points read closely per text, at most. A text with more likely places is reported as capped."""
NEAR = 300
"""Code points between two paragraphs with likely places that are read together."""
MOST_ITEMS = 12
"""Items of a list that are passed on the way to its head."""

_END = re.compile(r"\n[ \t\r]*(?=\n)|[.!?…。！？؟।॥۔][\"'”’»」』）)\]]{0,3}[ \t\r]*(?=\n)")
"""Where a paragraph ends: right behind the match."""
_ITEM = re.compile(r"\s*(?:[-*•·–—▪◦‣■●○①-⑳]|\(?[a-zA-Z0-9]{1,3}[.)]|[a-zа-я]\)|[a-zà-ž])")
"""How an item of a list begins, or a paragraph that goes on in lower case."""
_HEAD = re.compile(r"[:：;；,،、][-\s]*$")
_QUOTING = re.compile(
    '[“”„«»「」『』‘‚‹›《》"]|&(?:amp;)?(?:quot|laquo|raquo|ldquo|rdquo|bdquo);', re.IGNORECASE
)
_ELEMENT = re.compile(r"<(?:blockquote|q|code|pre)\b", re.IGNORECASE)
_LISTED = re.compile(r"\([ab]\)", re.IGNORECASE)
_CLOSED_BY = {"“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", "‹": "›", "《": "》"}


@dataclass(frozen=True, slots=True)
class Regions:
    """Half-open spans of the text to read closely, in order; `capped` when some were left out."""

    spans: tuple[tuple[int, int], ...]
    capped: bool = False


NOWHERE = Regions(())


def paragraphs_around(text: str, places: Sequence[int]) -> Regions:
    """The paragraphs with the places (code points, in order), and what bears on them."""
    spans: list[list[int]] = []
    for place in places:
        if spans and place <= spans[-1][1]:
            continue
        low, high = _paragraph(text, place)
        if spans and low - spans[-1][1] <= NEAR:
            spans[-1][1] = max(high, spans[-1][1])
        else:
            spans.append([low, high])
    return _in_pieces(text, [_with_context(text, low, high, places) for low, high in spans])


def surroundings_of(text: str, places: Sequence[int]) -> Regions:
    """A fixed length of text around each of the places, where paragraphs cannot be told."""
    return _in_pieces(text, [_surroundings(text, place, place) for place in places])


def _paragraph(text: str, place: int) -> tuple[int, int]:
    """The paragraph around the place, as far as it is near."""
    low, high = _surroundings(text, place, place)
    # A place is where a literal ends: what ended right before it is no end before it.
    start = low
    for match in _END.finditer(text, low, max(low, place - 1)):
        start = match.end()
    end = _END.search(text, place, high)
    return start, end.end() if end else high


def _surroundings(text: str, low: int, high: int) -> tuple[int, int]:
    return _to_edge(text, max(0, low - BEFORE), min(len(text), high + AFTER))


def _with_context(text: str, low: int, high: int, places: Sequence[int]) -> tuple[int, int]:
    """The paragraphs with the head of their list, or with their surroundings when a place may be quoted."""
    edge = max(0, low - BEFORE)
    for _ in range(MOST_ITEMS):
        if low <= edge or not (_ITEM.match(text, low, high) or _HEAD.search(text, edge, low)):
            break
        low = _start_before(text, edge, low)
    first = _END.search(text, max(0, low - BEFORE), low) if low > BEFORE else None
    before = text[first.end() if first else max(0, low - BEFORE) : low]
    inside = text[low:high]
    if (
        _quotations(before) is None
        or _holds_any(_quotations(inside), low, places)
        or (("<" in before or "<" in inside) and _ELEMENT.search(before + inside))
        or (("(c)" in inside or "(C)" in inside) and _LISTED.search(before))
    ):
        return _surroundings(text, low, high)
    while low < high and text[low].isspace():
        low += 1
    return low, high


def _start_before(text: str, edge: int, low: int) -> int:
    """Where the paragraph before the one at `low` begins."""
    stop = low
    while stop > edge and text[stop - 1].isspace():
        stop -= 1
    start = edge
    for match in _END.finditer(text, edge, max(edge, stop - 1)):
        start = match.end()
    return start if start < low else edge


def _quotations(text: str) -> list[tuple[int, int]] | None:
    """The quotations in the text; None when one does not begin and end in it."""
    waiting: list[tuple[str, int]] = []
    found = []
    for match in _QUOTING.finditer(text):
        mark = match.group()
        if mark[0] == "&" or mark in "‘‚":
            return None
        if waiting and mark in waiting[-1][0]:
            found.append((waiting.pop()[1], match.end()))
        elif mark == '"':
            waiting.append(('"', match.start()))
        elif mark in _CLOSED_BY:
            waiting.append((_CLOSED_BY[mark], match.start()))
        else:
            return None
    return None if waiting else found


def _holds_any(quotations: list[tuple[int, int]] | None, low: int, places: Sequence[int]) -> bool:
    """Whether a place may be quoted: by what is quoted from `low` on, or by what is not known to be closed."""
    if quotations is None:
        return True
    return any(low + start <= place <= low + end for start, end in quotations for place in places)


def _in_pieces(text: str, spans: Sequence[tuple[int, int]]) -> Regions:
    """The spans without overlaps, long ones cut, up to MAX_READ code points in all."""
    joined: list[list[int]] = []
    for low, high in spans:
        if joined and low <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], high)
        else:
            joined.append([low, high])
    kept: list[tuple[int, int]] = []
    total = 0
    for start, end in joined:
        while start < end:
            if total >= MAX_READ:
                return Regions(tuple(kept), capped=True)
            stop = end if end - start <= LARGEST else min(end, _to_edge(text, start, start + LARGEST)[1])
            kept.append((start, stop))
            total += stop - start
            start = stop
    return Regions(tuple(kept))


def _to_edge(text: str, low: int, high: int) -> tuple[int, int]:
    """Widened to a line break or a space nearby, so that no word is cut."""
    start = text.rfind("\n", max(0, low - 300), low)
    if start < 0:
        start = text.rfind(" ", max(0, low - 40), low)
    end = text.find("\n", high, high + 300)
    if end < 0:
        end = text.find(" ", high, high + 40)
    return (start + 1 if start >= 0 else low), (end if end >= 0 else high)

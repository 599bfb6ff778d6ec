"""What lifts a refusal: the route that a clause names, and the uses that it excepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rightscheck.notices.lexicon import Hit
from rightscheck.vocab import ExceptionRoute

_SLIGHT = frozenset({"uses.use", "uses.take", "uses.model", "uses.automatic", "uses.none", "deny.none"})
_TELLING = (
    "deny.",
    "permit.",
    "uses.",
    "exception.consent",
    "exception.licence",
    "exception.written",
    "exception.law",
)
_NEXT = 16
_NUMBERED = re.compile(r"[\s:,]{0,3}\([1ai]\)")
_BOUNDS = ("deny.p", "deny.n", "deny.a", "permit.", "uses.", "object.content", "object.self", "frame.but")


def exempt_spans(text: str, start: int, end: int, hits: Sequence[Hit]) -> list[tuple[int, int]]:
    """The spans of a sentence that words such as "except" take out of what it refuses or allows.

    Such a word stands before what it takes out, up to the end of its bracket, a semicolon or the sentence (a comma
    where no act stands before it), or behind it, as where verbs stand last.
    """
    polar = [h for h in hits if h.kind.startswith(_TELLING) and h.kind not in _SLIGHT]
    found = []
    for hit in hits:
        if hit.kind == "exception.except":
            following = next((h for h in polar if h.start >= hit.end), None)
            if following is None or not following.kind.startswith("exception."):  # "except with our consent"
                found.append((hit.end, _exempt_until(text, start, end, hit, polar)))
        elif hit.kind == "exception.excepted":
            low = max(text.rfind(mark, start, hit.start) for mark in ",;:(\n") + 1
            found.append((max(low, start), hit.start))
    return found


def _exempt_until(text: str, start: int, end: int, hit: Hit, polar: Sequence[Hit]) -> int:
    opened = text.rfind("(", start, hit.start)
    if opened >= 0 and ")" not in text[opened : hit.start]:
        closing = text.find(")", hit.end, end)
        return closing if closing >= 0 else end
    stops = [at for mark in ";\n" if (at := text.find(mark, hit.end, end)) >= 0]
    last = min([*stops, end])
    leads = not any(h.start < hit.start for h in polar)
    comma = text.find(",", hit.end, last)
    if leads and comma < 0:  # the verb comes next: "Außer Suchmaschinen darf niemand ..."
        return min(last, next((h.end for h in polar if hit.end <= h.start <= hit.end + _NEXT), hit.end))
    if comma < 0 or _NUMBERED.match(text, hit.end):
        return last
    bare = not any(hit.end <= h.start < comma for h in polar)
    return comma if leads or bare else last


def exception_of(hits: Iterable[Hit]) -> tuple[ExceptionRoute, tuple[int, int] | None]:
    """The strongest route that the cues name, and its span."""
    ordered = sorted(hits)
    consents = [h for h in ordered if h.kind == "exception.consent"]
    written = [h for h in ordered if h.kind == "exception.written"]
    for consent in consents:
        for mark in written:
            if abs(mark.start - consent.start) <= 60:
                return ExceptionRoute.WRITTEN_PERMISSION, (
                    min(consent.start, mark.start),
                    max(consent.end, mark.end),
                )
    if consents:
        return ExceptionRoute.PERMISSION, (consents[0].start, consents[0].end)
    for kind, route in (("exception.licence", ExceptionRoute.LICENCE), ("exception.law", ExceptionRoute.LAW)):
        for hit in ordered:
            if hit.kind == kind:
                return route, (hit.start, hit.end)
    required = [h for h in ordered if h.kind == "deny.require"]
    if required:
        if written:
            return ExceptionRoute.WRITTEN_PERMISSION, (required[0].start, required[0].end)
        return ExceptionRoute.PERMISSION, (required[0].start, required[0].end)
    return ExceptionRoute.NONE, None


def phrase_around(
    text: str, span: tuple[int, int], low: int, high: int, segment: Sequence[Hit]
) -> tuple[int, int]:
    """The whole phrase around the words of an exception: up to a comma, or to the next act or content."""
    if not low <= span[0] <= span[1] <= high:
        return span
    others = [
        h for h in segment if h.kind.startswith(_BOUNDS) and not (h.start < span[1] and span[0] < h.end)
    ]
    left = max([low, *(h.end for h in others if h.end <= span[0])])
    # A name after the words may well hold words for content: "from Tarn News Agency".
    right = min([high, *(h.start for h in others if h.start >= span[1] and not h.kind.startswith("object."))])
    comma = max(text.rfind(mark, left, span[0]) for mark in ",;:\n")
    left = max(left, comma + 1)
    stops = [at for mark in ",;\n" if (at := text.find(mark, span[1], right)) >= 0]
    right = min([right, *stops])
    while left < span[0] and not text[left].isalnum():
        left += 1
    while right > span[1] and not text[right - 1].isalnum() and text[right - 1] != ")":
        right -= 1
    return left, right

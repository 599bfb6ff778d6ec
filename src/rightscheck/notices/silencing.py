"""Which cues of a sentence count: those of the language that it speaks, and none that a longer one silences."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rightscheck.notices.lexicon import UNIVERSAL, Hit

NON_COMMERCIAL = "uses.noncommercial"
_SILENCERS = (
    "deny.",
    "permit.",
    "exception.",
    "frame.promise",
    "object.user",
    "copyright.reserved",
    "copyright.not",
)
_SILENCED = (
    "deny.",
    "permit.",
    "object.self",
    "frame.promise",
    "exception.consent",
    "exception.licence",
    "exception.except",
)
_SILENCING_USES = ("uses.none", "uses.input", NON_COMMERCIAL)
_UNCOUNTED = ("copyright.m", "copyright.s", "credit.", "frame.purpose")
"""Cues that tell little of the language: names, signs, short words."""
_LONGEST_CUE = 200


def languages_of(hits: Sequence[Hit]) -> list[str]:
    """Languages of the cues, best covered first; those below half of the best are left out."""
    covered: dict[str, set[int]] = {}
    polar: set[str] = set()
    for hit in hits:
        if hit.language != UNIVERSAL and not hit.kind.startswith(_UNCOUNTED):
            covered.setdefault(hit.language, set()).update(range(hit.start, hit.end))
            if hit.kind.startswith(("deny.", "permit.")):
                polar.add(hit.language)
    counted = [code for code in covered if code in polar] or list(covered)
    best = max((len(covered[code]) for code in counted), default=0)
    ranked = sorted(covered, key=lambda code: (code not in counted, -len(covered[code]), code))
    return [code for code in ranked if len(covered[code]) * 4 >= best * 3] or [UNIVERSAL]


def silence(hits: list[Hit]) -> list[Hit]:
    """Without polarity cues that meet a longer cue, words in phrases that mean nothing, self inside user."""
    limits = [h for h in hits if h.kind == NON_COMMERCIAL]
    if limits:  # "may copy for non-commercial use" holds no "may ... not"
        hits = [h for h in hits if not (h.kind.startswith("deny.") and any(_ends_in(h, o) for o in limits))]
    loud = sorted(
        h
        for h in hits
        if (h.kind.startswith(_SILENCERS) and h.kind not in ("deny.opening", "deny.elliptic"))
        or h.kind in _SILENCING_USES
    )
    starts = [h.start for h in loud]
    kept = []
    for hit in hits:
        near = loud[bisect_left(starts, hit.start - _LONGEST_CUE) : bisect_right(starts, hit.end)]
        if not any(_silences(outer, hit) for outer in near):
            kept.append(hit)
    return kept


def negate(hits: list[Hit], restraints: Sequence[Hit], text: str) -> list[Hit]:
    """The cues with a permission that stands right behind a negation made a refusal: "nicht dürfen Sie"."""
    ends = {h.end for h in restraints if h.kind == "restraint.negation"}
    if not ends:
        return hits
    return sorted(
        hit._replace(kind="deny.prohibit")
        if hit.kind == "permit.allow" and _follows(hit, ends, text)
        else hit
        for hit in hits
    )


def _follows(hit: Hit, ends: set[int], text: str) -> bool:
    return hit.start in ends or (hit.start - 1 in ends and text[hit.start - 1] == " ")


def _silences(outer: Hit, inner: Hit) -> bool:
    if outer.kind == NON_COMMERCIAL:
        return inner.kind == "uses.commercial" and _meet(outer, inner) and not _holds(inner, outer)
    if outer.kind == "uses.input":
        visits = inner.kind in ("uses.bots", "uses.crawl")  # "chat-bots" come to no site
        return visits and outer.start < inner.start < outer.end
    if outer.kind == "uses.none":
        return is_act(inner) and (
            _holds(outer, inner) or _ends_in(inner, outer)
        )  # "for AI"-generated content
    if not inner.kind.startswith(_SILENCED):
        return False
    longer = outer.end - outer.start > inner.end - inner.start
    if outer[:2] == inner[:2]:  # "not forbidden", found as a ban too
        longer = outer.kind in ("permit.negated", "permit.unneeded") and inner.kind.startswith("deny.")
    return longer and _overlaps(outer, inner) and _outranks(outer, inner)


def is_act(hit: Hit) -> bool:
    return hit.kind.startswith("uses.") and hit.kind not in ("uses.none", NON_COMMERCIAL)


def _holds(outer: Hit, inner: Hit) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _ends_in(hit: Hit, other: Hit) -> bool:
    return _meet(hit, other) and hit.end <= other.end and not _holds(hit, other)


def _meet(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _overlaps(outer: Hit, inner: Hit) -> bool:
    """Whether the outer cue holds the inner; polarity cues need only share words."""
    polar = ("deny.", "permit.", "frame.promise")
    if outer.kind.startswith(polar) and inner.kind.startswith(polar):
        return _meet(outer, inner)
    return _holds(outer, inner)


def _outranks(outer: Hit, inner: Hit) -> bool:
    if inner.kind == "object.self":
        return outer.kind == "object.user"
    if inner.kind == "exception.consent":
        return outer.kind in ("permit.unneeded", "permit.negated", "deny.prohibit", "exception.licence")
    if inner.kind.startswith("exception.except"):
        return outer.kind.startswith(("deny.", "permit."))
    if inner.kind == "exception.licence":  # "this licence does not include"
        return outer.kind == "deny.prohibit"
    if inner.kind == "frame.promise":
        return outer.kind.startswith("deny.")
    return outer.kind not in ("object.user", "exception.written")

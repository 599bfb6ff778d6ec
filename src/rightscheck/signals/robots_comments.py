"""Sentences in the comments of robots.txt, which many publishers use for their reservation.

Most comments there speak to the webmaster instead: they label the rules below ("don't index the archive")
or tell how to edit the file. So a clause counts in full only when it names AI or mining, or a permission to
ask for, or this site's own content; a sentence about crawling that may be a label is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rightscheck.model import Finding, Gap
from rightscheck.notices import Clause, NoticeUse, Ownership, Polarity
from rightscheck.notices import read as read_text
from rightscheck.notices.statements import statements_of
from rightscheck.robots.document import CommentBlock
from rightscheck.robots.served import Served, served
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import (
    Carrier,
    Confidence,
    ExceptionRoute,
    Kind,
    Scope,
    use_names,
)

_MINING = frozenset({NoticeUse.TDM, NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT})
_SELF = frozenset({"self", "house", "object.self", "object.house"})
_BANS = frozenset({"deny.prohibit", "deny.reserve", "deny.require"})

_EDITING = re.compile(r"uncomment|comment out|auskommentier|décomment|descoment|decomment", re.IGNORECASE)
_SIGNALS = re.compile(
    r"content[ -]signal|^[ \t]*(?:search|ai-input|ai-train)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_AGENTS = re.compile(r"\b(?:bots?|crawlers?|scrapers?|spiders?|robots?|agents?)\b", re.IGNORECASE)
_RULES = re.compile(
    r"robots\.txt|this file|(?:listed|mentioned|specified) (?:above|below)"
    r"|\b(?:folders?|director(?:y|ies)|urls?)\b",
    re.IGNORECASE,
)
_SENTENCE = 6
"""Words from which a comment is a sentence rather than a label."""
_TOGETHER = 8192
"""Code points of comments that are tried as one text."""
_MOST_CLAUSES = 100
"""Clauses of one file after which reading stops: no publisher has that much to say there."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A clause in the block that holds it."""

    clause: Clause
    block: CommentBlock

    @property
    def text(self) -> str:
        return self.block.text[self.clause.start : self.clause.end]

    @property
    def cues(self) -> frozenset[str]:
        return frozenset(cue.kind for cue in self.clause.cues)


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """The reservations in the comments, for the whole site; labels, templates and definitions left out."""
    site = served(sources)
    if site is None or not site.robots.comments:
        return
    seen: set[str] = set()
    read_so_far = 0
    for block in _telling_blocks(site.robots.comments):
        for clause in read_text(block.text, credits=False).clauses:
            read_so_far += 1
            place = _Place(clause, block)
            confidence = _weigh(place)
            if confidence is not None and place.text not in seen:
                seen.add(place.text)
                yield from _findings(site, place, confidence)
        if read_so_far >= _MOST_CLAUSES:
            reason = f"only the first {read_so_far} clauses in the comments are read"
            yield Gap(carrier=Carrier.ROBOTS_TXT, source=site.document.url, reason=reason)
            return


def _telling_blocks(blocks: Sequence[CommentBlock]) -> Iterator[CommentBlock]:
    """The blocks that hold clauses. Most files have none, so many blocks are tried as one text."""
    waiting: list[CommentBlock] = []
    size = 0
    for block in _pieces(blocks):
        waiting.append(block)
        size += len(block.text)
        if size >= _TOGETHER:
            yield from _with_clauses(waiting)
            waiting, size = [], 0
    yield from _with_clauses(waiting)


def _with_clauses(blocks: list[CommentBlock]) -> Iterator[CommentBlock]:
    reading = read_text("\n\n".join(block.text for block in blocks), credits=False)
    if not reading.clauses:
        return
    start = 0
    for block in blocks:
        end = start + len(block.text)
        if any(clause.start < end and start < clause.end for clause in reading.clauses):
            yield block
        start = end + 2


def _pieces(blocks: Sequence[CommentBlock]) -> Iterator[CommentBlock]:
    """The blocks, long ones in pieces that end with a line where possible."""
    for block in blocks:
        text = block.text
        while len(text) > _TOGETHER:
            cut = text.rfind("\n", 1, _TOGETHER)
            cut = cut if cut > 0 else _TOGETHER
            yield CommentBlock(block.first_line, block.last_line, text[:cut])
            text = text[cut:]
        yield CommentBlock(block.first_line, block.last_line, text)


def _weigh(place: _Place) -> Confidence | None:
    """How much the clause counts here; None for what is no reservation in a robots.txt."""
    clause = place.clause
    if clause.polarity is Polarity.ALLOW or _speaks_of_the_file(place):
        return None
    asks = clause.exception not in (ExceptionRoute.NONE, ExceptionRoute.LAW)
    if clause.uses & _MINING or clause.purpose & _MINING or asks:
        return _weigh_reservation(place, asks)
    return _weigh_ban(place)


def _speaks_of_the_file(place: _Place) -> bool:
    """Whether the paragraph tells how to edit the file, or defines what signals in it mean."""
    block = place.block.text
    start = block.rfind("\n\n", 0, place.clause.start) + 1
    end = block.find("\n\n", place.clause.end)
    paragraph = block[start : end if end >= 0 else None]
    return bool(_EDITING.search(paragraph) or _SIGNALS.search(paragraph))


def _weigh_reservation(place: _Place, asks: bool) -> Confidence | None:
    """A clause on AI or mining, or one with a permission to ask for: rarely a label, never a report."""
    clause = place.clause
    label = _is_one_line(place.block) and not asks and not place.cues & _SELF
    if clause.ownership is Ownership.MENTION:
        return None if label else Confidence.MEDIUM
    if label and _AGENTS.search(place.text):
        return Confidence.MEDIUM
    return clause.confidence if clause.ownership is Ownership.OWN else Confidence.MEDIUM


def _weigh_ban(place: _Place) -> Confidence | None:
    """A ban without AI and without a way out: a sentence on this site's content counts, a label does not."""
    clause = place.clause
    if clause.uses == {NoticeUse.SEARCH} or clause.ownership is Ownership.MENTION:
        return None
    if not place.cues & _BANS or len(place.text.split()) < _SENTENCE:
        return None
    if not any(cue in _SELF or cue.startswith("object.") for cue in place.cues):
        return Confidence.MEDIUM if not _is_one_line(place.block) else None
    own = clause.ownership is Ownership.OWN and place.cues & _SELF and not _RULES.search(place.text)
    return clause.confidence if own else Confidence.MEDIUM


def _is_one_line(block: CommentBlock) -> bool:
    return block.first_line == block.last_line


def _findings(site: Served, place: _Place, confidence: Confidence) -> Iterator[Finding]:
    clause, block = place.clause, place.block
    lines = f"{block.first_line}" if _is_one_line(block) else f"{block.first_line}-{block.last_line}"
    verb = "sets conditions for" if clause.polarity is Polarity.CONDITIONAL else "denies"
    for statement in statements_of(clause, scope=Scope.SITE):
        what = ", ".join(use_names(statement.uses)) or "commercial use"
        yield Finding(
            rule="notice/reservation",
            kind=Kind.RESERVATION,
            message=f"a comment in robots.txt {verb} {what}",
            evidence=evidence(site.document, f"line:{lines}", place.text),
            confidence=confidence,
            statement=statement,
            language=clause.language,
        )

"""Why a text was read as it was: the cues of each clause, its score, and the words for the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rightscheck.notices.engine import read
from rightscheck.notices.ownership import BASE, MENTION_BELOW, OWN_FROM
from rightscheck.notices.reading import Clause, NoticeReading, NoticeUse, Ownership, Polarity

_WHY = {
    "self": "speaks of itself or its own content",
    "house": "speaks as the publisher, the site or its users",
    "party": "tells its readers what they may not do",
    "no-object": "is long and names no content",
    "output": "concerns what a service puts out",
    "copyright-near": "stands beside the document's own copyright notice",
    "short-block": "stands in a short block",
    "tail": "is the last thing the text says",
    "adopt": "is introduced as the notice that applies here",
    "terms": "is a numbered clause or a comment",
    "terms-near": "stands among terms that address their reader",
    "quoted": "stands in quotation marks or in a quoting element",
    "report": "is reported: who said it, a court, a survey",
    "report-near": "stands next to a report",
    "hint": "tells when something happened",
    "tutorial": "is advice or a sample text",
    "tutorial-near": "stands next to advice or a sample text",
    "commentary": "discusses the law",
    "hypothetical": "speaks of a bill or of what might be",
    "past": "speaks of the past",
    "question": "asks",
    "promise": "promises something to users",
    "user": "concerns the data of users",
    "other": "concerns something else than content",
    "software": "concerns software",
    "active": "tells of somebody who forbids",
    "loose": 'could be any sentence with "may" or "can"',
    "thin": "speaks of answers or an index, but of no content",
    "prose": "stands within a paragraph that does not speak of itself",
    "prose-third": "names a publisher or author in a long paragraph, who may be anybody",
}
_OUTCOME = {
    Ownership.OWN: "the document's own statement",
    Ownership.UNCLEAR: "unclear whose statement: for review",
    Ownership.MENTION: "mentioned only, never weighed",
}
_POLARITY = {Polarity.DENY: "refuses", Polarity.ALLOW: "allows", Polarity.CONDITIONAL: "allows on condition"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One cue that moved the score: what it is, its weight, the words (empty for a place)."""

    why: str
    weight: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedClause:
    """A clause with the words that decided. `cues` are (kind, words) in order of position."""

    clause: Clause
    quote: str
    decided: str
    reasons: tuple[Reason, ...]
    cues: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A reading with its reasons."""

    reading: NoticeReading
    clauses: tuple[ExplainedClause, ...]


def explain(text: str, *, quoted: Sequence[tuple[int, int]] = ()) -> Explanation:
    """The reading of the text with, for each clause, the cues that fired and why it was decided so."""
    reading = read(text, quoted=quoted)
    return Explanation(
        reading=reading, clauses=tuple(_explain_clause(text, clause) for clause in reading.clauses)
    )


def _explain_clause(text: str, clause: Clause) -> ExplainedClause:
    weighed = [cue for cue in clause.cues if cue.weight]
    found = sorted({(cue.start, cue.end, cue.kind) for cue in clause.cues if not cue.weight})
    reasons = [Reason(why="to begin with", weight=BASE, words="")]
    reasons += [
        Reason(
            why=_WHY.get(cue.kind, cue.kind),
            weight=cue.weight,
            words=""
            if (cue.start, cue.end) == (clause.start, clause.end)
            else _words(text, cue.start, cue.end),
        )
        for cue in weighed
    ]
    return ExplainedClause(
        clause=clause,
        quote=text[clause.start : clause.end],
        decided=_decided(clause),
        reasons=tuple(reasons),
        cues=tuple((kind, _words(text, start, end)) for start, end, kind in found),
    )


def _words(text: str, start: int, end: int) -> str:
    words = " ".join(text[start:end].split())
    return words if len(words) <= 60 else words[:59] + "…"


def _decided(clause: Clause) -> str:
    uses = ", ".join(use.value for use in NoticeUse if use in clause.uses)
    line = f"{_POLARITY[clause.polarity]} {uses}"
    if clause.purpose:
        line += " (crawling for " + ", ".join(u.value for u in NoticeUse if u in clause.purpose) + ")"
    if clause.exception != "none":
        line += f", unless by {clause.exception.value}"
    bounds = f"own from {OWN_FROM:g}, mention below {MENTION_BELOW:g}"
    return f"{line}; score {clause.score:g} ({bounds}): {_OUTCOME[clause.ownership]}"

"""What was read in a text: clauses, copyright notices, credits, each with its place and the cues behind it.

Offsets are code points into the text as given, half-open. Uses here are the notice uses: crawl, search,
tdm, ai-train, ai-input, reproduce, redistribute, commercial.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rightscheck.vocab import Confidence, ExceptionRoute


class NoticeUse(StrEnum):
    """The uses that sentences speak of."""

    CRAWL = "crawl"
    SEARCH = "search"
    TDM = "tdm"
    AI_TRAIN = "ai-train"
    AI_INPUT = "ai-input"
    REPRODUCE = "reproduce"
    REDISTRIBUTE = "redistribute"
    COMMERCIAL = "commercial"


AUTOMATED = frozenset(
    {NoticeUse.CRAWL, NoticeUse.SEARCH, NoticeUse.TDM, NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
)


class Polarity(StrEnum):
    """Whether a clause refuses, allows, or allows against a duty."""

    DENY = "deny"
    ALLOW = "allow"
    CONDITIONAL = "conditional"


class Ownership(StrEnum):
    """Whether the document speaks for itself. Unclear leads to review, a mention never moves a verdict."""

    OWN = "own"
    UNCLEAR = "unclear"
    MENTION = "mention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A cue that fired: its place, what it stands for (`deny.prohibit`), its weight in the ownership score."""

    start: int
    end: int
    kind: str
    language: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One statement over some uses. `span` is the clause a lawyer would quote.

    `purpose` holds the uses that a denied crawl is denied for, empty when none is named. `indexing` is True
    when the clause speaks of indexing or embedding for AI. `holder` is the name of whom the clause says to ask.
    `noncommercial` is True when a permission is given for uses without commercial purpose only.
    """

    start: int
    end: int
    polarity: Polarity
    uses: frozenset[NoticeUse]
    purpose: frozenset[NoticeUse] = frozenset()
    indexing: bool = False
    exception: ExceptionRoute = ExceptionRoute.NONE
    exception_start: int = 0
    exception_end: int = 0
    holder: str | None = None
    noncommercial: bool = False
    ownership: Ownership
    confidence: Confidence
    score: float
    language: str
    cues: tuple[Fired, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyrightNotice:
    """One copyright notice. `holder_start` and `holder_end` are equal when no holder is named.

    `years` as printed, eras of up to three digits turned into Gregorian years. `part` is True when the notice
    covers a part only (a photo, a map, data of somebody else).
    """

    start: int
    end: int
    holder: str | None
    holder_start: int
    holder_end: int
    years: tuple[int, ...]
    year_spans: tuple[tuple[int, int], ...]
    all_rights_reserved: bool
    part: bool
    ownership: Ownership
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A line that names another source: `source`, `media` (photo, map) or `dateline`."""

    start: int
    end: int
    holder: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReading:
    """Everything read in one text, in order of position.

    `capped` is True when the text held more candidate passages than are read (MAX_READ code points):
    what lies behind was not read, which calls for review.
    """

    clauses: tuple[Clause, ...] = ()
    copyrights: tuple[CopyrightNotice, ...] = ()
    credits: tuple[Credit, ...] = ()
    capped: bool = False

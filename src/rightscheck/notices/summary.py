"""The flat answer of `read_notices` and one line of `rightscheck notices`."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from rightscheck.notices.engine import NOTHING, read
from rightscheck.notices.reading import AUTOMATED, NoticeReading, NoticeUse, Ownership, Polarity
from rightscheck.vocab import ExceptionRoute

_LADDER = (
    ExceptionRoute.WRITTEN_PERMISSION,
    ExceptionRoute.PERMISSION,
    ExceptionRoute.LICENCE,
    ExceptionRoute.LAW,
)


class Span(TypedDict):
    """Half-open span in code points of the given text. kind: copyright holder year reservation exception permission."""

    start: int
    end: int
    kind: str


class Notices(TypedDict):
    """What a document says for itself. Uses are notice uses, in the order of `NoticeUse`."""

    copyright: bool
    holder: str | None
    years: list[int]
    reservation: bool
    denied: list[str]
    permitted: list[str]
    exception: str
    spans: list[Span]
    languages: list[str]


def read_notices(text: str) -> Notices:
    """The document's own copyright notice, denials and permissions, as one flat record.

    Only what the document says for itself counts: quotations, reports and unclear cases are left out (see
    `rightscheck.notices.read` for those). `reservation` is True when an automated use is refused or
    conditioned: crawl, search, tdm, ai-train, ai-input. `exception` is the strongest route named.
    """
    reading = read(text, credits=False)
    if reading is NOTHING:
        return Notices(
            copyright=False,
            holder=None,
            years=[],
            reservation=False,
            denied=[],
            permitted=[],
            exception="none",
            spans=[],
            languages=[],
        )
    return summarise(reading)


def summarise(reading: NoticeReading) -> Notices:
    """The flat record of a reading."""
    own = [clause for clause in reading.clauses if clause.ownership is Ownership.OWN]
    denials = [clause for clause in own if clause.polarity is Polarity.DENY]
    permits = [clause for clause in own if clause.polarity is not Polarity.DENY]
    notices = [n for n in reading.copyrights if n.ownership is Ownership.OWN]
    whole = [n for n in notices if not n.part]
    named = next((n for n in whole if n.holder and n.years), None) or next(
        (n for n in whole if n.holder), None
    )
    denied = frozenset[NoticeUse]().union(*(c.uses for c in denials))
    routes = {clause.exception for clause in denials}
    spans = _spans(reading)
    languages = sorted({c.language for c in own} | {n.language for n in notices if n.language})
    return Notices(
        copyright=bool(whole),
        holder=named.holder if named else None,
        years=sorted({year for n in whole for year in n.years}),
        reservation=bool(denied & AUTOMATED),
        denied=[use.value for use in NoticeUse if use in denied],
        permitted=[use.value for use in NoticeUse if any(use in c.uses for c in permits)],
        exception=next((route.value for route in _LADDER if route in routes), "none"),
        spans=spans,
        languages=[code for code in languages if code != "universal"],
    )


def _spans(reading: NoticeReading) -> list[Span]:
    found: set[tuple[int, int, str]] = set()
    for notice in reading.copyrights:
        if notice.ownership is not Ownership.OWN:
            continue
        found.add((notice.start, notice.end, "copyright"))
        if notice.holder_end > notice.holder_start:
            found.add((notice.holder_start, notice.holder_end, "holder"))
        found |= {(start, end, "year") for start, end in notice.year_spans}
    for clause in reading.clauses:
        if clause.ownership is not Ownership.OWN:
            continue
        deny = clause.polarity is Polarity.DENY
        found.add((clause.start, clause.end, "reservation" if deny else "permission"))
        if deny and clause.exception_end > clause.exception_start:
            found.add((clause.exception_start, clause.exception_end, "exception"))
    return [Span(start=a, end=b, kind=k) for a, b, k in sorted(found, key=lambda s: (s[0], -s[1], s[2]))]

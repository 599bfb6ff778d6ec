"""The reading of one text: prefilter, passages, copyright notices, clauses, credits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rightscheck.notices.asked import name_asked
from rightscheck.notices.clauses import Frame, frames
from rightscheck.notices.copyright import Notice, find_notices
from rightscheck.notices.credits import find_credits
from rightscheck.notices.exceptions import exception_of
from rightscheck.notices.holders import clean_holder
from rightscheck.notices.lexicon import Lexicon
from rightscheck.notices.lists import Sentence
from rightscheck.notices.loading import load, scanner, speaking
from rightscheck.notices.ownership import Weighed, weigh
from rightscheck.notices.passage import Passage, fenced, read_passage
from rightscheck.notices.reading import (
    Clause,
    CopyrightNotice,
    Credit,
    Fired,
    NoticeReading,
    NoticeUse,
    Ownership,
    Polarity,
)
from rightscheck.notices.scan import NOWHERE
from rightscheck.notices.sequels import exception_behind, with_verdicts
from rightscheck.notices.years import year_number
from rightscheck.vocab import Confidence, ExceptionRoute

NOTHING = NoticeReading()
_NEAR = 240
_THIN = frozenset({NoticeUse.AI_INPUT, NoticeUse.SEARCH})
_GROUND = frozenset(
    {
        "object.content",
        "object.self",
        "object.house",
        "object.party",
        "uses.ai",
        "uses.aim",
        "uses.search",
        "uses.learning",
    }
)
"""What makes a clause about answers or an index one about content."""
_CLOSING = re.compile(r"[>\]】》]")
_OPENING = re.compile(r"[<\[【《]")


def read(
    text: str,
    *,
    quoted: Sequence[tuple[int, int]] = (),
    credits: bool = True,  # noqa: A002 - the word for it
) -> NoticeReading:
    """Everything that the text says about its own copyright and use, and what it mentions.

    Args:
        text: any text, HTML source included; lone surrogates are read as unknown letters.
        quoted: half-open code point spans known to be quotations or samples (blockquote, q, code, pre).
        credits: whether third-party source credits are read as well.
    """
    regions = scanner().regions(text)
    if regions is not NOWHERE:
        regions = speaking().sift(text, regions)
    credited = tuple(find_credits(text)) if credits else ()
    if regions is NOWHERE:
        return NoticeReading(credits=credited) if credited else NOTHING
    lexicon = load()
    quoted = (*quoted, *fenced(text))
    clauses: list[Clause] = []
    notices: list[CopyrightNotice] = []
    for start, end in regions.spans:
        passage = read_passage(text, start, end, lexicon, quoted)
        if passage is not None:
            found, said = _read_passage(passage, lexicon)
            notices += found
            clauses += said
    return NoticeReading(
        clauses=tuple(clauses), copyrights=tuple(notices), credits=credited, capped=regions.capped
    )


def _read_passage(passage: Passage, lexicon: Lexicon) -> tuple[list[CopyrightNotice], list[Clause]]:
    notices = [notice for notice in find_notices(passage, lexicon) if notice.start >= passage.lead]
    cut = with_verdicts(_cut_at_notices(passage, notices))
    weighed = [(notice, _weigh_notice(cut, notice)) for notice in notices]
    own = [notice for notice, weight in weighed if weight.ownership is Ownership.OWN]
    found = [
        (number, frame, _weigh_clause(cut, frame, number, own))
        for number, sentence in enumerate(cut.sentences)
        for frame in frames(cut, sentence, lexicon, cut.sentences[number - 1] if number else None)
    ]
    denials = {
        number
        for number, frame, weighed in found
        if frame.polarity is Polarity.DENY and weighed.ownership is Ownership.OWN
    }
    clauses = [
        _clause(
            cut,
            _with_exception(cut, frame, number),
            weighed.without("loose") if denials & {number - 1, number, number + 1} else weighed,
        )
        for number, frame, weighed in found
    ]
    return [_notice(cut, notice, weight) for notice, weight in weighed], clauses


def _with_exception(passage: Passage, frame: Frame, number: int) -> Frame:
    """A refusal with the exception that the sentence behind it gives."""
    if frame.polarity is not Polarity.DENY or frame.exception is not ExceptionRoute.NONE:
        return frame
    route, span = exception_of(exception_behind(passage, number))
    return frame if span is None else replace(frame, exception=route, exception_span=span)


def _cut_at_notices(passage: Passage, notices: Sequence[Notice]) -> Passage:
    """The passage with copyright notices as sentences of their own."""
    pieces: list[Sentence] = []
    blocks: list[int] = []
    for sentence, block in zip(passage.sentences, passage.blocks, strict=True):
        around = _around(sentence.start, sentence.end, notices)
        for low, high in _at_brackets(passage.folded.text, around):
            text = passage.folded.text
            while low < high and text[low] in " ,.;:|-·)]>":
                low += 1
            while low < high and text[high - 1] in " ,;:|-·[<(":
                high -= 1
            if high > low:
                pieces.append(sentence._replace(start=low, end=high))
                blocks.append(block)
    return Passage(
        text=passage.text,
        folded=passage.folded,
        hits=passage.hits,
        starts=passage.starts,
        sentences=tuple(pieces),
        blocks=tuple(blocks),
        quotes=passage.quotes,
        samples=passage.samples,
        tail=passage.tail,
        lead=passage.lead,
    )


def _at_brackets(text: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pieces cut at a bracket that closes what an earlier piece opened: `<(c) X, no reprint> 3 May`."""
    for low, high in pieces:
        match = _CLOSING.search(text, low, high)
        if match and not _OPENING.search(text, low, match.start()):
            yield low, match.start()
            yield match.end(), high
        else:
            yield low, high


def _around(start: int, end: int, notices: Sequence[Notice]) -> Iterator[tuple[int, int]]:
    position = start
    for notice in notices:
        if notice.end <= position or notice.start >= end or notice.holder[0] == notice.holder[1]:
            continue
        if notice.start > position:
            yield position, notice.start
        yield max(position, notice.start), min(end, notice.end)
        position = min(end, notice.end)
    if position < end:
        yield position, end


def _sentence_at(passage: Passage, position: int) -> int:
    for number, (start, end, *_) in enumerate(passage.sentences):
        if start <= position < end:
            return number
    return max(0, min(len(passage.sentences) - 1, sum(s[1] <= position for s in passage.sentences)))


def _weigh_notice(passage: Passage, notice: Notice) -> Weighed:
    """A copyright line's own weight. What else the words of a name mean (Quay Press, Muelle) says nothing."""
    weighed = weigh(
        passage,
        (notice.start, notice.end),
        _sentence_at(passage, notice.start),
        notice.language or _language(passage),
        notices=[(notice.start, notice.end)] if notice.signed and notice.years else (),
    )
    marked = notice.signed or passage.folded.text.startswith("copyright", notice.start)
    return weighed.without("other").outside(notice.start, notice.end if marked else notice.start)


def _language(passage: Passage) -> str:
    """The language that most cues of the passage belong to."""
    counts: dict[str, int] = {}
    for hit in passage.hits:
        counts[hit.language] = counts.get(hit.language, 0) + hit.end - hit.start
    counts.pop("universal", None)
    return max(sorted(counts), key=lambda code: counts[code], default="en")


def _weigh_clause(passage: Passage, frame: Frame, number: int, own: Sequence[Notice]) -> Weighed:
    near = [
        (notice.start, notice.end)
        for notice in own
        if -_NEAR <= notice.start - frame.end <= _NEAR or -_NEAR <= frame.start - notice.end <= _NEAR
    ]
    # A clause is quoted when what refuses or allows is: quotation marks elsewhere in it do not count.
    modes = [m for m in frame.modes if m.start >= frame.start] or list(frame.modes)
    span = (min(m.start for m in modes), max(m.end for m in modes))
    active = all(m.kind == "deny.active" for m in frame.modes)
    kinds = {h.kind for h in frame.hits}
    thin = frame.uses <= _THIN and not kinds & _GROUND
    return weigh(
        passage,
        span,
        number,
        frame.language,
        notices=near,
        active=active,
        thin=thin,
        restrained=frame.restrained,
        gathers=NoticeUse.CRAWL in frame.uses,
        hits=frame.hits,
        clause=(frame.start, frame.end),
    )


def _clause(passage: Passage, frame: Frame, weighed: Weighed) -> Clause:
    start, end = passage.given(frame.start, frame.end)
    at = passage.given(*frame.exception_span) if frame.exception_span else (0, 0)
    fired = [
        Fired(start=a, end=b, kind=h.kind, language=h.language)
        for h in frame.hits
        for a, b in [passage.given(h.start, h.end)]
    ]
    for reason, weight, low, high in weighed.parts:
        a, b = passage.given(low, high) if high > low else (start, end)
        fired.append(Fired(start=a, end=b, kind=reason, language=frame.language, weight=weight))
    return Clause(
        start=start,
        end=end,
        polarity=frame.polarity,
        uses=frame.uses,
        purpose=frame.purpose,
        indexing=frame.indexing,
        exception=frame.exception,
        exception_start=at[0],
        exception_end=at[1],
        holder=name_asked(passage.text, *at, end),
        noncommercial=frame.limited,
        ownership=weighed.ownership,
        confidence=_confidence(frame, weighed),
        score=round(weighed.score, 2),
        language=frame.language,
        cues=tuple(fired),
    )


def _confidence(frame: Frame, weighed: Weighed) -> Confidence:
    """Medium where it is unclear whose words these are, and for a denial that is only implied."""
    own = weighed.ownership is Ownership.OWN
    return (
        Confidence.MEDIUM
        if weighed.ownership is Ownership.UNCLEAR or (own and (frame.implied or frame.restrained))
        else weighed.confidence
    )


def _notice(passage: Passage, notice: Notice, weighed: Weighed) -> CopyrightNotice:
    start, end = passage.given(notice.start, notice.end)
    named = notice.holder[1] > notice.holder[0]
    low, high = passage.given(*notice.holder) if named else (start, start)
    years = [year_number(passage.folded.text[a:b]) for a, b in notice.years]
    name = clean_holder(passage.text[low:high]) if named else ""
    return CopyrightNotice(
        start=start,
        end=end,
        holder=name or None,
        holder_start=low,
        holder_end=high,
        years=tuple(sorted({y for y in years if y is not None})),
        year_spans=tuple(passage.given(a, b) for a, b in notice.years),
        all_rights_reserved=notice.reserved,
        part=notice.part,
        ownership=weighed.ownership,
        language=notice.language,
    )


__all__ = ["Credit", "Polarity", "read"]

"""Copyright notices: the marker, the years in any calendar's digits, the holder, "all rights reserved".

Holder first or year first, one line or glued to a denial, in all scripts. Whether a notice is the
document's own is weighed in ownership.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.holders import (
    SIGN,
    begins_sentence,
    holder_left,
    holder_right,
    is_name,
    is_role,
    rstrip,
)
from rightscheck.notices.lexicon import Hit, Lexicon
from rightscheck.notices.passage import Passage
from rightscheck.notices.years import YEAR, skip, take_years, years_in

_YEARS_BEFORE = re.compile(rf"(?<![\w])({YEAR}(?: ?[-–,] ?{YEAR}){{0,6}}) ?$")
_NAME_YEAR = re.compile(
    rf"(?P<name>[^\n.。!?;|:,\"'0-9()（]{{2,50}}?)[ ,(（]{{0,2}}(?P<year>{YEAR})(?!\d)(?:年?[)）]|年?(?=[\s.。]|$))"
)
_MACHINES = frozenset(
    {"uses.ai", "uses.aim", "uses.learning", "uses.tdm", "uses.crawl", "uses.bots", "uses.input"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A copyright notice in folded positions. `holder` is a span, empty when no holder is named."""

    start: int
    end: int
    holder: tuple[int, int]
    years: tuple[tuple[int, int], ...]
    reserved: bool
    part: bool
    signed: bool
    language: str


def find_notices(passage: Passage, lexicon: Lexicon) -> list[Notice]:
    """Every copyright notice in the passage, in order, none overlapping another."""
    found: list[Notice] = []
    notices = list(_all(passage, lexicon))
    notices += [bare for bare in _bare(passage) if not any(_same_line(passage, bare, n) for n in notices)]
    for notice in sorted(notices, key=lambda n: (n.start, -n.end)):
        if found and notice.start < found[-1].end:
            if notice.holder[1] > notice.holder[0] and found[-1].holder[1] == found[-1].holder[0]:
                found[-1] = notice
            continue
        found.append(notice)
    return found


def _all(passage: Passage, lexicon: Lexicon) -> Iterator[Notice]:
    excluded = [hit for hit in passage.hits if hit.kind == "copyright.not"]
    taken: list[tuple[int, int]] = []
    for notice in _owned(passage, lexicon):
        taken.append((notice.start, notice.end))
        yield notice
    for start, end, signed, language in _runs(passage):
        if any(hit.start <= start < hit.end or start <= hit.start < end + 1 for hit in excluded):
            continue
        if any(low <= start <= high + 2 for low, high in taken):
            continue
        read = _read_run(passage, start, end, signed=signed, language=language)
        if read is not None:
            read = _without_sentence(passage, read)
            taken.append((read.start, read.end))
            yield read
    reserved = [hit for hit in passage.hits if hit.kind == "copyright.reserved"]
    for hit in reserved:
        if any(low - 60 <= hit.start < high + 60 for low, high in taken):
            continue
        if any(o.start <= hit.start and hit.end <= o.end and o[:2] != hit[:2] for o in reserved):
            continue
        if any(o.start <= hit.start < o.end or hit.start <= o.start <= hit.end + 1 for o in excluded):
            continue
        yield _reserved_alone(passage, hit)


def _without_sentence(passage: Passage, notice: Notice) -> Notice:
    """The notice without a holder that is a sentence: "(c) 2026 - our texts are closed to AI"."""
    low, high = notice.holder
    while low < high and not passage.folded.text[low].isalnum():
        low += 1
    inside = passage.within(low, high)
    refusing = {h.language for h in inside if h.kind.startswith("deny.")}
    refused = refusing & {h.language for h in inside if h.kind in _MACHINES}
    if not refused and not any(
        h.kind == "object.self" and h.start == low and h.end - low > 2 for h in inside
    ):
        return notice
    end = max((last for _, last in notice.years if last <= low), default=low)
    left = holder_left(passage, notice.start) if notice.signed and notice.years else None
    if left is not None and is_name(passage, *left):
        return replace(notice, start=left[0], holder=left, end=max(end, notice.start + 1))
    return replace(notice, holder=(end, end), end=max(end, notice.start + 1))


def _same_line(passage: Passage, one: Notice, other: Notice) -> bool:
    low, high = min(one.end, other.end), max(one.start, other.start)
    return "\n" not in passage.folded.text[low:high]


def _bare(passage: Passage) -> Iterator[Notice]:
    """A name and a year without any marker, directly beside a denial: `The Herald 2024 No copying`."""
    text = passage.folded.text
    for number, (start, end, *_) in enumerate(passage.sentences):
        match = _NAME_YEAR.match(text, start, end)
        if match is None or not is_name(passage, *match.span("name")):
            continue
        rest = (match.end(), end) if text[match.end() : end].strip(" .。") else None
        if rest and _begins_small(passage, *rest):
            continue  # "Until 2021 copying was forbidden"
        beside = rest or _neighbour(passage, number)
        if beside is None or not _denies(passage, *beside):
            continue
        name, year = match.span("name"), match.span("year")
        name = (name[0], rstrip(text, *name))
        yield _make(passage, start, match.end(), name, [year], False, "")


def _begins_small(passage: Passage, start: int, end: int) -> bool:
    """Whether the first letter in the span is a small one."""
    letters = (i for i in range(start, end) if passage.folded.text[i].isalpha())
    first = next(letters, None)
    return first is not None and passage.text[passage.folded.starts[first]].islower()


def _neighbour(passage: Passage, number: int) -> tuple[int, int] | None:
    """The sentence before or after on the same line."""
    for other in (number - 1, number + 1):
        if 0 <= other < len(passage.sentences):
            low, high = sorted((passage.sentences[number][:2], passage.sentences[other][:2]))
            if "\n" not in passage.folded.text[low[1] : high[0]]:
                return passage.sentences[other][:2]
    return None


def _denies(passage: Passage, start: int, end: int) -> bool:
    kinds = {h.kind for h in passage.within(start, end)}
    return any(k.startswith("deny.") for k in kinds) and any(k.startswith("uses.") for k in kinds)


def _runs(passage: Passage) -> Iterator[tuple[int, int, bool, str]]:
    """Marker runs such as `copyright ©`: span, whether a sign is among them, language."""
    text = passage.folded.text
    marks = [(m.start(), m.end(), True, "") for m in SIGN.finditer(text)]
    known: dict[tuple[int, int], set[str]] = {}
    for hit in passage.hits:
        if hit.kind == "copyright.marker":
            known.setdefault((hit.start, hit.end), set()).add(hit.language)
    # A word that several languages share tells nothing of the notice's language.
    marks += [(*span, False, min(codes) if len(codes) == 1 else "") for span, codes in known.items()]
    marks.sort()
    run: tuple[int, int, bool, str] | None = None
    for start, end, signed, language in marks:
        if run is not None and start <= run[1] + 3 and not text[run[1] : start].strip(" :|-,"):
            run = (run[0], max(run[1], end), run[2] or signed, run[3] or language)
            continue
        if run is not None:
            yield run
        run = (start, end, signed, language)
    if run is not None:
        yield run


def _read_run(passage: Passage, start: int, end: int, *, signed: bool, language: str) -> Notice | None:
    text = passage.folded.text
    position = skip(text, end)
    years, after_years = take_years(text, position)
    dated = after_years > position  # a year, Roman numerals, or a template's year
    position = after_years
    holder, last = holder_right(passage, position)
    more, after = take_years(text, skip(text, holder[1] if holder[1] > holder[0] else last))
    if more and after - holder[1] < 24:
        years += more
        last = after
    begin = start
    before = None if years else _YEARS_BEFORE.search(text, max(0, start - 60), start)
    if before and signed and _at_start(text, before.start()):
        years, _ = years_in(text, *before.span(1))
        begin = before.start()
    if holder[1] > holder[0] and signed and ". " in text[end : holder[0]]:
        holder = _rather_left(passage, start, holder)
        if holder[1] == holder[0]:
            last = end
    if holder[1] == holder[0]:
        left = holder_left(passage, start)
        if left is not None:
            holder, begin = left, left[0]
            left_years, _ = years_in(text, *holder)
            if left_years:
                years += left_years
                holder = (holder[0], rstrip(text, holder[0], left_years[0][0]))
    elif years and not (signed or _plausible(passage, start, holder, dated or bool(years))):
        return None
    if not years and holder[1] == holder[0]:
        return (
            None
            if not signed or not _reserved_near(passage, start, end)
            else _make(passage, begin, end, holder, years, signed, language)
        )
    if not signed and not _plausible(passage, start, holder, dated or bool(years)):
        return None
    if text[start:end] == "(c)" and _is_list_letter(passage, start, end, bool(years)):
        return None
    return _make(
        passage,
        begin,
        max(last if holder[0] >= end or years else end, holder[1]),
        holder,
        years,
        signed,
        language,
    )


def _rather_left(passage: Passage, start: int, right: tuple[int, int]) -> tuple[int, int]:
    """Nothing in place of the name on the right, when it begins a sentence and a name stands on the left."""
    left = holder_left(passage, start)
    if left is None or not begins_sentence(passage, right[0] - 1) or not is_name(passage, *left):
        return right
    if any(hit.kind == "copyright.stop" for hit in passage.within(*left)):
        return right
    return right[0], right[0]


def _make(
    passage: Passage,
    start: int,
    end: int,
    holder: tuple[int, int],
    years: list[tuple[int, int]],
    signed: bool,
    language: str,
) -> Notice:
    text = passage.folded.text
    if is_role(passage, *holder):
        holder = (holder[1], holder[1])
    end = _full_stop(text, max([end, holder[1], *(y[1] for y in years)]))
    start, end = _with_reserved(passage, start, end)
    return Notice(
        start=start,
        end=end,
        holder=holder,
        years=tuple(sorted(set(years))),
        reserved=_reserved_near(passage, start, end),
        part=any(
            h.kind == "copyright.part"
            and h.end <= start <= h.end + 4
            and not text[h.end : start].strip(" :-(")
            and "\n" not in text[h.end : start]
            for h in passage.hits
        ),
        signed=signed,
        language=language,
    )


def _full_stop(text: str, end: int) -> int:
    """The end after a full stop that belongs to what ends here."""
    stops = text[end : end + 1] in (".", "。") and text[end + 1 : end + 2] in ("", " ", "\n", '"')
    return end + 1 if stops else end


def _with_reserved(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """The span with "all rights reserved" right before or after it, unless that goes on ("including ...")."""
    text = passage.folded.text
    for hit in passage.hits:
        if hit.kind != "copyright.reserved":
            continue
        if end <= hit.start <= end + 4 and not text[end : hit.start].strip(" .,-|"):
            goes_on = text[hit.end : hit.end + 2].strip(" ")
            unspaced = is_unspaced(text[hit.start : hit.end])
            if unspaced or not goes_on or not (goes_on[0].isalnum() or goes_on[0] in ",("):
                end = _full_stop(text, hit.end)
        if hit.end <= start <= hit.end + 3 and not text[hit.end : start].strip(" .,-|"):
            start = hit.start
    return start, end


def _reserved_near(passage: Passage, start: int, end: int) -> bool:
    return any(h.kind == "copyright.reserved" and start - 60 <= h.start <= end + 60 for h in passage.hits)


def _plausible(passage: Passage, start: int, holder: tuple[int, int], dated: bool) -> bool:
    """Whether a marker word without a sign makes a notice: dated, or at a line's start before a name."""
    text = passage.folded.text
    if holder[1] == holder[0]:
        return dated and _at_start(text, start)
    given = passage.text[passage.folded.starts[holder[0]]]
    if given.islower():
        return False
    return dated or (_at_start(text, start) and holder[1] - holder[0] <= 60 and _ends_line(text, holder[1]))


def _at_start(text: str, position: int) -> bool:
    before = text[:position].rstrip(" ")
    return not before or before[-1] in '\n.。|<[(（>*/#"!' or before.endswith((" -", "//"))


def _ends_line(text: str, position: int) -> bool:
    rest = text[position : position + 2].strip(" ")
    return not rest or rest[0] in "\n.。,|;]>)）】·-"


def _is_list_letter(passage: Passage, start: int, end: int, dated: bool) -> bool:
    """`(c)` as the third item of a list."""
    text = passage.folded.text
    if dated:
        return False
    if re.search(r"\((?:a|b)\)", text[max(0, start - 400) : start]):
        return True
    given = passage.text[passage.folded.starts[min(skip(text, end), len(text) - 1)]]
    return given.islower()


def _reserved_alone(passage: Passage, hit: Hit) -> Notice:
    """ "All rights reserved" without a marker: with the name or year beside it, if there is one."""
    text = passage.folded.text
    years, after = take_years(text, skip(text, hit.end))
    left = holder_left(passage, hit.start) or _dated_name_before(passage, hit.start)
    holder, last = (hit.end, hit.end), max(hit.end, after if years else hit.end)
    if years:
        holder, last = holder_right(passage, after)
    if not years and left is None:
        named = _NAME_YEAR.match(text, skip(text, hit.end))
        if named and "\n" not in text[hit.end : named.end()] and is_name(passage, *named.span("name")):
            name = named.span("name")
            holder, years, last = (name[0], rstrip(text, *name)), [named.span("year")], named.end()
    if holder[1] == holder[0] and left is not None:
        before, rest = years_in(text, *left)
        if before and before[0][0] == left[0]:
            left = (skip(text, rest), left[1])
            holder, years, before = left, before + years, []
        elif before or years or not passage.text[passage.folded.starts[left[0]]].isascii():
            years = before + years
            end = left[1] if not before else rstrip(text, left[0], before[0][0])
            if end > left[0]:
                holder = (left[0], end)
    begin = min([holder[0], hit.start, *(y[0] for y in years)])
    return _make(passage, begin, max(last if years else hit.end, hit.end), holder, years, False, hit.language)


def _dated_name_before(passage: Passage, start: int) -> tuple[int, int] | None:
    """Years and a name, as a sentence of their own at the start of the line: `2010-2020 NAME. All rights reserved`."""
    text = passage.folded.text
    low = text.rfind("\n", 0, start) + 1
    stop = rstrip(text, low, start)
    years, end = take_years(text, low)
    name = skip(text, end)
    if not years or stop - name > 70 or not is_name(passage, name, stop):
        return None
    return low, stop


def _owned(passage: Passage, lexicon: Lexicon) -> Iterator[Notice]:
    """Sentences that say whose the copyright is, by the patterns with a name in them."""
    for hit in passage.hits:
        if hit.kind != "copyright.owned":
            continue
        for cue in lexicon.cues.of(hit.kind, hit.language):
            match = cue.pattern.regex.match(passage.folded.text, hit.start)
            if match is None or match.end() != hit.end:
                continue
            holder = match.span("name") if cue.pattern.named else (hit.end, hit.end)
            if cue.pattern.named and cue.pattern.source.rstrip().endswith("{}"):
                holder, _ = holder_right(passage, match.start("name"))
            if holder[1] > holder[0] or not cue.pattern.named:
                text = passage.folded.text
                years, last = years_in(text, holder[0], min(len(text), max(hit.end, holder[1]) + 12))
                inside = [y for y in years if y[0] < holder[1]]
                if inside:
                    holder = (holder[0], rstrip(text, holder[0], inside[0][0]))
                if holder[1] > holder[0]:
                    holder = (holder[0], rstrip(text, holder[0], holder[1]))
                yield _make(
                    passage,
                    hit.start,
                    max(
                        hit.end if not cue.pattern.source.endswith("{}") else holder[1], last if years else 0
                    ),
                    holder,
                    years,
                    False,
                    hit.language,
                )
                break

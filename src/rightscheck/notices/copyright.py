"""Copyright notices: the marker, the years in any calendar's digits, the holder, "all rights reserved".

Holder first or year first, one line or glued to a denial, in all scripts. Whether a notice is the
document's own is weighed in ownership.py.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.lexicon import Hit, Lexicon
from rightscheck.notices.passage import Passage

_SIGN = re.compile(
    r"©|℗|\(c\)|\([сц]\)(?=[^\n]{0,60}(?:19|20)\d\d)|\(p\)(?= ?(?:19|20)\d\d)|@(?= ?riproduzione riservata)"
)
_YEAR = r"(?:(?:1[5-9]|20|2[45])\d\d)"
_SOLAR = re.compile(r"((?:13[5-9]|14[0-2])\d)(?=[ ,.)–-]{1,3}[\u0600-\u06ff]|[ .]?(?:\n|$))")
"""A year of the Persian calendar, before words in its script."""
_YEARS_BEFORE = re.compile(rf"(?<![\w])({_YEAR}(?: ?[-–,] ?{_YEAR}){{0,6}}) ?$")
_ERA = r"(?:(?:民国|民國|令和|平成|昭和) ?(?:\d{1,3}|元)(?: ?年)?)"
_YEARS = re.compile(
    rf"(?<!\d)(?:{_YEAR}|{_ERA})(?!\d)[.年]?"
    rf"(?:\s?(?:-|/|,|&|to|bis|a|au|al|до|по|и|and|und|et|y|e) ?(?:{_YEAR}|{_ERA}|\d\d(?![\d:]))(?!\d)[.年]?){{0,12}}"
    rf"(?: ?(?:г|гг|р|рр|оны|год|roku|г\.|р\.)(?!\w)\.?)?"
)
_ONE_YEAR = re.compile(rf"(?<!\d){_YEAR}(?!\d)|{_ERA}")
_ROMAN = re.compile(
    r"(?<!\w)m{1,3}(?:cm|d)?c{0,3}x{0,3}(?:ix|iv|v?i{0,3})(?!\w)"
    r"|\{+ ?(?:current_?)?year ?\}+|<\?=?[^>]{0,40}\?>|\[year\]"
)
_GAP = re.compile(r"[\s:,.|/\-–(（\[•·]*")
_UNSPACED_START = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]"
_STOPS = re.compile(
    rf"\n|\s?(?:\+{{2,}}|\*{{3,}}|:{{3,}}|/{{3,}})|\s?[|｜¦•※;。！।॥۔>\]】}}]|\s[-·]\s|[)）](?!\w)|https?://|\.(?=\s|$|{_UNSPACED_START})|[,、](?![a-z0-9])|$"
)
_FORM = (
    r"(?:ltd|inc|llc|corp|co|plc|llp|pty|pte|limited|incorporated|company|gmbh(?: ?& ?co\.? ?kg)?|ag|kg|ug|se|ohg"
    r"|s\.? ?p\.? ?a|s\.? ?a(?:\.? ?s)?|s\.? ?l(?:\.? ?u)?|s\.? ?a?\.? ?r\.? ?l|s\.? ?c\.? ?a\.? ?r\.? ?l|s\.? ?coop"
    r"|a\.? ?s|b\.? ?v|n\.? ?v|k\.? ?g|k\.? ?k|e\.? ?v|z\.? ?s|d\.? ?o\.? ?o|s\.? ?r\.? ?o|z ?o\.? ?o|o\.? ?y|oyj|ry|ab"
    r"|aps|asa|kft|zrt|nyrt|bt|lda|ltda|crl|sti|kk|sdn|bhd|berhad|tbk|uab|srl)"
)
"""Legal forms of companies, in folded letters and with the blanks that some put behind the dots."""
_SUFFIX = re.compile(rf",?\s?{_FORM}\b\.?")
_COMPANY = re.compile(rf"[\s,]{_FORM}$")
"""A legal form whose last dot ends the name when a sentence begins behind it."""
_INITIAL = re.compile(
    r"(?:^|[\s(])(?:[a-zà-ž]|st|dr|coop|soc|assoc|fond|ed|edit|univ|mr|mrs|ms|prof|jr|sr|co|v|в|р|г|им|о|a\.[a-z]|s\.[a-z](?:\.[a-z])?|[a-z]\.[a-z])$"
)
_NAME_YEAR = re.compile(
    rf"(?P<name>[^\n.。!?;|:,\"'0-9()（]{{2,50}}?)[ ,(（]{{0,2}}(?P<year>{_YEAR})(?!\d)(?:年?[)）]|年?(?=[\s.。]|$))"
)
_PARTING = re.compile(r"[.。!?:]\s| [-·•—–] ")
_BY = re.compile(r"(?:by|von|par|por|di|av|af|bei) +")
_ERAS = {"民国": 1911, "令和": 2018, "平成": 1988, "昭和": 1925}
_MAX_HOLDER = 90
_SPEAKING = frozenset({"object.self", "exception.consent", "exception.written", "permit.allow"})


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
    left = _holder_left(passage, notice.start) if notice.signed and notice.years else None
    if left is not None and _is_name(passage, *left):
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
        if match is None or not _is_name(passage, *match.span("name")):
            continue
        rest = (match.end(), end) if text[match.end() : end].strip(" .。") else None
        if rest and _begins_small(passage, *rest):
            continue  # "Until 2021 copying was forbidden"
        beside = rest or _neighbour(passage, number)
        if beside is None or not _denies(passage, *beside):
            continue
        name, year = match.span("name"), match.span("year")
        name = (name[0], _rstrip(text, *name))
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


def _is_name(passage: Passage, start: int, end: int) -> bool:
    """Whether every longer word begins with a capital, or the script has none."""
    words = re.finditer(r"[^\W\d_]{3,}", passage.folded.text[start:end])
    first = [passage.text[passage.folded.starts[start + w.start()]] for w in words]
    return bool(first) and not any(char.islower() for char in first)


def _runs(passage: Passage) -> Iterator[tuple[int, int, bool, str]]:
    """Marker runs such as `copyright ©`: span, whether a sign is among them, language."""
    text = passage.folded.text
    marks = [(m.start(), m.end(), True, "") for m in _SIGN.finditer(text)]
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
    position = _skip(text, end)
    years, after_years = _take_years(text, position)
    dated = after_years > position  # a year, Roman numerals, or a template's year
    position = after_years
    holder, last = _holder_right(passage, position)
    more, after = _take_years(text, _skip(text, holder[1] if holder[1] > holder[0] else last))
    if more and after - holder[1] < 24:
        years += more
        last = after
    begin = start
    before = None if years else _YEARS_BEFORE.search(text, max(0, start - 60), start)
    if before and signed and _at_start(text, before.start()):
        years, _ = _years_in(text, *before.span(1))
        begin = before.start()
    if holder[1] > holder[0] and signed and ". " in text[end : holder[0]]:
        holder = _rather_left(passage, start, holder)
        if holder[1] == holder[0]:
            last = end
    if holder[1] == holder[0]:
        left = _holder_left(passage, start)
        if left is not None:
            holder, begin = left, left[0]
            left_years, _ = _years_in(text, *holder)
            if left_years:
                years += left_years
                holder = (holder[0], _rstrip(text, holder[0], left_years[0][0]))
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
    left = _holder_left(passage, start)
    if left is None or not _begins_sentence(passage, right[0] - 1) or not _is_name(passage, *left):
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
    if _is_role(passage, *holder):
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


def _is_role(passage: Passage, start: int, end: int) -> bool:
    """Whether the words name nobody, but a part that somebody plays: "the author", "our company"."""
    return end > start and any(
        hit.start <= start and end <= hit.end and hit.kind in ("object.house", "object.self")
        for hit in passage.within(max(0, start - 12), end + 1)
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


def _skip(text: str, position: int) -> int:
    match = _GAP.match(text, position)
    end = match.end() if match else position
    return position if "\n" in text[position:end] else end


def _take_years(text: str, position: int) -> tuple[list[tuple[int, int]], int]:
    """The years that begin at the position and where they end."""
    roman = _ROMAN.match(text, position)
    if roman and roman.group():
        return [], _skip(text, roman.end())
    match = _YEARS.match(text, position)
    if match is None:
        solar = _SOLAR.match(text, position)
        return ([solar.span(1)], solar.end()) if solar else ([], position)
    years = [m.span() for m in _ONE_YEAR.finditer(text, match.start(), match.end())]
    closing = re.compile(r"[)）\]]?").match(text, match.end())
    return years, closing.end() if closing else match.end()


def _years_in(text: str, start: int, end: int) -> tuple[list[tuple[int, int]], int]:
    years = [m.span() for m in _ONE_YEAR.finditer(text, start, end)]
    return years, years[-1][1] if years else start


def _holder_right(passage: Passage, position: int) -> tuple[tuple[int, int], int]:
    """The holder's span that begins at the position and where the notice goes on; empty when there is none."""
    text = passage.folded.text
    begin = _skip(text, position)
    by = _BY.match(text, begin)
    if by and passage.text[passage.folded.starts[begin]].islower():
        begin = by.end()
    limit = min(len(text), begin + _MAX_HOLDER)
    unspaced = is_unspaced(text[begin : begin + 2])
    for hit in passage.within(begin, limit):
        if unspaced and hit.kind in _SPEAKING and hit.start > begin:
            limit = min(limit, hit.start)
        if hit.kind in _ENDING and (
            hit.start > begin or hit.kind in ("copyright.reserved", "copyright.stop")
        ):
            limit = min(limit, hit.start)
    sign = _SIGN.search(text, begin, limit)
    if sign:
        limit = sign.start()
    end = _stop(passage, begin, limit)
    years, _ = _years_in(text, begin, end)
    for year in years:
        if year[0] > begin and (
            year[1] >= end - 2 or not text[year[1] : end].strip(" ,.-()（）年г0123456789")
        ):
            end = year[0]
            break
    end = _rstrip(text, begin, end)
    if end <= begin or not any(c.isalpha() for c in text[begin:end]):
        return (begin, begin), position
    given = passage.text[passage.folded.starts[begin]]
    if given.islower() and not _looks_like_site(text[begin:end]) and text[begin : begin + 2] not in ("в.",):
        words = text[begin:end].split()
        if (
            not any(passage.text[passage.folded.starts[i]].isupper() for i in range(begin, end))
            or len(words) > 8
        ):
            return (begin, begin), position
    return (begin, end), end


_ENDING = frozenset(
    {"copyright.reserved", "copyright.stop", "copyright.marker", "permit.licence",
     "deny.prohibit", "deny.refuse", "deny.reserve", "deny.require", "deny.no"}
)  # fmt: skip


def _looks_like_site(name: str) -> bool:
    return re.search(r"\w\.[a-z]{2,}", name) is not None


def _stop(passage: Passage, begin: int, limit: int) -> int:
    """Where a name that begins at `begin` ends, at most at `limit`."""
    text = passage.folded.text
    position = begin
    while True:
        match = _STOPS.search(text, position, limit)
        if match is None:
            return limit
        sign = match.group().strip()
        if sign in ("]", "】") and text.find("[", begin, match.start()) >= 0:
            position = match.end()
            continue
        if sign in (")", "）") and re.search(r"[(（]", text[begin : match.start()]):
            position = match.end()
            continue
        if sign in (",", "、"):
            suffix = _SUFFIX.match(text, match.start(), limit)
            if suffix and suffix.group().strip(", ."):
                position = suffix.end()
                if text[position - 1] == "." and _begins_sentence(passage, position):
                    return position
                continue
        if sign == "." and match.start() < limit and _goes_on(passage, begin, match.start()):
            position = match.end()
            continue
        return match.start()


def _goes_on(passage: Passage, begin: int, dot: int) -> bool:
    """Whether a full stop inside a name is an abbreviation's."""
    text = passage.folded.text
    following = text[dot + 1 : dot + 12].strip()
    if not following:
        return False
    if _SUFFIX.match(following) or re.match(_YEAR, following):
        return True
    if _COMPANY.search(text[begin:dot]) and _begins_sentence(passage, dot + 1):
        return False
    return _INITIAL.search(text[begin:dot]) is not None


def _begins_sentence(passage: Passage, position: int) -> bool:
    """Whether a space and a capital letter stand at the position."""
    text = passage.folded.text
    if not text[position : position + 1].isspace() or position + 1 >= len(text):
        return False
    return passage.text[passage.folded.starts[position + 1]].isupper()


def _holder_left(passage: Passage, start: int) -> tuple[int, int] | None:
    """A name before the marker on its line: `HOLDER © 2025`, `Publisher: HOLDER. © 2025`."""
    text = passage.folded.text
    low = max(text.rfind(mark, 0, start) for mark in "\n|;") + 1
    until = start
    while until > low and text[until - 1] in " .-·":
        until -= 1
    begin = max((end for end in _parts(passage, low, until)), default=low)
    while begin < start and text[begin] in ' -·[(<（«"':
        begin += 1
    stop = start
    for hit in passage.within(begin, start):
        reserved = hit.kind == "copyright.reserved"
        if hit.kind in ("copyright.part", "copyright.marker") or (reserved and hit.start == begin):
            return None
        if reserved:
            stop = min(stop, hit.start)
    end = _rstrip(text, begin, stop)
    if not 2 <= end - begin <= 70 or not any(c.isalpha() for c in text[begin:end]):
        return None
    given = passage.text[passage.folded.starts[begin]]
    if given.islower() and not _looks_like_site(text[begin:end]):
        return None
    return (begin, end) if len(text[begin:end].split()) <= 9 else None


def _parts(passage: Passage, low: int, high: int) -> Iterator[int]:
    """Where what stands before a name on its line ends: sentences, labels, parts between dashes."""
    text = passage.folded.text
    for match in _PARTING.finditer(text, low, high):
        dot = match.group()[0] == "."
        if not (
            dot and (_COMPANY.search(text[low : match.start()]) or _INITIAL.search(text[low : match.start()]))
        ):
            yield match.end()


def _rstrip(text: str, start: int, end: int) -> int:
    while end > start and (
        text[end - 1].isspace()
        or text[end - 1] in ",;:-·|/(（<[."
        or (text[end - 1] == '"' and text.count('"', start, end) % 2)
    ):
        if text[end - 1] == "." and re.search(r"\w\.\w{1,2}\.$", text[start:end]):
            break
        end -= 1
    return end


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
    given = passage.text[passage.folded.starts[min(_skip(text, end), len(text) - 1)]]
    return given.islower()


def _reserved_alone(passage: Passage, hit: Hit) -> Notice:
    """ "All rights reserved" without a marker: with the name or year beside it, if there is one."""
    text = passage.folded.text
    years, after = _take_years(text, _skip(text, hit.end))
    left = _holder_left(passage, hit.start) or _dated_name_before(passage, hit.start)
    holder, last = (hit.end, hit.end), max(hit.end, after if years else hit.end)
    if years:
        holder, last = _holder_right(passage, after)
    if not years and left is None:
        named = _NAME_YEAR.match(text, _skip(text, hit.end))
        if named and "\n" not in text[hit.end : named.end()] and _is_name(passage, *named.span("name")):
            name = named.span("name")
            holder, years, last = (name[0], _rstrip(text, *name)), [named.span("year")], named.end()
    if holder[1] == holder[0] and left is not None:
        before, rest = _years_in(text, *left)
        if before and before[0][0] == left[0]:
            left = (_skip(text, rest), left[1])
            holder, years, before = left, before + years, []
        elif before or years or not passage.text[passage.folded.starts[left[0]]].isascii():
            years = before + years
            end = left[1] if not before else _rstrip(text, left[0], before[0][0])
            if end > left[0]:
                holder = (left[0], end)
    begin = min([holder[0], hit.start, *(y[0] for y in years)])
    return _make(passage, begin, max(last if years else hit.end, hit.end), holder, years, False, hit.language)


def _dated_name_before(passage: Passage, start: int) -> tuple[int, int] | None:
    """Years and a name, as a sentence of their own at the start of the line: `2010-2020 NAME. All rights reserved`."""
    text = passage.folded.text
    low = text.rfind("\n", 0, start) + 1
    stop = _rstrip(text, low, start)
    years, end = _take_years(text, low)
    name = _skip(text, end)
    if not years or stop - name > 70 or not _is_name(passage, name, stop):
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
                holder, _ = _holder_right(passage, match.start("name"))
            if holder[1] > holder[0] or not cue.pattern.named:
                text = passage.folded.text
                years, last = _years_in(text, holder[0], min(len(text), max(hit.end, holder[1]) + 12))
                inside = [y for y in years if y[0] < holder[1]]
                if inside:
                    holder = (holder[0], _rstrip(text, holder[0], inside[0][0]))
                if holder[1] > holder[0]:
                    holder = (holder[0], _rstrip(text, holder[0], holder[1]))
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


def year_number(printed: str) -> int | None:
    """The number of a printed year; eras of up to three digits become Gregorian years."""
    for era, base in _ERAS.items():
        if printed.startswith(era):
            digits = re.sub(r"\D", "", printed)
            return base + (int(digits) if digits else 1)
    digits = re.sub(r"\D", "", printed)
    return int(digits) if len(digits) == 4 else None


def clean_holder(raw: str) -> str:
    """A holder's name as printed, without what layout did to it."""
    name = html.unescape(html.unescape(raw))
    name = re.sub(r"<[^<>]{0,200}>", "", name)
    name = re.sub(r"(?<=\w)[-\u2010\u00ad]\r?\n\s*(?=\w)", "", name)
    name = re.sub("[\u00ad\u200b\u200e\u200f\u2060\ufeff]", "", name)
    if any("\uff01" <= c <= "\uff5e" for c in name):
        name = unicodedata.normalize("NFKC", name)
    try:
        if "Ã" in name or "Â" in name:
            name = re.sub(
                "[ÂÃÄÅ][\u0080-\u00bf]", lambda m: m.group().encode("latin-1").decode("utf-8"), name
            )
    except UnicodeDecodeError:
        name = name.strip()
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    return name.strip(" ,;:|-–—·।॥۔")

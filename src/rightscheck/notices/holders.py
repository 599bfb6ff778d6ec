"""The holder's name in a copyright notice: where it begins and ends, to the right or left of the sign."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.passage import Passage
from rightscheck.notices.years import YEAR, skip, years_in

SIGN = re.compile(
    r"©|℗|\(c\)|\([сц]\)(?=[^\n]{0,60}(?:19|20)\d\d)|\(p\)(?= ?(?:19|20)\d\d)|@(?= ?riproduzione riservata)"
)
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
_PARTING = re.compile(r"[.。!?:]\s| [-·•—–] ")
_BY = re.compile(r"(?:by|von|par|por|di|av|af|bei) +")
_MAX_HOLDER = 90
_SPEAKING = frozenset({"object.self", "exception.consent", "exception.written", "permit.allow"})


def is_name(passage: Passage, start: int, end: int) -> bool:
    """Whether every longer word begins with a capital, or the script has none."""
    words = re.finditer(r"[^\W\d_]{3,}", passage.folded.text[start:end])
    first = [passage.text[passage.folded.starts[start + w.start()]] for w in words]
    return bool(first) and not any(char.islower() for char in first)


def is_role(passage: Passage, start: int, end: int) -> bool:
    """Whether the words name nobody, but a part that somebody plays: "the author", "our company"."""
    return end > start and any(
        hit.start <= start and end <= hit.end and hit.kind in ("object.house", "object.self")
        for hit in passage.within(max(0, start - 12), end + 1)
    )


def holder_right(passage: Passage, position: int) -> tuple[tuple[int, int], int]:
    """The holder's span that begins at the position and where the notice goes on; empty when there is none."""
    text = passage.folded.text
    begin = skip(text, position)
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
    sign = SIGN.search(text, begin, limit)
    if sign:
        limit = sign.start()
    end = _stop(passage, begin, limit)
    years, _ = years_in(text, begin, end)
    for year in years:
        if year[0] > begin and (
            year[1] >= end - 2 or not text[year[1] : end].strip(" ,.-()（）年г0123456789")
        ):
            end = year[0]
            break
    end = rstrip(text, begin, end)
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
                if text[position - 1] == "." and begins_sentence(passage, position):
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
    if _SUFFIX.match(following) or re.match(YEAR, following):
        return True
    if _COMPANY.search(text[begin:dot]) and begins_sentence(passage, dot + 1):
        return False
    return _INITIAL.search(text[begin:dot]) is not None


def begins_sentence(passage: Passage, position: int) -> bool:
    """Whether a space and a capital letter stand at the position."""
    text = passage.folded.text
    if not text[position : position + 1].isspace() or position + 1 >= len(text):
        return False
    return passage.text[passage.folded.starts[position + 1]].isupper()


def holder_left(passage: Passage, start: int) -> tuple[int, int] | None:
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
    end = rstrip(text, begin, stop)
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


def rstrip(text: str, start: int, end: int) -> int:
    while end > start and (
        text[end - 1].isspace()
        or text[end - 1] in ",;:-·|/(（<[."
        or (text[end - 1] == '"' and text.count('"', start, end) % 2)
    ):
        if text[end - 1] == "." and re.search(r"\w\.\w{1,2}\.$", text[start:end]):
            break
        end -= 1
    return end


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

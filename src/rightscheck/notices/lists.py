"""Lists: which sentences are items, under what header, and what stands below them.

An item says little without its header ("You must not:"), which may stand far above, and sometimes without the
line below ("unless we agreed in writing"; a verb, where verbs stand last). Items are marked by bullets or
numbers, nested, run on in one paragraph as (a), (b), (c), or stand as bare lines under a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rightscheck.notices.fold import Folded, is_unspaced

Span = tuple[int, int]
BULLET = re.compile(
    r"(?:\\?[-*•·–—▪◦‣■●○+]|\(?[a-zA-Z0-9]{1,3}\\?[.)]|\(?[ivx]{1,4}[.)]|\(?[а-яёіїєґ]\)|\(?[א-ת]['׳]?[.)]|\(?[\u0620-\u064a]{1,3}[).]"
    r"|\(?[०-९০-৯௦-௯๐-๙٠-٩۰-۹]{1,2}[.)]|[가나다라마바사아자차카타파하][.)])\s"
    r"|(?:[①-⑳㈀-㈎]|[（(][0-9０-９一二三四五六七八九十]{1,3}[）)]|[一二三四五六七八九十]{1,3}[、．]|[0-9０-９]{1,2}[．、）])\s?"
)
"""What begins an item, in text as given; Markdown may escape it."""
NUMBERING = re.compile(
    r"[\s,;.]*(?:(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,4})[.)]|\\?[-*•·–▪■●○])\s+)?"
)
"""What stands before the first word of a clause, in folded text."""
_NUMBER = re.compile(r"\((?:[ivx]{1,4}|[a-z]|\d{1,2})\)(?=\s)")
_FIRST = re.compile(r"\((?:i|a|1)\)")
_ROMAN = re.compile(r"[ivx]{2,4}")
_SENTENCE = re.compile(r"[.!?]\s+(?=[A-ZÀ-ÞА-Я])|[。！？]")
_LEADING = (":", ":-", "...", ",", "-")
_OPEN = re.compile(r"[;,]\s?(?:(?:and|or|und|oder|et|ou|y|o|e|en|of|и|или|ve|veya|dan|atau)[\s/]{0,2}){0,2}$")
"""How an unmarked item ends that another one follows."""
_HEADING = 60
MOST_JOINED, LONGEST_JOINED = 6, 700
"""Items and characters up to which a list is read as one sentence."""
FARTHEST = 12_000
"""Code points above a passage in which the header of a list is looked for."""
_MOST_BARE = 40


class Sentence(NamedTuple):
    """A sentence or list item in folded text.

    `shared`: the spans that it shares modality with, outermost first: headers, then what stands below the list.
    `weak`: they count only where the sentence has no modality of its own.
    """

    start: int
    end: int
    shared: tuple[Span, ...] = ()
    weak: bool = False


class _Mark(NamedTuple):
    """The kind of a bullet or number, its indent (-1 within a line), and the number itself."""

    kind: str
    indent: int
    label: str = ""


_BARE = _Mark("", 0)


@dataclass(slots=True)
class _Level:
    """An open list: the mark of its last item, and its header."""

    mark: _Mark
    header: Span | None
    weak: bool

    def holds(self, mark: _Mark) -> bool:
        """Whether an item so marked is one more of this list; (i) follows on (h)."""
        if self.mark.indent != mark.indent:
            return False
        letters = (
            self.mark.label == "h" and mark.label == "i" and self.mark.kind.replace("a", "i") == mark.kind
        )
        return self.mark.kind == mark.kind or letters


@dataclass(slots=True)
class _Read:
    """A sentence while its list is still read."""

    span: Span
    headers: tuple[Span, ...] = ()
    weak: bool = False
    list: int = 0
    item: bool = False


class _Lists:
    """One pass over the sentences of a passage, with the lists that are open."""

    def __init__(self, text: str, folded: Folded, spans: Sequence[Span]) -> None:
        self._text = text
        self._folded = folded
        self._spans = spans
        self._levels: list[_Level] = []
        self._heading: Span | None = None
        self._number = 0
        self._bare = 0
        self.below: dict[int, Span] = {}

    def read(self) -> list[_Read]:
        """The sentences with their headers; `below` then holds, by list, the line right below it."""
        return [self._one(index, span) for index, span in enumerate(self._spans)]

    def _one(self, index: int, span: Span) -> _Read:
        mark = self._mark(index)
        if mark is not None:
            return self._item(index, span, mark)
        if not self._begins_line(index):
            # "Scraping. Do not ..." under one mark: what follows the title is the item
            titled = self._levels and self._is_short(index - 1) and self._mark(index - 1) is not None
            return _Read(span, self._headers(), True, self._number) if titled else _Read(span)
        if self._levels and self._is_bare(index):
            return self._item(index, span, _BARE)
        if self._levels and self._indent(span) > 0:
            return _Read(span)
        if self._levels and self._is_short(index) and self._mark(index + 1) is not None:
            self._heading = span
            return _Read(span)
        if self._levels:
            self.below[self._number] = span
            self._levels.clear()
            self._heading = None
        if self._opens_bare(index):
            return self._item(index, span, _BARE)
        return _Read(span)

    def _item(self, index: int, span: Span, mark: _Mark) -> _Read:
        if not self._levels:
            self._number += 1
            self._bare = 0
        known = next((n for n, level in enumerate(self._levels) if level.holds(mark)), None)
        if known is None:
            header, weak = self._header(index)
            self._levels.append(_Level(mark, header, weak))
        else:
            del self._levels[known + 1 :]
            self._levels[known].mark = mark._replace(kind=self._levels[known].mark.kind)
        self._bare += mark == _BARE
        weak = any(level.weak for level in self._levels)
        return _Read(span, self._headers(), weak, self._number, item=True)

    def _headers(self) -> tuple[Span, ...]:
        headers = [level.header for level in self._levels if level.header is not None]
        return (*headers, self._heading) if headers and self._heading else tuple(headers)

    def _header(self, index: int) -> tuple[Span | None, bool]:
        """The sentence before an item when it leads in a list, and whether it does so weakly."""
        if index == 0:
            return None, False
        before = self._spans[index - 1]
        said = _plain(self._folded.text[before[0] : before[1]])
        if said.endswith(_LEADING) or said[-1:].isalnum():
            return before, not said.endswith((":", ":-"))
        goes_on = self._begins_small(index) or self._ends_open(index) or self._is_numbered(index)
        return (before, True) if goes_on else (None, False)

    def _is_numbered(self, index: int) -> bool:
        """Whether a numbered list begins here, of two items at least."""
        start, end = self._spans[index - 1]
        if not is_unspaced(self._folded.text[start:end]):
            return False  # elsewhere numbers without a colon above them count sections
        first = self._mark(index)
        more = (mark for at in range(index + 1, min(index + 4, len(self._spans))) if (mark := self._mark(at)))
        following = next(more, None)
        return first is not None and following is not None and first.label != following.label != ""

    def _opens_bare(self, index: int) -> bool:
        """Whether an unmarked line is the first item under a header that ends in a colon."""
        if index == 0 or not _ends_in_colon(self._folded.text, self._spans[index - 1]):
            return False
        return self._begins_small(index) or self._ends_open(index) or self._is_line(index)

    def _is_bare(self, index: int) -> bool:
        """Whether an unmarked line goes on with a list of unmarked lines."""
        if self._levels[-1].mark != _BARE or self._bare > _MOST_BARE:
            return False
        alike = self._begins_small(index) or self._ends_open(index) or self._ends_open(index - 1)
        return alike or self._is_line(index)

    def _is_line(self, index: int) -> bool:
        """Whether a sentence is a line of its own: short, or a paragraph with a full stop."""
        start, end = self._spans[index]
        text = self._folded.text
        if index + 1 < len(self._spans) and "\n" not in text[end : self._spans[index + 1][0]]:
            return False
        apart = index > 0 and "\n\n" in text[self._spans[index - 1][1] : start]
        short = end - start <= (2 * _HEADING if apart else 400)
        return short and (text[end - 1] in ".;。" or text[end - 1].isalnum())

    def _is_short(self, index: int) -> bool:
        """Whether a short line stands here, such as a heading between two items."""
        start, end = self._spans[index]
        return end - start <= _HEADING and index + 1 < len(self._spans)

    def _begins_line(self, index: int) -> bool:
        return index == 0 or "\n" in self._folded.text[self._spans[index - 1][1] : self._spans[index][0]]

    def _begins_small(self, index: int) -> bool:
        at = self._folded.starts[self._spans[index][0]]
        return self._text[at : at + 2].lstrip('"“«‘.…')[:1].islower()

    def _ends_open(self, index: int) -> bool:
        start, end = self._spans[index]
        return _OPEN.search(self._folded.text, max(start, end - 16), end) is not None

    def _indent(self, span: Span) -> int:
        at = self._folded.starts[span[0]]
        line = self._text.rfind("\n", max(0, at - 80), at) + 1
        return at - line if line and not self._text[line:at].strip() else 0

    def _mark(self, index: int) -> _Mark | None:
        """How an item is marked; None for another sentence."""
        if index >= len(self._spans):
            return None
        span = self._spans[index]
        match = BULLET.match(self._text, self._folded.starts[span[0]])
        if match is None:
            return None
        mark = match.group().strip().replace("\\", "")
        if self._begins_line(index):
            return _marked(mark, self._indent(span))
        return _marked(mark, -1) if mark.endswith(")") else None


def _plain(said: str) -> str:
    """A line without the signs of emphasis at its end, and without what cannot be seen."""
    return said.rstrip("*_ \u200b\u00a0\\")


def _ends_in_colon(text: str, span: Span) -> bool:
    return _plain(text[max(span[0], span[1] - 12) : span[1]]).endswith((":", ":-"))


def with_lists(text: str, folded: Folded, spans: Sequence[Span]) -> Iterator[Sentence]:
    """The sentences, items with what they share; a short list is one sentence with its header.

    A list is followed by a line that goes on with it when that begins in lower case.
    """
    lists = _Lists(text, folded, spans)
    found = lists.read()
    index = 0
    while index < len(found):
        one = found[index]
        last = _joined(folded, found, index)
        if last is not None:
            end = found[last].span[1]
            following = found[last + 1].span if last + 1 < len(found) else None
            if last > index and following and text[folded.starts[following[0]]].islower():
                end = following[1]
                last += 1
            yield Sentence(one.span[0], end)
            index = last + 1
            continue
        below = lists.below.get(one.list) if one.item and one.headers else None
        yield Sentence(*one.span, one.headers + ((below,) if below else ()), one.weak)
        index += 1


def _joined(folded: Folded, found: Sequence[_Read], index: int) -> int | None:
    """The last item of a short list of marked items whose header stands at the index; None for any other sentence."""
    header = found[index].span
    if found[index].item or not _ends_in_colon(folded.text, header):
        return None
    last = index
    while last + 1 < len(found) and found[last + 1].item and found[last + 1].headers == (header,):
        last += 1
    items = found[index + 1 : last + 1]
    short = items and len(items) <= MOST_JOINED and items[-1].span[1] - header[0] <= LONGEST_JOINED
    more = last + 1 < len(found) and found[last + 1].headers
    return last if short and not more else None


def _marked(mark: str, indent: int) -> _Mark:
    """The mark read: `(1)` for any number in brackets, `a.` for a letter, `i)` for a Roman number."""
    core = mark.strip("()（）.．、'׳")
    if not core.isalnum():
        return _Mark(mark, indent)
    if not core.isascii():  # letters and numbers of other scripts count as numbers
        return _Mark(mark.replace(core, "1", 1), indent, core)
    kind = "1" if core.isdigit() else "i" if core == "i" or _ROMAN.fullmatch(core.lower()) else "a"
    return _Mark(mark.replace(core, kind, 1), indent, core.lower())


def enumerated(
    text: str, sentence: Sentence, exempt: Sequence[int] = (), *, open_: bool = False
) -> Iterator[Sentence]:
    """A long sentence with (a), (b), (c) in it, cut into its header and items, nested ones too.

    `exempt`: where words such as "except" end; numbers right behind one count exceptions and cut nothing. `open_`:
    the sentence goes on with an enumeration whose beginning it shares already.
    """
    start, end, shared, weak = sentence
    marks = list(_NUMBER.finditer(text, start, end)) if end - start > 300 or open_ else []
    marks = _without_exceptions(marks, exempt)
    if len(marks) < (1 if open_ else 2) or not (open_ or _FIRST.match(marks[0].group())):
        yield sentence
        return
    first = marks[0].start()
    levels: list[tuple[str, Span | None]] = []
    if text[start:first].strip():
        yield Sentence(start, first, shared, weak)
    header: Span | None = (start, first) if not open_ and text[start:first].strip() else None
    for place, mark in enumerate(marks):
        low = mark.start()
        high = marks[place + 1].start() if place + 1 < len(marks) else end
        kind = _marked(mark.group(), -1).kind
        known = next((n for n, level in enumerate(levels) if level[0] == kind), None)
        if known is None:
            levels.append((kind, header))
        else:
            del levels[known + 1 :]
        own = tuple(span for _, span in levels if span is not None)
        yield Sentence(low, high, shared + own, weak)
        header = (low, high)


def _without_exceptions(marks: list[re.Match[str]], exempt: Sequence[int]) -> list[re.Match[str]]:
    """The marks without a series that begins right behind a word such as "except", up to the series around it."""
    kept: list[re.Match[str]] = []
    inside = ""
    for mark in marks:
        kind = _marked(mark.group(), -1).kind
        if any(mark.start() - 40 <= at <= mark.start() for at in exempt) and _FIRST.match(mark.group()):
            inside = kind
        elif inside and kind != inside:
            inside = ""
        if not inside:
            kept.append(mark)
    return kept


class Leads(NamedTuple):
    """Headers above a passage, outermost first, in text as given. `series`: the last one opened an (a), (b), (c)."""

    spans: tuple[Span, ...] = ()
    series: bool = False


def leads_above(text: str, start: int, end: int) -> Leads:
    """The headers above a passage of the text that begins within a list; none elsewhere.

    Looks at most FARTHEST code points up: past items, blank lines and short headings to the line that opens the list.
    """
    line = text.rfind("\n", max(0, start - FARTHEST), start) + 1
    inline = (
        _series_above(text, max(line, start - FARTHEST // 2), start, end)
        if text[line:start].strip()
        else None
    )
    found = [inline] if inline else []
    series = inline is not None
    floor = max(0, start - FARTHEST)
    marks = _first_item(text, line, end)
    if marks is None:
        return Leads(tuple(found), series)
    level, bottom = marks, line
    while bottom > floor:
        top = text.rfind("\n", floor, bottom - 1) + 1
        if top <= floor and floor:
            break
        said = _plain(text[top : bottom - 1].strip())
        mark = _line_mark(text, top)
        if not said or (len(said) <= _HEADING and said[-1].isalnum() and mark is None):
            pass
        elif mark is not None:
            closer = mark.indent < level.indent or mark.kind != level.kind
            if closer and said.endswith((":", ":-", "：")):
                found.append((top, bottom - 1))
                level = mark
        elif not (_OPEN.search(said) or said[0].islower()) or level != _BARE:
            if said.endswith((":", "：", "…", "...", ",", "-", ".")):
                found.append((_last_sentence(text, top, bottom - 1), bottom - 1))
            break
        bottom = top
    return Leads(tuple(found[::-1]), series)


def _first_item(text: str, start: int, end: int) -> _Mark | None:
    """The mark of the first line in the span when it is an item, or one follows before another line."""
    position = start
    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        said = _plain(text[position:stop].strip())
        if said:
            mark = _line_mark(text, position)
            if mark is not None:
                return mark
            return _BARE if _OPEN.search(said) or said[0].islower() else None
        position = stop + 1
    return None


def _line_mark(text: str, top: int) -> _Mark | None:
    at = top
    while at < len(text) and text[at] in " \t\u00a0":
        at += 1
    match = BULLET.match(text, at)
    return _marked(match.group().strip().replace("\\", ""), at - top) if match else None


def _last_sentence(text: str, start: int, end: int) -> int:
    """Where the last sentence of a line begins, at most 600 code points before its end."""
    low = max(start, end - 600)
    dots = [m.end() for m in _SENTENCE.finditer(text, low, max(low, end - 2))]
    return dots[-1] if dots else low


def _series_above(text: str, line: int, start: int, end: int) -> Span | None:
    """The words that open an enumeration, (a) or (i), of which only later items stand in the passage."""
    mark = _NUMBER.search(text, start, min(end, start + 3000))
    if mark is None or _FIRST.match(mark.group()):
        return None
    kind = _marked(mark.group(), -1).kind
    firsts = [m for m in _FIRST.finditer(text, line, start) if _marked(m.group(), -1).kind in (kind, "i")]
    if not firsts:
        return None
    at = firsts[-1].start()
    return _last_sentence(text, line, at), at

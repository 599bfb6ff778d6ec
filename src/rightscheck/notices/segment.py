"""Lines, blocks and sentences: which line breaks end something, and where sentences stop.

Publishers' notices come wrapped, bulleted, as comments, glued to a byline. A line break is kept where
it separates and dropped where it only wraps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rightscheck.notices.fold import Folded, is_unspaced

_BREAK = re.compile(r"\r?\n[ \t]*")
_PREFIX = re.compile(r"(?:#{1,3}|//+|\*|;|--|>|%|')[ \t]?")
_BULLET = re.compile(r"(?:[-*•·–—▪◦‣■●○①-⑳]|\(?[a-zA-Z0-9]{1,3}[.)]|[ivx]{1,4}[.)]|[a-zа-я]\))\s")
_TERMINAL = re.compile(r"[.!?。！？।॥؟۔:：;；…](?:[\"'”’»」』）)\]]|&raquo;|&quot;)*\s*$")
_CONTINUES = re.compile(r"[,،、，(/-]\s*$|\b(?:and|or|und|et|dan|y|e|of|the)\s*$", re.IGNORECASE)
_APART = re.compile(
    r"\s*(?:©|\(c\)|ⓒ|&copy;|&#169;|copyright\b|[\[【<(（]|https?://|@)|\s*[^\s:：]{2,24}(?:\s[^\s:：]{1,20}){0,2}\s?[:：](?:\s|\S)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"(?P<dot>[.!?…]+[\"')\]»]{0,3})(?=\s|$)|[。!?؟।॥۔⋯！？｡]+[\"')\]»」』]{0,3}|(?<=[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af\"])\.[\"')\]]{0,2}"
    r"|[.!?](?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f])"
    r"|\n+|\s[|｜¦•]\s?|[|｜]"
)
_ABBREVIATIONS = frozenset(
    "no nr nº art arts abs abb z bzw vgl co corp st mr mrs ms dr prof par str odst ust sec v vs cf al ed eds jr sr tel "
    "usw ca lit nos pt fig vol pp approx e.g i.e bl mm dl ст п г т д ред ч u.a z.b d.h s.l s.a etc incl inc ltd ind "
    "a.s a.ş s.p.a r.l urh tzv napr mag ing dott sig avv fr dir pág pag núm num stk ods čl č §".split()
)
_YEAR_LINE = re.compile(r"(?:19|20|25)\d\d\b[^\n]{0,12}$")
_MARKED = re.compile(r"\s*(?:©|\(c\)|ⓒ|&copy;|copyright\b)", re.IGNORECASE)
_NUMBER = re.compile(r"\((?:[ivx]{1,4}|[a-z]|\d{1,2})\)(?=\s)")
_FIRST = re.compile(r"\((?:i|a|1)\)")
MAX_SENTENCE = 1500
MOST_JOINED, LONGEST_JOINED = 6, 700
"""Items and characters up to which a list is read as one sentence."""


class Sentence(NamedTuple):
    """A sentence or list item in folded text; `header` is the span whose modality an item shares."""

    start: int
    end: int
    header: tuple[int, int] | None = None


def soft_breaks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the line breaks in the region that only wrap a sentence, in order.

    A break span takes in the next line's indent and comment sign.
    """
    soft: list[tuple[int, int]] = []
    block: list[tuple[int, int, str]] = []
    position = start
    for match in _BREAK.finditer(text, start, end):
        line = text[position : match.start()]
        prefix = _PREFIX.match(text, match.end(), end)
        block.append((match.start(), prefix.end() if prefix else match.end(), line))
        if not line.strip():
            soft += _soft_in(block[:-1])
            block = []
        position = match.end()
    block.append((end, end, text[position:end]))
    soft += _soft_in(block)
    return sorted(set(soft))


def _soft_in(block: list[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """The soft breaks among the lines of one block: (break start, next line's start, line) each."""
    if len(block) < 2:
        return
    lines = [line.strip() for _, _, line in block]
    width = max(len(line) for line in lines[:-1])
    wrapped = sum(
        _begins_lower(lines[i + 1]) and not _TERMINAL.search(lines[i]) for i in range(len(lines) - 1)
    )
    for index, (start, stop, _) in enumerate(block[:-1]):
        line, following = lines[index], lines[index + 1]
        comment = _PREFIX.match(following)
        if comment and not (following[0] == "*" and not lines[index].startswith("*")) and stop > start:
            following = following[comment.end() :]
        if _wraps(line, following, width, wrapped > 0):
            yield start, stop


def _wraps(line: str, following: str, width: int, wrapped: bool) -> bool:
    """Whether the break between two lines of one block only wraps."""
    if not line or not following or _TERMINAL.search(line) or _BULLET.match(following):
        return False
    if line[-1] in "-\u2010\u00ad" and following[0].isalpha():
        return False  # folded as hyphenation
    if _begins_lower(following) or _CONTINUES.search(line):
        return True
    if _YEAR_LINE.match(following) and _MARKED.match(line):
        return True
    if _APART.match(following) or (_APART.match(line) and not wrapped):
        return False
    first = following[0]
    cased = first.lower() != first.upper()
    fits = len(line) + 1 + len(following.split(None, 1)[0]) <= width * 0.8
    if cased or first.isdigit():
        return wrapped and not fits
    if is_unspaced(following[:2]):
        return len(line) >= 12 and not fits
    return not fits or len(line) >= 12


def _begins_lower(line: str) -> bool:
    return bool(line) and line[0].islower()


def sentences(text: str, folded: Folded) -> list[Sentence]:
    """The sentences of folded text in order, at most MAX_SENTENCE characters each.

    `text` is the given text, asked for the letter case that folding took away. A header that ends in a
    colon takes in a short list below it; items of a longer one, and of one within the sentence, stand alone
    and point to their header.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _STOP.finditer(folded.text):
        if match.lastgroup == "dot" and not _stops(text, folded, match.start(), match.end()):
            continue
        stop = match.end() if match.group().strip("|｜¦• \n") else match.start()
        spans.append((start, stop))
        start = match.end()
    spans.append((start, len(folded.text)))
    trimmed = [t for s in spans if (t := _trim(folded.text, *s)) is not None]
    return [
        piece
        for sentence in _with_lists(text, folded, trimmed)
        for item in _enumerated(folded.text, sentence)
        for piece in _limit(item)
    ]


def _stops(text: str, folded: Folded, start: int, end: int) -> bool:
    """Whether a full stop (or ! ?) followed by a space ends a sentence."""
    after = end
    while after < len(folded.text) and folded.text[after].isspace():
        after += 1
    if after >= len(folded.text):
        return True
    if folded.text[end] == "\n":
        return True
    following = text[folded.starts[after]]
    if following.islower():
        return False
    if folded.text[start] != ".":
        return True
    word = re.search(r"[^\s,;:()\"'/]{1,12}$", folded.text[max(0, start - 12) : start])
    if word is None:
        return True
    last = word.group()
    if last in _ABBREVIATIONS or (last.isalpha() and len(last) == 1 and last.isascii()):
        return False
    return not (
        last.isdigit()
        and len(last) <= 2
        and start - len(last) > 0
        and not following.isdigit()
        and _is_list_number(folded, start, last)
    )


def _is_list_number(folded: Folded, start: int, number: str) -> bool:
    """`1.` at the beginning of a line or an ordinal such as `3. Oktober`."""
    before = folded.text[: start - len(number)].rstrip(" ")
    return not before or before[-1] in "\n." or before[-1].isalpha()


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if end > start else None


def _with_lists(text: str, folded: Folded, spans: list[tuple[int, int]]) -> Iterator[Sentence]:
    """Headers with their short lists, and with a last line that goes on in lower case."""
    index = 0
    while index < len(spans):
        header = spans[index]
        index += 1
        if not folded.text[header[0] : header[1]].endswith((":", ":-")):
            yield Sentence(*header)
            continue
        first = index
        while index < len(spans) and _is_item(text, folded, spans[index]):
            index += 1
        items = spans[first:index]
        if not items or (len(items) <= MOST_JOINED and items[-1][1] - header[0] <= LONGEST_JOINED):
            end = items[-1][1] if items else header[1]
            if items and index < len(spans) and text[folded.starts[spans[index][0]]].islower():
                end = spans[index][1]
                index += 1
            yield Sentence(header[0], end)
            continue
        yield Sentence(*header)
        yield from (Sentence(*item, header) for item in items)


def _is_item(text: str, folded: Folded, span: tuple[int, int]) -> bool:
    return _BULLET.match(text, folded.starts[span[0]]) is not None


def _enumerated(text: str, sentence: Sentence) -> Iterator[Sentence]:
    """A long sentence with (a), (b), (c) in it, cut into its header and items."""
    start, end, header = sentence
    marks = [m.start() for m in _NUMBER.finditer(text, start, end)] if end - start > 300 else []
    if len(marks) < 2 or not _FIRST.match(text, marks[0]):
        yield sentence
        return
    if text[start : marks[0]].strip():
        yield Sentence(start, marks[0], header)
        header = (start, marks[0])
    for low, high in zip(marks, [*marks[1:], end], strict=True):
        yield Sentence(low, high, header)


def _limit(sentence: Sentence) -> Iterator[Sentence]:
    start, end, header = sentence
    while end - start > MAX_SENTENCE:
        yield Sentence(start, start + MAX_SENTENCE, header)
        start += MAX_SENTENCE
    yield Sentence(start, end, header)

"""Lines, blocks and sentences: which line breaks end something, and where sentences stop.

Publishers' notices come wrapped, bulleted, as comments, glued to a byline. A line break is kept where
it separates and dropped where it only wraps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rightscheck.notices.fold import Folded, is_unspaced
from rightscheck.notices.lists import BULLET, Sentence, enumerated, with_lists

_BREAK = re.compile(r"\r?\n[ \t]*")
_PREFIX = re.compile(r"(?:#{1,3}|//+|\*|;|--|>|%|')[ \t]?")
_TERMINAL = re.compile(r"[.!?。！？।॥؟۔:：;；…](?:[\"'”’»」』）)\]]|&raquo;|&quot;)*\s*$")
_CONTINUES = re.compile(r"[,،、，(/-]\s*$|\b(?:and|or|und|et|dan|y|e|of|the)\s*$", re.IGNORECASE)
_APART = re.compile(
    r"\s*(?:©|\(c\)|ⓒ|&copy;|&#169;|copyright\b|[\[【<(（]|https?://|@)|\s*[^\s:：]{2,24}(?:\s[^\s:：]{1,20}){0,2}\s?[:：](?:\s|\S)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"(?P<dot>[.!?…]+[\"')\]»*_]{0,4})(?=\s|$)|[。!?؟।॥۔⋯！？｡]+[\"')\]»」』]{0,3}|(?<=[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af\"])\.[\"')\]]{0,2}"
    r"|[.!?](?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f])"
    r"|(?P<glued>(?<=[a-zß-ÿа-я]{3})\.(?=[a-zß-ÿа-я]{2,16}\s))"
    r"|\n+|\s[|｜¦•]\s?|[|｜]"
)
_ABBREVIATIONS = frozenset(
    "no nr nº art arts abs abb z bzw vgl co corp st mr mrs ms dr prof par str odst ust sec v vs cf al ed eds jr sr tel "
    "usw ca lit nos pt fig vol pp approx e.g i.e bl mm dl ст п г т д ред ч u.a z.b d.h s.l s.a etc incl inc ltd ind "
    "a.s a.ş s.p.a r.l urh tzv napr mag ing dott sig avv fr dir pág pag núm num stk ods čl č § insb bspw".split()
)
_YEAR_LINE = re.compile(r"(?:19|20|25)\d\d\b[^\n]{0,12}$")
_MARKED = re.compile(r"\s*(?:©|\(c\)|ⓒ|&copy;|copyright\b)", re.IGNORECASE)
MAX_SENTENCE = 1500


def soft_breaks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the line breaks in the region that only wrap a sentence, in order.

    A break span takes in the next line's indent and comment sign.
    """
    soft: list[tuple[int, int]] = []
    block: list[tuple[int, int, str]] = []
    position = start
    starred = "*/" in text[start:end] or "/*" in text[start:end]
    for match in _BREAK.finditer(text, start, end):
        line = text[position : match.start()]
        prefix = _PREFIX.match(text, match.end(), end)
        if prefix and prefix.group()[0] == "*" and not starred:
            prefix = None  # a bullet
        block.append((match.start(), prefix.end() if prefix else match.end(), line))
        if not line.strip():
            soft += _soft_in(block[:-1], starred=starred)
            block = []
        position = match.end()
    block.append((end, end, text[position:end]))
    soft += _soft_in(block, starred=starred)
    return sorted(set(soft))


def _soft_in(block: list[tuple[int, int, str]], *, starred: bool) -> Iterator[tuple[int, int]]:
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
        bullet = following[:1] == "*" and not (starred and lines[index].startswith("*"))
        if comment and not bullet and stop > start:
            following = following[comment.end() :]
        if _wraps(line, following, width, wrapped > 0):
            yield start, stop


def _wraps(line: str, following: str, width: int, wrapped: bool) -> bool:
    """Whether the break between two lines of one block only wraps."""
    if not line or not following or _TERMINAL.search(line) or BULLET.match(following):
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


def sentences(
    text: str, folded: Folded, *, exempt: Sequence[int] = (), lead: int = 0, series: bool = False
) -> list[Sentence]:
    """The sentences of folded text in order, at most MAX_SENTENCE characters each.

    `text` is the given text, asked for the letter case that folding took away. `exempt`: where words such as
    "except" end. `lead`: up to where the folded text holds headers from far above, which are shared and no sentences
    of their own; `series`: the last of them opened an enumeration that goes on behind it.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _STOP.finditer(folded.text):
        if match.lastgroup == "dot" and not _stops(text, folded, match.start(), match.end()):
            continue
        if match.lastgroup == "glued" and not _is_glued(text, folded, match.start()):
            continue
        stop = match.end() if match.group().strip("|｜¦• \n") else match.start()
        spans.append((start, stop))
        start = match.end()
    spans.append((start, len(folded.text)))
    trimmed = [t for s in spans if (t := _trim(folded.text, *s)) is not None]
    opened = max((s for s in trimmed if s[1] <= lead), default=None) if series else None
    found: list[Sentence] = []
    for sentence in with_lists(text, folded, trimmed):
        if sentence.end <= lead:
            continue
        goes_on = opened is not None and not found
        if goes_on and opened is not None:
            sentence = sentence._replace(shared=(*sentence.shared, opened))
        for item in enumerated(folded.text, sentence, exempt, open_=goes_on):
            found.extend(_limit(item))
    return found


def _is_glued(text: str, folded: Folded, dot: int) -> bool:
    """Whether a full stop without a space behind it parts two sentences: small letters before, a capital behind."""
    at = folded.starts[dot]
    return (
        text[at - 3 : at].islower()
        and text[at - 3 : at].isalpha()
        and text[at + 1 : at + 2].isupper()
        and text[at + 2 : at + 3].islower()
    )


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


def _limit(sentence: Sentence) -> Iterator[Sentence]:
    start, end, shared, weak = sentence
    while end - start > MAX_SENTENCE:
        yield Sentence(start, start + MAX_SENTENCE, shared, weak)
        start += MAX_SENTENCE
    yield Sentence(start, end, shared, weak)

"""The bytes of a robots.txt as lines (RFC 9309 2.2, 2.3 and 2.5).

Only CR, LF and CRLF end a line. What had to be repaired to read the file is listed, never silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_BYTES = 512_000
"""What a crawler must at least read (RFC 9309 2.5); the rest is not read."""

_SAMPLE = 4096
_PLAIN = bytes([9, 10, 13, *range(0x20, 0x7F)])
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PAGE = re.compile(r"<(?:!doctype\s++html|html|head|body|\?xml|svg|rss|feed)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that had to be mended or overlooked. `line` is 1-based, None for the whole file."""

    line: int | None
    rule_id_suffix: str
    message: str


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file. Bytes that are not UTF-8 are kept as lone surrogates (PEP 383).

    `plain` is True when all of it is printable ASCII, so that nothing can hide in it. `markup` tells that it
    begins with a tag, `page` that it is an HTML or XML document, `binary` that it is no text at all.
    """

    lines: list[str]
    plain: bool
    truncated: bool = False
    repairs: tuple[Repair, ...] = ()
    markup: bool = False
    page: bool = False
    binary: bool = False


def decode(body: bytes) -> Text:
    """The lines of the body, at most 512,000 bytes of it, cut at the last complete line. Never raises."""
    if len(body) <= MAX_BYTES and not body.translate(None, _PLAIN):
        text = body.decode("ascii")
        markup, page = _markup(text)
        return Text(split_lines(text), plain=True, markup=markup, page=page)
    return _decode_odd(body)


def _decode_odd(body: bytes) -> Text:
    repairs: list[Repair] = []
    codec, mark = _detect(body)
    truncated = len(body) > MAX_BYTES
    kept = body[mark:MAX_BYTES]
    if codec == "utf-8":
        text = kept.decode(codec, "surrogateescape")
    else:
        text = kept.decode(codec, "replace")
        repairs.append(Repair(None, "utf-16", f"decoded as {codec}, though RFC 9309 asks for UTF-8"))
    if mark:
        repairs.append(Repair(1, "bom", "a byte order mark precedes the first line and is skipped"))
    if truncated:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
        repairs.append(Repair(None, "truncated", f"only the first {MAX_BYTES:,} bytes are read"))
    if "\0" in text:
        line = _line_of(text, "\0")
        repairs.append(Repair(line, "nul", "NUL characters are overlooked where that restricts"))
    surrogate = re.search("[\udc80-\udcff]", text) if codec == "utf-8" and not text.isascii() else None
    if surrogate:
        line = _line_of(text, surrogate[0])
        repairs.append(Repair(line, "not-utf-8", "bytes that are not UTF-8 are compared as they are"))
    sample = text[:_SAMPLE]
    binary = len(_CONTROLS.findall(sample)) * 20 > len(sample)
    markup, page = _markup(text)
    return Text(split_lines(text), False, truncated, tuple(repairs), markup, page, binary)


def split_lines(text: str) -> list[str]:
    """The lines without their ends; a last line needs none. NEL, VT, FF, U+2028 do not end a line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def printable(text: str) -> str:
    """The text with bytes that were not UTF-8 as U+FFFD, fit to be printed or stored."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _markup(text: str) -> tuple[bool, bool]:
    """Whether the text begins with a tag, and whether it is a page."""
    if "<" not in text:
        return False, False
    markup = text.lstrip()[:1] == "<"
    return markup, markup and _PAGE.search(text[:_SAMPLE]) is not None


def _line_of(text: str, what: str) -> int:
    return len(split_lines(text[: text.index(what)] + "."))


def _detect(body: bytes) -> tuple[str, int]:
    """The codec and the length of the byte order mark; NULs in every other place tell UTF-16 without one."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return codec, len(mark)
    # A byte order mark that lost its end, as Google's parser skips it too.
    partial = 2 if body.startswith(b"\xef\xbb") else int(body.startswith(b"\xef"))
    if partial and body[partial : partial + 1].isalpha():
        return "utf-8", partial
    even, odd = body[0:512:2], body[1:512:2]
    if len(odd) > 1 and not even.count(0) and odd.count(0) * 10 >= len(odd) * 9:
        return "utf-16-le", 0
    if len(odd) > 1 and not odd.count(0) and even.count(0) * 10 >= len(even) * 9:
        return "utf-16-be", 0
    return "utf-8", 0


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

"""The text of bytes that came with more or less of a declared encoding (WHATWG Encoding, HTML 13.2.3)."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
# Labels that the web means differently from Python's codec of that name.
_LABELS = {
    "ascii": "windows-1252",
    "us-ascii": "windows-1252",
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin1": "windows-1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "windows-1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "utf8": "utf-8",
    "unicode": "utf-16-le",
}
_NOT_TEXT = frozenset(
    {"base64", "hex", "zlib", "bz2", "quopri", "uu", "rot13", "punycode", "idna", "utf-7", "utf_7"}
)


def declared_charset(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type value as a Python codec name; None when absent or unknown."""
    match = _CHARSET.search(content_type or "")
    return _codec(match[1]) if match else None


def decode(body: bytes, content_type: str | None = None, *, html: bool = False) -> str:
    """The bytes as text: by byte order mark, header, `meta` of HTML, UTF-8, windows-1252, in that order.

    Undecodable bytes become U+FFFD: bad input from the web is data.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = declared_charset(content_type)
    if declared is None and html and (match := _META.search(body[:4096])):
        declared = _codec(match[1].decode("ascii", "replace"))
        if declared is not None and declared.startswith("utf-16"):
            declared = "utf-8"  # the meta was readable as ASCII, so it lies
    if declared is not None:
        return body.decode(declared, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        # One stray byte in a long UTF-8 text is damage, many are another encoding.
        replaced = body.decode("utf-8", "replace")
        return (
            replaced if replaced.count("�") * 200 < len(replaced) else body.decode("windows-1252", "replace")
        )


def is_binary(body: bytes) -> bool:
    """Whether the bytes are no text in any encoding we know: NULs without a UTF-16 mark, many controls."""
    head = body[:4096]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    if b"\x00" in head:
        return True
    controls = sum(1 for byte in head if byte < 9 or 13 < byte < 27 or 27 < byte < 32)
    return controls * 20 > len(head) > 0


def _codec(label: str) -> str | None:
    name = _LABELS.get(label.lower(), label.lower())
    if name in _NOT_TEXT:
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None

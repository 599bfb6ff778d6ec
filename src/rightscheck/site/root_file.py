"""Root files such as /ai.txt and /trust.txt: whether an answer is one, and its lines.

A page that a server sends for every address is no such file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rightscheck.model import Document, Gap
from rightscheck.syntax.charset import decode, is_binary

MAX_BYTES = 512_000
MAX_LINES = 20_000
MAX_LINE = 2_000
_MARKUP = re.compile(r"\s{0,1000}+(?:<!doctype|<html|<head|<body|<!--|<\?xml|<script|<meta)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_CLOSED = frozenset({401, 403, 429, 451})
"""Answers in the 400s that say that there may be something which we may not see."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: 1-based number, text without its comment and outer white space, and as written."""

    number: int
    text: str
    written: str
    indented: bool


def read_text(document: Document) -> str | Gap | None:
    """The text of a root file; None when the site has none, a gap when the answer could not be read.

    Reads at most 512,000 bytes.
    """
    if document.catch_all:
        return None
    if document.failure:
        return Gap(carrier=document.carrier, source=document.url, reason=document.failure)
    status = document.status
    if status is not None and not 200 <= status < 300:
        if status >= 500 or status in _CLOSED or status < 400:
            return Gap(carrier=document.carrier, source=document.url, reason=f"status {status}")
        return None
    body = document.body[:MAX_BYTES]
    if is_binary(body):
        return Gap(carrier=document.carrier, source=document.url, reason="not a text file")
    text = decode(body, document.header("content-type"))
    return None if _MARKUP.match(text) or not text.strip() else text


def lines_of(text: str) -> Iterator[Line]:
    """The lines that say something, comments removed; at most 20,000 lines of 2,000 code points."""
    for number, written in enumerate(_LINE_END.split(text, maxsplit=MAX_LINES)[:MAX_LINES], 1):
        written = written[:MAX_LINE]
        content = written.partition("#")[0]
        if content.strip():
            yield Line(number, content.strip(), written.strip(), content[:1] in (" ", "\t"))

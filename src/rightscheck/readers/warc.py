"""WARC and WET files (ISO 28500), plain or compressed: answers of servers, and the texts made of them.

Responses and resources are judged as pages, with their headers; conversions as text. A record whose length is
wrong costs itself: reading goes on at the next one that can be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rightscheck.readers.http_message import HttpFault, parse_response
from rightscheck.readers.records import Gatherer, Page, Source, batches
from rightscheck.readers.streams import content

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".warc", ".wet")
COMPRESSED = True
MAX_RECORD = 128 * 1024 * 1024
"""Bytes; a longer record is unreadable."""
_MAX_HEAD = 64 * 1024
_START = re.compile(rb"WARC/1\.\d\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_DOCUMENTS = frozenset({"response", "resource", "conversion"})


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The documents of the response, resource and conversion records."""
    return batches(records(content(source)), _add)


@dataclass(slots=True)
class Record:
    """A WARC record; `fault` says why it cannot be read, if so."""

    headers: dict[str, str]
    block: bytes
    fault: str = ""


def _add(gathered: Gatherer, record: Record) -> None:
    kind = record.headers.get("warc-type", "").lower()
    if kind not in _DOCUMENTS and not record.fault:
        return
    if record.fault:
        gathered.add_problem(record.fault)
        return
    url = record.headers.get("warc-target-uri", "").strip("<>") or None
    name = record.headers.get("warc-record-id")
    date = record.headers.get("warc-date")
    if kind == "conversion":
        try:
            gathered.add(record.block.decode(), url=url, id=name, date=date, dump=None)
        except UnicodeDecodeError:
            gathered.add_problem("not UTF-8")
        return
    if record.headers.get("warc-truncated"):
        gathered.add_problem(f"cut when it was archived: {record.headers['warc-truncated']}")
        return
    if kind == "resource":
        kind_of = (("Content-Type", record.headers.get("content-type", "")),)
        gathered.add_page(Page(record.block, None, kind_of), url=url, id=name, date=date)
        return
    try:
        status, headers, body = parse_response(record.block)
    except HttpFault as fault:
        gathered.add_problem(str(fault))
        return
    gathered.add_page(Page(body, status, headers), url=url, id=name, date=date)


@dataclass(slots=True)
class _Buffer:
    """Bytes of the stream that are not used yet."""

    pieces: Iterator[bytes]
    held: bytearray = field(default_factory=bytearray)

    def fill(self, size: int) -> bool:
        """Whether `size` bytes are held, after reading as many as it takes."""
        while len(self.held) < size:
            piece = next(self.pieces, None)
            if piece is None:
                return False
            self.held += piece
        return True

    def drop(self, size: int) -> None:
        """Go on by so many bytes, which need not be held yet."""
        while size > len(self.held):
            size -= len(self.held)
            self.held.clear()
            piece = next(self.pieces, None)
            if piece is None:
                return
            self.held += piece
        del self.held[:size]


def records(pieces: Iterator[bytes]) -> Iterator[Record]:
    """The records; what stands between two that is none is told as a fault of the record before."""
    buffer = _Buffer(pieces)
    while True:
        buffer.fill(_MAX_HEAD)
        _skip_blank(buffer)
        if not buffer.held:
            return
        if _START.match(buffer.held):
            yield _record(buffer)
            continue
        yield Record({}, b"", "no WARC record where one should begin")
        if not _find_start(buffer):
            return


def _skip_blank(buffer: _Buffer) -> None:
    place = 0
    while place < len(buffer.held) and buffer.held[place] in b"\r\n":
        place += 1
    del buffer.held[:place]
    buffer.fill(_MAX_HEAD)


def _find_start(buffer: _Buffer) -> bool:
    """Whether another record begins further on; the buffer is left there."""
    while True:
        found = re.search(rb"(?<=\n)WARC/1\.\d\r?\n", buffer.held)
        if found:
            del buffer.held[: found.start()]
            return True
        del buffer.held[:-16]
        if not buffer.fill(len(buffer.held) + 1):
            return False


def _record(buffer: _Buffer) -> Record:
    end = _HEAD_END.search(buffer.held, 0, _MAX_HEAD)
    if end is None:
        _start_over(buffer)
        return Record({}, b"", "the WARC header does not end")
    headers = _headers(bytes(buffer.held[: end.start()]))
    text = headers.get("content-length", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        _start_over(buffer)
        return Record(headers, b"", "no Content-Length")
    length = int(text)
    if length > MAX_RECORD:
        buffer.drop(end.end() + length)
        return Record(headers, b"", f"larger than {MAX_RECORD} bytes")
    whole = buffer.fill(end.end() + length + 4)
    block = bytes(buffer.held[end.end() : end.end() + length])
    rest = bytes(buffer.held[end.end() + length : end.end() + length + 4])
    if not whole and len(block) < length:
        _start_over(buffer)
        return Record(headers, b"", "shorter than its Content-Length")
    if rest.strip(b"\r\n") and not _START.match(buffer.held, end.end() + length):
        _start_over(buffer)
        return Record(headers, b"", "its Content-Length is wrong")
    del buffer.held[: end.end() + length]
    return Record(headers, block)


def _start_over(buffer: _Buffer) -> None:
    """Leave a record whose length is not to be trusted: go on where the next one begins."""
    del buffer.held[:5]
    if not _find_start(buffer):
        buffer.held.clear()


def _headers(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found

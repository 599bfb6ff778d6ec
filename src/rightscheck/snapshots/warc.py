"""Policy files in WARC archives (ISO 28500), such as Common Crawl's robots.txt subset.

FastWARC reads the records. It passes over what is cut short without a word, so the last record before every
end or fault is measured again, and reading goes on at the next record that can be found.
"""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from rightscheck.errors import MissingExtraError, Problem, UsageError
from rightscheck.model import Document
from rightscheck.snapshots.opened import GZIP_MAGIC, opened
from rightscheck.snapshots.places import carrier_of, max_bytes
from rightscheck.snapshots.warc_response import response_document
from rightscheck.syntax.urls import check_url_form, resolve_target
from rightscheck.vocab import Carrier

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

MAX_RESTARTS = 1_000
SPARE_BYTES = 64 * 1024**2
"""Bytes that the search in a damaged archive may read beyond four times its size."""
MAX_SPOOLED = 16 * 1024**3
_HEAD = 64 * 1024
_STEP = 64 * 1024
_MAX_BLOCK = 2 * max_bytes(Carrier.TDMREP)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")
# A gzip member without name or comment (RFC 1952 2.3.1), as archives have them: a name could be endless.
_STARTS = {True: re.compile(rb"\x1f\x8b\x08[\x00\x04]"), False: re.compile(rb"(?:(?<=\n)|\A)WARC/[01]\.")}
_HOST = re.compile(rb"(?im)^host:[ \t]*([^\r\n]*)$")


@dataclass(slots=True, kw_only=True)
class Record:
    """One record as it was read.

    Attributes:
        kind: `response`, `request`, `resource` ...
        url: the target in normal form, empty when it is none that may be asked for.
        offset: bytes into the file.
        block: at most 2 MiB of it; None when nobody wanted it.
        whole: False when the block is not as long as its header says, or damaged.
    """

    kind: str
    url: str
    offset: int
    block: bytes | None
    whole: bool
    headers: dict[str, str]


def read_warc(path: Path) -> Iterator[Document | Problem]:
    """The answers of policy files in the archive, with a problem for each part that cannot be read.

    Kept are responses (and resources) under the address of a policy file, whatever their status and body,
    and those under any address that one of them redirects to. Requests only tell the host that was asked: a
    response of another host than its URL's is a problem. Memory grows with the redirects, not with the file.

    Raises:
        MissingExtraError: FastWARC is not installed.
        OSError: the file cannot be opened.
    """
    with _readable(path) as (file, is_gzip):
        targets = _redirect_targets(file, is_gzip)
        asked: Record | None = None
        for record in _records(file, is_gzip, lambda url: url in targets or carrier_of(url) is not None):
            if isinstance(record, Problem):
                yield Problem(str(path), record.key, record.reason, record.hint)
                continue
            carrier = carrier_of(record.url) or targets.get(record.url)
            if carrier is not None and record.kind != "request":
                yield from _answer(str(path), record, carrier, asked)
            asked = record if record.kind == "request" else None


def _answer(
    path: str, record: Record, carrier: Carrier, asked: Record | None
) -> Iterator[Document | Problem]:
    place = f"byte {record.offset}"
    if record.kind == "revisit":
        yield Problem(path, place, f"a revisit of `{record.url}`: its body is in another record")
    elif record.kind in ("response", "resource") and record.block is not None:
        host = _host_asked(asked, record.url)
        if host:
            yield Problem(path, place, f"`{record.url}` was asked of another host, `{host}`")
            return
        try:
            yield response_document(
                record.url, carrier, record.kind, record.headers, record.block, record.whole
            )
        except ValueError as error:
            yield Problem(path, place, f"`{record.url}`: {error}")


def _host_asked(asked: Record | None, url: str) -> str:
    """The host that the request just before was sent to, when it was for this URL and not to its host."""
    if asked is None or asked.url != url or asked.block is None:
        return ""
    match = _HOST.search(_HEADER_END.split(asked.block, maxsplit=1)[0])
    if match is None:
        return ""
    host = match[1].decode("latin-1").strip()
    try:
        same = check_url_form(f"{url.partition(':')[0]}://{host}/").split("/")[2] == url.split("/")[2]
    except UsageError:
        same = False
    return "" if same else host[:100]


def _redirect_targets(file: Path, is_gzip: bool) -> dict[str, Carrier]:
    """The addresses outside the usual ones that policy files redirect to, with the carrier meant."""
    targets: dict[str, Carrier] = {}
    for record in _records(file, is_gzip, lambda url: url in targets or carrier_of(url) is not None):
        if isinstance(record, Problem) or record.kind != "response" or not record.block:
            continue
        carrier = carrier_of(record.url) or targets.get(record.url)
        if carrier is None or not re.match(rb"HTTP/\S+ 30[12378]\b", record.block):
            continue
        location = re.search(
            rb"(?im)^location:[ \t]*([^\r\n]*)", _HEADER_END.split(record.block, maxsplit=1)[0]
        )
        try:
            target = resolve_target(record.url, location[1].decode("utf-8", "replace")) if location else ""
        except UsageError:
            continue
        if target and carrier_of(target) is None:
            targets.setdefault(target, carrier)
    return targets


@contextmanager
def _readable(path: Path) -> Iterator[tuple[Path, bool]]:
    """A file whose records can be found by their place: the archive itself, whether it is gzip.

    When all records are in one gzip member, they have no places of their own: a copy is decompressed then.
    """
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == GZIP_MAGIC
        end, size, head = _member(stream, 0) if is_gzip else (0, 0, b"")
    if not is_gzip or end is None or size <= sum(_lengths(head)) + 4:
        yield path, is_gzip
        return
    with tempfile.NamedTemporaryFile(prefix="rightscheck-", suffix=".warc") as copy:
        _decompress(path, copy.file)
        yield Path(copy.name), False


def _decompress(path: Path, copy: IO[bytes]) -> None:
    """Writes what can be decompressed; a copy that ends early shows in its last record."""
    written = 0
    with opened(path) as stream:
        try:
            while written < MAX_SPOOLED and (piece := stream.read1(_STEP)):
                written += copy.write(piece)
        except (OSError, EOFError, zlib.error):
            copy.write(b"\nWARC/1.0\r\n")  # no record: so that what follows the last whole one is a fault
    copy.flush()


def _records(file: Path, is_gzip: bool, wanted: Callable[[str], bool]) -> Iterator[Record | Problem]:
    """Every record in the file's order; a block is read only where the URL is wanted."""
    size = file.stat().st_size
    start: int | None = 0
    told_of = False
    budget = 4 * size + SPARE_BYTES
    for _ in range(MAX_RESTARTS):
        if start is None or start >= size:
            return
        if budget < 0:
            break
        last: Record | None = None
        reason = "cut short"
        with file.open("rb") as stream:
            stream.seek(start)
            try:
                for record in _archive(stream):
                    if last is not None:
                        yield last
                    last = _take(record, wanted)
            except OSError as error:
                reason = str(error)
            budget -= stream.tell() - start
            end = _end_of(stream, start if last is None else last.offset, is_gzip)
            if last is not None:
                last.whole &= end is not None
                told_of = False
                yield last
            if last is not None and end == size:
                return
            damaged = start if last is None else (last.offset if end is None else end)
            if not told_of:
                yield Problem(str(file), f"byte {damaged}", f"not a sound WARC record: {reason}")
            told_of = True
            after = end if last is not None and end is not None else damaged + 1
            start = _next_start(stream, after, is_gzip)
    yield Problem(str(file), f"byte {start}", "too much damage: the rest was not searched")


def _archive(stream: BinaryIO) -> Iterator[WarcRecord]:
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError as error:
        raise MissingExtraError(
            "reading WARC files needs FastWARC", hint="pip install 'rightscheck[warc]'"
        ) from error
    return iter(
        ArchiveIterator(
            stream,
            record_types=WarcRecordType.any_type,
            parse_http=False,
            auto_decode="none",
            fsspec_args=False,
        )
    )


def _take(record: WarcRecord, wanted: Callable[[str], bool]) -> Record:
    headers = {name.lower(): value for name, value in record.headers.items()}
    kind = headers.get("warc-type", "").lower()
    try:
        url = check_url_form(headers.get("warc-target-uri", "").strip("<> "))
    except UsageError:
        url = ""
    length = headers.get("content-length", "")
    declared = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else -1
    block = record.reader.read(_MAX_BLOCK) if url and wanted(url) else None
    whole = declared >= 0 and (block is None or len(block) == min(declared, _MAX_BLOCK))
    return Record(kind=kind, url=url, offset=record.stream_pos, block=block, whole=whole, headers=headers)


def _end_of(stream: BinaryIO, offset: int, is_gzip: bool) -> int | None:
    """Where the record at the offset ends; None when it is not as long as it says, or damaged."""
    if is_gzip:
        end, size, head = _member(stream, offset)
        return end if end is not None and 0 <= size - sum(_lengths(head)) <= 4 else None
    stream.seek(offset)
    header, declared = _lengths(stream.read(_HEAD))
    if not header:
        return None
    stream.seek(0, 2)
    if stream.tell() < offset + header + declared:
        return None
    stream.seek(offset + header + declared)
    tail = stream.read(4 + 5)
    rest = tail[:4].lstrip(b"\r\n") + tail[4:]
    if rest and not rest.startswith(b"WARC/"):
        return None
    return offset + header + declared + len(tail) - len(rest)


def _lengths(head: bytes) -> tuple[int, int]:
    """Bytes of the record's header and of its block, by its first bytes; zeros when they are not to be seen."""
    end = _HEADER_END.search(head)
    length = _LENGTH.search(head, 0, end.end()) if end else None
    return (end.end(), int(length[1])) if end and length else (0, 0)


def _member(stream: BinaryIO, offset: int) -> tuple[int | None, int, bytes]:
    """Where the gzip member at the offset ends, its size decompressed, and its first bytes.

    The end is None when it is cut short or its checksum is wrong (RFC 1952).
    """
    stream.seek(offset)
    inflater = zlib.decompressobj(wbits=31)
    read, size, head = 0, 0, b""
    try:
        while not inflater.eof:
            piece = inflater.unconsumed_tail
            if not piece:
                piece = stream.read(_STEP)
                read += len(piece)
            if not piece:
                return None, size, head
            plain = inflater.decompress(piece, _STEP)
            size += len(plain)
            head += plain[: _HEAD - len(head)]
    except zlib.error:
        return None, size, head
    return offset + read - len(inflater.unused_data), size, head


def _next_start(stream: BinaryIO, after: int, is_gzip: bool) -> int | None:
    """The next place from there on where a record may begin; None when there is none."""
    overlap = 16
    position = max(after - 1, 0)
    while True:
        stream.seek(position)
        piece = stream.read(_STEP)
        match = _STARTS[is_gzip].search(piece, after - position)
        if match is not None:
            return position + match.start()
        if len(piece) < _STEP:
            return None
        position += _STEP - overlap
        after = max(after, position)

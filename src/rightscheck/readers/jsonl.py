"""JSON lines, plain or compressed: one object per line. A plain file is read in parts of bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from rightscheck.readers.columns import NAMES, Mapping, first_text
from rightscheck.readers.records import Gatherer, ReadError, Source, batches
from rightscheck.readers.streams import CHUNK, MAX_LINE, chunks, compression_of, lines, open_file

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonlines")
COMPRESSED = True
PART = 32 * 1024 * 1024
"""Bytes of one part."""


def parts(source: Source) -> Iterator[tuple[int, int | None]]:
    """Where the parts of the file begin and end, in bytes; a compressed file is one part."""
    size = source.path.stat().st_size
    if compression_of(source.named) or size <= PART:
        yield 0, None
        return
    for start in range(0, size, PART):
        yield start, start + PART if start + PART < size else None


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The documents of the lines that begin in the part; blank lines are no rows."""
    names = Names(source.mapping)
    with open_file(source.path) as stream:
        documents = (line for line in _lines(stream, source) if line and not line.isspace())
        yield from batches(documents, lambda gathered, line: _add(gathered, line, names))


def columns(source: Source) -> frozenset[str] | None:
    """The keys of the first object, with those inside objects; None when there is none in the first lines."""
    with open_file(source.path) as stream:
        try:
            for number, line in enumerate(_lines(stream, source)):
                record = parse_line(line) if line.strip() else ""
                if isinstance(record, dict):
                    return frozenset(_keys(record))
                if number >= 20:
                    break
        except ReadError:
            return None
    return None


def _lines(stream: BinaryIO, source: Source) -> Iterator[bytes]:
    """The lines that begin in the part, without a byte order mark at the file's beginning."""
    position = _first_line(stream, source.start)
    for length, line in lines(chunks(stream, compression_of(source.named))):
        if source.end is not None and position >= source.end:
            return
        yield line if position else line.removeprefix(b"\xef\xbb\xbf")
        position += length


def _first_line(stream: BinaryIO, start: int) -> int:
    """Where the first line begins that begins at `start` or later; the stream is left there."""
    if start == 0:
        return 0
    stream.seek(start - 1)
    while (skipped := stream.readline(CHUNK)) and not skipped.endswith(b"\n"):
        pass
    return stream.tell()


class Names:
    """Where records keep our columns. The names given, or per record the first usual one that is there."""

    def __init__(self, mapping: Mapping) -> None:
        self.given = mapping
        self.text = (mapping.text,) if mapping.text else NAMES["text"]
        self.url = (mapping.url,) if mapping.url else NAMES["url"]
        self.date = (mapping.date,) if mapping.date else NAMES["date"]
        self.id = (mapping.id,) if mapping.id else NAMES["id"]
        self.dump = (mapping.dump,) if mapping.dump else NAMES["dump"]


def _add(gathered: Gatherer, line: bytes, names: Names) -> None:
    record = parse_line(line)
    if isinstance(record, str):
        gathered.add_problem(record)
        return
    text = first_text(record, names.text)
    if text is None:
        keys = ", ".join(sorted(map(str, record))[:12]) or "none"
        gathered.add_problem(f"no `{names.given.text or 'text'}` with a string; its keys are {keys}")
        return
    gathered.add(
        text,
        url=first_text(record, names.url, wanted="://"),
        id=first_text(record, names.id, scalar=True),
        date=first_text(record, names.date, scalar=True),
        dump=first_text(record, names.dump),
    )


def parse_line(line: bytes) -> dict[str, object] | str:
    """The object that the line holds, or why it cannot be read."""
    if len(line) > MAX_LINE:
        return f"longer than {MAX_LINE} bytes"
    try:
        record = json.loads(line)
    except UnicodeDecodeError:
        return "not UTF-8"
    except RecursionError:
        return "nested too deeply"
    except ValueError:
        return "not JSON"
    return record if isinstance(record, dict) else "not a JSON object"


def _keys(record: dict[str, object], before: str = "", depth: int = 0) -> Iterator[str]:
    for key, value in record.items():
        yield before + key
        if isinstance(value, dict) and depth < 3:
            yield from _keys(value, f"{before}{key}.", depth + 1)

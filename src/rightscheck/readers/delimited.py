"""CSV and TSV with a line of column names (RFC 4180), plain or compressed.

A line break may stand inside a field: no place is a safe one to begin a part at.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from rightscheck.readers.columns import resolve
from rightscheck.readers.records import Gatherer, ReadError, Source, batches
from rightscheck.readers.streams import MAX_LINE, compression_of, content, lines

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".csv", ".tsv")
COMPRESSED = True
Rows = Iterator[list[str] | str]


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The documents of the records; empty lines are no rows."""
    rows = _rows(source)
    head = next(rows, [])
    names = head if isinstance(head, list) else []
    found = resolve(frozenset(names), source.mapping)
    if isinstance(found, str):
        raise ReadError(found)
    places = {
        column: names.index(getattr(found, column)) if getattr(found, column) else -1
        for column in ("text", "url", "id", "date", "dump")
    }
    yield from batches(rows, lambda gathered, row: _add(gathered, row, places, len(names)))


def columns(source: Source) -> frozenset[str] | None:
    """The column names; None when there are none to be had."""
    try:
        head = next(_rows(source), None)
    except ReadError:
        return None
    return frozenset(head) if isinstance(head, list) else None


def _add(gathered: Gatherer, row: list[str] | str, places: dict[str, int], width: int) -> None:
    if isinstance(row, str):
        gathered.add_problem(row)
        return
    if len(row) != width:
        gathered.add_problem(f"{len(row)} fields instead of {width}")
        return
    try:
        row[places["text"]].encode()
    except UnicodeEncodeError:  # bytes that were kept as surrogates
        gathered.add_problem("not UTF-8")
        return
    values = {name: row[place] or None if place >= 0 else None for name, place in places.items()}
    url = values["url"]
    gathered.add(
        row[places["text"]],
        url=url if url and "://" in url else None,
        id=values["id"],
        date=values["date"],
        dump=values["dump"],
    )


def _rows(source: Source) -> Rows:
    """The records, or why one cannot be read, the column names first."""
    tabs = source.named.name.lower().removesuffix("." + compression_of(source.named)).endswith(".tsv")
    csv.field_size_limit(MAX_LINE)
    found = (line for _, line in lines(content(source)))
    first = next(found, b"").removeprefix(b"\xef\xbb\xbf")
    text = (line.decode("utf-8", "surrogateescape") + "\n" for line in chain((first,), found))
    reader = csv.reader(text, delimiter="\t" if tabs else ",")
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield f"not CSV: {error}"
            continue
        if row is None:
            return
        if row:
            yield row

"""Text files, one document each, plain or compressed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rightscheck.readers.records import Gatherer, ReadError, Source
from rightscheck.readers.streams import MAX_LINE, whole
from rightscheck.syntax.charset import decode, is_binary

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".txt", ".text")
COMPRESSED = True


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The one document of the file; its path is its id."""
    body = whole(source, MAX_LINE)
    if is_binary(body):
        raise ReadError("no text: it holds binary data")
    gathered = Gatherer()
    gathered.add(decode(body), url=None, id=source.title, date=None, dump=None)
    yield gathered.take()

"""HTML files, one document each, plain or compressed: the whole markup is judged, not its text alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rightscheck.readers.records import Gatherer, Page, Source
from rightscheck.readers.streams import whole

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".html", ".htm", ".xhtml")
COMPRESSED = True
MAX_FILE = 64 * 1024 * 1024
"""Bytes."""


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The one document of the file; its path is its id."""
    body = whole(source, MAX_FILE)
    gathered = Gatherer()
    gathered.add_page(Page(body), url=None, id=source.title, date=None)
    yield gathered.take()

"""Arrow IPC files and streams (.arrow, .feather), as Hugging Face datasets keep them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rightscheck.readers.columns import resolve
from rightscheck.readers.records import MAX_ROWS, ReadError, Source, load_arrow
from rightscheck.readers.streams import open_file
from rightscheck.readers.tables import conform, field_names

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".arrow", ".feather", ".ipc", ".arrows")
COMPRESSED = False
_MAGIC = b"ARROW1"


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The documents of the record batches."""
    row = 0
    found = None
    for batch in _batches(source):
        found = found or resolve(frozenset(field_names(batch.schema)), source.mapping)
        if isinstance(found, str):
            raise ReadError(found)
        for start in range(0, batch.num_rows, MAX_ROWS):
            yield conform(batch.slice(start, MAX_ROWS), found, row + start)
        row += batch.num_rows


def columns(source: Source) -> frozenset[str] | None:
    """The names of the columns, with those inside structs; None when the file cannot be read."""
    try:
        first = next(_batches(source), None)
    except ReadError:
        return None
    return None if first is None else frozenset(field_names(first.schema))


def _batches(source: Source) -> Iterator[pa.RecordBatch]:
    arrow = load_arrow()
    with open_file(source.path) as stream:
        head = stream.read(len(_MAGIC))
    try:
        with arrow.memory_map(str(source.path)) as mapped:
            if head == _MAGIC:
                file = arrow.ipc.open_file(mapped)
                yield from map(file.get_batch, range(file.num_record_batches))
            else:
                yield from arrow.ipc.open_stream(mapped)
    except (arrow.ArrowException, OSError) as error:
        raise ReadError(f"damaged Arrow data: {' '.join(str(error).split())[:300]}") from error

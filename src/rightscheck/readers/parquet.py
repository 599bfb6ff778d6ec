"""Parquet: the columns that matter, row group by row group. A damaged row group costs its own rows only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rightscheck.readers.columns import Mapping, resolve
from rightscheck.readers.records import MAX_BYTES, MAX_ROWS, ReadError, Source, load_arrow, schema
from rightscheck.readers.tables import conform, field_names, top_level

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

SUFFIXES = (".parquet", ".pq")
COMPRESSED = False
PART = 128 * 1024 * 1024
"""Bytes of one part, uncompressed, about: at least one row group."""


def parts(source: Source) -> Iterator[tuple[int, int | None]]:
    """Where the parts of the file begin and end, in row groups."""
    try:
        metadata = _open(source).metadata
    except ReadError:
        yield 0, None
        return
    start, size = 0, 0
    for group in range(metadata.num_row_groups):
        size += metadata.row_group(group).total_byte_size
        if size >= PART and group + 1 < metadata.num_row_groups:
            yield start, group + 1
            start, size = group + 1, 0
    yield start, None


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The documents of the row groups of the part."""
    file = _open(source)
    found = resolve(frozenset(field_names(file.schema_arrow)), source.mapping)
    if isinstance(found, str):
        raise ReadError(found)
    row = 0
    groups = file.metadata.num_row_groups
    for group in range(source.start, groups if source.end is None else min(source.end, groups)):
        for batch in _group(file, group, found, row):
            yield batch
            row += batch.num_rows


def columns(source: Source) -> frozenset[str] | None:
    """The names of the columns, with those inside structs; None when the file cannot be read."""
    return columns_of(source.path)


def columns_of(file: Path | BinaryIO) -> frozenset[str] | None:
    """The same of a file, or of one that is open."""
    try:
        return frozenset(field_names(_opened(file).schema_arrow))
    except ReadError:
        return None


def _group(file: pq.ParquetFile, group: int, found: Mapping, row: int) -> Iterator[pa.RecordBatch]:
    arrow = load_arrow()
    meta = file.metadata.row_group(group)
    average = max(1, meta.total_byte_size // max(1, meta.num_rows))
    size = max(1, min(MAX_ROWS, MAX_BYTES // average))
    done = 0
    batches = file.iter_batches(
        batch_size=size, row_groups=[group], columns=top_level(found, file.schema_arrow)
    )
    while True:
        try:
            batch = next(batches, None)
            documents = conform(batch, found, row + done) if batch is not None else None
        except (arrow.ArrowException, OSError) as error:
            reason = f"row group {group} is damaged: {_line(error)}"
            yield from _lost(row + done, meta.num_rows - done, reason)
            return
        if documents is None:
            return
        yield documents
        done += documents.num_rows


def _lost(row: int, count: int, reason: str) -> Iterator[pa.RecordBatch]:
    arrow = load_arrow()
    for start in range(0, count, MAX_ROWS):
        rows = min(MAX_ROWS, count - start)
        columns = [arrow.array(range(row + start, row + start + rows), arrow.int64())]
        columns += [arrow.nulls(rows, schema().field(index).type) for index in range(1, len(schema()) - 1)]
        columns.append(arrow.array([reason] * rows, arrow.string()))
        yield arrow.RecordBatch.from_arrays(columns, schema=schema())


def _open(source: Source) -> pq.ParquetFile:
    return _opened(source.path)


def _opened(file: Path | BinaryIO) -> pq.ParquetFile:
    arrow = load_arrow()
    import pyarrow.parquet

    try:
        return pyarrow.parquet.ParquetFile(file, pre_buffer=False, page_checksum_verification=True)
    except (arrow.ArrowException, OSError) as error:
        raise ReadError(f"no readable Parquet file: {_line(error)}") from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]

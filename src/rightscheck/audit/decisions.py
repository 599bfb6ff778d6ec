"""decisions.parquet read again: batch by batch, or row by row beside the documents that were judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from rightscheck.audit.folder import DECISIONS, Folder
from rightscheck.errors import UsageError


def read_decisions(folder: Folder, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """These columns of the decisions in the folder, in their order.

    Raises:
        UsageError: they cannot be read.
    """
    path = folder / DECISIONS
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(columns=list(columns))
    except (OSError, pa.ArrowException, KeyError) as error:
        raise UsageError(f"`{path}` cannot be read: {error}") from error


class DecisionCursor:
    """These columns of the decisions in the folder, to be asked for by file and row, in their order."""

    def __init__(self, folder: Folder, columns: Sequence[str]) -> None:
        self._rows = _rows(folder, ("file", "row", *columns))
        self._next = next(self._rows, None)

    def find(self, file: str, row: int) -> tuple[object, ...] | None:
        """The values for the row, None where nothing was decided.

        Raises:
            UsageError: the decisions cannot be read.
        """
        if self._next is None or self._next[:2] != (file, row):
            return None
        found, self._next = self._next[2:], next(self._rows, None)
        return found


def _rows(folder: Folder, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for batch in read_decisions(folder, columns):
        yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)

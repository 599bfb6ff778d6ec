"""Attributes beside documents, as the Dolma toolkit keeps them: a line per document, in files of the same names.

Its mixer reads them together with the documents, filters by their scores and replaces their spans. Spans are
code points, half-open; the score is 1.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from rightscheck.audit.finished import FinishedRun, verdict_column
from rightscheck.audit.folder import replacing, writing
from rightscheck.errors import IncompleteError
from rightscheck.readers import ReadError, format_of, open_source
from rightscheck.readers.remote import is_remote, name_in
from rightscheck.readers.streams import compression_of, load_zstandard

PREFIX = "rightscheck__"
_NAMED = ("id", "start", "end", "file", "row")
Span = tuple[int, int, float]


def write_attributes(run: FinishedRun, target: Path) -> int:
    """The number of files written below `target`, one for each input, named as it is.

    `rightscheck__VERDICT__USE` spans the document, `rightscheck__passage` the words that decided, and
    `rightscheck__unreadable` marks a row that could not be judged, so that lines stay beside their documents.
    Inputs that are no JSON lines get `.jsonl.gz` after their names.

    Raises:
        IncompleteError: the folder cannot be written, or an input is not the one that was judged.
    """
    decided = _Decided(run)
    for item, name in zip(run.inputs, _names(run), strict=True):
        known = format_of(name)
        if known is None or known.name != "jsonl" or compression_of(name) not in ("", "gz", "zst"):
            name = name.with_name(f"{name.name}.jsonl.gz")
        with writing(target):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(target / name) as partial, _writer(partial, compression_of(name)) as out:
            count = 0
            for line in _lines(run, item.path, decided):
                out.write(line)
                count += 1
            if count != item.rows:
                raise IncompleteError(
                    f"`{item.path}` holds {count:,} documents, and {item.rows:,} were judged",
                    hint="audit it anew",
                )
    return len(run.inputs)


def _names(run: FinishedRun) -> list[PurePath]:
    """The names of the inputs below the folder that holds them all."""
    places = [
        PurePath("/", *name_in(item.path).parts) if is_remote(item.path) else Path(item.path).absolute()
        for item in run.inputs
    ]
    root = os.path.commonpath([place.parent for place in places])
    return [place.relative_to(root) for place in places]


def _lines(run: FinishedRun, path: str, decided: _Decided) -> Iterator[bytes]:
    row = 0
    try:
        for batch in open_source(path, run.request.mapping):
            lengths = pc.utf8_length(batch.column("text")).to_pylist()
            for name, length in zip(batch.column("id").to_pylist(), lengths, strict=True):
                row += 1
                yield _line(run, decided.find(path, row), name, length or 0)
    except ReadError:  # the report of the run lists it
        return


def _line(run: FinishedRun, said: dict[str, object] | None, name: str | None, length: int) -> bytes:
    if said is None:
        attributes: dict[str, list[Span]] = {f"{PREFIX}unreadable": [(0, length, 1.0)]}
    else:
        attributes = {
            f"{PREFIX}{said[verdict_column(use)]}__{use}": [(0, length, 1.0)] for use in run.request.uses
        }
        start, end = said["start"], said["end"]
        if isinstance(start, int) and isinstance(end, int):
            attributes[f"{PREFIX}passage"] = [(start, end, 1.0)]
        name = name if name is not None else str(said["id"])
    return (
        json.dumps({"id": name, "attributes": attributes}, ensure_ascii=False).encode("utf-8", "replace")
        + b"\n"
    )


@dataclass(slots=True)
class _Decided:
    """The decisions of a run, to be asked for in its order."""

    run: FinishedRun
    _rows: Iterator[dict[str, object]] = field(init=False)
    _next: dict[str, object] | None = field(init=False)

    def __post_init__(self) -> None:
        self._rows = self._read()
        self._next = next(self._rows, None)

    def _read(self) -> Iterator[dict[str, object]]:
        columns = [*_NAMED, *map(verdict_column, self.run.request.uses)]
        for batch in self.run.decisions(columns):
            yield from _rows_of(batch)

    def find(self, file: str, row: int) -> dict[str, object] | None:
        """The decision for the row, None where it has none."""
        if self._next is None or (self._next["file"], self._next["row"]) != (file, row):
            return None
        found, self._next = self._next, next(self._rows, None)
        return found


def _rows_of(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    rows: list[dict[str, object]] = batch.to_pylist()
    return iter(rows)


@contextmanager
def _writer(path: Path, compression: str) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if compression == "gz":
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
                yield packed  # type: ignore[misc]  # a file to write bytes to
        elif compression == "zst":
            with load_zstandard().ZstdCompressor(level=6).stream_writer(file, closefd=False) as packing:
                yield packing
        else:
            yield file

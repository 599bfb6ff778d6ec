"""Attributes beside documents, as the Dolma toolkit keeps them: a line per document, in files of the same names.

Its mixer reads them together with the documents, filters by their scores and replaces their spans. Spans are
code points, half-open; the score is 1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

import pyarrow.compute as pc

from rightscheck.audit.decisions import DecisionCursor
from rightscheck.audit.finished import FinishedRun
from rightscheck.audit.folder import replacing, writing
from rightscheck.audit.outcomes import verdict_column
from rightscheck.errors import IncompleteError
from rightscheck.readers import ReadError, format_of, open_source
from rightscheck.readers.remote import is_remote, name_in
from rightscheck.readers.streams import compression_of, packed

PREFIX = "rightscheck__"
Span = tuple[int, int, float]


def write_attributes(run: FinishedRun, target: Path) -> int:
    """The number of files written below `target`, one for each input, named as it is.

    `rightscheck__VERDICT__USE` spans the document, `rightscheck__passage` the words that decided, and
    `rightscheck__unreadable` marks a row that could not be judged, so that lines stay beside their documents.
    Inputs that are no JSON lines get `.jsonl.gz` after their names.

    Raises:
        IncompleteError: the folder cannot be written, or an input is not the one that was judged.
    """
    decided = DecisionCursor(run.folder, ["id", "start", "end", *map(verdict_column, run.request.uses)])
    for item, name in zip(run.inputs, _names(run), strict=True):
        known = format_of(name)
        if known is None or known.name != "jsonl" or compression_of(name) not in ("", "gz", "zst"):
            name = name.with_name(f"{name.name}.jsonl.gz")
        with writing(target):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(target / name) as partial, packed(partial, compression_of(name)) as out:
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


def _lines(run: FinishedRun, path: str, decided: DecisionCursor) -> Iterator[bytes]:
    row = 0
    try:
        for batch in open_source(path, run.request.mapping):
            lengths = pc.utf8_length(batch.column("text")).to_pylist()
            for name, length in zip(batch.column("id").to_pylist(), lengths, strict=True):
                row += 1
                yield _line(run, decided.find(path, row), name, length or 0)
    except ReadError:  # the report of the run lists it
        return


def _line(run: FinishedRun, said: tuple[object, ...] | None, name: str | None, length: int) -> bytes:
    if said is None:
        attributes: dict[str, list[Span]] = {f"{PREFIX}unreadable": [(0, length, 1.0)]}
    else:
        known, start, end, *verdicts = said
        attributes = {
            f"{PREFIX}{verdict}__{use}": [(0, length, 1.0)]
            for use, verdict in zip(run.request.uses, verdicts, strict=True)
        }
        if isinstance(start, int) and isinstance(end, int):
            attributes[f"{PREFIX}passage"] = [(start, end, 1.0)]
        name = name if name is not None else str(known)
    return (
        json.dumps({"id": name, "attributes": attributes}, ensure_ascii=False).encode("utf-8", "replace")
        + b"\n"
    )

"""One part of a run: its documents read, judged and written, and what came of it in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rightscheck.audit.folder import Folder, read_json, replacing, write_json
from rightscheck.audit.kernel import Kernel
from rightscheck.audit.outcomes import decision_schema
from rightscheck.audit.plan import Plan, PlannedPart
from rightscheck.readers import ReadError, Source, format_of

LISTED = 10_000
"""Runs of unreadable rows that are listed per part; all are counted."""
ROW_GROUP = 65_536


@dataclass(slots=True, kw_only=True)
class PartResult:
    """Rows of one part: `rows` is `decided` + `unreadable`. `problems` are (first row, rows, reason).

    `fault` says why the part could not be read to its end, if so.
    """

    number: int
    input: int
    rows: int = 0
    decided: int = 0
    unreadable: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[int, int, str]] = field(default_factory=list)
    fault: str = ""
    sha256: str = ""

    def add_problems(self, rows: pa.RecordBatch) -> None:
        """Count the rows that cannot be read, neighbours with one reason as one entry."""
        for row, reason in zip(
            rows.column("row").to_pylist(), rows.column("problem").to_pylist(), strict=True
        ):
            last = self.problems[-1] if self.problems else None
            if last is not None and last[2] == reason and last[0] + last[1] == row:
                self.problems[-1] = (last[0], last[1] + 1, reason)
            elif len(self.problems) < LISTED:
                self.problems.append((row, 1, reason))
        self.unreadable += rows.num_rows


def run_part(plan: Plan, part: PlannedPart, folder: Folder, kernel: Kernel) -> PartResult:
    """Judge the part and write its results, first the decisions, then the numbers, which say it is done.

    Raises:
        IncompleteError: the results cannot be written.
    """
    result = PartResult(number=part.number, input=part.input)
    file = plan.inputs[part.input]
    with replacing(folder.part(part.number, ".parquet")) as target:
        result.fault = file.fault()
        with DecisionWriter(target, kernel.uses) as writer:
            if not result.fault:
                for batch in _judged(plan, part, kernel, result):
                    writer.write(batch)
    if not result.fault:
        result.fault = file.fault()
    write_json(folder.part(part.number, ".json"), asdict(result))
    return result


def done_part(folder: Folder, part: PlannedPart) -> PartResult | None:
    """What came of the part, when it is done."""
    path = folder.part(part.number, ".json")
    if not path.exists() or not folder.part(part.number, ".parquet").exists():
        return None
    value = read_json(path)
    return PartResult(**{**value, "problems": [tuple(item) for item in value["problems"]]})


def _judged(plan: Plan, part: PlannedPart, kernel: Kernel, result: PartResult) -> Iterator[pa.RecordBatch]:
    counts: Counter[str] = Counter()
    try:
        with plan.source(part) as source:
            yield from _judged_source(plan, part, source, kernel, result, counts)
    except ReadError as fault:
        result.fault = fault.message
    result.verdicts = dict(sorted(counts.items()))


def _judged_source(
    plan: Plan, part: PlannedPart, source: Source, kernel: Kernel, result: PartResult, counts: Counter[str]
) -> Iterator[pa.RecordBatch]:
    file = plan.inputs[part.input].path
    known = format_of(source.named)
    for batch in known.read(source) if known else ():
        result.rows += batch.num_rows
        readable = batch
        if batch.column("problem").null_count < batch.num_rows:
            good = pc.is_null(batch.column("problem"))
            result.add_problems(batch.filter(pc.invert(good)))
            readable = batch.filter(good)
        if readable.num_rows:
            decisions = kernel.judge(readable, file)
            result.decided += decisions.num_rows
            counts.update(decisions.column("verdict").to_pylist())
            yield decisions
    if part.start == 0:
        result.sha256 = _digest(source.path, result)


def _digest(path: Path, result: PartResult) -> str:
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        result.fault = result.fault or f"cannot be read: {error.strerror or error}"
        return ""


class DecisionWriter:
    """Writes decisions to a Parquet file in row groups of a fixed number of rows, so that bytes repeat."""

    def __init__(self, path: Path, uses: tuple[str, ...]) -> None:
        self._kinds = decision_schema(uses)
        self._writer = pq.ParquetWriter(path, self._kinds, compression="zstd")
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> DecisionWriter:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows."""
        while batch.num_rows:
            taken = batch.slice(0, ROW_GROUP - self._rows)
            self._held.append(taken)
            self._rows += taken.num_rows
            batch = batch.slice(taken.num_rows)
            if self._rows >= ROW_GROUP:
                self._flush()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(
                pa.Table.from_batches(self._held, self._kinds).combine_chunks(), row_group_size=ROW_GROUP
            )
        self._held, self._rows = [], 0

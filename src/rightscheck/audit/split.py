"""`--split`: each input divided into its go, review and no-go rows, in files of its own format."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from rightscheck.audit.decisions import DecisionCursor
from rightscheck.audit.folder import Folder, replacing, writing
from rightscheck.audit.part import PartResult
from rightscheck.audit.plan import Plan
from rightscheck.errors import UsageError
from rightscheck.readers.records import ReadError
from rightscheck.readers.remote import is_remote
from rightscheck.readers.rewriting import divide, is_divisible
from rightscheck.vocab import Verdict

SPLIT = "split"


def refuse_indivisible(plan: Plan) -> None:
    """Only JSON lines and Parquet are divided.

    Raises:
        UsageError: another format is among the inputs.
    """
    others = [item.path for item in plan.inputs if is_remote(item.path) or not is_divisible(Path(item.path))]
    if others:
        raise UsageError(
            f"--split cannot divide `{others[0]}`",
            hint="it divides .jsonl and .parquet files on this machine; leave it out",
        )


def split(plan: Plan, results: Sequence[PartResult], folder: Folder) -> None:
    """Divide every input by the decisions in the folder, below `split/VERDICT/`.

    Raises:
        IncompleteError: the folder cannot be written.
    """
    root = os.path.commonpath([str(Path(item.path).parent) for item in plan.inputs])
    decided = DecisionCursor(folder, ["verdict"])
    for place, item in enumerate(plan.inputs):
        path = Path(item.path)
        with ExitStack() as stack:
            targets = {}
            for verdict in Verdict:
                target = folder / SPLIT / verdict.value / path.relative_to(root)
                with writing(target.parent):
                    target.parent.mkdir(parents=True, exist_ok=True)
                targets[verdict.value] = stack.enter_context(replacing(target))
            rows = sum(part.rows for part in results if part.input == place)
            verdicts = _Verdicts(decided, str(path), rows)
            # What cannot be read is in the report already, and has no rows in the decisions.
            with suppress(ReadError):
                divide(path, lambda count, source=verdicts: source.take(count), targets)  # type: ignore[misc]
            verdicts.finish()
            for partial in targets.values():
                partial.touch()


class _Verdicts:
    """The verdicts of one file, which has so many rows."""

    def __init__(self, decided: DecisionCursor, file: str, rows: int) -> None:
        self._decided, self._file, self._rows, self._row = decided, file, rows, 0

    def take(self, count: int) -> list[str | None]:
        """The verdicts of the next rows."""
        self._row += count
        found = (self._decided.find(self._file, row) for row in range(self._row - count + 1, self._row + 1))
        return [str(said[0]) if said else None for said in found]

    def finish(self) -> None:
        """Pass over the rows that were not asked for, so that the next file finds its own."""
        self.take(max(0, self._rows - self._row))

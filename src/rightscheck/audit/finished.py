"""A run that is finished: what its manifest says, and its decisions, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rightscheck.audit.decisions import read_decisions
from rightscheck.audit.folder import DECISIONS, MANIFEST, Folder, read_json
from rightscheck.audit.plan import request_of
from rightscheck.audit.request import AuditRequest
from rightscheck.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedInput:
    """An input as the manifest lists it; `sha256` is empty where it could not be read."""

    path: str
    size: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A folder whose run is complete. `digests` are those of release, rules, registry, profile and store."""

    folder: Folder
    request: AuditRequest
    digests: dict[str, str]
    inputs: tuple[FinishedInput, ...]

    def decisions(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns of decisions.parquet, in its order.

        Raises:
            UsageError: it cannot be read.
        """
        return read_decisions(self.folder, columns)

    @property
    def rows(self) -> int:
        """How many documents were decided."""
        try:
            return int(pq.read_metadata(self.folder / DECISIONS).num_rows)
        except (OSError, pa.ArrowException) as error:
            raise UsageError(f"`{self.folder / DECISIONS}` cannot be read: {error}") from error


def finished_run(folder: Path) -> FinishedRun:
    """The run that the folder holds.

    Raises:
        UsageError: it holds none, one that is not finished, or one of another release.
    """
    where = Folder(folder)
    if not (where / MANIFEST).exists():
        raise UsageError(
            f"`{folder}` holds no finished run", hint="name the folder that `rightscheck audit --out` wrote"
        )
    manifest: Any = read_json(where / MANIFEST)
    try:
        return FinishedRun(
            folder=where,
            request=request_of(manifest["options"]),
            digests={name: value for name, value in manifest["tool"].items() if name != "name"},
            inputs=tuple(
                FinishedInput(path=item["path"], size=item["size"], sha256=item["sha256"], rows=item["rows"])
                for item in manifest["inputs"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"`{where / MANIFEST}` is not of this release", hint="start a new run") from error

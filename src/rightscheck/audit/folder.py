"""The folder of a run: where its plan, the results of its parts and its reports are, and how they get there.

Every file appears under its name only when it is whole: it is written beside, synced and renamed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rightscheck.errors import IncompleteError, UsageError

DECISIONS, REPORT, PAGE, MANIFEST, PLAN, PARTS = (
    "decisions.parquet",
    "report.json",
    "report.html",
    "manifest.json",
    "plan.json",
    "parts",
)


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder given with `--out`."""

    path: Path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def parts(self) -> Path:
        """Where the results of parts are, until the run is complete."""
        return self.path / PARTS

    def part(self, number: int, suffix: str) -> Path:
        """The result file of that part of the plan."""
        return self.parts / f"{number:06d}{suffix}"

    def make(self) -> None:
        """Make the folder and remove what a process that died has left unfinished.

        Raises:
            IncompleteError: it cannot be written.
        """
        with writing(self.path):
            self.parts.mkdir(parents=True, exist_ok=True)
            for folder in (self.path, self.parts):
                for left in folder.glob("*.partial-*"):
                    left.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the results of parts and the plan: the run is complete."""
        shutil.rmtree(self.parts, ignore_errors=True)
        self.path.joinpath(PLAN).unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns faults of the file system into an error that says what could not be written.

    Raises:
        IncompleteError: no space, no permission, no such folder.
    """
    try:
        yield
    except OSError as error:
        raise IncompleteError(
            f"`{path}` cannot be written: {error.strerror or error}",
            hint="what was finished is kept; go on with --resume",
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; the file takes the place of `path` at the end, or is removed after a fault.

    Raises:
        IncompleteError: it cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial-{os.getpid()}")
    try:
        with writing(path):
            yield partial
            with partial.open("rb") as stream:
                os.fsync(stream.fileno())
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """The file with these bytes, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(data)


def write_json(path: Path, value: object) -> None:
    """The file with the value as UTF-8 JSON, indented by two."""
    write_bytes(path, json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n")


def read_json(path: Path) -> Any:  # JSON
    """The value in the file.

    Raises:
        UsageError: it cannot be read; the folder is then no run's.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"`{path}` cannot be read: {error}") from error

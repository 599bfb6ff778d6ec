"""The formats by the endings of names: one module of this package for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from rightscheck.errors import UsageError
from rightscheck.readers import remote
from rightscheck.readers.columns import Mapping
from rightscheck.readers.records import Source
from rightscheck.readers.streams import compression_of

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("archive", "jsonl", "parquet", "delimited", "ipc", "warc", "wat", "html", "text")
"""The modules, in the order in which they are asked for a name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a file, in the units of its format."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Format:
    """A format, whose module has SUFFIXES, COMPRESSED and `read`, which gives the documents of a part.

    It has `parts` where files can be cut into pieces of work, and `columns` where documents have named fields.
    """

    name: str

    @property
    def _module(self) -> Any:  # a module has no type of its own
        return import_module(f"rightscheck.readers.{self.name}")

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of names, lower-case."""
        found: tuple[str, ...] = self._module.SUFFIXES
        return found

    @property
    def compressed(self) -> bool:
        """Whether files may be compressed as a whole (`.gz` and the like after the ending)."""
        return bool(self._module.COMPRESSED)

    def parts(self, source: Source) -> tuple[Part, ...]:
        """The parts of the file: itself where the format cannot be cut."""
        cut = getattr(self._module, "parts", None)
        return tuple(Part(*ends) for ends in cut(source)) if cut else (Part(0, None),)

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The documents of the part.

        Raises:
            ReadError: it cannot be read, or not to its end, after the batches that could.
        """
        batches: Iterator[pa.RecordBatch] = self._module.read(source)
        return batches

    def columns(self, source: Source) -> frozenset[str] | None:
        """The names of the file's columns, None when they cannot be told."""
        told = getattr(self._module, "columns", None)
        names: frozenset[str] | None = told(source) if told else None
        return names


def format_of(path: PurePath) -> Format | None:
    """The format that the file's name says; None when no reader knows it."""
    name = path.name.lower()
    plain = name.rsplit(".", 1)[0] if compression_of(path) else ""
    for candidate in map(Format, FORMATS):
        if name.endswith(candidate.suffixes) or (
            plain and candidate.compressed and plain.endswith(candidate.suffixes)
        ):
            return candidate
    return None


def open_source(path: str | Path, mapping: Mapping | None = None) -> Iterator[pa.RecordBatch]:
    """The documents of a file or URL, in batches with the columns of `COLUMNS`.

    Raises:
        UsageError: no reader knows the file's name.
        ReadError: it cannot be read, or not to its end, after the batches that could.
        MissingExtraError: its format needs an extra that is not installed.
    """
    found = format_of(name_of(str(path)))
    if found is None:
        raise UsageError(f"no reader for `{path}`", hint=f"known endings: {', '.join(known_suffixes())}")
    return _read(found, str(path), mapping or Mapping())


def _read(found: Format, path: str, mapping: Mapping) -> Iterator[pa.RecordBatch]:
    with local(path) as source:
        yield from found.read(replace(source, mapping=mapping))


def name_of(path: str) -> PurePath:
    """The name of a file or URL, whose ending tells the format."""
    return remote.name_in(path) if remote.is_remote(path) else Path(path)


@contextmanager
def local(path: str) -> Iterator[Source]:
    """Where the file is read from on this machine: itself, or a copy of the URL.

    Raises:
        ReadError: it cannot be copied.
    """
    if not remote.is_remote(path):
        yield Source(path=Path(path))
        return
    with remote.copied(path) as copy:
        yield Source(path=copy, name=path)


def known_suffixes() -> tuple[str, ...]:
    """Every ending that a reader knows, sorted."""
    return tuple(sorted(suffix for name in FORMATS for suffix in Format(name).suffixes))

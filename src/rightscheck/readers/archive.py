"""ZIP and TAR archives of corpus files: each member that a reader knows, in the archive's order.

Members are unpacked one at a time into a temporary file, which is bounded and removed. An archive inside an
archive is not opened.
"""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from rightscheck.readers import formats
from rightscheck.readers.records import Gatherer, ReadError, Source, load_arrow
from rightscheck.readers.streams import CHUNK

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
COMPRESSED = False
MAX_MEMBER = 16 * 1024**3
"""Bytes of a member, unpacked."""
_DAMAGE = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    NotImplementedError,
    RuntimeError,
)


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The documents of the members, numbered through; a member that cannot be read is one unreadable row."""
    row = 0
    for name, stream in _members(source):
        fault = ""
        with _unpacked(stream) as (path, damage):
            known = formats.format_of(PurePosixPath(name))
            if damage or known is None:
                fault = damage
            else:
                inner = replace(source, path=path, name=name, start=0, end=None)
                try:
                    for batch in known.read(inner):
                        yield _numbered(batch, row)
                        row += batch.num_rows
                except ReadError as error:
                    fault = error.message
        if fault:
            gathered = Gatherer(row=row)
            gathered.add_problem(f"member `{name}`: {fault}")
            yield gathered.take()
            row += 1


def _numbered(batch: pa.RecordBatch, row: int) -> pa.RecordBatch:
    arrow = load_arrow()
    return batch.set_column(
        0, batch.schema.field(0), arrow.array(range(row, row + batch.num_rows), arrow.int64())
    )


def _members(source: Source) -> Iterator[tuple[str, IO[bytes]]]:
    """The names and contents of the members that a reader knows.

    Raises:
        ReadError: the archive is damaged, after what could be read of it.
    """
    try:
        if zipfile.is_zipfile(source.path):
            yield from _zipped(source.path)
        else:
            yield from _tarred(source.path)
    except _DAMAGE as error:
        raise ReadError(f"damaged archive: {error}") from error


def _zipped(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir() or not _is_wanted(member.filename):
                continue
            try:
                stream = archive.open(member)
            except _DAMAGE as error:
                yield member.filename, _Unopened(str(error))
                continue
            with stream:
                yield member.filename, stream


class _Unopened(BytesIO):
    """Stands for a member that cannot be opened: reading says why."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self._fault = fault

    def read(self, _size: int | None = -1) -> bytes:
        raise OSError(self._fault)


def _tarred(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() and _is_wanted(member.name) else None
            if stream is not None:
                yield member.name, stream


def _is_wanted(name: str) -> bool:
    path = PurePosixPath(name)
    known = formats.format_of(path)
    hidden = any(part.startswith((".", "_")) for part in path.parts)
    return known is not None and known.name != "archive" and not hidden


@contextmanager
def _unpacked(stream: IO[bytes]) -> Iterator[tuple[Path, str]]:
    """A file with the member's bytes, and why they are not all there, if so."""
    with tempfile.NamedTemporaryFile(prefix="rightscheck-") as file:
        yield Path(file.name), _copy(stream, file)


def _copy(stream: IO[bytes], file: IO[bytes]) -> str:
    size = 0
    try:
        while data := stream.read(CHUNK):
            size += len(data)
            if size > MAX_MEMBER:
                return f"larger than {MAX_MEMBER} bytes"
            file.write(data)
    except _DAMAGE as error:
        return f"damaged: {error}"
    file.flush()
    return ""

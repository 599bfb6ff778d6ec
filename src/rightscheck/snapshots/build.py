"""Filling a store from what others kept: archives, JSON lines, folders. Whatever can be read is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rightscheck.errors import Problem
from rightscheck.model import Document
from rightscheck.snapshots.folder import read_folder
from rightscheck.snapshots.json_lines import read_json_lines
from rightscheck.snapshots.opened import first_bytes
from rightscheck.snapshots.store import SnapshotStore
from rightscheck.snapshots.warc import read_warc

_OTHER_CODINGS = (b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\x50\x2a\x4d\x18")


@dataclass(slots=True, kw_only=True)
class Built:
    """What came of a build: observations read and how many of them were new, problems met."""

    read: int = 0
    added: int = 0
    problems: int = 0


def build(
    store: SnapshotStore, sources: Iterable[Path], report: Callable[[Problem], None] = lambda _: None
) -> Built:
    """Puts every observation of the sources into the store, in bounded memory; each problem goes to `report`.

    Sources are WARC files (also gzip, zstd), files of JSON lines (also gzip), folders of robots.txt files.
    To build from the same source again adds nothing.

    Raises:
        MissingExtraError: a WARC file, and no library to read it.
        StoreError: the store cannot be written.
    """
    built = Built()

    def sound() -> Iterator[Document]:
        for source in sources:
            for item in read_source(source):
                if isinstance(item, Problem):
                    built.problems += 1
                    report(item)
                else:
                    built.read += 1
                    yield item

    built.added = store.put_many(sound())
    return built


def read_source(source: Path) -> Iterator[Document | Problem]:
    """The observations of one source, told by its content, with a problem for each part that is unreadable."""
    try:
        if source.is_dir():
            yield from read_folder(source)
            return
        head = first_bytes(source)
        if head.startswith(_OTHER_CODINGS):
            yield Problem(str(source), "", "zstd or lz4", "decompress it first")
        elif head.startswith(b"WARC/") or ".warc" in source.name:
            yield from read_warc(source)
        elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            yield from read_json_lines(source)
        elif not head.strip():
            yield Problem(str(source), "", "empty")
        else:
            yield Problem(
                str(source), "", "neither WARC nor JSON lines", "folders of robots.txt files work too"
            )
    except OSError as error:
        yield Problem(str(source), "", f"cannot be read: {error.strerror or error}")

"""The tables of the policy store, and how its file is opened.

Bodies are kept once by their sha256; an observation says what one request brought and is never changed.
WAL lets readers go on while one process writes; a transaction that was committed outlives its process.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from rightscheck.errors import IncompleteError, UsageError

VERSION = 1
APPLICATION_ID = 0x52434B53
"""In the header of the file, so that no other SQLite file is taken for a store."""
BUSY_SECONDS = 60.0

_TABLES = (
    """CREATE TABLE body (
        id INTEGER PRIMARY KEY,
        sha256 BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        deflated INTEGER NOT NULL,
        data BLOB NOT NULL)""",
    """CREATE TABLE resource (
        id INTEGER PRIMARY KEY,
        origin TEXT NOT NULL,
        carrier TEXT NOT NULL,
        url TEXT NOT NULL,
        UNIQUE (url, carrier))""",
    "CREATE INDEX resource_by_origin ON resource (origin, url, carrier)",
    # `same` is a digest of everything but the resource and the time: to put an observation again adds nothing.
    """CREATE TABLE observation (
        id INTEGER PRIMARY KEY,
        resource INTEGER NOT NULL REFERENCES resource,
        retrieved_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        status INTEGER,
        failure TEXT NOT NULL,
        headers TEXT NOT NULL,
        redirects TEXT NOT NULL,
        final_url TEXT NOT NULL,
        body INTEGER REFERENCES body,
        truncated INTEGER NOT NULL,
        same BLOB NOT NULL,
        UNIQUE (resource, retrieved_at, same))""",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)


class StoreError(IncompleteError):
    """The store cannot be read or written: damaged, locked for too long, disk full."""


@contextmanager
def told(path: Path, doing: str) -> Iterator[None]:
    """Turns what SQLite reports into a `StoreError` that names the file and what was tried."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"policy store `{path}`: cannot {doing}: {error}", hint=_hint(error)) from error


def _hint(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    hints = {
        sqlite3.SQLITE_BUSY: f"another process has been writing for {BUSY_SECONDS:.0f} seconds; try again",
        sqlite3.SQLITE_FULL: "make room on the disk; what was stored before is unharmed",
        sqlite3.SQLITE_READONLY: "the file or its folder may not be written",
        sqlite3.SQLITE_CORRUPT: "restore a copy, or salvage it with `sqlite3 FILE .recover`",
    }
    return hints.get(code, "")


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection to the store, its tables made where there is no file yet.

    Raises:
        UsageError: no such store, another kind of file, or one that a newer release wrote.
        StoreError: it cannot be opened.
    """
    if read_only and not path.is_file():
        raise UsageError(f"no policy store at `{path}`", hint="make one with `rightscheck snapshot build`")
    if path.is_dir():
        raise UsageError(f"the policy store is one file, `{path}` is a folder")
    if not path.parent.is_dir():
        raise UsageError(f"the folder of the policy store does not exist: `{path.parent}`")
    with told(path, "open it"):
        connection = _open(path, read_only)
        try:
            _prepare(connection, path, read_only)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "mode=ro" if read_only else "mode=rwc"
    wal = path.with_name(path.name + "-wal")
    if read_only and not os.access(path.parent, os.W_OK) and not wal.exists():
        mode += "&immutable=1"  # on a read-only file system nobody can write, and WAL needs a writable folder
    return sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # the store has a lock of its own
    )


def _prepare(connection: sqlite3.Connection, path: Path, read_only: bool) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    version = _version(connection, path)
    if version > VERSION:
        raise UsageError(
            f"policy store `{path}` has schema {version}, this release reads up to {VERSION}",
            hint="use the release that wrote it, or a newer one",
        )
    if read_only:
        if not version:
            raise UsageError(f"`{path}` is no policy store: it is empty")
        return
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    if not version:
        _create(connection, path)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switches to WAL. SQLite does not wait when several processes do so at once, hence the patience here."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise sqlite3.OperationalError("this file system does not allow a write-ahead log")
        return


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's version, 0 for a file without tables."""
    try:
        # The tables first: where another process has just made them, it has set the numbers too.
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_NOTADB:
            raise
        raise UsageError(f"`{path}` is no policy store: no SQLite file") from error
    if tables and application != APPLICATION_ID:
        raise UsageError(f"`{path}` is no policy store: an SQLite file of another application")
    return int(version) if tables else 0


def _create(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _version(connection, path):  # another process may have been first
            for statement in _TABLES:
                connection.execute(statement)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")

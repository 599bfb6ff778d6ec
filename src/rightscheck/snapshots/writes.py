"""Rows into the store: bodies first, then where they were seen, in one short transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rightscheck.snapshots.rows import Row, deflate


def write_rows(connection: sqlite3.Connection, rows: Sequence[Row]) -> int:
    """Writes the rows, all or none of them, and gives how many are new.

    Bodies are compressed before the transaction, which keeps it short for the other writers.
    """
    known = {row.sha256 for row in rows if _body_id(connection, row.sha256) is not None}
    packed = {row.sha256: (len(row.body), *deflate(row.body)) for row in rows if row.sha256 not in known}
    with _transaction(connection):
        return sum(_insert(connection, row, packed.get(row.sha256)) for row in rows)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _body_id(connection: sqlite3.Connection, digest: bytes) -> int | None:
    row = connection.execute("SELECT id FROM body WHERE sha256 = ?", (digest,)).fetchone()
    return None if row is None else int(row[0])


def _insert(connection: sqlite3.Connection, row: Row, packed: tuple[int, bool, bytes] | None) -> int:
    """Writes one row within a transaction: 1 when it is new, else 0."""
    if packed is not None and row.sha256:
        connection.execute(
            "INSERT OR IGNORE INTO body (sha256, size, deflated, data) VALUES (?, ?, ?, ?)",
            (row.sha256, *packed),
        )
    where = (row.url, row.carrier)
    connection.execute(
        "INSERT OR IGNORE INTO resource (origin, url, carrier) VALUES (?, ?, ?)", (row.origin, *where)
    )
    return connection.execute(
        "INSERT OR IGNORE INTO observation (resource, retrieved_at, expires_at, status, failure, headers, "
        "redirects, final_url, body, truncated, same) VALUES "
        "((SELECT id FROM resource WHERE url = ? AND carrier = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *where,
            row.retrieved_at,
            row.expires_at,
            row.status,
            row.failure,
            row.headers,
            row.redirects,
            row.final_url,
            _body_id(connection, row.sha256) if row.sha256 else None,
            row.truncated,
            row.same,
        ),
    ).rowcount

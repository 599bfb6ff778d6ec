"""The policy store: documents by URL and carrier, each answer kept with its time.

Safe for several processes and threads: one short write transaction at a time (SQLite's WAL), readers never
wait. Nothing is overwritten, so a corpus of last year can be judged by the robots.txt of last year.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rightscheck.errors import UsageError
from rightscheck.model import Document
from rightscheck.robots.responses import RobotsState, classify
from rightscheck.snapshots.lifetimes import conditions_of, is_complete
from rightscheck.snapshots.redirects import follow
from rightscheck.snapshots.rows import COLUMNS, JOINED, Row, microseconds, moment, to_document, to_row
from rightscheck.snapshots.schema import connect, told
from rightscheck.snapshots.writes import write_rows
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier

if TYPE_CHECKING:
    from rightscheck.snapshots.changes import Change

BATCH = 500
_PAGE = 200
_ROBOTS = Carrier.ROBOTS_TXT
_TIME, _ID = "retrieved_at", "observation.id"
_SELECT = (
    f"SELECT {COLUMNS}, {_ID} FROM {JOINED} "  # noqa: S608 - names of our own tables only
    "WHERE resource.url = :url AND resource.carrier = :carrier "
)


class PolicyTime(StrEnum):
    """Which of the versions of a policy counts."""

    AS_CRAWLED = "as-crawled"
    """The last one seen at or before the moment in question."""
    LATEST = "latest"
    """The last one seen."""
    DATE = "date"
    """The last one seen up to the end of a day (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What is kept under one URL: how many observations, the first and the last (UTC), the last status."""

    origin: str
    carrier: Carrier
    url: str
    observations: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSummary:
    """How much a store holds: counts, bytes of bodies as served and as stored, first and last time (UTC)."""

    origins: int
    resources: int
    observations: int
    bodies: int
    body_bytes: int
    stored_bytes: int
    first: datetime | None
    last: datetime | None
    statuses: tuple[tuple[str, int], ...]


class SnapshotStore:
    """One store. Open it with `SnapshotStore.open`; it is a context manager and can be pickled by its path.

    Usable from several threads and after a fork: a child process opens the file anew.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._inherited: list[sqlite3.Connection] = []
        self._connection: sqlite3.Connection | None = connect(path, read_only=read_only)

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False) -> SnapshotStore:
        """The store in that file, made when it is not there; with `read_only` it has to be there.

        Raises:
            UsageError: no such file or folder, no policy store, or a newer release's.
            StoreError: it cannot be opened.
        """
        return cls(Path(path), read_only=read_only)

    def __reduce__(self) -> tuple[Any, ...]:  # Any: the protocol's own type
        return _reopen, (self.path, self.read_only)

    def __enter__(self) -> SnapshotStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file. What was put is already safe."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None and self._process == os.getpid():
                connection.close()

    def put(self, document: Document) -> bool:
        """Keeps the document; False when the very same observation is already there.

        Raises:
            UsageError: no http(s) URL, no time of retrieval, a store opened for reading.
            StoreError: it cannot be written.
        """
        return self.put_many((document,)) == 1

    def put_many(self, documents: Iterable[Document], *, batch: int = BATCH) -> int:
        """Keeps the documents, and gives how many of them are new.

        Every `batch` documents are one transaction: when the process dies, that many at most are missing,
        and none is there in part.
        """
        if self.read_only:
            raise UsageError(f"policy store `{self.path}` was opened for reading")
        rest = iter(documents)
        added = 0
        while rows := [to_row(document) for document in islice(rest, batch)]:
            added += self._write(rows)
        return added

    def latest(self, url: str, carrier: Carrier = _ROBOTS) -> Document | None:
        """The last answer seen, whatever it was; None when there is none."""
        return self.at(url, carrier)

    def at(
        self,
        url: str,
        carrier: Carrier = _ROBOTS,
        when: datetime | date | None = None,
        mode: PolicyTime = PolicyTime.LATEST,
    ) -> Document | None:
        """The answer that counts by `mode`; None when nothing was seen by then, which is not consent.

        Args:
            when: for `as-crawled` the moment when the page was retrieved, for `date` the day.

        Raises:
            UsageError: no `when` for a mode that needs it, or one without a time zone.
        """
        before = _bound(when, mode)
        where = "" if before is None else "AND retrieved_at <= :time "
        return next(self._observations(url, carrier, where, before), None)

    def history(self, url: str, carrier: Carrier = _ROBOTS) -> Iterator[Document]:
        """Every answer seen, oldest first."""
        values = {"url": check_url_form(url), "carrier": carrier.value, "page": _PAGE}
        key = {"at": -(2**63), "id": 0}
        oldest = f"AND (retrieved_at, observation.id) > (:at, :id) ORDER BY {_TIME}, {_ID} LIMIT :page"
        while page := self._rows(_SELECT + oldest, {**values, **key}):
            yield from (to_document(row[:-1]) for row in page)
            key = {"at": page[-1][2], "id": page[-1][-1]}

    def union(self, url: str, carrier: Carrier = _ROBOTS) -> Iterator[Document]:
        """Every different version seen, oldest first: by status, failure, body and where it came from."""
        seen = set()
        for document in self.history(url, carrier):
            version = (document.status, document.failure, document.sha256, document.final_url)
            if version not in seen:
                seen.add(version)
                yield document

    def nearest(
        self, url: str, carrier: Carrier, when: datetime, within: timedelta = timedelta(hours=24)
    ) -> Document | None:
        """The answer seen nearest to the moment, before or after it; None when none is near enough."""
        time = microseconds(when)
        values = {"url": check_url_form(url), "carrier": carrier.value, "time": time}
        before = f"AND retrieved_at <= :time ORDER BY {_TIME} DESC, {_ID} DESC LIMIT 1"
        after = f"AND retrieved_at > :time ORDER BY {_TIME}, {_ID} LIMIT 1"
        rows = [*self._rows(_SELECT + before, values), *self._rows(_SELECT + after, values)]
        row = min(rows, key=lambda row: abs(row[2] - time), default=None)
        if row is None or abs(moment(row[2]) - when) > within:
            return None
        return to_document(row[:-1])

    def last_readable(self, url: str) -> Document | None:
        """The last robots.txt seen with rules in it, however old.

        While robots.txt cannot be reached, RFC 9309 2.3.1.4 means complete disallow, for as long as it takes:
        such a copy may be cited for what it denies, and never permits anything. That a crawler may take a
        file as absent after 30 days is not made use of: silence does not turn into permission by itself.
        """
        for document in self._observations(url, _ROBOTS, "AND size > 0 AND failure = '' "):
            if classify(document) is RobotsState.RULES:
                return document
        return None

    def followed(self, document: Document) -> Document:
        """The document with its redirects followed as far as the store knows them; else as it is.

        Archives keep each answer under the URL that gave it. A hop is taken from the observation of its
        target that is nearest in time, within 24 hours, over at most five hops (RFC 9309 2.3.1.2).
        """
        return follow(document, self.nearest)

    def validators(self, url: str, carrier: Carrier = _ROBOTS) -> Mapping[str, str]:
        """The request fields that make a request conditional on the stored copy; empty without a whole one."""
        document = self.last_complete(url, carrier)
        return conditions_of(document) if document is not None else {}

    def last_complete(self, url: str, carrier: Carrier = _ROBOTS) -> Document | None:
        """The last whole 2xx answer: what a 304 confirms."""
        rows = self._observations(
            url, carrier, "AND status BETWEEN 200 AND 299 AND failure = '' AND NOT truncated "
        )
        return next((document for document in rows if is_complete(document)), None)

    def origins(self) -> Iterator[str]:
        """Every origin of which something is kept, sorted."""
        after = ""
        while page := self._rows(
            "SELECT DISTINCT origin FROM resource WHERE origin > ? ORDER BY origin LIMIT ?", (after, _PAGE)
        ):
            yield from (origin for (origin,) in page)
            after = page[-1][0]

    def resources(self, origin: str | None = None) -> Iterator[Resource]:
        """What is kept, of one origin or all, sorted by origin, URL and carrier."""
        after = ("", "", "")
        while page := self._rows(
            "SELECT origin, url, carrier, count(*), min(retrieved_at), max(retrieved_at) "
            "FROM resource JOIN observation ON observation.resource = resource.id "
            "WHERE (origin, url, carrier) > (?, ?, ?) AND origin = coalesce(?, origin) "
            "GROUP BY origin, url, carrier ORDER BY origin, url, carrier LIMIT ?",
            (*after, origin, _PAGE),
        ):
            for where, url, carrier, count, first, last in page:
                yield Resource(
                    origin=where,
                    carrier=Carrier(carrier),
                    url=url,
                    observations=count,
                    first=moment(first),
                    last=moment(last),
                )
            after = page[-1][:3]

    def diff(self, since: datetime, until: datetime) -> Iterator[Change]:
        """What changed between two moments, sorted by origin and URL; see `Change`."""
        from rightscheck.snapshots.changes import changes

        return changes(self, since, until)

    def changed_resources(self, since: datetime, until: datetime) -> Iterator[tuple[str, Carrier, str]]:
        """Origin, carrier and URL of what was observed after `since` and up to `until`, sorted."""
        between = (microseconds(since), microseconds(until))
        after = ("", "", "")
        while page := self._rows(
            "SELECT origin, url, carrier FROM resource WHERE (origin, url, carrier) > (?, ?, ?) AND EXISTS "
            "(SELECT 1 FROM observation WHERE resource = resource.id AND retrieved_at > ? "
            "AND retrieved_at <= ?) ORDER BY origin, url, carrier LIMIT ?",
            (*after, *between, _PAGE),
        ):
            yield from ((origin, Carrier(carrier), url) for origin, url, carrier in page)
            after = page[-1]

    def summary(self) -> StoreSummary:
        """How much is kept. Reads the whole store once."""
        [(origins, resources)] = self._rows("SELECT count(DISTINCT origin), count(*) FROM resource")
        [(observations, first, last)] = self._rows(
            "SELECT count(*), min(retrieved_at), max(retrieved_at) FROM observation"
        )
        [(bodies, size, stored)] = self._rows(
            "SELECT count(*), coalesce(sum(size), 0), coalesce(sum(length(data)), 0) FROM body"
        )
        statuses = self._rows(
            "SELECT CASE WHEN failure <> '' THEN failure ELSE coalesce(status, 'file') END AS answer, count(*) "
            "FROM observation GROUP BY answer ORDER BY count(*) DESC, answer"
        )
        return StoreSummary(
            origins=origins,
            resources=resources,
            observations=observations,
            bodies=bodies,
            body_bytes=size,
            stored_bytes=stored,
            first=None if first is None else moment(first),
            last=None if last is None else moment(last),
            statuses=tuple((str(answer), count) for answer, count in statuses),
        )

    def _observations(
        self, url: str, carrier: Carrier, where: str = "", time: int | None = None
    ) -> Iterator[Document]:
        """Answers that meet a condition, newest first, one read at a time."""
        values = {"url": check_url_form(url), "carrier": carrier.value, "time": time}
        key = {"at": 2**63 - 1, "id": 0}
        newest = f"AND (retrieved_at, observation.id) < (:at, :id) {where}ORDER BY {_TIME} DESC, {_ID} DESC LIMIT 1"
        while page := self._rows(_SELECT + newest, {**values, **key}):
            yield to_document(page[0][:-1])
            key = {"at": page[0][2], "id": page[0][-1]}

    def _rows(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        """All rows at once, so that no read transaction outlives the call. Any: SQLite's own type."""
        with self._lock, told(self.path, "read it"):
            return self._opened().execute(statement, values).fetchall()

    def _write(self, rows: Sequence[Row]) -> int:
        with self._lock, told(self.path, "write it"):
            return write_rows(self._opened(), rows)

    def _opened(self) -> sqlite3.Connection:
        if self._process != os.getpid():
            # A connection must not be used, nor closed, by a process that inherited it: it is only kept.
            if self._connection is not None:
                self._inherited.append(self._connection)
                self._connection = connect(self.path, read_only=self.read_only)
            self._process = os.getpid()
        if self._connection is None:
            raise UsageError(f"policy store `{self.path}` is closed")
        return self._connection


def _reopen(path: Path, read_only: bool) -> SnapshotStore:
    return SnapshotStore.open(path, read_only=read_only)


def _bound(when: datetime | date | None, mode: PolicyTime) -> int | None:
    """The last microsecond that counts; None for no bound."""
    if mode is PolicyTime.LATEST:
        return None
    if when is None:
        raise UsageError(f"policy time `{mode}` needs a time")
    if mode is PolicyTime.DATE:
        day = when.astimezone(UTC).date() if isinstance(when, datetime) else when
        return microseconds(datetime.combine(day, time.max, UTC))
    if not isinstance(when, datetime):
        raise UsageError("policy time `as-crawled` needs the moment of the crawl, not a day")
    return microseconds(when)

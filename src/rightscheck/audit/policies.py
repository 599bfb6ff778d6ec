"""Kept robots.txt and root files, joined to the documents of a corpus by origin and time.

`as-crawled` takes what was seen last when the document was crawled, `latest` what was seen last of all, a day
what was seen last by then, `union` every version, the strictest answer counting.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from rightscheck.check import origin_of, robots_url
from rightscheck.errors import UsageError
from rightscheck.model import Document
from rightscheck.snapshots import Known, PolicyTime, SnapshotStore, known_documents
from rightscheck.snapshots.rows import origin_of as stored_origin
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier

UNION = "union"
RECENT = timedelta(days=31)
"""A copy that is older than this when it counts is listed as a gap too: it may have changed since."""
_LEAST = timedelta(microseconds=1)
_REMEMBERED = 50_000
NOTHING = Known(documents={}, gaps=())


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """Which versions count: a mode of the store, the day for `date`; `union` for all of them."""

    mode: PolicyTime
    day: date | None = None
    union: bool = False

    @classmethod
    def parse(cls, text: str) -> PolicyChoice:
        """The choice written as `as-crawled`, `latest`, `union` or a date.

        Raises:
            UsageError: none of these.
        """
        if text == UNION:
            return cls(PolicyTime.LATEST, union=True)
        if text in (PolicyTime.AS_CRAWLED.value, PolicyTime.LATEST.value):
            return cls(PolicyTime(text))
        try:
            return cls(PolicyTime.DATE, date.fromisoformat(text))
        except ValueError as error:
            hint = "as-crawled, latest, union, or a day such as 2026-11-24"
            raise UsageError(f"no policy time: `{text}`", hint=hint) from error


@dataclass(frozen=True, slots=True)
class Kept:
    """The versions that count for a document, at least one, possibly empty; `number` stands for them."""

    number: int
    versions: tuple[Known, ...]


class Policies:
    """What a store knows, by URL and time of retrieval. Opened for reading, once per process."""

    def __init__(self, store: Path, choice: PolicyChoice, on: date) -> None:
        self._store = SnapshotStore.open(store, read_only=True)
        self._choice = choice
        self._on = on
        self._count = 0
        self._known: OrderedDict[tuple[str, int | None], Kept] = OrderedDict()
        self._changes: OrderedDict[str, tuple[datetime, ...]] = OrderedDict()

    def known(self, url: str, crawled: str | None) -> Kept:
        """The versions that count for a page retrieved at that time (ISO 8601).

        A page whose time is not known has no policy as crawled: its carriers are unread.
        """
        origin = origin_of(check_url_form(url))
        key = (origin, self._epoch(origin, crawled) if self._choice.mode is PolicyTime.AS_CRAWLED else 0)
        found = self._known.get(key)
        if found is None:
            self._count += 1
            found = self._known[key] = Kept(self._count, self._find(origin + "/", crawled))
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _epoch(self, origin: str, crawled: str | None) -> int | None:
        """Which stretch of time without change the moment lies in; None when it is not known."""
        when = moment(crawled)
        if when is None:
            return None
        changes = self._changes.get(origin)
        if changes is None:
            changes = self._changes[origin] = self._changes_of(origin)
            if len(self._changes) > _REMEMBERED:
                self._changes.popitem(last=False)
        return bisect_right(changes, when)

    def _changes_of(self, origin: str) -> tuple[datetime, ...]:
        """The moments from which something else counts: another answer, or that one is no longer recent."""
        found = set()
        for resource in self._store.resources(stored_origin(origin + "/")):
            for document in self._store.history(resource.url, resource.carrier):
                if document.retrieved_at is not None:
                    found |= {document.retrieved_at, document.retrieved_at + RECENT + _LEAST}
        return tuple(sorted(found))

    def _find(self, url: str, crawled: str | None) -> tuple[Known, ...]:
        when: datetime | date | None = self._choice.day or self._on
        if self._choice.mode is PolicyTime.AS_CRAWLED:
            when = moment(crawled)
        if when is None:
            return (NOTHING,)
        last = known_documents(self._store, url, _end(when), self._mode, fresh_enough=RECENT)
        if not self._choice.union:
            return (last,)
        versions = [self._store.followed(document) for document in self._store.union(robots_url(url))]
        return tuple(_with_robots(last, version) for version in versions) or (last,)

    @property
    def _mode(self) -> PolicyTime:
        """A day is asked for as the moment at its end, so that ages are measured from there."""
        return PolicyTime.AS_CRAWLED if self._choice.mode is PolicyTime.DATE else self._choice.mode


def _with_robots(last: Known, version: Document) -> Known:
    documents: Mapping[Carrier, tuple[Document, ...]] = {**last.documents, Carrier.ROBOTS_TXT: (version,)}
    return Known(documents=documents, gaps=last.gaps)


def _end(when: datetime | date) -> datetime:
    """The moment itself, or the last one of the day."""
    if isinstance(when, datetime):
        return when
    return datetime.combine(when + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)


def moment(text: str | None) -> datetime | None:
    """The time that the text names, UTC where it does not say otherwise; None when it names none.

    Times are written as ISO 8601 (`/` for `-` too), as 14 digits (`20250131235959`), or as a day, whose
    beginning counts.
    """
    plain = (text or "").strip().replace("/", "-")
    if len(plain) == 14 and plain.isascii() and plain.isdigit():
        plain = f"{plain[:8]}T{plain[8:]}"
    try:
        when = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)

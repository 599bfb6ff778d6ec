"""The store between a check and the network: fresh copies from it, everything else asked for and kept.

Used in place of a fetcher, so that several processes and later runs share what one of them has fetched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from urllib.parse import urljoin

from rightscheck.check import robots_url
from rightscheck.model import Document, Gap
from rightscheck.snapshots.lifetimes import confirmed, is_fresh
from rightscheck.snapshots.places import PLACES
from rightscheck.snapshots.rows import origin_of
from rightscheck.snapshots.store import PolicyTime, SnapshotStore
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier

KEPT = frozenset({*(carrier for carrier, _ in PLACES), Carrier.RSL})
"""The carriers that are kept. Pages and terms are not: they are content, and the caller's to keep."""
FRESH_ENOUGH = timedelta(hours=24)

MayFollow = Callable[[str], Awaitable[str]]
ConditionalGet = Callable[[str, Carrier, Mapping[str, str]], Awaitable[Document]]


class Asks(Protocol):
    """What asks the network: `Fetcher` does."""

    async def get(self, url: str, carrier: Carrier, *, may_follow: MayFollow | None = None) -> Document:
        """The document at the URL, whatever the web did."""
        ...


@dataclass(slots=True, eq=False, kw_only=True)
class StoredFetcher:
    """A fetcher that reads through a store. Callers that ask at the same time share one request.

    An unreachable robots.txt is kept and answered as that, never replaced by an older copy: what the older
    one denies is `store.last_readable`'s to tell.

    Attributes:
        fetcher: asks the network.
        store: kept up to date unless it was opened for reading.
        conditional: asks with `If-None-Match` and `If-Modified-Since` fields; without it every request is
            for the whole body.
        clock: gives the time that freshness is measured by (UTC).
    """

    fetcher: Asks
    store: SnapshotStore
    conditional: ConditionalGet | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _flights: dict[object, asyncio.Task[Document]] = field(default_factory=dict)

    async def get(self, url: str, carrier: Carrier, *, may_follow: MayFollow | None = None) -> Document:
        """The document: from the store while it is fresh, else from the network, and then kept.

        With `may_follow` a copy that was redirected is asked for anew: each hop has to be agreed to.

        Raises:
            StoreError: the store cannot be read or written.
        """
        if carrier not in KEPT:
            return await self.fetcher.get(url, carrier, may_follow=may_follow)
        if may_follow is not None:
            known = await asyncio.to_thread(self._fresh, url, carrier)
            if known is not None and not known.redirects:
                return known
            document = await self.fetcher.get(url, carrier, may_follow=may_follow)
            await asyncio.to_thread(self._keep, document)
            return document
        key = (asyncio.get_running_loop(), url, carrier)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._read_through(url, carrier))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def _read_through(self, url: str, carrier: Carrier) -> Document:
        known = await asyncio.to_thread(self._fresh, url, carrier)
        if known is not None:
            return known
        document = await self._ask(url, carrier)
        await asyncio.to_thread(self._keep, document)
        return document

    def _fresh(self, url: str, carrier: Carrier) -> Document | None:
        found = self.store.latest(url, carrier)
        return self.store.followed(found) if found is not None and is_fresh(found, self.clock()) else None

    async def _ask(self, url: str, carrier: Carrier) -> Document:
        """The answer of the network; a 304 is answered by the copy that it confirms."""
        if self.conditional is not None:
            held = await asyncio.to_thread(self.store.last_complete, url, carrier)
            conditions = {} if held is None else self.store.validators(url, carrier)
            if held is not None and conditions:
                answer = await self.conditional(url, carrier, conditions)
                if answer.status != 304:
                    return answer
                if not answer.failure and answer.final_url == held.final_url:
                    return confirmed(held, answer)
        return await self.fetcher.get(url, carrier)

    def _keep(self, document: Document) -> None:
        refused_by_us = document.failure.startswith(("bad-url", "blocked-address", "redirect-refused"))
        if not (self.store.read_only or refused_by_us) and document.retrieved_at is not None:
            self.store.put(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows for one URL: documents for a check, and a gap for each copy that is too old."""

    documents: Mapping[Carrier, tuple[Document, ...]]
    gaps: tuple[Gap, ...]


def known_documents(
    store: SnapshotStore,
    url: str,
    when: datetime | date,
    mode: PolicyTime = PolicyTime.LATEST,
    *,
    fresh_enough: timedelta = FRESH_ENOUGH,
) -> Known:
    """What is stored of robots.txt and the root files of the URL's origin, of any age; nothing is fetched.

    Args:
        when: now for `latest`, else the moment or the day whose policy counts; ages are measured from it.
        fresh_enough: a copy older than this counts, and is listed as a gap too, for it may have changed
            since. What was never seen is left out: the signal that misses it says so.

    Raises:
        UsageError: no http(s) URL, a time without zone.
        StoreError: the store cannot be read.
    """
    documents: dict[Carrier, tuple[Document, ...]] = {}
    gaps = []
    site = origin_of(robots_url(check_url_form(url)))
    for carrier, path in PLACES:
        found = store.at(urljoin(site, path), carrier, when, mode)
        if found is None or found.retrieved_at is None:
            continue
        documents[carrier] = (*documents.get(carrier, ()), store.followed(found))
        age = _from(when) - found.retrieved_at
        if age > fresh_enough:
            reason = f"only a stored copy, {_days(age)} old by then"
            gaps.append(Gap(carrier=carrier, source=found.url, reason=reason))
    return Known(documents=documents, gaps=tuple(gaps))


def _from(when: datetime | date) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day, tzinfo=UTC)


def _days(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"

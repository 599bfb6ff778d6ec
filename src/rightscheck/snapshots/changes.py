"""What changed in the store between two moments: for each file, the answer before against the answer after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from rightscheck.agents import Purpose, agents_for
from rightscheck.errors import UsageError
from rightscheck.model import Document
from rightscheck.robots.document import RobotsTxt
from rightscheck.robots.responses import RobotsState, classify, complete_body
from rightscheck.vocab import Carrier

if TYPE_CHECKING:
    from rightscheck.snapshots.store import SnapshotStore

EVERYONE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file that is not what it was.

    Attributes:
        kind: `new` (a file where none was seen), `gone` (404 or 410 where one was), `bytes`
            (another body), `status` (another status or failure).
        before, after: the last answers up to each moment, redirects followed; `before` is None when
            nothing had been seen.
        closed: for robots.txt, the known agents for AI training that may not fetch `/` after and might
            before, sorted; `*` among them means every agent without a group of its own. What could not be
            read before counts as open, so that no closure is left out.
        opened: the opposite. What cannot be read after opens nothing.
    """

    origin: str
    carrier: Carrier
    url: str
    kind: str
    before: Document | None
    after: Document
    closed: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()


@lru_cache(maxsize=1024)  # many sites serve the very same file
def closed_training_agents(body: bytes) -> frozenset[str]:
    """The tokens of known AI training agents that the robots.txt keeps from `/`; `*` when its `*` group does."""
    robots = RobotsTxt.parse(body)
    tokens = [agent.token for agent in agents_for(Purpose.TRAINING)]
    closed = {token for token in tokens if not robots.decide(token, "/").allowed}
    return frozenset(closed if robots.decide("", "/").allowed else {*closed, EVERYONE})


def changes(store: SnapshotStore, since: datetime, until: datetime) -> Iterator[Change]:
    """The changes from `since` to `until`, sorted by origin, URL and carrier.

    Raises:
        UsageError: `until` is not after `since`, or a time has no zone.
    """
    if since >= until:
        raise UsageError(f"nothing lies between {since.isoformat()} and {until.isoformat()}")
    from rightscheck.snapshots.store import PolicyTime

    for origin, carrier, url in store.changed_resources(since, until):
        before = store.at(url, carrier, since, PolicyTime.AS_CRAWLED)
        after = store.at(url, carrier, until, PolicyTime.AS_CRAWLED)
        if after is not None:
            change = _compare(origin, carrier, before and store.followed(before), store.followed(after))
            if change is not None:
                yield change


def _compare(origin: str, carrier: Carrier, before: Document | None, after: Document) -> Change | None:
    kind = _kind(before, after)
    if not kind:
        return None
    closed, opened = _agents(before, after) if carrier is Carrier.ROBOTS_TXT else ((), ())
    return Change(
        origin=origin,
        carrier=carrier,
        url=after.url,
        kind=kind,
        before=before,
        after=after,
        closed=closed,
        opened=opened,
    )


def _kind(before: Document | None, after: Document) -> str:
    """The kind of the change, empty for none. A file that was never there and still is not is no change."""
    if before is None or _is_absent(before):
        if _is_there(after):
            return "new"
        return "status" if before is not None and _answer(before) != _answer(after) else ""
    if _is_absent(after):
        return "gone" if _is_there(before) else "status"
    if _answer(before) != _answer(after):
        return "status"
    return "bytes" if before.sha256 != after.sha256 else ""


def _is_there(document: Document) -> bool:
    return not document.failure and (document.status is None or 200 <= document.status < 300)


def _is_absent(document: Document) -> bool:
    return document.status in (404, 410) and not document.failure


def _answer(document: Document) -> tuple[int | None, str]:
    """The status and failure; a file that somebody kept counts as served with 200."""
    return (200 if document.status is None and not document.failure else document.status), document.failure


def _agents(before: Document | None, after: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    was = _closed(before)
    now = _closed(after)
    if now is None:
        return (), ()
    return tuple(sorted(now - (was or frozenset()))), tuple(sorted((was or frozenset()) - now))


def _closed(document: Document | None) -> frozenset[str] | None:
    """The closed agents; None when the answer does not tell."""
    state = RobotsState.ABSENT if document is None else classify(document)
    if document is not None and state is RobotsState.RULES:
        return closed_training_agents(complete_body(document))
    return frozenset() if state is RobotsState.ABSENT else None

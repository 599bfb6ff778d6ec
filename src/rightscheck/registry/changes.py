"""What came, went and changed between two states of the registry, entry by entry.

Statements are the same when they say the same; a statement that still denies or permits the same uses in
the same carrier, but differs otherwise, has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from rightscheck.registry.export import plain
from rightscheck.registry.publishers import Capture, PublisherPolicy, RecordedStatement

Recorded = RecordedStatement | Capture


class Event(StrEnum):
    """What happened to a part of the registry."""

    CAME = "came"
    WENT = "went"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        publisher: the entry's id.
        part: `entry`, `statement` or `capture`.
        what: the part in a few words, as of the newer state where it is there.
        fields: for `changed`, each field that differs as (name, old, new), values as JSON has them.
    """

    publisher: str
    event: Event
    part: str
    what: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


# Where an entry is read from is no part of what it says.
_ABOUT_ENTRY = ("holder", "country", "kind", "hosts", "identity_source", "review_by", "history")


def compare(old: Iterable[PublisherPolicy], new: Iterable[PublisherPolicy]) -> tuple[Change, ...]:
    """Every difference, by id of the publisher: its entry first, then statements, then captures."""
    before = {policy.id: policy for policy in old}
    after = {policy.id: policy for policy in new}
    changes: list[Change] = []
    for key in sorted(before.keys() | after.keys()):
        changes += _compare_entry(before.get(key), after.get(key))
    return tuple(changes)


def _compare_entry(old: PublisherPolicy | None, new: PublisherPolicy | None) -> Iterator[Change]:
    present = new or old
    if present is None:
        return
    if old is None or new is None:
        event = Event.CAME if old is None else Event.WENT
        yield Change(publisher=present.id, event=event, part="entry", what=present.holder.name)
    elif differing := _differences(old, new, _ABOUT_ENTRY):
        yield Change(
            publisher=new.id, event=Event.CHANGED, part="entry", what=new.holder.name, fields=differing
        )
    yield from _compare_parts(
        present.id, old.statements if old else (), new.statements if new else (), _same_stance, "statement"
    )
    yield from _compare_parts(
        present.id, old.captures if old else (), new.captures if new else (), _same_carrier, "capture"
    )


def _compare_parts(
    publisher: str,
    old: Sequence[Recorded],
    new: Sequence[Recorded],
    key: Callable[[Recorded], Hashable],
    part: str,
) -> Iterator[Change]:
    gone = [item for item in old if item not in new]
    for item in (item for item in new if item not in old):
        before = next((other for other in gone if key(other) == key(item)), None)
        what = _describe(item)
        if before is None:
            yield Change(publisher=publisher, event=Event.CAME, part=part, what=what)
            continue
        gone.remove(before)
        differing = _differences(before, item, tuple(field.name for field in fields(item)))
        yield Change(publisher=publisher, event=Event.CHANGED, part=part, what=what, fields=differing)
    for item in gone:
        yield Change(publisher=publisher, event=Event.WENT, part=part, what=_describe(item))


def _same_stance(item: Recorded) -> Hashable:
    stance = (item.preference, item.uses, item.paths) if isinstance(item, RecordedStatement) else ()
    return item.carrier, stance


def _same_carrier(item: Recorded) -> Hashable:
    return item.carrier, item.source


def _describe(item: Recorded) -> str:
    if isinstance(item, Capture):
        return f"{item.carrier} {item.source}"
    return f"{item.preference} {', '.join(sorted(item.uses))} in {item.carrier} {item.source}"


def _differences(old: object, new: object, names: Iterable[str]) -> tuple[tuple[str, Any, Any], ...]:
    pairs = ((name, plain(getattr(old, name)), plain(getattr(new, name))) for name in names)
    return tuple((name, was, now) for name, was, now in pairs if was != now)

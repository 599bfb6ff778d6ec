"""The registry compiled: an index and one line of JSON per entry, read without TOML and built on demand.

A file is named by the digest of the sources it was made from, so it is never stale; one that is damaged is
made anew. It holds nothing that the sources do not say.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, overload
from zlib import crc32

from rightscheck.model import Holder
from rightscheck.registry.publishers import Capture, EndedStatement, PublisherPolicy, RecordedStatement
from rightscheck.vocab import Carrier, Confidence, ExceptionRoute, Preference, Use

FORMAT = 2
"""Raise it when the shape of an entry, or the way it is made from TOML, changes."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a compiled file holds; the parts are those of a Registry."""

    publishers: Sequence[PublisherPolicy]
    hosts: Mapping[str, Sequence[tuple[int | None, str, int]]]
    names: Mapping[str, Sequence[int]]


class StoredPolicies(Sequence[PublisherPolicy]):
    """Entries as lines of JSON, each made into a policy when it is first asked for."""

    __slots__ = ("_lines", "_made")

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines
        self._made: dict[int, PublisherPolicy] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> PublisherPolicy: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[PublisherPolicy, ...]: ...
    def __getitem__(self, place: int | slice) -> PublisherPolicy | tuple[PublisherPolicy, ...]:
        if isinstance(place, slice):
            return tuple(self[number] for number in range(*place.indices(len(self))))
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = policy_from(json.loads(self._lines[place]))
        return made

    def __iter__(self) -> Iterator[PublisherPolicy]:
        return (self[place] for place in range(len(self)))


def _file(cache: Path, digest: str) -> Path:
    return cache / f"registry-{FORMAT}-{digest}.jsonl"


def read_compiled(cache: Path, digest: str) -> Compiled | None:
    """What was compiled from sources of that digest; None when it is not there or not whole."""
    try:
        head, _, rest = _file(cache, digest).read_bytes().partition(b"\n")
        index = json.loads(head)
        if not isinstance(index, dict) or index.get("crc32") != crc32(rest):
            return None
        return Compiled(StoredPolicies(rest.split(b"\n")[:-1]), index["hosts"], index["names"])
    except (OSError, ValueError, KeyError):
        return None


def write_compiled(
    cache: Path,
    digest: str,
    publishers: Sequence[PublisherPolicy],
    hosts: Mapping[str, Sequence[tuple[int | None, str, int]]],
    names: Mapping[str, Sequence[int]],
) -> None:
    """Keep the registry for the next time. A cache that cannot be written costs time and nothing else."""
    rest = b"".join(_line(stored(policy)) for policy in publishers)
    head = _line({"crc32": crc32(rest), "hosts": hosts, "names": names})
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, delete=False) as stream:
            stream.write(head + rest)
        Path(stream.name).replace(_file(cache, digest))
    except OSError:
        return


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def stored(value: object) -> Any:
    """The value as JSON keeps it: dataclasses as objects, sets as sorted lists, dates in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: stored(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [stored(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def policy_from(data: dict[str, Any]) -> PublisherPolicy:
    """The policy that `stored` made the object of."""
    holder = data["holder"]
    return PublisherPolicy(
        **{key: data[key] for key in ("id", "country", "kind", "identity_source", "origin", "file")},
        holder=Holder(**{**holder, "names": frozenset(holder["names"])}),
        names=frozenset(data["names"]),
        hosts=tuple(data["hosts"]),
        statements=tuple(_statement(item) for item in data["statements"]),
        captures=tuple(_capture(item) for item in data["captures"]),
        history=tuple(
            EndedStatement(
                statement=_statement(item["statement"]),
                ended=date.fromisoformat(item["ended"]),
                event=item["event"],
            )
            for item in data["history"]
        ),
        review_by=date.fromisoformat(data["review_by"]),
    )


def _statement(data: dict[str, Any]) -> RecordedStatement:
    return RecordedStatement(
        **{
            **data,
            "preference": Preference(data["preference"]),
            "uses": frozenset(map(Use, data["uses"])),
            "purpose": frozenset(map(Use, data["purpose"])),
            "exception": ExceptionRoute(data["exception"]),
            "conditions": tuple(data["conditions"]),
            "paths": tuple(data["paths"]),
            "carrier": Carrier(data["carrier"]),
            "observed": date.fromisoformat(data["observed"]),
            "confidence": Confidence(data["confidence"]),
        }
    )


def _capture(data: dict[str, Any]) -> Capture:
    return Capture(
        **{
            **data,
            "carrier": Carrier(data["carrier"]),
            "observed": date.fromisoformat(data["observed"]),
            "closed_agents": tuple(data["closed_agents"]),
            "open_agents": tuple(data["open_agents"]),
            "pointers": tuple(data["pointers"]),
        }
    )

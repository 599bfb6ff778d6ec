"""The registry compiled: a checksum, an index and a line of JSON per entry, built on demand.

A file is named by the digest of the sources it was made from, so it is never stale; one that is damaged is
made anew. It holds nothing that the sources do not say.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, overload
from zlib import crc32

from rightscheck.cache_folder import keep, read_kept
from rightscheck.model import Holder
from rightscheck.registry.publishers import Capture, EndedStatement, PublisherPolicy, RecordedStatement
from rightscheck.vocab import Carrier, Confidence, ExceptionRoute, Preference, Use

FORMAT = 3
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


_MAKERS = ("addresses", "compiled", "names", "publishers", "schema", "store", "toml_files", "validation")


@cache
def _made_by() -> str:
    """The digest of the code that makes entries from TOML and its Unicode tables, where the code is at hand."""
    made = sha256(f"{FORMAT} {unicodedata.unidata_version}".encode())
    folder = files("rightscheck.registry")
    for name in _MAKERS:
        module = folder.joinpath(f"{name}.py")
        made.update(sha256(module.read_bytes() if module.is_file() else b"").digest())
    return made.hexdigest()


def _file(folder: Path, digest: str) -> Path:
    key = sha256(f"{_made_by()} {digest}".encode()).hexdigest()
    return folder / f"registry-{FORMAT}-{key}.jsonl"


def read_compiled(folder: Path, digest: str) -> Compiled | None:
    """What was compiled from sources of that digest; None when it is not there or not whole."""
    try:
        body = read_kept(_file(folder, digest))
        if body is None:
            return None
        start = body.index(b"\n") + 1
        if int(body[:start]) != crc32(memoryview(body)[start:]):
            return None
        end = body.index(b"\n", start)
        index = json.loads(body[start:end])
        hosts: dict[str, tuple[tuple[int | None, str, int], ...]]
        hosts = {host: ((None, "", place),) for host, place in _unpacked(index["hosts"])}
        names: dict[str, tuple[int, ...]] = {name: (place,) for name, place in _unpacked(index["names"])}
        for host, claims in index["claims"].items():
            hosts[host] = tuple((port, path, place) for port, path, place in claims)
        names |= {name: tuple(places) for name, places in index["shared"].items()}
        return Compiled(StoredPolicies(body[end + 1 :].split(b"\n")[:-1]), hosts, names)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def write_compiled(
    folder: Path,
    digest: str,
    publishers: Sequence[PublisherPolicy],
    hosts: Mapping[str, Sequence[tuple[int | None, str, int]]],
    names: Mapping[str, Sequence[int]],
) -> None:
    """Keep the registry for the next time. A cache that cannot be written costs time and nothing else."""
    lines = b"".join(_line(stored(policy)) for policy in publishers)
    plain = {host: claims[0][2] for host, claims in hosts.items() if _is_plain(host, claims)}
    alone = {name: places[0] for name, places in names.items() if len(places) == 1 and "\n" not in name}
    index = _line(
        {
            "hosts": _packed(plain),
            "claims": {host: claims for host, claims in hosts.items() if host not in plain},
            "names": _packed(alone),
            "shared": {name: places for name, places in names.items() if name not in alone},
        }
    )
    body = index + lines
    keep(_file(folder, digest), _line(crc32(body)) + body)


def _is_plain(host: str, claims: Sequence[tuple[int | None, str, int]]) -> bool:
    """True when one entry claims the whole host on every port, as nearly all do."""
    return len(claims) == 1 and claims[0][:2] == (None, "") and "\n" not in host


def _packed(index: Mapping[str, int]) -> tuple[str, list[int]]:
    """Keys as one text and places as one list: JSON reads them many times faster than a list for each key."""
    return "\n".join(index), list(index.values())


def _unpacked(packed: tuple[str, list[int]]) -> Iterator[tuple[str, int]]:
    keys, places = packed
    return zip(keys.split("\n") if places else (), places, strict=True)


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

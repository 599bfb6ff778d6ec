"""One file per signal: `read(sources)` yields what that carrier says, as findings and gaps.

Signals are pure and total: whatever the web sent is data, never an exception. `data/signals.toml`
lists them; a test asserts that the entries, the files and the cases folders are the same set.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files

from rightscheck.model import Finding, Gap
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier

Read = Callable[[Sources], Iterator[Finding | Gap]]


@dataclass(frozen=True, slots=True)
class Signal:
    """What data/signals.toml says of one signal."""

    id: str
    title: str
    specification: str
    version: str
    status: str
    url: str
    carriers: tuple[str, ...]
    says: tuple[str, ...]
    families: tuple[str, ...]
    checked: str

    @property
    def read(self) -> Read:
        """The signal's reader, imported on first use."""
        module = import_module(f"rightscheck.signals.{self.id.replace('-', '_')}")
        reader: Read = module.read
        return reader

    def points_to(self, sources: Sources) -> Iterator[tuple[Carrier, str]]:
        """The documents that this signal needs read next, as (carrier, absolute URL).

        From the module's own `points_to(sources)`, where it has one.
        """
        module = import_module(f"rightscheck.signals.{self.id.replace('-', '_')}")
        pointer: Callable[[Sources], Iterator[tuple[Carrier, str]]] | None = getattr(
            module, "points_to", None
        )
        if pointer is not None:
            yield from pointer(sources)


@cache
def all_signals() -> tuple[Signal, ...]:
    """Every signal in the order in which they are read, which never matters to the verdict."""
    text = files("rightscheck").joinpath("data/signals.toml").read_text("utf-8")
    return tuple(
        Signal(
            id=entry["id"],
            title=entry["title"],
            specification=entry["specification"],
            version=entry["version"],
            status=entry["status"],
            url=entry["url"],
            carriers=tuple(entry["carriers"]),
            says=tuple(entry["says"]),
            families=tuple(entry["families"]),
            checked=str(entry["checked"]),
        )
        for entry in tomllib.loads(text)["signal"]
    )


def by_id(identifier: str) -> Signal:
    """The signal with that id; KeyError for another name is a programming fault."""
    return {signal.id: signal for signal in all_signals()}[identifier]


def read_all(sources: Sources) -> Iterator[Finding | Gap]:
    """What every signal reads in the sources."""
    for signal in all_signals():
        yield from signal.read(sources)

"""Waivers: dated, owned, expiring exceptions to single findings, told apart by content.

A waiver lifts one finding for some uses on some hosts. It is asked about use by use, because a finding may
reach uses that it does not name; an expired one lifts nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Finding
from rightscheck.registry.addresses import host_matches, host_of
from rightscheck.registry.toml_files import printable, read_toml
from rightscheck.vocab import Use, parse_uses, use_names

if TYPE_CHECKING:
    from rightscheck.registry.schema import WaiverTable

WARN_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One exception. `expires` is the last day it holds; `evidence` names a grant or document, if any."""

    id: str
    fingerprint: str
    uses: frozenset[Use]
    hosts: tuple[str, ...]
    reason: str
    owner: str
    evidence: str
    created: date
    expires: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverState:
    """A waiver as a report lists it: `active`, `expiring`, `expired` or `future`, and whether it lifted a finding."""

    waiver: Waiver
    state: str
    used: bool


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file, in the order of their ids.

    Raises:
        PolicyError: every fault of the file, at once.
    """
    problems: list[Problem] = []
    name = printable(path)
    file = read_toml(path, name, problems)
    from rightscheck.registry.schema import WaiversFile  # costly, and few have waivers
    from rightscheck.registry.validation import validate

    tables = validate(WaiversFile, file.data, name, problems) if file is not None else None
    waivers = [_waiver(table, name) for table in tables.waiver] if tables is not None else []
    seen: set[str] = set()
    for waiver in waivers:
        if waiver.id in seen:
            problems.append(Problem(name, "waiver", f"the id `{waiver.id}` is used twice"))
        seen.add(waiver.id)
    if problems:
        raise PolicyError(problems)
    return tuple(sorted(waivers, key=lambda waiver: waiver.id))


def _waiver(table: WaiverTable, source: str) -> Waiver:
    return Waiver(
        id=table.id,
        fingerprint=table.fingerprint,
        uses=parse_uses(table.uses),
        hosts=tuple(table.hosts),
        reason=table.reason,
        owner=table.owner,
        evidence=table.evidence,
        created=table.created,
        expires=table.expires,
        source=source,
    )


def fingerprint(finding: Finding) -> str:
    """The sha256 that tells a finding by what it says: rule, stance, uses and quote, wherever it stands.

    Space, case and compatibility forms of the quote do not count; any other change of a clause makes a new
    fingerprint, so that a waiver of the old clause does not lift the new one.
    """
    statement = finding.statement
    quote = " ".join(unicodedata.normalize("NFKC", finding.evidence.quote).casefold().split())
    stance = (statement.preference.value, *use_names(statement.uses)) if statement else ()
    parts = (finding.rule, finding.kind.value, finding.situation, *stance, quote)
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def waiver_for(
    finding: Finding, use: Use, waivers: Iterable[Waiver], *, url: str | None, on: date
) -> Waiver | None:
    """The waiver that lifts the finding for the use on that day; None when none does."""
    mark = fingerprint(finding)
    return next(
        (
            waiver
            for waiver in waivers
            if waiver.fingerprint == mark
            and use in waiver.uses
            and waiver.created <= on <= waiver.expires
            and _on_host(waiver, url)
        ),
        None,
    )


def _on_host(waiver: Waiver, url: str | None) -> bool:
    found = host_of(url) if url is not None else None
    if found is None:
        return "*" in waiver.hosts
    return any(host_matches(*found, pattern) for pattern in waiver.hosts)


def list_waivers(waivers: Iterable[Waiver], used: Collection[str], on: date) -> tuple[WaiverState, ...]:
    """Every waiver with its state on a day, and whether it is among the ids of those used."""
    return tuple(
        WaiverState(waiver=waiver, state=_state(waiver, on), used=waiver.id in used) for waiver in waivers
    )


def _state(waiver: Waiver, on: date) -> str:
    if on < waiver.created:
        return "future"
    if on > waiver.expires:
        return "expired"
    return "expiring" if (waiver.expires - on).days <= WARN_DAYS else "active"

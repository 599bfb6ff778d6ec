"""Our side's policy: what each situation means for each use. A file, never a flag.

A row's answer for a use is looked up as the use itself, `ai-train`, `ai-all`, then `other`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Holder
from rightscheck.registry.addresses import host_matches, host_of
from rightscheck.registry.keys import key_of
from rightscheck.registry.names import normalise_name
from rightscheck.registry.policies_dir import policies_dir
from rightscheck.registry.toml_files import printable, read_toml
from rightscheck.vocab import AI_ALL, AI_TRAIN, Carrier, Outcome, Use, parse_uses

if TYPE_CHECKING:
    from rightscheck.registry.schema import ProfileFile, Row

ROW_KEYS = (*Use, "ai-train", "ai-all", "other")
MAX_ANCESTORS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRule:
    """One of our own rules. Each list that is not empty must match; one member of a list is enough.

    `action` is `block` or `allow`; `uses` empty means every use; `holders` are normalised names.
    """

    action: str
    hosts: tuple[str, ...]
    holders: frozenset[str]
    licences: frozenset[str]
    uses: frozenset[Use]
    reason: str

    def applies(self, use: Use, url: str | None, holders: Iterable[Holder], licences: Iterable[str]) -> bool:
        """True when the rule speaks of the use and every kind of thing it names is met."""
        if self.uses and use not in self.uses:
            return False
        if self.hosts and not self._names_host(url):
            return False
        if self.holders and not any(self.holders & holder.names for holder in holders):
            return False
        return not self.licences or any(licence.casefold() in self.licences for licence in licences)

    def _names_host(self, url: str | None) -> bool:
        found = host_of(url) if url is not None else None
        if found is None:
            return "*" in self.hosts
        return any(host_matches(*found, pattern) for pattern in self.hosts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A legal fact that the profile rests on, with its source and the day it was checked.

    `jurisdiction` is an ISO 3166 code or `EU`; `effect` says what the rows make of the fact.
    """

    jurisdiction: str
    title: str
    effect: str
    source: str
    checked: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile with its inheritance resolved: every situation is answered for every use.

    Attributes:
        lineage: the ids from this profile up to the one that inherits from nobody.
        agents: product tokens that crawl for requests that name none.
        rows, non_commercial: situation to use to outcome; the latter only where it differs.
        sha256: digest of the files of the lineage, in that order.
    """

    id: str
    title: str
    description: str
    lineage: tuple[str, ...]
    required: frozenset[Carrier]
    accepts_duties: bool
    agents: tuple[str, ...]
    stale_after_days: int
    expiring_within_days: int
    rows: Mapping[str, Mapping[Use, Outcome]]
    non_commercial: Mapping[str, Mapping[Use, Outcome]]
    notes: Mapping[str, str]
    house: tuple[HouseRule, ...]
    law: tuple[Law, ...]
    sha256: str
    source: str

    def outcome(self, situation: str, use: Use, commercial: bool = True) -> Outcome:
        """What the situation means for the use.

        Raises:
            KeyError: no such situation in data/situations.toml.
        """
        if not commercial and situation in self.non_commercial:
            return self.non_commercial[situation][use]
        return self.rows[situation][use]


@cache
def situations() -> Mapping[str, str]:
    """Every row of the decision table, id to title, in the order of data/situations.toml."""
    text = files("rightscheck").joinpath("data/situations.toml").read_text("utf-8")
    return {key: str(table["title"]) for key, table in tomllib.loads(text).items()}


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    body: bytes
    entry: ProfileFile


def load_profile(name_or_path: str, policies: Path | None = None) -> Profile:
    """The profile of that name, from `policies` or else as shipped, or the one in that file.

    Raises:
        PolicyError: no such profile, or every fault of the file and of those that it inherits from.
    """
    problems: list[Problem] = []
    lineage = _lineage(name_or_path, policies, problems)
    if problems:
        raise PolicyError(problems)
    profile = _resolve(lineage, problems)
    if profile is None or problems:
        raise PolicyError(problems)
    return profile


def profile_names(policies: Path | None = None) -> tuple[str, ...]:
    """The names of the profiles at hand, sorted."""
    folders = _folders(policies)
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.toml")}))


def _folders(policies: Path | None) -> list[Path]:
    own = [policies / "profiles"] if policies is not None else []
    shipped = policies_dir() / "profiles"
    return own + ([shipped] if shipped not in own else [])


def _lineage(name: str, policies: Path | None, problems: list[Problem]) -> list[_Source]:
    """The profile's file and those it inherits from, nearest first."""
    folders = _folders(policies)
    path = _find(name, folders, frozenset())
    found: list[_Source] = []
    seen: set[Path] = set()
    asked_by = ""
    while True:
        if path is None:
            hint = f"profiles: {', '.join(profile_names(policies))}"
            key = "inherits" if asked_by else ""
            problems.append(Problem(asked_by or "profile", key, f"there is no profile `{name}`", hint))
            return found
        source = _read(path, problems)
        if source is None:
            return found
        found.append(source)
        seen.add(path.resolve())
        name = source.entry.inherits
        if not name:
            return found
        asked_by = printable(path)
        beside = [path.parent, *(folder for folder in folders if folder != path.parent)]
        path = _find(name, beside, frozenset({path.resolve()}))
        if path is not None and (path.resolve() in seen or len(found) > MAX_ANCESTORS):
            chain = " -> ".join([*(source.entry.id for source in found), name])
            problems.append(Problem(asked_by, "inherits", f"the inheritance goes round in a circle: {chain}"))
            return found


def _find(name: str, folders: Iterable[Path], excluded: frozenset[Path]) -> Path | None:
    """The file of the profile; a name that looks like a path is one; a profile may inherit its namesake."""
    if name.endswith(".toml") or "/" in name or os.sep in name:
        return Path(name)
    candidates = (folder / f"{name}.toml" for folder in folders)
    return next((path for path in candidates if path.is_file() and path.resolve() not in excluded), None)


def _read(path: Path, problems: list[Problem]) -> _Source | None:
    name = printable(path)
    file = read_toml(path, name, problems)
    from rightscheck.registry.schema import ProfileFile  # costly, and needed only where a profile is read
    from rightscheck.registry.validation import validate

    entry = validate(ProfileFile, file.data, name, problems) if file else None
    if file is None or entry is None:
        return None
    if entry.id != path.stem:
        problems.append(Problem(name, "id", f"`{entry.id}` differs from the file name"))
    _check_rows(entry, name, problems)
    return _Source(path, file.body, entry)


def _check_rows(entry: ProfileFile, name: str, problems: list[Problem]) -> None:
    known = situations()
    for table, rows in (("situations", entry.situations), ("non_commercial", entry.non_commercial)):
        for situation, row in rows.items():
            key = key_of((table, situation))
            if situation not in known:
                problems.append(
                    Problem(name, key, "unknown situation", "they are listed in data/situations.toml")
                )
            for use in row if isinstance(row, dict) else ():
                if use not in ROW_KEYS:
                    problems.append(
                        Problem(
                            name,
                            key_of((table, situation, use)),
                            "unknown use",
                            "uses: " + ", ".join(ROW_KEYS),
                        )
                    )
            missing = [use for use in Use if _answer(row, use) is None]
            if missing:
                reason = f"no answer for {', '.join(missing)}"
                problems.append(Problem(name, key, reason, "add `other` for the remaining uses"))
    for situation in entry.notes:
        if situation not in known:
            problems.append(Problem(name, key_of(("notes", situation)), "unknown situation"))


def _answer(row: Row, use: Use) -> Outcome | None:
    if isinstance(row, Outcome):
        return row
    keys = [
        use.value,
        *(["ai-train"] if use in AI_TRAIN else []),
        *(["ai-all"] if use in AI_ALL else []),
        "other",
    ]
    return next((row[key] for key in keys if key in row), None)


def _expand(row: Row) -> Mapping[Use, Outcome]:
    answers = {use: _answer(row, use) for use in Use}
    return {use: outcome for use, outcome in answers.items() if outcome is not None}


def _resolve(lineage: list[_Source], problems: list[Problem]) -> Profile | None:
    rows: dict[str, Mapping[Use, Outcome]] = {}
    overlay: dict[str, Mapping[Use, Outcome]] = {}
    notes: dict[str, str] = {}
    house: list[HouseRule] = []
    law: list[Law] = []
    for source in reversed(lineage):
        entry = source.entry
        # A row written anew answers for both kinds of request; an inherited overlay would undo it.
        overlay = {key: row for key, row in overlay.items() if key not in entry.situations}
        rows |= {key: _expand(row) for key, row in entry.situations.items()}
        overlay |= {key: _expand(row) for key, row in entry.non_commercial.items()}
        notes |= entry.notes
        house = [*_house_rules(entry), *house]
        law += _facts(entry)
    nearest = lineage[0]
    name = printable(nearest.path)
    unanswered = [situation for situation in situations() if situation not in rows]
    for situation in unanswered:
        problems.append(
            Problem(
                name, key_of(("situations", situation)), "not answered", 'inherit one that does: "standard"'
            )
        )
    return Profile(
        id=nearest.entry.id,
        title=nearest.entry.title,
        description=nearest.entry.description,
        lineage=tuple(source.entry.id for source in lineage),
        required=frozenset(
            _inherited([source.entry.required for source in lineage], [Carrier.ROBOTS_TXT, *_PAGE])
        ),
        accepts_duties=_inherited([source.entry.accepts_duties for source in lineage], False),
        agents=tuple(_inherited([source.entry.agents for source in lineage], [])),
        stale_after_days=_inherited([source.entry.stale_after_days for source in lineage], 180),
        expiring_within_days=_inherited([source.entry.expiring_within_days for source in lineage], 30),
        rows={situation: rows[situation] for situation in situations() if situation in rows},
        non_commercial={situation: overlay[situation] for situation in situations() if situation in overlay},
        notes=dict(sorted(notes.items())),
        house=tuple(house),
        law=tuple(law),
        sha256=sha256(b"".join(sha256(source.body).digest() for source in lineage)).hexdigest(),
        source=name,
    )


Value = TypeVar("Value")
_PAGE = (Carrier.HTTP_HEADERS, Carrier.TDMREP, Carrier.HTML)


def _inherited(values: Iterable[Value | None], otherwise: Value) -> Value:
    return next((value for value in values if value is not None), otherwise)


def _facts(entry: ProfileFile) -> list[Law]:
    return [
        Law(
            jurisdiction=item.jurisdiction,
            title=item.title,
            effect=item.effect,
            source=item.source,
            checked=item.checked,
        )
        for item in entry.law
    ]


def _house_rules(entry: ProfileFile) -> list[HouseRule]:
    return [
        HouseRule(
            action=table.action,
            hosts=tuple(table.hosts),
            holders=frozenset(normalise_name(name) for name in table.holders),
            licences=frozenset(licence.casefold() for licence in table.licences),
            uses=parse_uses(table.uses),
            reason=table.reason,
        )
        for table in entry.house
    ]

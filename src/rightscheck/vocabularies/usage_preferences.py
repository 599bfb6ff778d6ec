"""One AI preference value: a Dictionary of labels that are `y` or `n` (draft-ietf-aipref-vocab-08).

Everything else in it is unknown by the draft. Unknown is not silence here: a label of an earlier revision
keeps the meaning that it had there, and a malformed value that can only be meant as a refusal says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rightscheck.vocab import Preference, Standing, Use, parse_uses, use_names

_LONGEST_VALUE = 8192
"""Code points of a value that are parsed as a Dictionary; longer ones are only read leniently."""
_PAIR = re.compile(
    r"(?<![\w.\-])[\"']?([A-Za-z][\w.\-]{0,40}+)[\"']?[ \t]{0,20}+[=:][ \t]{0,20}+[\"']?\??(\w[\w\-]{0,40}+)"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the vocabulary. `revision` is empty for the current one.

    `narrower` are the current labels that stood below it. `once` are uses that the label meant as well in the
    revisions that had the labels `beside` it.
    """

    name: str
    uses: frozenset[Use]
    revision: str = ""
    narrower: tuple[str, ...] = ()
    inferred: frozenset[Use] = frozenset()
    beside: tuple[str, ...] = ()
    once: frozenset[Use] = frozenset()


@dataclass(frozen=True, slots=True)
class Words:
    """What data/content_usage.toml says."""

    current: Mapping[str, Label]
    retired: Mapping[str, Label]
    misspelt: Mapping[str, frozenset[Use]]
    bare: Mapping[str, frozenset[Use]]
    denials: frozenset[str]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One label of one value: a preference with its standing, or only a remark (no preference)."""

    label: str
    preference: Preference | None
    uses: frozenset[Use]
    standing: Standing
    message: str
    conditions: tuple[str, ...] = ()


@cache
def words() -> Words:
    """The vocabulary, read once."""
    data = tomllib.loads(files("rightscheck").joinpath("data/content_usage.toml").read_text("utf-8"))
    labels = {
        name: Label(
            name,
            parse_uses(entry["uses"]),
            entry.get("revision", ""),
            tuple(entry.get("narrower", ())),
            parse_uses(entry.get("inferred", ())),
            tuple(entry.get("beside", ())),
            parse_uses(entry.get("once", ())),
        )
        for name, entry in {**data["current"], **data["retired"]}.items()
    }
    return Words(
        current={name: labels[name] for name in data["current"]},
        retired={name: labels[name] for name in data["retired"]},
        misspelt={name: parse_uses(uses) for name, uses in data["misspelt"].items()},
        bare={name: parse_uses(uses) for name, uses in data["bare"].items()},
        denials=frozenset(data["lenient"]["denials"]),
        keys=tuple(data["lenient"]["keys"]),
    )


@lru_cache(maxsize=256)
def read_value(value: str) -> tuple[Reading, ...]:
    """What one value says, a label at a time; empty for no statement. Never raises."""
    if not value.strip(" \t"):
        return ()
    members, repeated = _parse(value)
    if members is None:
        return tuple(_lenient(value, frozenset(), "not a valid Dictionary (RFC 9651 3.2)"))
    readings = [
        reading
        for name, (item, parameters) in members.items()
        for reading in _member(name, item, parameters, members)
    ]
    known = frozenset().union(*(r.uses for r in readings if r.preference is Preference.DISALLOW))
    for name in repeated:
        readings += _lenient(value, known, "written twice, and the last value counts", only=name)
    return tuple(readings)


Members = Mapping[str, tuple[object, Mapping[str, object]]]


def _parse(value: str) -> tuple[Members | None, tuple[str, ...]]:
    """The Dictionary and the keys that stand in it more than once; None when it does not parse."""
    from http_sf import StructuredFieldError, parse  # takes longer to import than most pages to check

    repeated: list[str] = []
    if len(value) > _LONGEST_VALUE:
        return None, ()
    try:
        members = parse(
            value.encode("utf-8", "replace"),
            tltype="dictionary",
            on_duplicate_key=lambda key, _: repeated.append(key),
        )
    except StructuredFieldError:
        return None, ()
    if not isinstance(members, dict):
        return None, ()
    return {str(name): _item(member) for name, member in members.items()}, tuple(dict.fromkeys(repeated))


def _item(member: object) -> tuple[object, Mapping[str, object]]:
    if isinstance(member, tuple) and len(member) == 2 and isinstance(member[1], dict):
        return member[0], member[1]
    return member, {}


def _member(name: str, item: object, parameters: Mapping[str, object], members: Members) -> Iterator[Reading]:
    from http_sf import Token

    value = str(item) if isinstance(item, Token) else None
    label = words().current.get(name) or words().retired.get(name)
    if label is not None and value in ("y", "n"):
        yield from _valid(label, value == "n", parameters, members)
    elif label is not None and _plain(item) in words().denials:
        yield _malformed(name, label.uses, f"the value of `{name}` must be the token n")
    elif label is None and item is True and name in words().bare:
        yield _malformed(name, words().bare[name], f"`{name}` is no label of the vocabulary")
    elif label is None:
        uses = _lenient_uses(name)
        if uses and (value in words().denials or _plain(item) in words().denials):
            yield _malformed(name, uses, f"`{name}` is no label of the vocabulary")
    for parameter, given in parameters.items():
        uses = _lenient_uses(parameter)
        if uses and _plain(given) in words().denials:
            yield _malformed(parameter, uses, f"`{parameter}` stands behind a semicolon, as a parameter")


def _valid(
    label: Label, denies: bool, parameters: Mapping[str, object], members: Members
) -> Iterator[Reading]:
    if not denies:
        if label.revision:
            message = (
                f"`{label.name}=y` is a label of vocabulary revision {label.revision} and permits nothing now"
            )
            yield Reading(label.name, None, frozenset(), Standing.RETIRED, message)
        else:
            yield Reading(
                label.name,
                Preference.ALLOW,
                label.uses,
                Standing.EFFECTIVE,
                f"`{label.name}=y` allows {list_uses(label.uses)}",
            )
        return
    conditions = tuple(f"{key}={_plain(given)}" for key, given in parameters.items() if key == "exceptions")
    if not label.revision:
        message = f"`{label.name}=n` denies {list_uses(label.uses)}"
        yield Reading(label.name, Preference.DISALLOW, label.uses, Standing.EFFECTIVE, message, conditions)
        if any(name in members for name in label.beside):
            message = (
                f"`{label.name}=n` beside a label of an earlier revision denies {list_uses(label.once)} too"
            )
            yield Reading(label.name, Preference.DISALLOW, label.once, Standing.RETIRED, message, conditions)
    else:
        yield from _retired(label, conditions, members)
    if conditions:
        message = f"the parameter {conditions[0]} names an exception that the vocabulary does not know"
        yield Reading(label.name, None, frozenset(), Standing.EFFECTIVE, message)


def _retired(label: Label, conditions: tuple[str, ...], members: Members) -> Iterator[Reading]:
    """A retired denial, less what the same value allows by labels that stood below it."""
    excepted = frozenset().union(
        *(words().current[name].uses for name in label.narrower if _is_token(members.get(name), "y"))
    )
    uses = label.uses - excepted
    because = f"`{label.name}=n`, a label of vocabulary revision {label.revision},"
    yield Reading(
        label.name,
        Preference.DISALLOW,
        uses,
        Standing.RETIRED,
        f"{because} denies {list_uses(uses)}",
        conditions,
    )
    stated = any(name in members for name in label.narrower)
    if label.inferred and not stated:
        message = f"{because} stood above {list_uses(label.inferred)}"
        yield Reading(label.name, Preference.DISALLOW, label.inferred, Standing.INFERRED, message)


def _is_token(member: tuple[object, Mapping[str, object]] | None, wanted: str) -> bool:
    from http_sf import Token

    return member is not None and isinstance(member[0], Token) and str(member[0]) == wanted


def _lenient(value: str, known: frozenset[Use], why: str, only: str | None = None) -> Iterator[Reading]:
    """Refusals in `key=value` pairs wherever they stand, for uses that are not known to be denied anyway."""
    seen: set[str] = set()
    for match in _PAIR.finditer(value):
        name, given = match[1], match[2].lower()
        uses = _lenient_uses(name) - known
        if only is not None and name != only:
            continue
        if uses and given in words().denials and name.lower() not in seen:
            seen.add(name.lower())
            yield _malformed(name, uses, f"`{name}={match[2]}`: {why}")


def _lenient_uses(name: str) -> frozenset[Use]:
    """The uses that a key means or seems to mean; empty for a key that means nothing here."""
    plain = name.lower().replace("_", "-")
    label = words().current.get(plain) or words().retired.get(plain)
    return label.uses if label is not None else words().misspelt.get(plain, frozenset())


def _malformed(name: str, uses: frozenset[Use], why: str) -> Reading:
    message = f"{why}; it can only be meant to deny {list_uses(uses)}"
    return Reading(name, Preference.DISALLOW, uses, Standing.MALFORMED, message)


def _plain(item: object) -> str:
    """A bare item as the word that people mean by it: `?0` and `0` are refusals."""
    if isinstance(item, bool):
        return "true" if item else "false"
    return str(item).lower()


def list_uses(uses: frozenset[Use]) -> str:
    """The names of the uses, for a message."""
    return ", ".join(use_names(uses))

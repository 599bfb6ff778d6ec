"""`Content-Usage`: AI preferences in robots.txt and in the response (draft-ietf-aipref-attach-05, -vocab-08).

The value is a Dictionary of RFC 9651 whose labels are `y` or `n`; everything else is unknown by the
drafts. Unknown is not silence here: a retired label keeps its own revision's meaning, and a malformed
value that can only be meant as a refusal is reported as one. Over all statements any denial wins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from rightscheck.model import Evidence, Finding, Gap, Statement
from rightscheck.robots.served import PathLine, Served, longest, path_lines, served
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import Kind, Preference, Scope, Standing, Use, parse_uses, use_names

KEY = "content-usage"
_LONGEST_VALUE = 8192
"""Code points of a value that are parsed as a Dictionary; longer ones are only read leniently."""
_PAIR = re.compile(
    r"(?<![\w.\-])[\"']?([A-Za-z][\w.\-]{0,40}+)[\"']?[ \t]{0,20}+[=:][ \t]{0,20}+[\"']?\??(\w[\w\-]{0,40}+)"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the vocabulary. `revision` is empty for the current one."""

    name: str
    uses: frozenset[Use]
    revision: str = ""
    narrower: tuple[str, ...] = ()
    inferred: frozenset[Use] = frozenset()


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


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """The preferences of the site's robots.txt for our agents and of the page's response, denials first."""
    found = dict.fromkeys([*_from_robots(sources), *_from_header(sources)])
    yield from _combine(found)


def _combine(found: Iterable[Finding]) -> list[Finding]:
    """The findings by the drafts' own rule: a preference to allow yields to any that denies the same use."""
    findings = list(found)
    denied: frozenset[Use] = frozenset().union(
        *(
            finding.statement.uses
            for finding in findings
            if finding.statement is not None
            and finding.statement.preference is Preference.DISALLOW
            and finding.statement.standing is Standing.EFFECTIVE
        )
    )
    return [_overridden(finding, denied) for finding in findings]


def _overridden(finding: Finding, denied: frozenset[Use]) -> Finding:
    statement = finding.statement
    if statement is None or statement.preference is not Preference.ALLOW or not statement.uses & denied:
        return finding
    return replace(finding, statement=replace(statement, standing=Standing.OVERRIDDEN))


def _from_header(sources: Sources) -> Iterator[Finding]:
    page = sources.asset.page
    value = page.header(KEY) if page is not None else None
    if page is None or value is None:
        return
    sound = not page.failure and (page.status is None or 200 <= page.status < 300)
    where = evidence(page, "header:Content-Usage", value)
    for reading in read_value(value):
        yield _finding(reading, where, Scope.ASSET, sound=sound)


def _from_robots(sources: Sources) -> Iterator[Finding]:
    site = served(sources)
    if site is None:
        return
    for agent in site.agents:
        chosen, hidden = longest(path_lines(site.robots.lines(KEY, agent)), site.url)
        # The drafts give no preference to a path that may not be crawled; what denies still shows intent.
        sound = site.whole and site.allowed(agent)
        readings: dict[Reading, PathLine] = {}
        for line in chosen:
            for reading in read_value(line.value):
                readings.setdefault(reading, line)
        for reading, line in readings.items():
            yield _finding(reading, _at(site, line), Scope.SITE, sound=sound)
        stated = (r.uses for r in readings if r.standing is not Standing.MALFORMED)
        yield from _denials(
            site,
            hidden,
            Standing.SHADOWED,
            "a more specific line hides the denial",
            frozenset().union(*stated),
        )
        yield from _strays(site, agent)
    yield from _for_others(site)


def _denials(
    site: Served, lines: Iterable[PathLine], standing: Standing, why: str, known: frozenset[Use]
) -> Iterator[Finding]:
    """The first denial of each use that is not known, in lines that do not speak for the asset."""
    for line in lines:
        for reading in read_value(line.value):
            uses = reading.uses - known
            if reading.preference is Preference.DISALLOW and uses:
                known |= uses
                message = f"{why} of {_list(uses)}"
                lesser = Reading(reading.label, Preference.DISALLOW, uses, standing, message)
                yield _finding(lesser, _at(site, line), Scope.SITE, sound=True)


def _strays(site: Served, agent: str) -> Iterator[Finding]:
    """Denials in lines before any group, which bind nobody, and in lines with a misspelt key."""
    outside = site.robots.lines(KEY)
    odd = [line for key in words().keys for line in site.robots.lines(key, agent)]
    for lines, why in (
        (outside, "a line before any group holds the denial"),
        (odd, "a misspelt key holds the denial"),
    ):
        chosen, hidden = longest(path_lines(lines), site.url)
        yield from _denials(site, (*chosen, *hidden), Standing.MALFORMED, why, frozenset())


def _for_others(site: Served) -> Iterator[Finding]:
    """A note on the first denial that only binds other agents."""
    ours = {line.number for agent in site.agents for line in site.robots.lines(KEY, agent)}
    for group in site.robots.groups:
        for line in group.lines:
            if line.key == KEY and line.number not in ours and _denies(path_lines([line])[0].value):
                yield Finding(
                    rule="content-usage/other-agent",
                    kind=Kind.NOTE,
                    message=f"a usage preference for {', '.join(group.agents[:8])} only",
                    evidence=evidence(site.document, f"line:{line.number}", line.text.strip()),
                )
                return


def _denies(value: str) -> bool:
    return any(reading.preference is Preference.DISALLOW for reading in read_value(value))


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
                f"`{label.name}=y` allows {_list(label.uses)}",
            )
        return
    conditions = tuple(f"{key}={_plain(given)}" for key, given in parameters.items() if key == "exceptions")
    if not label.revision:
        message = f"`{label.name}=n` denies {_list(label.uses)}"
        yield Reading(label.name, Preference.DISALLOW, label.uses, Standing.EFFECTIVE, message, conditions)
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
        label.name, Preference.DISALLOW, uses, Standing.RETIRED, f"{because} denies {_list(uses)}", conditions
    )
    stated = any(name in members for name in label.narrower)
    if label.inferred and not stated:
        message = f"{because} stood above {_list(label.inferred)}"
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
    message = f"{why}; it can only be meant to deny {_list(uses)}"
    return Reading(name, Preference.DISALLOW, uses, Standing.MALFORMED, message)


def _plain(item: object) -> str:
    """A bare item as the word that people mean by it: `?0` and `0` are refusals."""
    if isinstance(item, bool):
        return "true" if item else "false"
    return str(item).lower()


def _list(uses: frozenset[Use]) -> str:
    return ", ".join(use_names(uses))


_RULES = {
    Standing.EFFECTIVE: "disallow",
    Standing.RETIRED: "disallow",
    Standing.INFERRED: "disallow",
    Standing.MALFORMED: "malformed",
    Standing.SHADOWED: "shadowed",
}


def _finding(reading: Reading, where: Evidence, scope: Scope, *, sound: bool) -> Finding:
    if reading.preference is None:
        rule = "retired-label" if reading.standing is Standing.RETIRED else "parameter"
        return Finding(rule=f"content-usage/{rule}", kind=Kind.NOTE, message=reading.message, evidence=where)
    allows = reading.preference is Preference.ALLOW
    return Finding(
        rule="content-usage/allow" if allows else f"content-usage/{_RULES[reading.standing]}",
        kind=Kind.PERMISSION if allows else Kind.RESERVATION,
        message=reading.message,
        evidence=where,
        statement=Statement(
            preference=reading.preference,
            uses=reading.uses,
            standing=Standing.WEAK if allows and not sound else reading.standing,
            scope=scope,
            conditions=reading.conditions,
        ),
    )


def _at(site: Served, line: PathLine) -> Evidence:
    return evidence(site.document, f"line:{line.number}", line.text)

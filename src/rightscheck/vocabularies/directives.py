"""Directives of robots metas and X-Robots-Tag: one table, one reading, two carriers.

The table is data/robots_directives.toml. Directives only restrict: `index, follow` permits nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_tz
from functools import cache
from importlib.resources import files
from typing import Any

from rightscheck.model import Evidence, Finding, Statement
from rightscheck.vocab import Confidence, Kind, Preference, Scope, Standing, Use, parse_uses

MAX_ITEMS = 200
"""Items read from one value; the rest is not read."""


# Signs around a directive and the value that some give it: `"noai"`, `noai;`, `noai=1`.
_DECORATION = re.compile(r"\A[\"'\s]+|\s{0,8}(?:[=:]\s{0,8}(?:1|true|yes|on))?[\"';.\s]*\Z")


@dataclass(frozen=True, slots=True)
class Directive:
    """One row of the table."""

    name: str
    disallow: frozenset[Use] = frozenset()
    inferred: frozenset[Use] = frozenset()
    scope: Scope = Scope.ASSET
    argument: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One directive as written. `fault` says what is odd about it, empty when it is well formed."""

    directive: Directive
    argument: str = ""
    fault: str = ""

    @property
    def restricts(self) -> bool:
        """Whether it asks for anything that concerns us; `max-snippet:-1` lifts a limit."""
        if self.directive.argument == "count":
            return self.argument.strip() not in ("", "-1")
        return bool(self.directive.disallow or self.directive.inferred or self.directive.argument == "date")


@cache
def directives() -> dict[str, Directive]:
    """The directives by their lower-case name."""
    return {
        name: Directive(
            name=name,
            disallow=parse_uses(row.get("disallow", ())),
            inferred=parse_uses(row.get("inferred", ())),
            scope=Scope(row.get("scope", "asset")),
            argument=row.get("argument", ""),
            meaning=row.get("meaning", ""),
        )
        for name, row in _table()["directive"].items()
    }


@cache
def _meant() -> dict[str, Directive]:
    return {spelling: directives()[name] for name, found in _table()["meant"].items() for spelling in found}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("rightscheck").joinpath("data/robots_directives.toml").read_text("utf-8"))


def split_items(value: str) -> list[str]:
    """The comma-separated items of a value, trimmed; a date with a comma in it stays whole."""
    parts = [part.strip() for part in value.split(",", MAX_ITEMS)[:MAX_ITEMS]]
    items: list[str] = []
    index = 0
    while index < len(parts):
        item = parts[index]
        index += 1
        name, colon, written = item.partition(":")
        if colon and "unavailable_after" in item.lower() and index < len(parts):
            written = written if _is_date_rule(name) else written.partition(":")[2]
            if read_date(written) is None and read_date(f"{written}, {parts[index]}") is not None:
                item = f"{item}, {parts[index]}"
                index += 1
        if item:
            items.append(item)
    return items


def _is_date_rule(name: str) -> bool:
    return name.strip().lower() == "unavailable_after"


def read_item(text: str) -> tuple[Item, ...]:
    """The directive that an item holds, or several where it separates them otherwise than by commas.

    Empty for what is no directive, known or meant.
    """
    name, _, argument = text.partition(":")
    name, argument = name.strip().lower(), argument.strip()
    if name in directives() and not (_is_idle(directives()[name]) and argument.lower() in directives()):
        return (Item(directives()[name], argument),)
    if name in _meant():
        return (Item(_meant()[name], argument, f"`{name}` is written for `{_meant()[name].name}`"),)
    plain = _DECORATION.sub("", text.strip().lower())
    if plain in directives() and plain != name:
        return (Item(directives()[plain], fault=f"`{text[:40]}` is written for `{plain}`"),)
    parts = [part for part in re.split(r"[\s;:|]+", text.strip().lower()) if part][:MAX_ITEMS]
    if len(parts) < 2 or not all(part in directives() for part in parts):
        return _separated(text)
    fault = "directives are not separated by commas"
    return tuple(Item(directives()[part], fault=fault) for part in parts)


def _is_idle(directive: Directive) -> bool:
    """Whether it asks for nothing and takes no argument, as `all` and `index`."""
    return not (directive.disallow or directive.inferred or directive.argument)


def _separated(text: str) -> tuple[Item, ...]:
    """Directives with arguments that stand between other signs than commas."""
    parts = [part for part in re.split(r"[\s;|]+", text.strip().lower()) if part][:MAX_ITEMS]
    if len(parts) < 2 or not all(part.partition(":")[0] in directives() for part in parts):
        return ()
    fault = "directives are not separated by commas"
    return tuple(Item(directives()[part.partition(":")[0]], part.partition(":")[2], fault) for part in parts)


def findings_of(item: Item, family: str, where: Evidence, on: date, fault: str = "") -> Iterator[Finding]:
    """What a directive that is addressed to us says on that day, under rule ids of the family.

    `fault` is a defect of the place where it stands.
    """
    directive = item.directive
    rule = f"{family}/{directive.name.replace('_', '-')}"
    if directive.argument == "date":
        yield _dated(rule, item, where, on)
        return
    if directive.argument == "count" and not _is_zero(item.argument):
        if item.restricts:
            yield _note(rule, f"the page asks {directive.meaning}: {item.argument[:40]}", where)
        return
    fault = item.fault or fault
    if directive.disallow:
        standing = Standing.MALFORMED if fault else Standing.EFFECTIVE
        yield _denial(rule, directive, directive.disallow, standing, where, fault)
    if directive.inferred:
        yield _denial(rule, directive, directive.inferred, Standing.INFERRED, where, fault)


def _denial(
    rule: str, directive: Directive, uses: frozenset[Use], standing: Standing, where: Evidence, fault: str
) -> Finding:
    message = f"the page asks {directive.meaning} (`{directive.name}`)"
    return Finding(
        rule=rule,
        kind=Kind.RESERVATION,
        message=f"{message}; {fault}" if fault else message,
        evidence=where,
        confidence=_CONFIDENCE[standing],
        statement=Statement(
            preference=Preference.DISALLOW, uses=uses, standing=standing, scope=directive.scope
        ),
    )


_CONFIDENCE = {
    Standing.EFFECTIVE: Confidence.HIGH,
    Standing.MALFORMED: Confidence.MEDIUM,
    Standing.INFERRED: Confidence.LOW,
}


def other_agent(family: str, agent: str, names: list[str], where: Evidence) -> Finding:
    """A note that restricting directives are addressed to an agent that is not ours."""
    return Finding(
        rule=f"{family}/other-agent",
        kind=Kind.NOTE,
        message=f"{', '.join(names[:8])} is asked of {agent[:80]} only",
        evidence=where,
        situation="robots-meta/other-agent",
    )


def _note(rule: str, message: str, where: Evidence) -> Finding:
    return Finding(rule=rule, kind=Kind.NOTE, message=message, evidence=where)


def _is_zero(argument: str) -> bool:
    return argument.strip().isdecimal() and argument.strip().strip("0") == ""


# --- dates ------------------------------------------------------------------------------------------------


def _dated(rule: str, item: Item, where: Evidence, on: date) -> Finding:
    moment = read_date(item.argument)
    if moment is None:
        return _note(rule, "the date in unavailable_after cannot be read", where)
    day, whole_day = moment
    if on < day or (on == day and whole_day):
        return _note(rule, f"the page is not to be shown after {day.isoformat()}", where)
    return Finding(
        rule=rule,
        kind=Kind.RESERVATION,
        message=f"the page was not to be shown after {day.isoformat()}",
        evidence=where,
        situation="robots-meta/unavailable-after",
    )


def read_date(written: str) -> tuple[date, bool] | None:
    """The UTC day of a date as RFC 822, RFC 850 or ISO 8601 write it, and whether it names no time of day.

    A time without zone counts as UTC. None for anything else.
    """
    text = written.strip().strip("\"'")
    if not text or len(text) > 80 or not text.isascii():
        return None
    try:
        return date.fromisoformat(text), True
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _read_mail_date(text)
    return _utc_day(moment), False


def _read_mail_date(text: str) -> tuple[date, bool] | None:
    try:
        read = parsedate_tz(text if ":" in text else f"{text} 00:00:00")
        if read is None:
            return None
        year, month, day, hour, minute, second, _, _, _, offset = read
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return (moment - timedelta(seconds=offset or 0)).date(), ":" not in text
    except (ValueError, OverflowError, TypeError, IndexError):
        # The stdlib's reader of mail dates indexes into what it took apart.
        return None


def _utc_day(moment: datetime) -> date:
    try:
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except OverflowError:
        return moment.date()

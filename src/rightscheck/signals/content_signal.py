"""`Content-Signal`: Cloudflare's Content Signals in robots.txt and, without a specification, in responses.

The policy at contentsignals.org defines `search`, `ai-input` and `ai-train` as `yes` or `no`, in a group of
robots.txt, after an optional path. It is silent on conflicts: the longest path speaks, equal ones are
combined restrictively. A converter of the vendor puts all-yes headers on pages: nobody may rely on those.
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
from rightscheck.vocab import Confidence, Kind, Preference, Scope, Standing, Use, parse_uses, use_names

KEY = "content-signal"
_PAIR = re.compile(
    r"(?<![\w.\-])[\"']?([A-Za-z][\w.\-]{0,40}+)[\"']?[ \t]{0,20}+[=:][ \t]{0,20}+[\"']?(\w[\w\-]{0,40}+)"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What data/content_signal.toml says."""

    signals: Mapping[str, frozenset[Use]]
    ceilings: Mapping[str, frozenset[Use]]
    labels: Mapping[str, frozenset[Use]]
    denials: frozenset[str]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """One value: the signals it sets, its ceiling (empty: none), malformed refusals and what says nothing."""

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    ceiling: str = ""
    malformed: tuple[tuple[str, frozenset[Use]], ...] = ()
    leftovers: tuple[str, ...] = ()

    @property
    def denied(self) -> frozenset[Use]:
        """The uses that `no` denies."""
        return _uses(self.no)

    @property
    def refused(self) -> frozenset[Use]:
        """The uses denied by `no`, by the ceiling or by a malformed refusal."""
        above = words().ceilings.get(self.ceiling, frozenset())
        return self.denied.union(above, *(uses for _, uses in self.malformed))


@cache
def words() -> Words:
    """The signals and their uses, read once."""
    data = tomllib.loads(files("rightscheck").joinpath("data/content_signal.toml").read_text("utf-8"))
    lenient = data["lenient"]
    return Words(
        signals={name: parse_uses(uses) for name, uses in data["signals"].items()},
        ceilings={name: parse_uses(uses) for name, uses in data["ceilings"].items()},
        labels={name: parse_uses(uses) for name, uses in lenient["labels"].items()},
        denials=frozenset(lenient["denials"]),
        keys=tuple(lenient["keys"]),
    )


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """The signals of the site's robots.txt for our agents and of the page's response."""
    said = (*_from_robots(sources), *_from_header(sources), *_from_misnamed(sources), *_from_metas(sources))
    yield from dict.fromkeys(said)


def _from_header(sources: Sources) -> Iterator[Finding]:
    page = sources.asset.page
    value = page.header(KEY) if page is not None else None
    if page is None or value is None:
        return
    signals = read_value(value)
    where = evidence(page, "header:Content-Signal", value)
    for name in signals.no:
        yield _denial(name, where, Scope.ASSET)
    for name in signals.yes:
        if name not in signals.no:
            message = f"`{name}=yes` in a response, which the vendor's converter adds by itself"
            yield _permission(name, where, Scope.ASSET, Standing.WEAK, message)
    yield from _remarks(signals, where, Scope.ASSET, signals.denied)


def _from_misnamed(sources: Sources) -> Iterator[Finding]:
    """Refusals in headers whose names can only be meant for this one."""
    page = sources.asset.page
    for name in _MISNAMED if page is not None else ():
        value = page.header(name) if page is not None else None
        uses = read_value(value).refused if value else frozenset()
        if page is not None and value and uses:
            message = f"`{name}` is written for Content-Signal; it can only be meant to deny {_list(uses)}"
            where = evidence(page, f"header:{name}", value)
            yield _reservation("malformed", uses, where, Scope.ASSET, Standing.MALFORMED, message)


_MISNAMED = ("Content-Signals", "X-Content-Signal", "X-Content-Signals")


def _from_metas(sources: Sources) -> Iterator[Finding]:
    """Refusals in metas of that name, which the policy does not define."""
    page = sources.asset.page
    if page is None or sources.html is None:
        return
    for value in sources.html.meta(KEY):
        uses = read_value(value).refused
        if uses:
            message = f"the policy defines no meta; it can only be meant to deny {_list(uses)}"
            where = evidence(page, "meta:content-signal", value)
            yield _reservation("malformed", uses, where, Scope.ASSET, Standing.MALFORMED, message)


def _from_robots(sources: Sources) -> Iterator[Finding]:
    site = served(sources)
    if site is None:
        return
    for agent in site.agents:
        chosen, hidden = longest(path_lines(site.robots.lines(KEY, agent)), site.url)
        yield from _spoken(site, agent, chosen)
        stated = frozenset().union(*(_uses((*s.yes, *s.no)) for s in (read_value(x.value) for x in chosen)))
        yield from _hidden(site, hidden, Standing.SHADOWED, "a more specific line hides the denial", stated)
        outside = path_lines(site.robots.lines(KEY))
        why = "a line before any group holds the denial"
        yield from _hidden(site, outside, Standing.MALFORMED, why, frozenset())
        odd = path_lines(line for key in words().keys for line in site.robots.lines(key, agent))
        yield from _hidden(site, odd, Standing.MALFORMED, "a misspelt key holds the denial", frozenset())
    yield from _for_others(site)


def _spoken(site: Served, agent: str, lines: Iterable[PathLine]) -> Iterator[Finding]:
    """What the lines with the longest path say together: per signal, one `no` outweighs every `yes`."""
    said: dict[tuple[str, bool], PathLine] = {}
    values = {line.value: line for line in reversed(list(lines))}
    for value, line in reversed(values.items()):
        signals = read_value(value)
        for name in signals.no:
            said.setdefault((name, False), line)
        for name in signals.yes:
            said.setdefault((name, True), line)
    denied = _uses(name for name, yes in said if not yes)
    standing = Standing.EFFECTIVE if site.whole and site.allowed(agent) else Standing.WEAK
    for (name, yes), line in said.items():
        if not yes:
            yield _denial(name, _at(site, line), Scope.SITE)
        elif (name, False) in said:
            message = f"`{name}` is set to both yes and no; no counts"
            yield _note("conflict", message, _at(site, line))
        else:
            message = f"`{name}=yes` allows {_list(words().signals[name])}"
            yield _permission(name, _at(site, line), Scope.SITE, standing, message)
    merged: dict[Signals, PathLine] = {}
    for value, line in reversed(values.items()):
        merged.setdefault(replace(read_value(value), yes=(), no=()), line)
    known = denied
    noted = False
    for signals, line in merged.items():
        if (signals.refused - known) or (not noted and (signals.ceiling or signals.leftovers)):
            noted = True
            yield from _remarks(signals, _at(site, line), Scope.SITE, known)
            known |= signals.refused


def _remarks(signals: Signals, where: Evidence, scope: Scope, denied: frozenset[Use]) -> Iterator[Finding]:
    """The ceiling, malformed refusals and leftovers of one value, less what is denied anyway."""
    above = words().ceilings.get(signals.ceiling, frozenset()) - denied
    if above:
        message = f"`use={signals.ceiling}` sets a ceiling, which by our reading excludes {_list(above)}"
        yield _reservation("use", above, where, scope, Standing.INFERRED, message, Confidence.MEDIUM)
    elif signals.ceiling:
        yield _note("use", f"`use={signals.ceiling}` sets a ceiling that excludes nothing further", where)
    for written, uses in signals.malformed:
        if uses - denied:
            message = f"`{written}` is malformed; it can only be meant to deny {_list(uses - denied)}"
            yield _reservation("malformed", uses - denied, where, scope, Standing.MALFORMED, message)
    if signals.leftovers:
        yield _note("unknown", f"`{signals.leftovers[0]}` says nothing that the policy defines", where)


def _hidden(
    site: Served, lines: Iterable[PathLine], standing: Standing, why: str, known: frozenset[Use]
) -> Iterator[Finding]:
    """The first refusal of each use that is not known, in lines that do not speak for the asset."""
    for line in lines:
        uses = read_value(line.value).refused - known
        if uses:
            known |= uses
            rule = "shadowed" if standing is Standing.SHADOWED else "malformed"
            message = f"{why} of {_list(uses)}"
            yield _reservation(rule, uses, _at(site, line), Scope.SITE, standing, message)


def _for_others(site: Served) -> Iterator[Finding]:
    """A note on the first refusal that only binds other agents."""
    ours = {line.number for agent in site.agents for line in site.robots.lines(KEY, agent)}
    for group in site.robots.groups:
        for line in group.lines:
            if line.key == KEY and line.number not in ours:
                [split] = path_lines([line])
                if read_value(split.value).refused:
                    yield _note(
                        "other-agent", f"signals for {', '.join(group.agents[:8])} only", _at(site, split)
                    )
                    return


@lru_cache(maxsize=256)
def read_value(value: str) -> Signals:
    """What one value (without its path) says. Never raises; keys and values compare without case."""
    yes: dict[str, None] = {}
    no: dict[str, None] = {}
    malformed: list[tuple[str, frozenset[Use]]] = []
    leftovers: list[str] = []
    ceilings: list[str] = []
    for member in dict.fromkeys(part.strip(" \t") for part in value.split(",")):
        if not member:
            continue
        key, _, given = member.lower().partition("=")
        if key in words().signals and given in ("yes", "no"):
            (yes if given == "yes" else no)[key] = None
        elif key == "use" and given in words().ceilings:
            ceilings.append(given)
        else:
            refusals = _lenient(member)
            malformed += refusals
            leftovers += [] if refusals else [member[:80]]
    strictest = max(ceilings, key=lambda name: len(words().ceilings[name]), default="")
    return Signals(tuple(yes), tuple(no), strictest, tuple(malformed), tuple(leftovers))


def _lenient(member: str) -> list[tuple[str, frozenset[Use]]]:
    """The refusals that a malformed member can only be meant to make, the first of each label."""
    found: dict[str, tuple[str, frozenset[Use]]] = {}
    for match in _PAIR.finditer(member):
        label, given = match[1].lower().replace("_", "-"), match[2].lower()
        uses = words().signals.get(label) or words().labels.get(label)
        if uses and given in words().denials:
            found.setdefault(label, (match[0].strip(), uses))
        elif label == "use" and words().ceilings.get(given):
            found.setdefault(label, (match[0].strip(), words().ceilings[given]))
    return list(found.values())


def _uses(names: Iterable[str]) -> frozenset[Use]:
    return frozenset().union(*(words().signals[name] for name in names))


def _list(uses: frozenset[Use]) -> str:
    return ", ".join(use_names(uses))


def _denial(name: str, where: Evidence, scope: Scope) -> Finding:
    uses = words().signals[name]
    return _reservation(
        "disallow", uses, where, scope, Standing.EFFECTIVE, f"`{name}=no` denies {_list(uses)}"
    )


def _reservation(
    rule: str,
    uses: frozenset[Use],
    where: Evidence,
    scope: Scope,
    standing: Standing,
    message: str,
    confidence: Confidence = Confidence.HIGH,
) -> Finding:
    return Finding(
        rule=f"content-signal/{rule}",
        kind=Kind.RESERVATION,
        message=message,
        evidence=where,
        confidence=confidence,
        statement=Statement(preference=Preference.DISALLOW, uses=uses, standing=standing, scope=scope),
    )


def _permission(name: str, where: Evidence, scope: Scope, standing: Standing, message: str) -> Finding:
    uses = words().signals[name]
    return Finding(
        rule="content-signal/allow",
        kind=Kind.PERMISSION,
        message=message,
        evidence=where,
        statement=Statement(preference=Preference.ALLOW, uses=uses, standing=standing, scope=scope),
    )


def _note(rule: str, message: str, where: Evidence) -> Finding:
    return Finding(rule=f"content-signal/{rule}", kind=Kind.NOTE, message=message, evidence=where)


def _at(site: Served, line: PathLine) -> Evidence:
    return evidence(site.document, f"line:{line.number}", line.text)

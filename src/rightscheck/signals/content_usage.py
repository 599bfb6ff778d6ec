"""`Content-Usage`: AI preferences in robots.txt and in the response (draft-ietf-aipref-attach-05, -vocab-08).

The value is a Dictionary of RFC 9651 whose labels are `y` or `n`; everything else is unknown by the
drafts. Unknown is not silence here: a retired label keeps its own revision's meaning, and a malformed
value that can only be meant as a refusal is reported as one. Over all statements any denial wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rightscheck.model import Evidence, Finding, Gap, Statement
from rightscheck.robots.served import PathLine, Served, longest, path_lines, served
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import Kind, Preference, Scope, Standing, Use
from rightscheck.vocabularies.usage_preferences import Reading, list_uses, read_value, words

KEY = "content-usage"


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """The preferences of the site's robots.txt for our agents and of the page's response, denials first."""
    found = dict.fromkeys([*_from_robots(sources), *_from_header(sources), *_from_metas(sources)])
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


def _from_metas(sources: Sources) -> Iterator[Finding]:
    """Denials in metas of that name, which no draft defines."""
    page = sources.asset.page
    if page is None or sources.html is None:
        return
    for value in sources.html.meta(KEY):
        for reading in read_value(value):
            if reading.preference is Preference.DISALLOW:
                message = (
                    f"no draft defines this meta; it can only be meant to deny {list_uses(reading.uses)}"
                )
                lesser = replace(reading, standing=Standing.MALFORMED, message=message, conditions=())
                where = evidence(page, "meta:content-usage", value)
                yield _finding(lesser, where, Scope.ASSET, sound=True)


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
                message = f"{why} of {list_uses(uses)}"
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

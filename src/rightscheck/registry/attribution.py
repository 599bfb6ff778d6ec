"""Whose statement each finding is: the publisher's of the host, or another holder's in its page.

When in doubt, the reading that denies more: a sentence is the publisher's own until the registry shows
that another holder speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rightscheck.model import Finding, Holder
from rightscheck.registry.addresses import host_of, registrable_domain
from rightscheck.registry.names import normalise_name
from rightscheck.registry.store import Registry
from rightscheck.vocab import Confidence, Kind, Party

_SENTENCES = frozenset({"notice"})
_RANK = {Confidence.HIGH: 2, Confidence.MEDIUM: 1, Confidence.LOW: 0}


def attribute(
    findings: Sequence[Finding], registry: Registry, url: str | None, site_names: Sequence[str] = ()
) -> tuple[tuple[Finding, ...], Holder | None, tuple[Holder, ...]]:
    """The findings with `party` set on each and on its statement, the publisher, and the third parties by id.

    The publisher is the registry's holder of the host, else the holder of the page's own notice, else the
    site's name for itself, else the registrable domain; None when there is nothing of all these.
    """
    publisher = _publisher(findings, registry, url, site_names)
    attributed: list[Finding] = []
    others: dict[str, Holder] = {}
    for finding in findings:
        name = _named_holder(finding)
        other = _other_holder(finding, name, publisher, registry, url)
        if other is not None:
            others[other.id] = other
        # Without a URL a sentence that names a known holder may still be the copy's own: it stays the
        # publisher's, and the holder that it names is concerned as well.
        elsewhere = other is not None and not (url is None and _is_sentence(finding))
        attributed.append(_with_party(finding, Party.THIRD_PARTY if elsewhere else Party.PUBLISHER, name))
    return tuple(attributed), publisher, tuple(others[key] for key in sorted(others))


def _named_holder(finding: Finding) -> str:
    if finding.statement is not None and finding.statement.holder:
        return finding.statement.holder
    return finding.holder or ""


def _is_sentence(finding: Finding) -> bool:
    return (
        finding.kind in {Kind.RESERVATION, Kind.PERMISSION} and finding.rule.partition("/")[0] in _SENTENCES
    )


def _with_party(finding: Finding, party: Party, name: str) -> Finding:
    statement = finding.statement
    if statement is not None:
        holder = statement.holder or (name if party is Party.THIRD_PARTY else None)
        statement = replace(statement, party=party, holder=holder or None)
    return replace(finding, party=party, statement=statement)


def _publisher(
    findings: Sequence[Finding], registry: Registry, url: str | None, site_names: Sequence[str]
) -> Holder | None:
    known = registry.holder_of(url) if url is not None else None
    if known is not None:
        return known
    found = host_of(url) if url is not None else None
    domain = registrable_domain(found[0]) if found else ""
    own = [finding for finding in findings if not _speaks_elsewhere(_named_holder(finding), registry, url)]
    notice = _best_name(finding for finding in own if finding.kind is Kind.COPYRIGHT)
    sentence = _best_name(finding for finding in own if _is_sentence(finding))
    names = [name for name in (notice or sentence, *site_names, domain) if normalise_name(name)]
    if not names:
        return None
    if url is None:
        return registry.resolve(names[0])
    # Nobody in the registry claims this host: it is known by all the names that the page gives itself.
    normal = frozenset(normalise_name(name) for name in names)
    return Holder(
        id=f"domain:{domain}" if domain else f"name:{normalise_name(names[0])}", name=names[0], names=normal
    )


def _best_name(findings: Iterable[Finding]) -> str:
    """The holder of the surest notice, the last in the document among equals: page footers close the page."""
    named = [finding for finding in findings if _named_holder(finding)]
    best = max(
        named,
        key=lambda finding: (_RANK[finding.confidence], _place(finding), _named_holder(finding)),
        default=None,
    )
    return _named_holder(best) if best is not None else ""


def _place(finding: Finding) -> int:
    numbers = re.search(r"\d+", finding.evidence.locator)
    return int(numbers[0]) if numbers else -1


def _speaks_elsewhere(name: str, registry: Registry, url: str | None) -> bool:
    """True when the registry knows holders of that name, all of them with hosts, and none claims this URL."""
    if url is None or not name:
        return False
    known = registry.known_by(name)
    here = registry.publisher_of(url)
    return bool(known) and all(policy.hosts for policy in known) and here not in known


def _other_holder(
    finding: Finding, name: str, publisher: Holder | None, registry: Registry, url: str | None
) -> Holder | None:
    """The holder other than the publisher whose words or work the finding shows; None when there is none."""
    if (
        not name
        or publisher is None
        or not (_is_sentence(finding) or finding.kind in {Kind.COPYRIGHT, Kind.CREDIT})
    ):
        return None
    strangers = [part for part in _parts(name, publisher) if not _is_named(publisher, part, registry)]
    if not strangers:
        return None
    if finding.kind is Kind.CREDIT:
        return registry.resolve(strangers[0])
    for part in strangers:
        if len(registry.known_by(part)) and (url is None or _speaks_elsewhere(part, registry, url)):
            return registry.resolve(part)
    return None


def _parts(name: str, publisher: Holder) -> list[str]:
    """The names in `ANTARA/Reuters`; a name stays whole unless one of its parts is the publisher's."""
    parts = [part.strip() for part in name.split("/") if normalise_name(part)]
    return parts if any(normalise_name(part) in publisher.names for part in parts) else [name]


def _is_named(publisher: Holder, name: str, registry: Registry) -> bool:
    normal = normalise_name(name)
    if normal in publisher.names or registry.resolve(name).id == publisher.id:
        return True
    # A site called Portal Berita at portalberita.example.
    squeezed = normal.replace(" ", "")
    return any(squeezed in {known.replace(" ", ""), known.partition(" ")[0]} for known in publisher.names)

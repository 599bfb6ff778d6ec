"""Whose statement each finding is: the publisher's of the host, or another holder's in its page.

When in doubt, the reading that denies more: a sentence is the publisher's own until the registry shows
that another holder speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rightscheck.model import Finding, Holder
from rightscheck.registry.addresses import host_of, registrable_domain
from rightscheck.registry.names import normalise_name
from rightscheck.registry.store import Registry
from rightscheck.vocab import Confidence, Kind, Party

_SENTENCES = frozenset({"notice"})
_CLAIMS = frozenset({Kind.COPYRIGHT, Kind.CREDIT})
_RANK = {Confidence.HIGH: 2, Confidence.MEDIUM: 1, Confidence.LOW: 0}


def attribute(
    findings: Sequence[Finding], registry: Registry, url: str | None, site_names: Sequence[str] = ()
) -> tuple[tuple[Finding, ...], Holder | None, tuple[Holder, ...]]:
    """The findings with `party` set on each and on its statement, the publisher, and the third parties by id.

    The publisher is the registry's holder of the host, else the holder of the page's own notice, else the
    site's name for itself, else the registrable domain; None when there is nothing of all these.
    """
    page = _Page.of(registry, url, site_names)
    publisher = page.publisher(findings)
    attributed: list[Finding] = []
    others: dict[str, Holder] = {}
    for finding in findings:
        other = page.other_holder(finding, publisher)
        if other is not None:
            others[other.id] = other
        # Without a URL a sentence that names a known holder may still be the copy's own: it stays the
        # publisher's, and the holder that it names is concerned as well.
        elsewhere = other is not None and not (url is None and _is_sentence(finding))
        attributed.append(_with_party(finding, Party.THIRD_PARTY if elsewhere else Party.PUBLISHER))
    return tuple(attributed), publisher, tuple(others[key] for key in sorted(others))


def _named_holder(finding: Finding) -> str:
    if finding.statement is not None and finding.statement.holder:
        return finding.statement.holder
    return finding.holder or ""


def _is_sentence(finding: Finding) -> bool:
    return (
        finding.kind in {Kind.RESERVATION, Kind.PERMISSION} and finding.rule.partition("/")[0] in _SENTENCES
    )


def _with_party(finding: Finding, party: Party) -> Finding:
    statement = finding.statement
    if statement is not None:
        holder = statement.holder or (finding.holder if party is Party.THIRD_PARTY else None)
        statement = replace(statement, party=party, holder=holder)
    return replace(finding, party=party, statement=statement)


@dataclass(frozen=True, slots=True)
class _Page:
    """What is known of the page apart from its findings."""

    registry: Registry
    url: str | None
    site_names: tuple[str, ...]
    known: Holder | None
    host: str

    @classmethod
    def of(cls, registry: Registry, url: str | None, site_names: Sequence[str]) -> _Page:
        found = host_of(url) if url is not None else None
        known = registry.holder_of(url) if url is not None else None
        return cls(registry, url, tuple(site_names), known, found[0] if found else "")

    def publisher(self, findings: Sequence[Finding]) -> Holder | None:
        if self.known is not None:
            return self.known
        own = [finding for finding in findings if not self._speaks_elsewhere(_named_holder(finding))]
        notice = _best_name(finding for finding in own if finding.kind is Kind.COPYRIGHT)
        sentence = _best_name(finding for finding in own if _is_sentence(finding))
        domain = registrable_domain(self.host) if self.host else ""
        names = [name for name in (notice or sentence, *self.site_names, domain) if normalise_name(name)]
        if not names:
            return None
        if self.url is None:
            return self.registry.resolve(names[0])
        # Nobody in the registry claims this host: it is known by all the names that the page gives itself.
        normal = frozenset(normalise_name(name) for name in names)
        identity = f"domain:{domain}" if domain else f"name:{normalise_name(names[0])}"
        return Holder(id=identity, name=names[0], names=normal)

    def other_holder(self, finding: Finding, publisher: Holder | None) -> Holder | None:
        """The holder other than the publisher whose words or work the finding shows, if any."""
        name = _named_holder(finding)
        if not name or publisher is None or not (_is_sentence(finding) or finding.kind in _CLAIMS):
            return None
        for part in _parts(name, publisher):
            if self._is_publisher(part, publisher):
                continue
            if finding.kind is Kind.CREDIT:
                return self.registry.resolve(part)
            known = self.registry.known_by(part)
            if known and (self.url is None or self._speaks_elsewhere(part)):
                return self.registry.resolve(part)
        return None

    def _speaks_elsewhere(self, name: str) -> bool:
        """True when the registry knows holders of that name, all of them on other hosts than this.

        Not when the host or the site calls itself so: `The Sun` is the name of more papers than one.
        """
        known = self.registry.known_by(name) if name and self.url is not None else ()
        if not known or not all(policy.hosts for policy in known):
            return False
        holders = {policy.holder.id for policy in known}
        if self.known is not None and self.known.id in holders:
            return False
        if any(
            policy.holder.id in holders for site in self.site_names for policy in self.registry.known_by(site)
        ):
            return False
        return not any(self._bears(own) for policy in known for own in (*policy.names, normalise_name(name)))

    def _bears(self, name: str) -> bool:
        """True when a label of the host is the name, or begins with it where it is long enough to tell."""
        squeezed = name.replace(" ", "")
        labels = self.host.replace("-", "").split(".")
        return any(
            label == squeezed or (len(squeezed) >= 5 and label.startswith(squeezed)) for label in labels
        )

    def _is_publisher(self, name: str, publisher: Holder) -> bool:
        normal = normalise_name(name)
        if normal in publisher.names or self.registry.resolve(name).id == publisher.id:
            return True
        squeezed = normal.replace(" ", "")
        if any(squeezed == own.replace(" ", "") for own in publisher.names):
            return True
        # A site called Portal Berita at portalberita.example.
        label = registrable_domain(self.host).partition(".")[0].replace("-", "") if self.host else ""
        return squeezed == label and bool(label)


def _best_name(findings: Iterable[Finding]) -> str:
    """The holder of the surest notice, the last in the document among equals: footers close the page."""
    named = [finding for finding in findings if _named_holder(finding)]
    return _named_holder(max(named, key=_sureness)) if named else ""


def _sureness(finding: Finding) -> tuple[int, int, str]:
    numbers = re.search(r"\d{1,9}", finding.evidence.locator)
    return _RANK[finding.confidence], int(numbers[0]) if numbers else -1, _named_holder(finding)


def _parts(name: str, publisher: Holder) -> list[str]:
    """The names in `ANTARA/Reuters`; a name stays whole unless one of its parts is the publisher's."""
    parts = [part.strip() for part in name.split("/") if normalise_name(part)]
    return parts if any(normalise_name(part) in publisher.names for part in parts) else [name]

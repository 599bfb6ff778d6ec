"""One asset: what to read for it, and what all that was read amounts to. Bytes in, decision out, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from rightscheck.decide import Coverage, decide
from rightscheck.model import (
    Asset,
    Decision,
    Document,
    Evidence,
    Examined,
    Finding,
    Gap,
    Grant,
    Holder,
    Request,
)
from rightscheck.notices import read as read_text
from rightscheck.notices.findings import findings_of
from rightscheck.registry import Profile, Registry, attribute, covers
from rightscheck.registry.waivers import Waiver
from rightscheck.robots import expires_after
from rightscheck.robots.responses import parse_document
from rightscheck.signals import all_signals, read_all
from rightscheck.sources import Sources
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Kind, Scope, Use, parse_uses

WELL_KNOWN: Mapping[Carrier, str] = {
    Carrier.TDMREP: "/.well-known/tdmrep.json",
    Carrier.AI_TXT: "/ai.txt",
    Carrier.AI_TXT_WELL_KNOWN: "/.well-known/ai.txt",
    Carrier.AI_JSON: "/.well-known/ai.json",
    Carrier.TRUST_TXT: "/trust.txt",
}
"""The root files of an origin that can speak, beside robots.txt."""

RIGHTS_TEXTS = frozenset(
    {
        "feed/rights",
        "xmp/rights",
        "xmp/usage-terms",
        "xmp/owner",
        "iptc/rights",
        "licence/rights",
        "schema-org/copyright",
    }
)
"""Rules whose quote is a rights holder's own words, to be read as a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is weighed against: the registry, the grants on record, the profile and its waivers."""

    registry: Registry
    grants: tuple[Grant, ...]
    profile: Profile
    waivers: tuple[Waiver, ...] = ()


def origin_of(url: str) -> str:
    """The origin of an http(s) URL, without a trailing slash."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def robots_url(url: str) -> str:
    """Where the robots.txt of the URL's origin is (RFC 9309 2.3)."""
    return origin_of(url) + "/robots.txt"


def follow_ups(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The documents that what was read points to, as (carrier, absolute URL), for a budget to limit."""
    for signal in all_signals():
        for carrier, url in signal.points_to(sources):
            if urlsplit(url).scheme in ("http", "https"):
                yield carrier, url


def check(
    asset: Asset,
    request: Request,
    rules: Rules,
    *,
    documents: Mapping[Carrier, tuple[Document, ...]] | None = None,
    html: HtmlDocument | None = None,
    extra: Iterable[Finding | Gap] = (),
) -> Decision:
    """The decision for an asset from all that was read for it.

    `extra` are findings and gaps of the caller's own, such as those of hosts passed in a redirect.
    """
    sources = Sources(asset=asset, request=request, documents=documents or {}, html=html)
    read = [*read_all(sources), *extra]
    findings = [item for item in read if isinstance(item, Finding)]
    gaps = [item for item in read if isinstance(item, Gap)]
    if asset.text is None and asset.media_type.partition("/")[0] not in ("image", "audio", "video"):
        gaps.append(Gap(carrier=Carrier.TEXT, source=asset.source, reason="no text at hand"))
    findings += [spoken for finding in findings for spoken in _spoken(finding)]
    if asset.uri is not None:
        findings += rules.registry.findings(asset.uri, request.on)
    findings += _missing_notice(asset, findings)
    site_names = html.meta("og:site_name") if html else ()
    attributed, publisher, third_parties = attribute(findings, rules.registry, asset.uri, site_names)
    attributed = (*attributed, *_house(rules.profile, asset, publisher, third_parties, attributed))
    decision = decide(
        asset=asset,
        request=request,
        profile=rules.profile,
        findings=attributed,
        gaps=gaps,
        coverage=coverage_of(rules, request, asset.uri, publisher, third_parties),
        waivers=rules.waivers,
        publisher=publisher,
        third_parties=third_parties,
        examined=_examined(sources, gaps, rules.registry),
    )
    return replace(decision, crawl_delay=_crawl_delay(sources), expires_at=_expires_at(sources))


def coverage_of(
    rules: Rules, request: Request, url: str | None, publisher: Holder | None, third_parties: Sequence[Holder]
) -> Coverage:
    """Which grants cover which uses for the holders concerned, and why others do not."""
    asked = parse_uses(request.uses) | {Use.CRAWL}
    active: dict[str, dict[Use, tuple[Grant, ...]]] = {}
    refused: dict[str, str] = {}
    concerned = [holder for holder in (publisher, *third_parties) if holder is not None]
    for grant in rules.grants:
        for holder in concerned:
            for use in sorted(asked):
                reason = covers(
                    grant,
                    holder=holder,
                    grantee=request.grantee,
                    use=use,
                    url=url,
                    on=request.on,
                    registry=rules.registry,
                    collection=request.collection,
                )
                if not reason:
                    by_use = active.setdefault(holder.id, {})
                    by_use[use] = (*by_use.get(use, ()), grant)
                elif use is not Use.CRAWL or Use.CRAWL in parse_uses(request.uses):
                    refused.setdefault(grant.id, reason)
    used = {grant.id for by_use in active.values() for grants in by_use.values() for grant in grants}
    dead = tuple(
        f"grant {name} does not apply: {why}" for name, why in sorted(refused.items()) if name not in used
    )
    return Coverage(active=active, refused=dead)


def _spoken(finding: Finding) -> Iterator[Finding]:
    """What the words of a rights field say (of a feed, of XMP, of a meta): they are a notice as any other."""
    if finding.rule not in RIGHTS_TEXTS or not finding.evidence.quote:
        return
    scope = Scope.MEDIA if finding.situation == "licence/media" else Scope.ASSET
    reading = read_text(finding.evidence.quote)

    def at(start: int, end: int) -> Evidence:
        return replace(finding.evidence, quote=finding.evidence.quote[start:end])

    yield from findings_of(reading, at, scope=scope)


def _house(
    profile: Profile,
    asset: Asset,
    publisher: Holder | None,
    third_parties: Sequence[Holder],
    findings: Sequence[Finding],
) -> Iterator[Finding]:
    """The profile's own rules that concern this asset, each for the uses it speaks of."""
    holders = [holder for holder in (publisher, *third_parties) if holder is not None]
    licences = [finding.evidence.quote for finding in findings if finding.rule.startswith("licence/")]
    for number, rule in enumerate(profile.house):
        uses = frozenset(use for use in Use if rule.applies(use, asset.uri, holders, licences))
        if not uses:
            continue
        yield Finding(
            rule=f"house/{rule.action}",
            kind=Kind.NOTE,
            message=rule.reason or f"profile {profile.id} {rule.action}s this",
            evidence=Evidence(
                source=profile.source,
                sha256=profile.sha256,
                locator=f"key:house[{number}]",
                quote=rule.reason,
            ),
            situation=f"house/{rule.action}",
            uses=uses,
        )


def _missing_notice(asset: Asset, findings: Sequence[Finding]) -> list[Finding]:
    """A note when the publisher is known to put a reservation under its pages and this copy has none.

    Corpora strip such lines; that a copy is silent says nothing then.
    """
    recorded = [f for f in findings if f.rule == "registry/disallow" and f.evidence.quote]
    own = any(f.rule.startswith("notice/") and f.kind is Kind.RESERVATION for f in findings)
    if not recorded or own or asset.text is None:
        return []
    holder = recorded[0].holder or "the publisher"
    return [
        Finding(
            rule="notice/missing",
            kind=Kind.NOTE,
            message=f"the notice that {holder} puts on its pages is missing from this copy; "
            "copies are often stripped of such lines, so its absence permits nothing",
            evidence=Evidence(
                source=asset.source,
                sha256=asset.sha256,
                locator=f"char:0-{len(asset.text)}",
                retrieved_at=asset.retrieved_at,
            ),
        )
    ]


def _examined(sources: Sources, gaps: Sequence[Gap], registry: Registry) -> tuple[Examined, ...]:
    """What was looked at: one line per document, per gap, and for the registry."""
    asset = sources.asset
    unread = {(gap.carrier, gap.source): gap.reason for gap in gaps}
    lines = []
    if asset.text is not None:
        carrier = Carrier.HTML if sources.html else Carrier.TEXT
        lines.append(Examined(carrier=carrier, source=asset.source, status="read", sha256=asset.sha256))
    if asset.page is not None and (asset.page.status is not None or asset.page.headers):
        lines.append(
            Examined(
                carrier=Carrier.HTTP_HEADERS,
                source=asset.page.final_url or asset.page.url,
                status="read",
                detail=f"status {asset.page.status}",
            )
        )
    for documents in sources.documents.values():
        for document in documents:
            if (document.carrier, document.url) not in unread:
                lines.append(_document_line(document))
    for (carrier, source), reason in unread.items():
        lines.append(Examined(carrier=carrier, source=source, status="unread", detail=reason))
    if asset.uri is not None:
        entry = registry.publisher_of(asset.uri)
        status, detail = ("read", f"entry {entry.id}") if entry else ("absent", "no entry for this host")
        lines.append(Examined(carrier=Carrier.REGISTRY, source=asset.uri, status=status, detail=detail))
    return tuple(
        sorted(lines, key=lambda line: (list(Carrier).index(line.carrier), line.source, line.status))
    )


def _document_line(document: Document) -> Examined:
    if document.failure:
        status, detail = "unread", document.failure
    elif document.catch_all:
        status, detail = "absent", "the host sends the same for an address that it cannot have"
    elif document.status is None or 200 <= document.status < 300:
        status, detail = "read", f"{len(document.body)} bytes"
    elif document.status in (404, 410):
        status, detail = "absent", f"status {document.status}"
    else:
        status, detail = "unread", f"status {document.status}"
    return Examined(
        carrier=document.carrier, source=document.url, status=status, detail=detail, sha256=document.sha256
    )


def _crawl_delay(sources: Sources) -> float | None:
    document = sources.document(Carrier.ROBOTS_TXT)
    if document is None or not document.body:
        return None
    robots = parse_document(document)
    delays = [robots.crawl_delay(agent) for agent in sources.request.agents or ("rightscheck",)]
    return max((delay for delay in delays if delay is not None), default=None)


def _expires_at(sources: Sources) -> datetime | None:
    """When the answer should be asked again: as soon as the first of its sources expires."""
    ends = []
    for documents in sources.documents.values():
        for document in documents:
            if document.retrieved_at is not None:
                ends.append(document.retrieved_at + min(expires_after(document), timedelta(hours=24)))
    return min(ends, default=None)

"""All that a check of one URL needs from the network, asked for in the order that respects robots.txt.

First robots.txt, then the page and the origin's root files, then what these point to. A host that closes
itself is not asked for more, and what was not asked for is a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from rightscheck.assets import page_asset
from rightscheck.check import WELL_KNOWN, follow_ups, origin_of, robots_url
from rightscheck.fetch import MayFollow
from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.robots import RobotsState, classify, expires_after
from rightscheck.robots.responses import parse_document
from rightscheck.signals import by_id
from rightscheck.sources import Sources, digest
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode

NOT_FETCHED = "not fetched"
DEFAULT_AGENT = "rightscheck"
MAX_FOLLOW_UPS = 8
MAX_KNOWN_TERMS = 2
MAX_KEPT = 50_000


RecordedTerms = Callable[[str], Sequence[str]]


class Asks(Protocol):
    """What asks for documents: a Fetcher, or something that stands before it."""

    async def get(self, url: str, carrier: Carrier, *, may_follow: MayFollow | None = None) -> Document:
        """The document at the URL, whatever the web did."""
        ...


@dataclass(slots=True)
class SiteMemory:
    """What is said for whole sites, kept for as long as it may be used; pages are asked for each time.

    robots.txt may be used for a day at most (RFC 9309 2.4); root files, RSL documents and terms are treated
    alike. `given` holds files that the asker gave, by URL; they are taken as they are.
    """

    source: Asks
    given: dict[str, Document] = field(default_factory=dict)
    kept: dict[tuple[str, Carrier], Document] = field(default_factory=dict)

    async def get(self, url: str, carrier: Carrier, *, may_follow: MayFollow | None = None) -> Document:
        """The document: given, kept and not expired, or fetched."""
        if url in self.given:
            return self.given[url]
        if carrier is Carrier.HTML:
            return await self.source.get(url, carrier, may_follow=may_follow)
        document = self.kept.get((url, carrier))
        if document is None or _expired(document):
            document = await self.source.get(url, carrier, may_follow=may_follow)
            if len(self.kept) >= MAX_KEPT:
                self.kept.clear()
            self.kept[url, carrier] = document
        return document

    async def robots(self, url: str) -> Document:
        """The robots.txt of the URL's origin."""
        return await self.get(robots_url(url), Carrier.ROBOTS_TXT)


def _expired(document: Document) -> bool:
    return document.retrieved_at is None or datetime.now(UTC) >= document.retrieved_at + expires_after(
        document
    )


def closed_by(document: Document, url: str, agents: Sequence[str]) -> str:
    """Why the URL may not be fetched by these agents; empty when it may."""
    state = classify(document)
    if state is RobotsState.UNREACHABLE:
        return f"{document.url} is unreachable, which means complete disallow for now"
    if state not in (RobotsState.RULES, RobotsState.INVALID):
        return ""
    robots = parse_document(document)
    for agent in agents or (DEFAULT_AGENT,):
        rule = robots.decide(agent, url)
        if not rule.allowed:
            return f"{document.url} closes it to {agent} in line {rule.line}"
    return ""


@dataclass(slots=True)
class _Way:
    """The origins asked on the way to one asset, each with the URL asked there and its robots.txt."""

    site: SiteMemory
    agents: tuple[str, ...]
    passed: dict[str, tuple[str, Document]] = field(default_factory=dict)

    async def may_go(self, url: str) -> str:
        """Why the URL may not be fetched; empty when it may. Asked before every hop of a redirect."""
        document = await self.site.robots(url)
        self.passed.setdefault(origin_of(url), (url, document))
        return closed_by(document, url, self.agents)

    async def fetch(self, carrier: Carrier, url: str) -> Document:
        """The document, unless robots.txt closes it."""
        refusal = await self.may_go(url)
        if refusal:
            return Document(carrier=carrier, url=url, final_url=url, failure=f"{NOT_FETCHED}: {refusal}")
        return await self.site.get(url, carrier, may_follow=self.may_go)


@dataclass(slots=True)
class Gathered:
    """What came of asking: the asset, the documents by carrier, and findings of hosts passed on the way."""

    asset: Asset
    html: HtmlDocument | None
    documents: dict[Carrier, tuple[Document, ...]]
    extra: list[Finding | Gap]


async def gather(
    url: str, request: Request, site: SiteMemory, recorded_terms: RecordedTerms | None = None
) -> Gathered:
    """Everything read for the URL. Never raises for what the web did.

    Nothing but robots.txt is asked of a host whose robots.txt closes the path or is unreachable.
    `recorded_terms` tells the terms pages that are known for a URL; they are read where the page names none.
    """
    way = _Way(site, request.agents)
    roots: dict[Carrier, Document] = {}
    if await way.may_go(url):
        page = await way.fetch(Carrier.HTML, url)
    else:
        page, roots = await asyncio.gather(way.fetch(Carrier.HTML, url), _root_files(url, request, site))
        if origin_of(page.final_url or url) != origin_of(url):
            roots = await _root_files(page.final_url, request, site)
    asset, html = page_asset(page, url=url, mode=Mode.FETCH)
    robots = await site.robots(asset.uri or url)
    documents: dict[Carrier, tuple[Document, ...]] = {Carrier.ROBOTS_TXT: (robots,)}
    documents |= {carrier: (document,) for carrier, document in roots.items()}
    sources = Sources(asset=asset, request=request, documents=documents, html=html)
    known = recorded_terms(asset.uri or url) if recorded_terms is not None else ()
    for document in await _follow(sources, _Way(site, request.agents), known):
        documents[document.carrier] = (*documents.get(document.carrier, ()), document)
    return Gathered(asset, html, documents, list(_hosts_passed(way, asset, request)))


async def _root_files(url: str, request: Request, site: SiteMemory) -> dict[Carrier, Document]:
    way = _Way(site, request.agents)
    origin = origin_of(url)
    documents = await asyncio.gather(
        *(way.fetch(carrier, urljoin(origin, path)) for carrier, path in WELL_KNOWN.items())
    )
    return {document.carrier: document for document in await _weighed(documents, way)}


def control_url(origin: str) -> str:
    """An address that no site has, told from the origin alone: what a host sends for it, it sends for any."""
    return f"{origin}/{digest(origin.encode())[:24]}.txt"


def _may_count(document: Document) -> bool:
    """Whether an answer could be taken for a policy file: a page of HTML never is."""
    return _is_sent(document) and not document.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _is_sent(document: Document) -> bool:
    is_good = document.status is not None and 200 <= document.status < 300
    return is_good and not document.failure and bool(document.body.strip())


async def _weighed(documents: Sequence[Document], way: _Way) -> list[Document]:
    """The documents, root files marked where the host sends the same for an address that it cannot have.

    That address is asked for once, and only where an answer could be taken for a policy file.
    """
    weighed = []
    for document in documents:
        if document.carrier in WELL_KNOWN and _may_count(document):
            control = await way.fetch(Carrier.AI_TXT, control_url(origin_of(document.url)))
            same = _is_sent(control) and _without_address(document) == _without_address(control)
            document = replace(document, catch_all=same)
        weighed.append(document)
    return weighed


def _without_address(document: Document) -> bytes:
    """The body without the address asked for, which such answers like to repeat."""
    path = urlsplit(document.url).path.encode()
    return document.body.replace(document.url.encode(), b"").replace(path, b"").replace(path[1:], b"").strip()


async def _follow(sources: Sources, way: _Way, known_terms: Sequence[str]) -> list[Document]:
    """The documents that page and site point to: RSL, policies, licences, terms; a bounded number."""
    pointed = list(dict.fromkeys(follow_ups(sources)))
    wanted = pointed[:MAX_FOLLOW_UPS]
    if all(carrier is not Carrier.TERMS for carrier, _ in pointed):
        wanted += [(Carrier.TERMS, url) for url in known_terms[:MAX_KNOWN_TERMS]]
    documents = await asyncio.gather(*(way.fetch(carrier, url) for carrier, url in wanted))
    return await _weighed(documents, way)


def _hosts_passed(way: _Way, asset: Asset, request: Request) -> Iterator[Finding | Gap]:
    """What robots.txt says on each other host that the redirects led over: every one must let us crawl."""
    for origin, (url, document) in way.passed.items():
        if origin == origin_of(asset.uri or ""):
            continue
        hop = Asset(uri=url, source=url, text=None, media_type="", mode=Mode.FETCH)
        sources = Sources(asset=hop, request=request, documents={Carrier.ROBOTS_TXT: (document,)})
        yield from by_id("robots-txt").read(sources)

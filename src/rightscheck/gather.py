"""All that a check of one URL needs from the network, asked for in the order that respects robots.txt.

First robots.txt, then the page and the origin's root files, then what these point to. A host that closes
itself is not asked for more, and what was not asked for is a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urljoin

from rightscheck.check import WELL_KNOWN, follow_ups, origin_of, page_asset, robots_url
from rightscheck.fetch import Fetcher
from rightscheck.html import HtmlDocument
from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.robots import RobotsState, RobotsTxt, classify, expires_after
from rightscheck.signals import by_id
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Mode

NOT_FETCHED = "not fetched"
DEFAULT_AGENT = "rightscheck"
MAX_FOLLOW_UPS = 8

MayGo = Callable[[str], Awaitable[str]]


@dataclass(slots=True)
class RobotsCache:
    """robots.txt per origin for as long as it may be used (RFC 9309 2.4), shared by one Checker's checks."""

    fetcher: Fetcher
    kept: dict[str, Document] = field(default_factory=dict)
    given: dict[str, Document] = field(default_factory=dict)
    """By URL: files that the asker gave; they are taken as they are."""

    async def of(self, url: str) -> Document:
        """The robots.txt of the URL's origin, fetched when none is kept or the kept one has expired."""
        where = robots_url(url)
        if where in self.given:
            return self.given[where]
        document = self.kept.get(where)
        if document is None or _expired(document):
            document = await self.fetcher.get(where, Carrier.ROBOTS_TXT)
            if len(self.kept) > 10_000:
                self.kept.clear()
            self.kept[where] = document
        return document


def _expired(document: Document) -> bool:
    return document.retrieved_at is None or datetime.now(UTC) >= document.retrieved_at + expires_after(
        document
    )


def closed_by(document: Document, url: str, agents: Sequence[str]) -> str:
    """Why the URL may not be fetched by these agents; empty when it may."""
    state = classify(document)
    if state is RobotsState.UNREACHABLE:
        return f"{document.url} is unreachable, which means complete disallow for now"
    if state is not RobotsState.RULES:
        return ""
    robots = RobotsTxt.parse(document.body)
    for agent in agents or (DEFAULT_AGENT,):
        rule = robots.decide(agent, url)
        if not rule.allowed:
            return f"{document.url} closes it to {agent} in line {rule.line}"
    return ""


@dataclass(slots=True)
class Gathered:
    """What came of asking: the asset, the documents by carrier, and findings of hosts passed on the way."""

    asset: Asset
    html: HtmlDocument | None
    documents: dict[Carrier, tuple[Document, ...]]
    extra: list[Finding | Gap]


async def gather(url: str, request: Request, fetcher: Fetcher, robots_cache: RobotsCache) -> Gathered:
    """Everything read for the URL. Never raises for what the web did.

    Nothing but robots.txt is asked of a host whose robots.txt closes the path or is unreachable.
    """
    passed: dict[str, tuple[str, Document]] = {}

    async def may_go(next_url: str) -> str:
        document = await robots_cache.of(next_url)
        passed.setdefault(origin_of(next_url), (next_url, document))
        return closed_by(document, next_url, request.agents)

    refusal = await may_go(url)
    if refusal:
        page = Document(carrier=Carrier.HTML, url=url, final_url=url, failure=f"{NOT_FETCHED}: {refusal}")
        roots: dict[Carrier, Document] = {}
    else:
        page, roots = await asyncio.gather(
            fetcher.get(url, Carrier.HTML, may_follow=may_go),
            _root_files(url, request, fetcher, robots_cache),
        )
        if origin_of(page.final_url or url) != origin_of(url):
            roots = await _root_files(page.final_url, request, fetcher, robots_cache)
    asset, html = page_asset(page, url=url, mode=Mode.FETCH)
    final_robots = await robots_cache.of(asset.uri or url)
    documents: dict[Carrier, tuple[Document, ...]] = {Carrier.ROBOTS_TXT: (final_robots,)}
    documents |= {carrier: (document,) for carrier, document in roots.items()}
    sources = Sources(asset=asset, request=request, documents=documents, html=html)
    for document in await _follow(sources, fetcher, may_go):
        documents[document.carrier] = (*documents.get(document.carrier, ()), document)
    extra = list(_hosts_passed(passed, asset, request))
    return Gathered(asset, html, documents, extra)


async def _root_files(
    url: str, request: Request, fetcher: Fetcher, robots_cache: RobotsCache
) -> dict[Carrier, Document]:
    robots = await robots_cache.of(url)
    origin = origin_of(url)

    async def one(carrier: Carrier, path: str) -> Document:
        where = urljoin(origin, path)
        refusal = closed_by(robots, where, request.agents)
        if refusal:
            return Document(carrier=carrier, url=where, failure=f"{NOT_FETCHED}: {refusal}")
        return await fetcher.get(where, carrier)

    documents = await asyncio.gather(*(one(carrier, path) for carrier, path in WELL_KNOWN.items()))
    return {document.carrier: document for document in documents}


async def _follow(sources: Sources, fetcher: Fetcher, may_go: MayGo) -> list[Document]:
    """The documents that page and robots.txt point to: RSL, policies, licences, terms; a bounded number."""
    wanted = list(dict.fromkeys(follow_ups(sources)))[:MAX_FOLLOW_UPS]

    async def one(carrier: Carrier, url: str) -> Document:
        refusal = await may_go(url)
        if refusal:
            return Document(carrier=carrier, url=url, failure=f"{NOT_FETCHED}: {refusal}")
        return await fetcher.get(url, carrier, may_follow=may_go)

    return list(await asyncio.gather(*(one(carrier, url) for carrier, url in wanted)))


def _hosts_passed(
    passed: dict[str, tuple[str, Document]], asset: Asset, request: Request
) -> Iterator[Finding | Gap]:
    """What robots.txt says on each other host that the redirects led over: every one must let us crawl."""
    hops: Iterable[str] = (asset.page.url, *asset.page.redirects) if asset.page else ()
    refused_on_the_way = asset.page is not None and asset.page.failure.startswith("redirect-refused")
    origins = {origin_of(hop) for hop in hops}
    for origin, (url, document) in passed.items():
        if origin == origin_of(asset.uri or "") or (origin not in origins and not refused_on_the_way):
            continue
        hop = Asset(uri=url, source=url, text=None, media_type="", mode=Mode.FETCH)
        sources = Sources(asset=hop, request=request, documents={Carrier.ROBOTS_TXT: (document,)})
        yield from by_id("robots-txt").read(sources)

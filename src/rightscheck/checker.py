"""The library's door: a Checker that knows the profile, the registry, the grants and who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rightscheck.assets import file_asset, page_asset, text_asset
from rightscheck.cache_folder import cache_folder
from rightscheck.check import Rules, check, robots_url
from rightscheck.errors import UsageError
from rightscheck.model import Asset, Decision, Document, Gap, Request
from rightscheck.registry import Registry, load_grants, load_profile
from rightscheck.registry.waivers import load_waivers
from rightscheck.robots import may_name_agent
from rightscheck.sources import digest
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier, Mode, Use, parse_uses

if TYPE_CHECKING:
    from rightscheck.fetch import Fetcher, FetchLimits
    from rightscheck.fetch.transport import AsyncTransport
    from rightscheck.gather import Asks, SiteMemory
    from rightscheck.snapshots import SnapshotStore

DEFAULT_USES = ("crawl", "search", "ai-input", "ai-train", "tdm")
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class Checker:
    """Answers go, review or no-go for assets, one by one. Making one loads nothing from the network.

    Args:
        profile: a shipped profile's name, or the path of a profile file.
        use: a use, a group, or several of them; without it the five most asked for.
        agent: the product token, or tokens, under which the asker crawls; without it those of the profile.
        policies: a folder of an organisation's own entries and profiles, laid over the shipped ones.
        grants: a file or folder of written permissions.
        waivers: a file of dated, owned exceptions to single findings.
        grantee: the asker's name, as the grants write it. Without it no grant applies.
        collection: the name of the body of works asked for, for grants that are limited to one.
        commercial: False for a request without commercial purpose.
        store: a policy store (SQLite): robots.txt and root files are read from it while they are fresh, and
            kept in it; offline checks know what it knows. Made when it does not exist.
        transport: an async transport of httpx or httpx2 to fetch through.
        on: the date as of which grants and dates are judged; without it today (UTC).
        allow_private: addresses that are not public are fetched too.
        limits: what fetching one document may cost, instead of the usual limits.

    Raises:
        UsageError: an unknown use or profile, an agent that is no product token.
        PolicyError: policy, profile or grant files that do not hold, with every problem.
    """

    def __init__(
        self,
        *,
        profile: str = "standard",
        use: str | Use | Iterable[str | Use] = DEFAULT_USES,
        agent: str | Sequence[str] | None = None,
        policies: str | Path | None = None,
        grants: str | Path | None = None,
        waivers: str | Path | None = None,
        grantee: str | None = None,
        collection: str | None = None,
        commercial: bool = True,
        store: str | Path | None = None,
        transport: AsyncTransport | None = None,
        on: date | str | None = None,
        jurisdiction: str | None = None,
        allow_private: bool = False,
        limits: FetchLimits | None = None,
    ) -> None:
        folder = Path(policies) if policies is not None else None
        self.rules = Rules(
            registry=Registry.load(folder, cache_folder()),
            grants=load_grants(Path(grants)) if grants is not None else (),
            profile=load_profile(profile, folder),
            waivers=load_waivers(Path(waivers)) if waivers is not None else (),
        )
        self._uses = _use_names(use)
        self._agents = _agent_tokens(self.rules.profile.agents if agent is None else agent)
        self._grantee = grantee
        self._collection = collection
        self._commercial = commercial
        self._on = date.fromisoformat(on) if isinstance(on, str) else on
        self._jurisdiction = jurisdiction
        self._store_path = Path(store) if store is not None else None
        self._transport = transport
        self._allow_private = allow_private
        self._limits = limits

    @property
    def request(self) -> Request:
        """Who asks for what, as of which day."""
        return Request(
            uses=self._uses,
            on=self._on or datetime.now(UTC).date(),
            grantee=self._grantee,
            collection=self._collection,
            agents=self._agents,
            commercial=self._commercial,
            jurisdiction=self._jurisdiction,
        )

    def check_text(
        self, text: str, url: str | None = None, *, robots: bytes | None = None, source: str = "text"
    ) -> Decision:
        """The decision for a text at hand, offline; `robots` is its host's robots.txt, where it is known."""
        known = _known_url(url)
        asset = text_asset(text, url=known, source=source)
        documents, gaps = self._at_hand(known, robots)
        return check(asset, self.request, self.rules, documents=documents, extra=gaps)

    def check_bytes(
        self, body: bytes, url: str | None = None, *, robots: bytes | None = None, source: str = "bytes"
    ) -> Decision:
        """The decision for a file's bytes, offline: HTML by name (`source`) or beginning, else text."""
        known = _known_url(url)
        asset, html = file_asset(source, body, url=known)
        documents, gaps = self._at_hand(known, robots)
        return check(asset, self.request, self.rules, documents=documents, html=html, extra=gaps)

    def check_response(
        self,
        url: str,
        status: int,
        headers: Headers,
        body: bytes,
        *,
        robots: bytes | None = None,
        documents: Iterable[Document] = (),
        retrieved_at: datetime | None = None,
    ) -> Decision:
        """The decision for a response that another client fetched, offline.

        `documents` are other sources of the host that are at hand (robots.txt, tdmrep.json ...).
        """
        pairs = tuple(headers.items()) if isinstance(headers, Mapping) else tuple(headers)
        page = Document(
            carrier=Carrier.HTML,
            url=url,
            final_url=_known_url(url) or url,
            status=status,
            headers=tuple((str(name), str(value)) for name, value in pairs),
            body=body,
            sha256=digest(body),
            retrieved_at=retrieved_at,
        )
        asset, html = page_asset(page, url=url, mode=Mode.HELD)
        given: dict[Carrier, tuple[Document, ...]] = {}
        for document in documents:
            given[document.carrier] = (*given.get(document.carrier, ()), document)
        stored, gaps = self._at_hand(asset.uri, robots, retrieved_at)
        return check(asset, self.request, self.rules, documents=stored | given, html=html, extra=gaps)

    def check_known_url(self, url: str, *, robots: bytes | None = None) -> Decision:
        """The decision for a URL by what is known offline: the registry, grants, a robots.txt at hand."""
        known = check_url_form(url)
        asset = Asset(uri=known, source=known, text=None, media_type="", mode=Mode.FETCH)
        documents, gaps = self._at_hand(known, robots)
        return check(asset, self.request, self.rules, documents=documents, extra=gaps)

    def check_url(self, url: str, *, robots: bytes | None = None) -> Decision:
        """The decision for a URL that is still to be fetched: robots.txt first, then the page and the rest.

        `robots` is taken as the host's robots.txt instead of asking for it.

        Raises:
            UsageError: something that is no http(s) URL. Whatever the web does is in the decision.
        """
        from rightscheck.fetch import run_sync

        return run_sync(self.acheck_url(url, robots=robots))

    async def acheck_url(self, url: str, *, robots: bytes | None = None) -> Decision:
        """As `check_url`, for callers with an event loop."""
        from rightscheck.gather import SiteMemory, gather

        known = check_url_form(url)
        given = _robots_given(known, robots).get(Carrier.ROBOTS_TXT, ())
        site = SiteMemory(self._source, given={given[0].url: given[0]}) if given else self._site
        gathered = await gather(known, self.request, site, self._recorded_terms)
        return check(
            gathered.asset,
            self.request,
            self.rules,
            documents=gathered.documents,
            html=gathered.html,
            extra=gathered.extra,
        )

    @cached_property
    def _fetcher(self) -> Fetcher:
        from rightscheck.fetch import USER_AGENT, Fetcher, FetchLimits

        agent = f"{self._agents[0]} {USER_AGENT}" if self._agents else USER_AGENT
        return Fetcher(
            user_agent=agent,
            transport=self._transport,
            allow_private=self._allow_private,
            limits=self._limits or FetchLimits(),
        )

    @cached_property
    def _site(self) -> SiteMemory:
        from rightscheck.gather import SiteMemory

        return SiteMemory(self._source)

    @cached_property
    def _source(self) -> Asks:
        from rightscheck.snapshots import StoredFetcher

        if self._store is None:
            return self._fetcher
        return StoredFetcher(
            fetcher=self._fetcher, store=self._store, conditional=self._fetcher.get_if_changed
        )

    @cached_property
    def _store(self) -> SnapshotStore | None:
        from rightscheck.snapshots import SnapshotStore

        return SnapshotStore.open(self._store_path) if self._store_path is not None else None

    def _recorded_terms(self, url: str) -> tuple[str, ...]:
        """The terms pages of the URL's publisher on its own hosts, as the registry records them."""
        entry = self.rules.registry.publisher_of(url)
        if entry is None:
            return ()
        sources = (one.source for one in entry.statements if one.carrier is Carrier.TERMS)
        own = (source for source in sources if self.rules.registry.publisher_of(source) is entry)
        return tuple(dict.fromkeys(source.partition("#")[0] for source in own))

    def _at_hand(
        self, url: str | None, robots: bytes | None, retrieved_at: datetime | None = None
    ) -> tuple[dict[Carrier, tuple[Document, ...]], tuple[Gap, ...]]:
        """What is known of the site offline: what the store has of it, and a robots.txt that was given."""
        given = _robots_given(url, robots)
        store = self._store if self._store_path is not None else None
        if store is None or url is None:
            return given, ()
        from rightscheck.snapshots import PolicyTime, known_documents

        # A request as of a day is judged by what the site said then; without one, by the last that is known.
        when, mode = (
            (datetime.now(UTC), PolicyTime.LATEST) if self._on is None else (self._on, PolicyTime.DATE)
        )
        if retrieved_at is not None:
            when, mode = retrieved_at, PolicyTime.AS_CRAWLED
        known = known_documents(store, url, when, mode)
        gaps = tuple(gap for gap in known.gaps if gap.carrier not in given)
        return dict(known.documents) | given, gaps


def _use_names(use: str | Use | Iterable[str | Use]) -> tuple[str, ...]:
    names = [use] if isinstance(use, str) else list(use)
    if not names:
        raise UsageError("no use named", hint="say what the text is for, for example use=`ai-train`")
    plain = tuple(dict.fromkeys(str(name) for name in names))
    parse_uses(plain)
    return plain


def _agent_tokens(agent: str | Sequence[str] | None) -> tuple[str, ...]:
    given = () if agent is None else (agent,) if isinstance(agent, str) else tuple(agent)
    tokens = tuple(token.strip() for token in given)
    bad = [token for token in tokens if not may_name_agent(token)]
    if bad:
        listed = ", ".join(f"`{token}`" for token in bad)
        raise UsageError(
            f"no product token: {listed}", hint="name the crawler as robots.txt would, such as `MyBot`"
        )
    return tokens


def _known_url(url: str | None) -> str | None:
    return check_url_form(url) if url is not None else None


def _robots_given(url: str | None, robots: bytes | None) -> dict[Carrier, tuple[Document, ...]]:
    """robots.txt as a file that somebody kept: no status, no headers, the bytes as they are."""
    if robots is None:
        return {}
    where = robots_url(url) if url else "robots.txt"
    document = Document(
        carrier=Carrier.ROBOTS_TXT, url=where, final_url=where, body=robots, sha256=digest(robots)
    )
    return {Carrier.ROBOTS_TXT: (document,)}

"""The fetcher: one URL in, one Document out; redirects by hand, every cost bounded, nothing retried.

A status is data, and so is every failure. No cookies, no proxy, nothing from the environment. At most
two requests at a time go to a host, and callers that ask for the same document share one request.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType

from rightscheck.errors import UsageError
from rightscheck.fetch import exchange
from rightscheck.fetch.decode import ACCEPTED
from rightscheck.fetch.guard import GuardedTransport, Resolve, resolve, why_not_public_host
from rightscheck.fetch.lane import Lane
from rightscheck.fetch.limits import FetchLimits
from rightscheck.fetch.transport import AsyncTransport, library_of
from rightscheck.model import Document
from rightscheck.sources import digest
from rightscheck.syntax.urls import check_url_form, host_of, resolve_target
from rightscheck.version import __version__
from rightscheck.vocab import Carrier

USER_AGENT = f"rightscheck/{__version__} (+https://pypi.org/project/rightscheck/)"

MayFollow = Callable[[str], Awaitable[str]]
"""Asked before a redirect is followed: takes the next URL, gives "" to go on or the reason to stop."""


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class Fetcher:
    """Fetches documents. Usable from several event loops; each has its own connections and slots.

    Args:
        user_agent: sent as it is; name a product and a contact.
        transport: an async transport of httpx or httpx2 to use instead of guarded connections. The rules
            for URLs and redirects still hold; what it connects to is the caller's responsibility, and so
            is closing it.
        allow_private: addresses that are not public are fetched too.
        limits: what one document may cost.
        clock: gives the time for `retrieved_at`.
        resolve: gives the addresses of a host; not used with a transport.

    Raises:
        UsageError: a user agent that cannot be a header value, an object that is no async transport.
    """

    def __init__(
        self,
        *,
        user_agent: str = USER_AGENT,
        transport: AsyncTransport | None = None,
        allow_private: bool = False,
        limits: FetchLimits | None = None,
        clock: Callable[[], datetime] = utc_now,
        resolve: Resolve = resolve,
    ) -> None:
        if not (user_agent.strip() and user_agent.isascii() and user_agent.isprintable()):
            raise UsageError("user agent is not printable ASCII", hint="for example: mybot/1.0 (+URL)")
        self.limits = limits or FetchLimits()
        self._allow_private = allow_private
        self._transport = transport
        self._library = library_of(transport)
        self._clock = clock
        self._resolve = resolve
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        self._lanes: dict[asyncio.AbstractEventLoop, Lane] = {}
        self._lock = threading.Lock()

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the requests and connections of the running loop; the fetcher can be used again."""
        with self._lock:
            lane = self._lanes.pop(asyncio.get_running_loop(), None)
        if lane is not None:
            await lane.close()

    async def get_if_changed(self, url: str, carrier: Carrier, conditions: Mapping[str, str]) -> Document:
        """As `get`, with the fields of a conditional request (RFC 9110 13.1): a 304 has no body."""
        try:
            start = check_url_form(url)
        except UsageError as error:
            return self._document(exchange.Answer(failure=f"bad-url: {error.message}"), [url], carrier)
        return await self._fetch(self._lane(), start, carrier, None, conditions)

    async def get(self, url: str, carrier: Carrier, *, may_follow: MayFollow | None = None) -> Document:
        """The document at the URL, or what prevented it in `failure`; nothing that the web does is raised.

        Callers that ask at the same time for the same URL and carrier with an equal `may_follow` share one
        request, which goes on when one of them is cancelled.

        Args:
            url: in any form that `check_url_form` accepts; another gives the failure `bad-url: reason`.
            carrier: decides how many bytes are read.
            may_follow: asked before each redirect; a reason ends in the failure `redirect-refused: reason`.

        Raises:
            RuntimeError: the fetcher was closed meanwhile.
        """
        try:
            start = check_url_form(url)
        except UsageError as error:
            return self._document(exchange.Answer(failure=f"bad-url: {error.message}"), [url], carrier)
        lane = self._lane()
        key = (start, carrier, may_follow)
        flight = lane.flights.get(key)
        if flight is None:
            flight = lane.loop.create_task(self._fetch(lane, start, carrier, may_follow))
            lane.flights[key] = flight
            flight.add_done_callback(lambda _: lane.flights.pop(key, None))
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if flight.cancelled() and not (caller and caller.cancelling()):
                raise RuntimeError("the fetcher was closed while it fetched") from None
            raise

    def _lane(self) -> Lane:
        """The running loop's lane; those of closed loops are dropped."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for other in [other for other in self._lanes if other.is_closed()]:
                del self._lanes[other]
            if loop not in self._lanes:
                self._lanes[loop] = self._new_lane(loop)
            return self._lanes[loop]

    def _new_lane(self, loop: asyncio.AbstractEventLoop) -> Lane:
        return Lane(
            loop=loop,
            transport=self._transport
            or GuardedTransport(allow_private=self._allow_private, resolve=self._resolve),
            owned=self._transport is None,
            room=asyncio.Semaphore(self.limits.concurrent),
            per_host=self.limits.per_host,
        )

    async def _fetch(
        self,
        lane: Lane,
        start: str,
        carrier: Carrier,
        may_follow: MayFollow | None,
        conditions: Mapping[str, str] = MappingProxyType({}),
    ) -> Document:
        """Asks for the URL and follows its redirects as far as they may be followed."""
        asked = [start]
        seconds = self.limits.total_seconds
        while True:
            if not self._allow_private and why_not_public_host(host_of(asked[-1])):
                answer = exchange.Answer(failure="blocked-address")
                break
            async with lane.slot(host_of(asked[-1])):
                began = lane.loop.time()
                answer = await self._ask(lane, asked[-1], carrier, seconds, conditions)
                seconds -= lane.loop.time() - began
            if answer.location is None:
                break
            target, answer.failure = await self._next(asked, answer.location, may_follow)
            if answer.failure:
                break
            asked.append(target)
        return self._document(answer, asked, carrier)

    async def _ask(
        self, lane: Lane, url: str, carrier: Carrier, seconds: float, conditions: Mapping[str, str]
    ) -> exchange.Answer:
        answer = await exchange.ask(
            lane.transport,
            self._library,
            url,
            {**self._headers, **conditions},
            limits=self.limits,
            max_bytes=self.limits.max_bytes(carrier),
            seconds=seconds,
        )
        if carrier is Carrier.ROBOTS_TXT and answer.failure == "too-large":
            answer.failure = ""  # RFC 9309 2.5: the part within the limit counts
        return answer

    async def _next(self, asked: list[str], location: str, may_follow: MayFollow | None) -> tuple[str, str]:
        """The redirect's target and, when it is not to be followed, why."""
        try:
            target = resolve_target(asked[-1], location)
        except UsageError as error:
            return "", f"redirect-refused: {error.message}"
        if target in asked:
            return "", "redirect-loop"
        if len(asked) > self.limits.max_redirects:
            return "", "too-many-redirects"
        if may_follow is not None and (reason := await may_follow(target)):
            return "", f"redirect-refused: {reason}"
        return target, ""

    def _document(self, answer: exchange.Answer, asked: list[str], carrier: Carrier) -> Document:
        body = bytes(answer.body)
        return Document(
            carrier=carrier,
            url=asked[0],
            body=body,
            sha256="" if answer.status is None else digest(body),
            status=answer.status,
            headers=answer.headers,
            final_url=asked[-1],
            redirects=tuple(asked[:-1]),
            retrieved_at=self._clock(),
            failure=answer.failure,
            truncated=answer.truncated,
        )

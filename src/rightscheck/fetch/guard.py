"""The connection-level guard: a name is resolved once, every address must be public, that address is dialled.

It sits below redirects and TLS, so nothing above can route around it: what is checked is what is connected
to, and an answer of the name server that changes afterwards is never asked for. The IANA special-purpose
address registries (RFC 6890) say what is public.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Takes host and port, gives addresses; raises `socket.gaierror` for a name without any."""

MAX_ADDRESSES = 4
"""How many addresses of one name are tried."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Where `ipaddress` of some Python version says global and no public web server can be.
_REFUSED = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",  # a cloud's own control address, reachable from its machines
        "2001::/23",
        "3fff::/20",
    )
)


class BlockedAddress(httpcore.ConnectError):
    """The host is, or resolves to, an address that is not public."""


class UnresolvedHost(httpcore.ConnectError):
    """The name has no address."""


def why_not_public(address: Address) -> str:
    """Why no public web server has this address; empty when it is public.

    IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged as the IPv4 address that would be reached.
    """
    inner = _embedded_ipv4(address)
    if inner is not None:
        address = inner
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    if address.is_unspecified:
        return "unspecified"
    if address.is_multicast:
        return "multicast"
    if address.is_private:
        return "private"
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "not global"
    if not address.is_global or any(address in block for block in _REFUSED):
        return "not global"
    return ""


def why_not_public_host(host: str) -> str:
    """Why a host as written in a URL is not public, without asking a name server; empty for other names."""
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    return why_not_public(address)


def _embedded_ipv4(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver, IPv4 first."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return sorted(addresses, key=lambda text: ":" in text)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses only, each to the very address that was checked."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolve = resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of the host that answers, within `timeout` seconds in all."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        addresses = await self._checked(host, port, timeout)
        failure: Exception = UnresolvedHost(f"{host} has no address")
        for place, address in enumerate(addresses):
            share = None if end is None else max(0.1, (end - loop.time()) / (len(addresses) - place))
            try:
                return await self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def _checked(self, host: str, port: int, seconds: float | None) -> tuple[str, ...]:
        """The addresses to dial; raises when one of them is not public, whatever the others are."""
        if not self._allow_private and (reason := why_not_public_host(host)):
            raise BlockedAddress(f"{host}: {reason}")
        try:
            async with asyncio.timeout(seconds):
                found = [ip_address(text) for text in await self._resolve(host, port)]
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no answer for {host}") from error
        except (OSError, ValueError) as error:  # gaierror; a name that cannot be encoded
            raise UnresolvedHost(f"{host}: {error}") from error
        if not self._allow_private:
            for address in found:
                if reason := why_not_public(address):
                    raise BlockedAddress(f"{host}: {address} is {reason}")
        return tuple(str(address) for address in found[:MAX_ADDRESSES])


@cache
def verifying_context() -> ssl.SSLContext:
    """The process's TLS context: names verified against certifi's authorities, the environment not asked."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over httpcore's pool with the guard as its network backend.

    HTTP/1.1, no proxy, nothing read from the environment, no retries, and one request per connection: what
    a server sends after an answer's end can never pass for its next answer (a split response of some page
    for the host's robots.txt). It serves `Fetcher` and any `httpx.AsyncClient(transport=...)`.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolve = resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or verifying_context(),
            max_connections=None,  # bounded by who calls: slots per host and in all
            max_keepalive_connections=0,
            network_backend=GuardedBackend(allow_private=allow_private, resolve=resolve, backend=backend),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response, its body not yet read.

        Raises:
            httpx.TransportError: as httpx's own transport; a refused address is an `httpx.ConnectError`
                whose `__cause__` is `BlockedAddress`.
        """
        url = request.url
        headers = [line for line in request.headers.raw if line[0].lower() != b"connection"]
        with _as_httpx():
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=[*headers, (b"Connection", b"close")],
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


_HTTPX_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except tuple(ours for ours, _ in _HTTPX_ERRORS) as error:
        theirs = next(theirs for ours, theirs in _HTTPX_ERRORS if isinstance(error, ours))
        raise theirs(str(error)) from error

"""What is needed of an HTTP transport, and which library a caller's transport belongs to.

httpx and httpx2 name their parts alike, so one path serves both: the request is built and the errors
are caught in the transport's own library. A transport of neither is spoken to in httpx.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import httpx

from rightscheck.errors import UsageError
from rightscheck.fetch.guard import BlockedAddress, UnresolvedHost


class RawHeaders(Protocol):
    @property
    def raw(self) -> Sequence[tuple[bytes, bytes]]: ...


class Response(Protocol):
    """The part of a response that is read, the same in httpx and httpx2."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> RawHeaders: ...
    @property
    def stream(self) -> object: ...


class AsyncTransport(Protocol):
    """Anything with `handle_async_request(request) -> response`, httpx's or httpx2's."""

    @property
    def handle_async_request(self) -> Callable[..., Awaitable[Response]]: ...


@dataclass(frozen=True, slots=True)
class HttpLibrary:
    """The parts of httpx, or of httpx2, that are used."""

    request: type[httpx.Request]
    timeout: type[Exception]
    protocol: type[Exception]
    errors: tuple[type[Exception], ...]


def library_of(transport: AsyncTransport | None) -> HttpLibrary:
    """The library that the transport's class descends from; httpx for any other.

    Raises:
        UsageError: the transport has no `handle_async_request`.
    """
    if transport is not None and not callable(getattr(transport, "handle_async_request", None)):
        raise UsageError(
            f"`{type(transport).__name__}` is not an async transport",
            hint="give an object with handle_async_request, such as httpx.AsyncHTTPTransport()",
        )
    homes = {kind.__module__.partition(".")[0] for kind in type(transport).__mro__}
    module = import_module("httpx2" if "httpx2" in homes else "httpx")
    return HttpLibrary(
        request=module.Request,
        timeout=module.TimeoutException,
        protocol=module.ProtocolError,
        errors=(module.HTTPError, module.StreamError, module.InvalidURL, OSError),
    )


def failure_label(error: BaseException, library: HttpLibrary) -> str:
    """The label of `Document.failure` for an error that a transport raised."""
    chain = tuple(_chain(error))
    for kind, label in (
        (BlockedAddress, "blocked-address"),
        ((library.timeout, TimeoutError), "timeout"),
        ((UnresolvedHost, socket.gaierror), "dns"),
        (ssl.SSLError, "tls"),
        (library.protocol, "protocol"),
    ):
        if any(isinstance(link, kind) for link in chain):
            return label
    return "connect"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, at most ten links."""
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def body_of(response: Response) -> AsyncIterable[bytes]:
    """The body as it came over the wire, content coding still applied.

    Raises:
        UsageError: the transport answered with a body that cannot be iterated asynchronously.
    """
    stream = response.stream
    if not isinstance(stream, AsyncIterable):
        raise UsageError(f"transport gave a `{type(stream).__name__}` as body, not an async byte stream")
    return stream

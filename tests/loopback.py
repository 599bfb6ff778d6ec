"""A real HTTP server on 127.0.0.1 for tests: virtual hosts, programmable answers, ill behaviour on demand.

`site.fetcher()` reaches it under any host name on any port, with the address guard in force: names get
public addresses, and the dialler below the guard takes every connection here. `https` is served without TLS.
"""

# ruff: noqa: ARG002 (the signatures are httpcore's)
from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import httpcore

from rightscheck.fetch import Fetcher, GuardedTransport
from timing import within

PUBLIC = "93.184.215.14"
"""A public address that names get when a test says nothing else."""


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case, the host without its port."""

    method: str
    target: str
    host: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """A sound answer; Content-Length is added where neither it nor Transfer-Encoding is given."""

    body: bytes = b""
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    delay: float = 0.0

    def pieces(self) -> Iterator[bytes]:
        names = {name.lower() for name, _ in self.headers}
        lines = [f"HTTP/1.1 {self.status} Any"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(self.body)}")
        yield ("\r\n".join(lines) + "\r\n\r\n").encode()
        yield self.body


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, `pause` seconds between two pieces; pieces may be endless.

    `end` is what follows: `close` the connection, `reset` it, or `hang` until the server stops.
    """

    data: Iterable[bytes]
    pause: float = 0.0
    end: str = "close"


Answer = Reply | Raw
Route = Answer | Callable[[Asked], Answer]


@dataclass
class Loopback:
    """The server; use it as a context manager. Routes without a host answer for every host."""

    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)
    peak: Counter[str] = field(default_factory=Counter)
    active: Counter[str] = field(default_factory=Counter)
    addresses: dict[str, Sequence[str]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Loopback:
        site = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    while site.answer(self.connection, self.rfile.readline):
                        pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def serve(self, path: str, route: Route, *, host: str = "") -> None:
        self.routes[host, path] = route

    def redirect(self, path: str, to: str, *, status: int = 302, host: str = "") -> None:
        self.serve(path, Reply(status=status, headers=[("Location", to)]), host=host)

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """The URL under which the server is really there, its port included."""
        return f"http://{host}:{self.port}{path}"

    def fetcher(self, **options: object) -> Fetcher:
        """A fetcher that reaches this server under every name, through the guard."""
        return Fetcher(transport=self.transport(), **options)  # type: ignore[arg-type] # passed on as given

    def transport(self) -> GuardedTransport:
        return GuardedTransport(resolve=self.resolve, backend=Dialler(self))

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        return self.addresses.get(host, (host if _is_address(host) else PUBLIC,))

    def paths(self, host: str = "") -> list[str]:
        """The targets asked for, in order; only those of one host when it is given."""
        return [asked.target for asked in self.asked if host in ("", asked.host)]

    def answer(self, connection: socket.socket, readline: Callable[[], bytes]) -> bool:
        """Serves one request; False when the connection is at its end."""
        first = readline().decode("latin-1").split()
        if len(first) != 3:
            return False
        headers: dict[str, str] = {}
        while line := readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        asked = Asked(first[0], first[1], host, headers)
        with self.lock:
            self.asked.append(asked)
            self.active[host] += 1
            self.peak[host] = max(self.peak[host], self.active[host])
        try:
            return self._send(connection, self._route(asked))
        finally:
            with self.lock:
                self.active[host] -= 1

    def _route(self, asked: Asked) -> Answer:
        path = asked.target.partition("?")[0]
        route = self.routes.get((asked.host, path)) or self.routes.get(("", path))
        if route is None:
            return Reply(b"not here", status=404)
        return route(asked) if callable(route) else route

    def _send(self, connection: socket.socket, answer: Answer) -> bool:
        if isinstance(answer, Reply):
            self.stopping.wait(answer.delay)
            for piece in answer.pieces():
                connection.sendall(piece)
            return True
        for piece in answer.data:
            if self.stopping.is_set():
                return False
            connection.sendall(piece)
            if answer.pause:
                self.stopping.wait(answer.pause)
        if answer.end == "hang":
            self.stopping.wait(60)
        if answer.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        return False


class Dialler(httpcore.AsyncNetworkBackend):
    """Notes which address was to be dialled, and connects to the loopback server instead."""

    def __init__(self, site: Loopback) -> None:
        self.site = site
        self.real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.site.dialled.append(host)
        stream = await self.real.connect_tcp("127.0.0.1", self.site.port, timeout)
        return _Plain(stream)

    async def sleep(self, seconds: float) -> None:
        await self.real.sleep(seconds)


class _Plain(httpcore.AsyncNetworkStream):
    """A stream that stays plain when TLS is asked for."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self.stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self.stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self.stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self.stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return self

    def get_extra_info(self, info: str) -> object:
        return None if info == "ssl_object" else self.stream.get_extra_info(info)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fails the test when the block takes longer."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert within(took, seconds), f"took {took:.2f} s, allowed {seconds} s"

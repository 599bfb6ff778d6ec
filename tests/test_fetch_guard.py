"""Connections go to public addresses only, and to the very address that was checked (RFC 6890)."""

# ruff: noqa: ARG002 (the signatures are httpcore's)
from __future__ import annotations

import asyncio
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

import httpcore
import httpx
import pytest

from loopback import PUBLIC, Dialler, Loopback, Reply, at_most
from rightscheck.errors import UsageError
from rightscheck.fetch import Fetcher, FetchLimits, GuardedBackend, GuardedTransport
from rightscheck.fetch.guard import verifying_context, why_not_public
from rightscheck.model import Document
from rightscheck.vocab import Carrier

REFUSED = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 100.100.100.200 127.0.0.1
    127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1
    192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16 :: ::1 ::7f00:1 ::ffff:127.0.0.1
    ::ffff:10.0.0.1 ::ffff:0.0.0.0 ::ffff:169.254.169.254 ::ffff:0:7f00:1 64:ff9b::7f00:1
    64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::808:808 100::1 2001::1 2001:0:7f00:1:: 2001:db8::1
    2001:10::1 2002:7f00:1:: 2002:a00:1:: 2002:a9fe:a9fe:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1
""".split()
PASSED = """
    1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1
    198.17.0.1 223.255.255.1 2606:4700::1 2a00:1450:4001::1 2001:4860:4860::8888 ::ffff:8.8.8.8
    64:ff9b::808:808 2002:808:808::
""".split()


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        server.serve("/", Reply(b"words"))
        yield server


def get(fetcher: Fetcher, url: str, carrier: Carrier = Carrier.HTML) -> Document:
    async def go() -> Document:
        async with fetcher:
            return await fetcher.get(url, carrier)

    return asyncio.run(go())


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public(address: str) -> None:
    assert why_not_public(ip_address(address))


@pytest.mark.parametrize("address", PASSED)
def test_addresses_that_are(address: str) -> None:
    assert why_not_public(ip_address(address)) == ""


@pytest.mark.parametrize("address", [address for address in REFUSED if "%" not in address])
def test_a_name_with_such_an_address_is_never_dialled(site: Loopback, address: str) -> None:
    site.addresses["inside.example"] = (address,)
    document = get(site.fetcher(), "http://inside.example/")
    assert (document.failure, document.status, document.body) == ("blocked-address", None, b"")
    assert site.dialled == []


@pytest.mark.parametrize("mixed", list(itertools.permutations([PUBLIC, "127.0.0.1", "2606:4700::1"])))
def test_one_such_address_among_others_is_enough(site: Loopback, mixed: Sequence[str]) -> None:
    site.addresses["mixed.example"] = mixed
    assert get(site.fetcher(), "http://mixed.example/").failure == "blocked-address"
    assert site.dialled == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",  # noqa: S104 - asked for, not bound
        "0",
        "[::]",
        "169.254.169.254",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "１２７.０.０.１",
        "127。0。0。1",
        "ⓛocalhost",
    ],
)
class TestHostsThatAreNoName:
    """Judged before a transport is asked, and so with a caller's own as well."""

    def test_the_system_resolver_gives_no_way_round(self, site: Loopback, host: str) -> None:
        document = get(Fetcher(), f"http://{host}:{site.port}/")
        assert (document.failure, document.status) == ("blocked-address", None)
        assert site.asked == []

    def test_a_callers_transport_is_not_asked(self, host: str) -> None:
        asked: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            return httpx.Response(200)

        document = get(Fetcher(transport=httpx.MockTransport(answer)), f"http://{host}/")
        assert (document.failure, asked) == ("blocked-address", [])


def test_allow_private_reaches_loopback(site: Loopback) -> None:
    document = get(Fetcher(allow_private=True), site.url())
    assert (document.status, document.body, document.failure) == (200, b"words", "")
    assert get(Fetcher(allow_private=True), site.url(host="localhost")).body == b"words"


def test_a_name_that_the_system_resolves_to_loopback(site: Loopback) -> None:
    """The whole default path: only the resolver's answer is made up, the connection would succeed."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ("127.0.0.1",)

    url = site.url(host="looks-public.example")
    assert get(Fetcher(resolve=resolve), url).failure == "blocked-address"
    assert site.asked == []
    assert get(Fetcher(resolve=resolve, allow_private=True), url).body == b"words"


def test_an_answer_that_flips_is_not_asked_for_again(site: Loopback) -> None:
    answers = itertools.cycle([(PUBLIC,), ("127.0.0.1",)])
    questions: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        questions.append(host)
        return next(answers)

    transport = GuardedTransport(resolve=resolve, backend=Dialler(site))
    document = get(Fetcher(transport=transport), "http://rebinding.example/")
    assert document.body == b"words"
    assert (questions, site.dialled) == (["rebinding.example"], [PUBLIC])
    # The next connection asks anew, and the flipped answer is refused.
    again = get(Fetcher(transport=transport), "http://rebinding.example/")
    assert (again.failure, site.dialled) == ("blocked-address", [PUBLIC])


def test_each_hop_is_checked_when_it_is_dialled(site: Loopback) -> None:
    answers = iter([(PUBLIC,), ("169.254.169.254",)])

    async def resolve(host: str, port: int) -> Sequence[str]:
        return next(answers)

    site.redirect("/", "/again", host="rebinding.example")
    transport = GuardedTransport(resolve=resolve, backend=Dialler(site))
    document = get(Fetcher(transport=transport), "http://rebinding.example/")
    assert (document.failure, document.final_url) == ("blocked-address", "http://rebinding.example/again")
    assert site.paths() == ["/"]


class _FirstFails(Dialler):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if host == "1.1.1.1":
            self.site.dialled.append(host)
            raise httpcore.ConnectError("unreachable")
        return await super().connect_tcp(host, port, timeout)


def test_the_next_address_is_tried_when_one_does_not_answer(site: Loopback) -> None:
    site.addresses["two.example"] = ("1.1.1.1", "8.8.8.8")
    transport = GuardedTransport(resolve=site.resolve, backend=_FirstFails(site))
    assert get(Fetcher(transport=transport), "http://two.example/").body == b"words"
    assert site.dialled == ["1.1.1.1", "8.8.8.8"]


def test_at_most_four_addresses_are_tried(site: Loopback) -> None:
    site.addresses["many.example"] = ("1.1.1.1",) * 500
    transport = GuardedTransport(resolve=site.resolve, backend=_FirstFails(site))
    assert get(Fetcher(transport=transport), "http://many.example/").failure == "connect"
    assert len(site.dialled) == 4


def failing(error: Exception) -> Callable[[str, int], object]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise error

    return resolve


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(socket.EAI_NONAME, "unknown"), UnicodeError("label too long"), OSError("no network")],
)
def test_a_name_without_address(error: Exception) -> None:
    document = get(Fetcher(resolve=failing(error)), "http://gone.example/")  # type: ignore[arg-type] # raises
    assert (document.failure, document.status, document.sha256) == ("dns", None, "")


def test_a_name_that_the_system_cannot_resolve() -> None:
    assert get(Fetcher(), "http://no-such-host.invalid/").failure == "dns"


@pytest.mark.parametrize("answer", [(), ("not an address",)])
def test_a_resolver_that_answers_nothing_of_use(answer: Sequence[str]) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return answer

    assert get(Fetcher(resolve=resolve), "http://gone.example/").failure == "dns"


def test_a_resolver_that_never_answers() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    with at_most(2):
        document = get(
            Fetcher(resolve=resolve, limits=FetchLimits(connect_seconds=0.2)), "http://slow.example/"
        )
    assert document.failure == "timeout"


def test_tls_names_the_host_and_dials_the_address() -> None:
    """SNI carries the name although the connection goes to a number."""
    hello = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                hello.extend(connection.recv(4096))

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()

        async def resolve(host: str, port: int) -> Sequence[str]:
            return ("127.0.0.1",)

        port = listener.getsockname()[1]
        document = get(Fetcher(resolve=resolve, allow_private=True), f"https://named.example:{port}/")
        thread.join(5)
    assert b"named.example" in hello
    assert document.failure in {"tls", "connect"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_certificates_are_checked_against_the_name_not_the_address(tmp_path: Path) -> None:
    subject = ["-subj", "/CN=named.example", "-addext", "subjectAltName=DNS:named.example"]
    files = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files],
        check=True,
        capture_output=True,
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
        await writer.drain()
        writer.close()

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ("127.0.0.1",)

    async def go(host: str, context: ssl.SSLContext | None) -> Document:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
        port = server.sockets[0].getsockname()[1]
        transport = GuardedTransport(resolve=resolve, allow_private=True, ssl_context=context)
        async with server, Fetcher(transport=transport, allow_private=True) as fetcher:
            return await fetcher.get(f"https://{host}:{port}/", Carrier.HTML)

    assert asyncio.run(go("named.example", trusting)).body == b"secret"
    assert asyncio.run(go("other.example", trusting)).failure == "tls"
    assert asyncio.run(go("named.example", None)).failure == "tls"


def test_certificates_are_verified_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    context = verifying_context.__wrapped__()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] > 50


def test_a_proxy_of_the_environment_is_not_used(site: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(site.fetcher(), "http://news.example/").body == b"words"


def test_the_transport_serves_httpx_itself(site: Loopback) -> None:
    async def go() -> tuple[str, Exception | None]:
        async with httpx.AsyncClient(transport=site.transport(), follow_redirects=True) as client:
            text = (await client.get("http://news.example/")).text
            try:
                await client.get("http://127.0.0.1/")
            except httpx.ConnectError as error:
                return text, error
            return text, None

    text, error = asyncio.run(go())
    assert text == "words"
    assert error is not None
    assert "loopback" in str(error)


def test_unix_sockets_are_out_of_reach() -> None:
    with pytest.raises(NotImplementedError):
        asyncio.run(GuardedBackend().connect_unix_socket("/run/any.sock"))


class TestCallersTransport:
    def test_statuses_headers_and_redirects(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/":
                return httpx.Response(301, headers={"location": "http://b.example/x"})
            return httpx.Response(451, text="no", headers={"retry-after": "9"})

        document = get(Fetcher(transport=httpx.MockTransport(answer)), "http://a.example/")
        assert (document.status, document.body, document.header("Retry-After")) == (451, b"no", "9")
        assert (document.redirects, document.final_url) == (("http://a.example/",), "http://b.example/x")

    def test_redirects_to_private_addresses_are_refused(self) -> None:
        moved = httpx.MockTransport(lambda _: httpx.Response(302, headers={"location": "http://10.0.0.1/"}))
        assert get(Fetcher(transport=moved), "http://a.example/").failure == "blocked-address"

    @pytest.mark.parametrize(
        ("error", "failure"),
        [
            (httpx.ConnectTimeout("x"), "timeout"),
            (httpx.ReadTimeout("x"), "timeout"),
            (httpx.ConnectError("x"), "connect"),
            (httpx.ReadError("x"), "connect"),
            (httpx.ProxyError("x"), "connect"),
            (httpx.RemoteProtocolError("x"), "protocol"),
            (httpx.LocalProtocolError("x"), "protocol"),
            (TimeoutError(), "timeout"),
            (ConnectionResetError(), "connect"),
            (ssl.SSLCertVerificationError("x"), "tls"),
            (socket.gaierror(-2, "x"), "dns"),
        ],
        ids=lambda value: value if isinstance(value, str) else type(value).__name__,
    )
    def test_its_errors_become_failures(self, error: Exception, failure: str) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            raise error

        assert get(Fetcher(transport=httpx.MockTransport(answer)), "http://a.example/").failure == failure

    def test_an_asgi_application(self) -> None:
        async def application(scope: object, receive: object, send: Callable[..., object]) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})  # type: ignore[misc]
            await send({"type": "http.response.body", "body": b"from within"})  # type: ignore[misc]

        transport = httpx.ASGITransport(app=application)  # type: ignore[arg-type]
        assert get(Fetcher(transport=transport), "http://a.example/").body == b"from within"

    def test_it_stays_open(self) -> None:
        class Closable(httpx.MockTransport):
            closed = False

            async def aclose(self) -> None:
                self.closed = True

        transport = Closable(lambda _: httpx.Response(200))
        get(Fetcher(transport=transport), "http://a.example/")
        assert not transport.closed

    @pytest.mark.parametrize("thing", [object(), httpx.HTTPTransport(), "http"])
    def test_what_is_no_async_transport(self, thing: object) -> None:
        with pytest.raises(UsageError, match="not an async transport"):
            Fetcher(transport=thing)  # type: ignore[arg-type] # the fault under test


@pytest.mark.parametrize("agent", ["", " ", "bot\r\nX: y", "böt/1"])
def test_a_user_agent_must_be_a_header_value(agent: str) -> None:
    with pytest.raises(UsageError, match="user agent"):
        Fetcher(user_agent=agent)

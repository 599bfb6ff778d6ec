"""What a server answers, well or ill, is told as a Document, in bounded time and memory (RFC 9110, 9112)."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loopback import Loopback, Raw, Reply, at_most
from rightscheck.fetch import USER_AGENT, Fetcher, FetchLimits, MayFollow
from rightscheck.model import Document
from rightscheck.vocab import Carrier

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HASTY = FetchLimits(connect_seconds=0.5, read_seconds=0.4, total_seconds=0.8)
SMALL = replace(HASTY, page_bytes=100_000, total_seconds=5)
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def fetch(
    site: Loopback,
    path: str = "/",
    carrier: Carrier = Carrier.HTML,
    *,
    limits: FetchLimits = HASTY,
    may_follow: MayFollow | None = None,
    host: str = "news.example",
) -> Document:
    """One document of the site, asked for under a public name."""

    async def get() -> Document:
        async with site.fetcher(limits=limits, clock=lambda: NOON) as fetcher:
            url = path if "://" in path else f"http://{host}{path}"
            return await fetcher.get(url, carrier, may_follow=may_follow)

    with at_most(limits.total_seconds + 2):
        return asyncio.run(get())


@pytest.mark.parametrize("status", [200, 204, 401, 402, 403, 404, 410, 418, 429, 451, 500, 503])
def test_a_status_is_data(site: Loopback, status: int) -> None:
    body = b"" if status == 204 else b"words"
    site.serve("/", Reply(body, status, [("Retry-After", "120"), ("X-Robots-Tag", "noai")]))
    document = fetch(site)
    assert (document.status, document.failure, document.truncated) == (status, "", False)
    assert document.body == body
    assert document.sha256 == sha256(body).hexdigest()
    assert document.header("retry-after") == "120"
    assert document.url == document.final_url == "http://news.example/"
    assert document.retrieved_at == NOON
    assert len(site.asked) == 1, "nothing is retried"


def test_the_request_is_honest_and_carries_nothing_else(site: Loopback) -> None:
    site.serve("/", Reply(b"", headers=[("Set-Cookie", "id=1; Path=/")]))

    async def twice() -> None:
        async with site.fetcher() as fetcher:
            await fetcher.get("http://news.example/", Carrier.HTML)
            await fetcher.get("http://news.example/", Carrier.HTML)

    asyncio.run(twice())
    for asked in site.asked:
        assert asked.headers == {
            "host": "news.example",
            "user-agent": USER_AGENT,
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "connection": "close",
        }
    assert USER_AGENT.startswith("rightscheck/")
    assert "+https://" in USER_AGENT


def test_header_lines_keep_their_order_and_number(site: Loopback) -> None:
    head = b"Link: <a>; rel=license\r\nlink: <b>\r\nX-N: caf\xc3\xa9\r\nX-L: caf\xe9\r\n"
    site.serve("/", Raw([OK + head + b"Content-Length: 0\r\n\r\n"]))
    document = fetch(site)
    assert document.header_lines("LINK") == ("<a>; rel=license", "<b>")
    assert (document.header("x-n"), document.header("x-l")) == ("café", "café")


class TestRedirects:
    def test_a_chain_is_followed_and_told(self, site: Loopback) -> None:
        for hop, status in enumerate([301, 302, 303, 307, 308]):
            site.redirect(f"/{hop}", f"/{hop + 1}", status=status)
        site.serve("/5", Reply(b"end"))
        document = fetch(site, "/0")
        assert (document.status, document.body, document.failure) == (200, b"end", "")
        assert document.redirects == tuple(f"http://news.example/{hop}" for hop in range(5))
        assert document.final_url == "http://news.example/5"

    def test_a_sixth_is_not(self, site: Loopback) -> None:
        for hop in range(6):
            site.redirect(f"/{hop}", f"/{hop + 1}")
        document = fetch(site, "/0")
        assert (document.status, document.failure) == (302, "too-many-redirects")
        assert len(site.asked) == 6
        assert document.final_url == "http://news.example/5"

    def test_an_endless_one_ends(self, site: Loopback) -> None:
        numbers = itertools.count()
        site.serve("/", lambda _: Reply(status=302, headers=[("Location", f"/?{next(numbers)}")]))
        assert fetch(site).failure == "too-many-redirects"
        assert len(site.asked) == 6

    @pytest.mark.parametrize("back", ["/a", "/a#top", "//NEWS.example:80/x/../a"])
    def test_a_loop_ends_at_once(self, site: Loopback, back: str) -> None:
        site.redirect("/a", "/b")
        site.redirect("/b", back)
        document = fetch(site, "/a")
        assert document.failure == "redirect-loop"
        assert site.paths() == ["/a", "/b"]

    def test_to_another_host(self, site: Loopback) -> None:
        site.redirect("/", "https://other.example/x?q=1", host="news.example")
        site.serve("/x", Reply(b"there"), host="other.example")
        document = fetch(site)
        assert (document.body, document.final_url) == (b"there", "https://other.example/x?q=1")
        assert document.url == "http://news.example/"

    @pytest.mark.parametrize(
        "target",
        [
            "file:///etc/passwd",
            "ftp://files.example/x",
            "gopher://x.example/",
            "data:text/plain,x",
            "javascript:alert(1)",
            "http://user:word@news.example/",
            "http://news.example:22/",
            "http://news.example:6379/",
            "http://news.example:99999/",
            "http://[::1/",
            "https://",
            "https:\\\\evil.example\\",
            "http://bücher..example/",
        ],
    )
    def test_to_what_may_not_be_asked(self, site: Loopback, target: str) -> None:
        site.redirect("/", target) if target.isascii() else site.serve(
            "/",
            Raw([b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + target.encode() + b"\r\n\r\n"]),
        )
        document = fetch(site)
        assert document.failure.startswith("redirect-refused: ")
        assert (document.status, document.final_url) == (302, "http://news.example/")
        assert len(site.asked) == 1

    @pytest.mark.parametrize(
        "target",
        [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::1]/",
            "http://0.0.0.0/",
            "http://169.254.169.254/latest/meta-data/",
            "http://localhost/",
            "http://sub.localhost/",
            "http://localhost./",
        ],
    )
    def test_to_an_address_that_is_not_public(self, site: Loopback, target: str) -> None:
        site.redirect("/", target)
        document = fetch(site)
        assert (document.status, document.failure, document.body) == (None, "blocked-address", b"")
        assert document.redirects == ("http://news.example/",)
        assert len(site.asked) == 1

    def test_to_a_name_that_resolves_to_one(self, site: Loopback) -> None:
        site.addresses["inside.example"] = ("10.0.0.5",)
        site.redirect("/", "http://inside.example/")
        assert fetch(site).failure == "blocked-address"
        assert site.dialled == ["93.184.215.14"]

    @pytest.mark.parametrize("status", [300, 302, 304])
    def test_without_a_target_is_an_answer(self, site: Loopback, status: int) -> None:
        site.serve("/", Reply(status=status))
        document = fetch(site)
        assert (document.status, document.failure) == (status, "")

    def test_each_hop_is_asked_about(self, site: Loopback) -> None:
        site.redirect("/", "http://b.example/x", host="a.example")
        site.redirect("/x", "http://c.example/y")
        questions: list[str] = []

        async def may_follow(url: str) -> str:
            questions.append(url)
            return "robots.txt of c.example closes it" if "c.example" in url else ""

        document = fetch(site, host="a.example", may_follow=may_follow)
        assert questions == ["http://b.example/x", "http://c.example/y"]
        assert document.failure == "redirect-refused: robots.txt of c.example closes it"
        assert (document.status, document.final_url) == (302, "http://b.example/x")
        assert site.paths("c.example") == []

    def test_the_body_of_a_redirect_is_not_read(self, site: Loopback) -> None:
        head = b"HTTP/1.1 302 X\r\nLocation: /end\r\nTransfer-Encoding: chunked\r\n\r\n"
        site.serve("/", Raw(itertools.chain([head], itertools.repeat(b"4\r\nxxxx\r\n"))))
        site.serve("/end", Reply(b"end"))
        assert fetch(site).body == b"end"


class TestSizes:
    def test_robots_txt_is_cut_at_512_000_bytes(self, site: Loopback) -> None:
        body = b"Disallow: /x\n" * (600 * 1024 // 13)
        site.serve("/robots.txt", Reply(body))
        document = fetch(site, "/robots.txt", Carrier.ROBOTS_TXT, limits=FetchLimits())
        assert document.body == body[:512_000]
        assert (document.status, document.failure, document.truncated) == (200, "", True)

    @pytest.mark.parametrize(("size", "cut"), [(512_000, False), (512_001, True)])
    def test_at_the_very_limit(self, site: Loopback, size: int, cut: bool) -> None:
        site.serve("/robots.txt", Reply(b"#" * size))
        document = fetch(site, "/robots.txt", Carrier.ROBOTS_TXT, limits=FetchLimits())
        assert (len(document.body), document.truncated) == (512_000, cut)

    @pytest.mark.parametrize(
        ("carrier", "limit"),
        [(Carrier.TDMREP, 1024 * 1024), (Carrier.AI_TXT, 1024 * 1024), (Carrier.HTML, 16 * 1024 * 1024)],
    )
    def test_other_carriers_fail_beyond_theirs(self, site: Loopback, carrier: Carrier, limit: int) -> None:
        site.serve("/", Reply(b"x" * (limit + 1)))
        document = fetch(site, carrier=carrier, limits=FetchLimits())
        assert (document.failure, document.truncated, len(document.body)) == ("too-large", True, limit)

    @pytest.mark.parametrize(
        "head",
        [
            OK + b"\r\n",
            OK + b"Content-Length: 999999999999\r\n\r\n",
        ],
        ids=["until-close", "huge-length"],
    )
    def test_an_endless_body_ends(self, site: Loopback, head: bytes) -> None:
        site.serve("/", Raw(itertools.chain([head], itertools.repeat(b"z" * 4096))))
        document = fetch(site, limits=SMALL)
        assert (document.failure, len(document.body)) == ("too-large", 100_000)

    def test_an_endless_chunked_body_ends(self, site: Loopback) -> None:
        head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
        site.serve("/", Raw(itertools.chain([head], itertools.repeat(b"5\r\nabcde\r\n" * 500))))
        document = fetch(site, "/", Carrier.ROBOTS_TXT, limits=replace(SMALL, robots_bytes=100_000))
        assert (document.failure, document.truncated, len(document.body)) == ("", True, 100_000)

    def test_memory_is_bounded_by_the_limit(self, site: Loopback) -> None:
        site.serve("/", Raw(itertools.chain([OK + b"\r\n"], itertools.repeat(b"z" * 65536))))
        tracemalloc.start()
        try:
            fetch(site, limits=replace(SMALL, page_bytes=2_000_000))
            assert tracemalloc.get_traced_memory()[1] < 12_000_000
        finally:
            tracemalloc.stop()


class TestCodings:
    @pytest.mark.parametrize(
        ("coding", "body"),
        [
            ("gzip", gzip.compress(b"User-agent: *\n")),
            ("x-gzip", gzip.compress(b"User-agent: *\n")),
            ("GZIP", gzip.compress(b"User-agent: ") + gzip.compress(b"*\n") + b"\0" * 512),
            ("deflate", zlib.compress(b"User-agent: *\n")),
            ("deflate", zlib.compress(b"User-agent: *\n")[2:-4]),
            ("identity", b"User-agent: *\n"),
            ("", b"User-agent: *\n"),
        ],
        ids=["gzip", "x-gzip", "members", "zlib", "raw-deflate", "identity", "empty"],
    )
    @pytest.mark.parametrize("step", [1, 1000])
    def test_accepted_ones_are_decoded(self, site: Loopback, coding: str, body: bytes, step: int) -> None:
        head = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        pieces = [body[place : place + step] for place in range(0, len(body), step)]
        site.serve("/robots.txt", Raw([head, *pieces]))
        document = fetch(site, "/robots.txt", Carrier.ROBOTS_TXT, limits=SMALL)
        assert (document.body, document.failure) == (b"User-agent: *\n", "")

    @pytest.mark.parametrize(
        ("coding", "body"),
        [
            ("br", b"\x8b\x00\x80\x41\x03"),
            ("zstd", b"\x28\xb5\x2f\xfd"),
            ("gzip, gzip", gzip.compress(gzip.compress(b"x"))),
            ("gzip", b"plain after all"),
            ("gzip", gzip.compress(b"x" * 100)[:-9]),
            ("gzip", b"\x1f"),
            ("compress", b"x"),
        ],
        ids=["brotli", "zstd", "stacked", "not-gzip", "cut", "one-byte", "compress"],
    )
    def test_others_and_damage_are_a_failure(self, site: Loopback, coding: str, body: bytes) -> None:
        site.serve("/", Reply(body, headers=[("Content-Encoding", coding)]))
        document = fetch(site)
        assert (document.status, document.failure, document.truncated) == (200, "coding", True)

    def test_no_body_needs_no_coding(self, site: Loopback) -> None:
        site.serve("/", Reply(b"", 404, headers=[("Content-Encoding", "gzip")]))
        assert (fetch(site).status, fetch(site).failure) == (404, "")

    @pytest.mark.parametrize("carrier", [Carrier.HTML, Carrier.ROBOTS_TXT, Carrier.TDMREP])
    @pytest.mark.parametrize("shape", ["members", "stream"])
    def test_a_bomb_does_not_go_off(self, site: Loopback, carrier: Carrier, shape: str) -> None:
        if shape == "members":  # ten million zeros, a thousand times
            bomb: bytes = gzip.compress(bytes(10_000_000)) * 1000
        else:
            bomb = gzip.compress(bytes(100_000_000))
        site.serve("/", Reply(bomb, headers=[("Content-Encoding", "gzip")]))
        limits = replace(FetchLimits(), page_bytes=2_000_000)
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            with at_most(5):
                document = fetch(site, carrier=carrier, limits=limits)
            # The server copies the bomb's tail into the socket; what is over that is ours.
            assert tracemalloc.get_traced_memory()[1] - before < 12_000_000
        finally:
            tracemalloc.stop()
        assert len(document.body) == limits.max_bytes(carrier)
        assert document.truncated
        assert document.failure == ("" if carrier is Carrier.ROBOTS_TXT else "too-large")

    def test_coded_bytes_that_decode_to_nothing_end(self, site: Loopback) -> None:
        empty = gzip.compress(b"") * 100
        head = OK + b"Content-Encoding: gzip\r\n\r\n"
        site.serve("/", Raw(itertools.chain([head], itertools.repeat(empty))))
        assert fetch(site, limits=SMALL).failure == "too-large"


ILL = {
    "not http": [b"SSH-2.0-OpenSSH_9.6\r\n"],
    "empty": [b""],
    "http/0.9": [b"<html>hello</html>"],
    "status of letters": [b"HTTP/1.1 OK 200\r\n\r\n"],
    "switching protocols": [b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
    "bad chunk size": [OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"],
    "chunk too short": [OK, b"Transfer-Encoding: chunked\r\n\r\nff\r\nhello\r\n0\r\n\r\n"],
    "chunks cut": [OK, b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    "endless chunk size": [OK, b"Transfer-Encoding: chunked\r\n\r\n", b"f" * 300_000],
    "unknown transfer coding": [OK, b"Transfer-Encoding: gzip\r\n\r\nhello"],
    "length and chunks": [
        OK,
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
    "two lengths": [OK, b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello"],
    "negative length": [OK, b"Content-Length: -5\r\n\r\nhello"],
    "body shorter than told": [OK, b"Content-Length: 500\r\n\r\nhello"],
    "header without colon": [OK, b"Content-Length 5\r\n\r\nhello"],
    "space before colon": [OK, b"Content-Length : 5\r\n\r\nhello"],
    "null in header": [OK, b"X: a\0b\r\nContent-Length: 0\r\n\r\n"],
    "10,000 headers": [OK, b"".join(b"X-%d: 1\r\n" % number for number in range(10_000)), b"\r\n"],
    "10,000 tiny headers": [OK, b"a:1\r\n" * 10_000, b"Content-Length: 0\r\n\r\n"],
    "endless header": [OK, b"X: ", b"x" * 1_000_000],
    "endless status line": [b"HTTP/1.1 200 " + b"x" * 1_000_000],
}


@pytest.mark.parametrize("name", ILL)
def test_an_unsound_message_is_a_failure(site: Loopback, name: str) -> None:
    site.serve("/", Raw(ILL[name]))
    document = fetch(site, limits=SMALL)
    assert document.failure in {"protocol", "connect"}
    assert document.failure == "protocol" or name.startswith("endless"), "only an early close may break off"
    assert document.status in {None, 200}
    assert document.truncated == (document.status is not None)


HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 ",
        b"HTTP/1.1 302 X\r\nLocation: ",
        OK + b"Content-Encoding: gzip\r\n\r\n",
        OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00",
        OK + b"Content-Encoding: deflate\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        OK + b"Content-",
        OK,
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADS, st.binary(max_size=200))
def test_any_bytes_make_a_document(site: Loopback, head: bytes, rest: bytes) -> None:
    site.serve("/", Raw([head + rest]))
    document = fetch(site, limits=SMALL)
    assert document.status is not None or document.failure
    assert not (document.truncated and not document.failure)


def test_bytes_after_the_body_are_not_read_into_it(site: Loopback) -> None:
    smuggled = b"Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    site.serve("/a", Raw([OK + smuggled], end="hang"))
    site.serve("/b", Reply(b"good"))

    async def both() -> list[bytes]:
        async with site.fetcher(limits=HASTY) as fetcher:
            return [(await fetcher.get(f"http://n.example/{x}", Carrier.HTML)).body for x in "ab"]

    assert asyncio.run(both()) == [b"hello", b"good"]


class TestTime:
    @pytest.mark.parametrize(
        "raw",
        [
            Raw([], end="hang"),
            Raw([OK], end="hang"),
            Raw([OK + b"Content-Length: 10\r\n\r\nhal"], end="hang"),
            Raw(itertools.chain([OK + b"\r\n"], itertools.repeat(b"z")), pause=0.05),
            Raw(itertools.chain([OK], (b"X-%d: 1\r\n" % n for n in itertools.count())), pause=0.05),
            Raw(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), pause=0.02),
        ],
        ids=["silent", "half-head", "half-body", "slow-drip", "slow-headers", "endless-hints"],
    )
    def test_a_slow_server_ends_in_a_time_out(self, site: Loopback, raw: Raw) -> None:
        site.serve("/", raw)
        with at_most(1.5):
            document = fetch(site)
        assert document.failure == "timeout"
        assert document.truncated == (document.status is not None)

    def test_what_came_before_is_kept(self, site: Loopback) -> None:
        site.serve("/", Raw([OK + b"X: y\r\nContent-Length: 10\r\n\r\nhal"], end="hang"))
        document = fetch(site)
        assert (document.status, document.body, document.header("x")) == (200, b"hal", "y")

    def test_the_total_spans_redirects(self, site: Loopback) -> None:
        for hop in range(5):
            site.serve(f"/{hop}", Reply(status=302, headers=[("Location", f"/{hop + 1}")], delay=0.3))
        with at_most(1.5):
            document = fetch(site, "/0")
        assert document.failure == "timeout"
        assert len(document.redirects) == 2

    def test_a_reset_is_a_failure(self, site: Loopback) -> None:
        site.serve("/", Raw([OK + b"Content-Length: 10\r\n\r\nhal"], end="reset"))
        site.serve("/early", Raw([], end="reset"))
        assert {fetch(site).failure, fetch(site, "/early").failure} == {"connect"}


BODIES = {
    "html as robots.txt": b"<!doctype html><title>404</title>",
    "utf-8 bom": b"\xef\xbb\xbfUser-agent: *\n",
    "utf-16": "User-agent: *\nDisallow: /\n".encode("utf-16"),
    "nulls": b"\0" * 100,
}


@pytest.mark.parametrize("name", BODIES)
def test_bytes_are_handed_on_as_they_are(site: Loopback, name: str) -> None:
    site.serve("/robots.txt", Reply(BODIES[name], headers=[("Content-Type", "text/plain")]))
    document = fetch(site, "/robots.txt", Carrier.ROBOTS_TXT)
    assert (document.body, document.failure, document.truncated) == (BODIES[name], "", False)


def test_international_hosts_are_asked_for_in_a_labels(site: Loopback) -> None:
    site.serve("/ü", Reply(b"hm"))
    site.serve("/%C3%BC", Reply(b"yes"), host="xn--bcher-kva.example")
    document = fetch(site, "/ü", host="Bücher.example")
    assert (document.body, document.final_url) == (b"yes", "http://xn--bcher-kva.example/%C3%BC")


def test_a_refused_connection_is_a_failure() -> None:
    with Loopback() as site:
        url = site.url()
    document = asyncio.run(Fetcher(allow_private=True).get(url, Carrier.HTML))
    assert (document.status, document.failure) == (None, "connect")


def test_tls_with_a_server_that_speaks_none(site: Loopback) -> None:
    async def get() -> Document:
        async with Fetcher(allow_private=True, limits=HASTY) as fetcher:
            return await fetcher.get(site.url().replace("http:", "https:"), Carrier.HTML)

    assert asyncio.run(get()).failure == "tls"

"""Transports of httpx2 are spoken to in httpx2: the same documents come out. Skipped where it is missing."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from loopback import Loopback, Raw, Reply
from rightscheck.fetch import Fetcher, FetchLimits
from rightscheck.model import Document
from rightscheck.vocab import Carrier

httpx2 = pytest.importorskip("httpx2")

LIMITS = FetchLimits(connect_seconds=0.5, read_seconds=0.4, total_seconds=1.0, page_bytes=100_000)


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def fetch(site: Loopback, path: str, *, limits: FetchLimits = LIMITS) -> Document:
    async def go() -> Document:
        async with (
            httpx2.AsyncHTTPTransport(trust_env=False) as transport,
            Fetcher(transport=transport, allow_private=True, limits=limits) as fetcher,
        ):
            return await fetcher.get(site.url(path), Carrier.HTML)

    return asyncio.run(go())


def test_a_page_over_redirects(site: Loopback) -> None:
    site.redirect("/", "/page", status=301)
    body = gzip.compress(b"words")
    site.serve("/page", Reply(body, headers=[("Content-Encoding", "gzip"), ("X-A", "1"), ("X-A", "2")]))
    document = fetch(site, "/")
    assert (document.status, document.body, document.failure) == (200, b"words", "")
    assert document.header("x-a") == "1, 2"
    assert document.redirects == (site.url("/"),)
    assert site.asked[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("raw", "failure"),
    [
        (Raw([b"SSH-2.0\r\n"]), "protocol"),
        (Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"]), "protocol"),
        (Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"], end="reset"), "connect"),
        (Raw([], end="hang"), "timeout"),
        (Raw(itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b"z")), pause=0.05), "timeout"),
        (Raw([b"HTTP/1.1 200 OK\r\n", b"a:1\r\n" * 9_000, b"\r\n"]), "protocol"),
    ],
    ids=["not-http", "short", "reset", "silent", "drip", "headers"],
)
def test_failures_have_the_same_labels(site: Loopback, raw: Raw, failure: str) -> None:
    site.serve("/", raw)
    assert fetch(site, "/").failure == failure


def test_a_bomb_does_not_go_off(site: Loopback) -> None:
    site.serve("/", Reply(gzip.compress(bytes(50_000_000)), headers=[("Content-Encoding", "gzip")]))
    document = fetch(site, "/", limits=replace(LIMITS, total_seconds=5.0))
    assert (document.failure, len(document.body)) == ("too-large", 100_000)


def test_a_mock_transport() -> None:
    mock = httpx2.MockTransport(lambda request: httpx2.Response(451, text=str(request.url)))
    document = asyncio.run(Fetcher(transport=mock).get("http://a.example/x", Carrier.HTML))
    assert (document.status, document.body) == (451, b"http://a.example/x")


def test_literal_private_addresses_are_refused() -> None:
    mock = httpx2.MockTransport(lambda _: httpx2.Response(302, headers={"location": "http://127.1/"}))
    document = asyncio.run(Fetcher(transport=mock).get("http://a.example/", Carrier.HTML))
    assert document.failure == "blocked-address"

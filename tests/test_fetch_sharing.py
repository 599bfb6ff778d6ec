"""Politeness, shared requests, several loops and synchronous use."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from loopback import Loopback, Raw, Reply, at_most
from rightscheck.fetch import Fetcher, FetchLimits, run_sync
from rightscheck.model import Document
from rightscheck.vocab import Carrier

URL = "http://news.example/robots.txt"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        server.serve("/robots.txt", Reply(b"User-agent: *\n", delay=0.1))
        yield server


def test_twenty_at_once_are_one_request(site: Loopback) -> None:
    async def go() -> list[Document]:
        async with site.fetcher() as fetcher:
            return await asyncio.gather(*(fetcher.get(URL, Carrier.ROBOTS_TXT) for _ in range(20)))

    documents = asyncio.run(go())
    assert site.paths() == ["/robots.txt"]
    assert {document.body for document in documents} == {b"User-agent: *\n"}


def test_different_spellings_of_a_url_are_one_request(site: Loopback) -> None:
    spellings = [URL, "HTTP://NEWS.example:80/robots.txt#x", "http://news.example./a/../robots.txt"]

    async def go() -> None:
        async with site.fetcher() as fetcher:
            await asyncio.gather(*(fetcher.get(url, Carrier.ROBOTS_TXT) for url in spellings))

    asyncio.run(go())
    assert site.paths() == ["/robots.txt"]


def test_one_after_the_other_are_two_requests(site: Loopback) -> None:
    async def go() -> None:
        async with site.fetcher() as fetcher:
            await fetcher.get(URL, Carrier.ROBOTS_TXT)
            await fetcher.get(URL, Carrier.ROBOTS_TXT)

    asyncio.run(go())
    assert len(site.asked) == 2


def test_another_carrier_or_rule_of_following_is_another_request(site: Loopback) -> None:
    async def never(url: str) -> str:
        return "never"

    async def go() -> None:
        async with site.fetcher() as fetcher:
            await asyncio.gather(
                fetcher.get(URL, Carrier.ROBOTS_TXT),
                fetcher.get(URL, Carrier.HTML),
                fetcher.get(URL, Carrier.HTML, may_follow=never),
                fetcher.get(URL, Carrier.HTML, may_follow=never),
            )

    asyncio.run(go())
    assert len(site.asked) == 3


def test_a_cancelled_caller_does_not_end_the_request_of_others(site: Loopback) -> None:
    async def go() -> Document:
        async with site.fetcher() as fetcher:
            first = asyncio.create_task(fetcher.get(URL, Carrier.ROBOTS_TXT))
            second = asyncio.create_task(fetcher.get(URL, Carrier.ROBOTS_TXT))
            await asyncio.sleep(0.03)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await second

    assert asyncio.run(go()).status == 200
    assert len(site.asked) == 1


def test_closing_ends_what_is_under_way(site: Loopback) -> None:
    site.serve("/", Raw([], end="hang"))

    async def go() -> None:
        fetcher = site.fetcher()
        waiting = asyncio.create_task(fetcher.get("http://news.example/", Carrier.HTML))
        await asyncio.sleep(0.05)
        await fetcher.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await waiting
        # It can be used again.
        assert (await fetcher.get(URL, Carrier.ROBOTS_TXT)).status == 200
        await fetcher.aclose()

    with at_most(2):
        asyncio.run(go())


def test_two_requests_at_a_time_per_host(site: Loopback) -> None:
    for number in range(6):
        site.serve(f"/{number}", Reply(delay=0.05))
    urls = [f"http://{host}.example/{number}" for number in range(6) for host in ("a", "b")]

    async def go() -> None:
        async with site.fetcher() as fetcher:
            await asyncio.gather(*(fetcher.get(url, Carrier.HTML) for url in urls))
            (lane,) = fetcher._lanes.values()
            assert lane.gates == {}, "hosts are forgotten when nobody waits"
            assert lane.flights == {}

    asyncio.run(go())
    assert site.peak == {"a.example": 2, "b.example": 2}
    assert len(site.asked) == 12


def test_the_limit_in_all(site: Loopback) -> None:
    site.serve("/", Reply(delay=0.05))

    async def go() -> list[Document]:
        async with site.fetcher(limits=FetchLimits(concurrent=3)) as fetcher:
            urls = [f"http://h{number}.example/" for number in range(9)]
            return await asyncio.gather(*(fetcher.get(url, Carrier.HTML) for url in urls))

    with at_most(3):
        assert {document.status for document in asyncio.run(go())} == {200}


def test_waiting_for_a_slot_does_not_eat_the_time(site: Loopback) -> None:
    limits = FetchLimits(per_host=1, total_seconds=0.5)
    for number in range(6):
        site.serve(f"/{number}", Reply(delay=0.2))

    async def go() -> list[Document]:
        async with site.fetcher(limits=limits) as fetcher:
            urls = [f"http://a.example/{number}" for number in range(6)]
            return await asyncio.gather(*(fetcher.get(url, Carrier.HTML) for url in urls))

    assert {document.failure for document in asyncio.run(go())} == {""}


def test_asking_while_following_needs_no_second_slot(site: Loopback) -> None:
    site.redirect("/", "/next")
    site.serve("/next", Reply(b"next"))

    async def go() -> Document:
        async with site.fetcher(limits=FetchLimits(per_host=1, concurrent=1)) as fetcher:

            async def may_follow(url: str) -> str:
                robots = await fetcher.get(URL, Carrier.ROBOTS_TXT)
                return "" if robots.status == 200 else "unread"

            return await fetcher.get("http://news.example/", Carrier.HTML, may_follow=may_follow)

    with at_most(3):
        assert asyncio.run(go()).body == b"next"
    assert site.paths() == ["/", "/robots.txt", "/next"]


def test_one_fetcher_in_several_loops(site: Loopback) -> None:
    fetcher = site.fetcher()

    async def go() -> int | None:
        return (await fetcher.get(URL, Carrier.ROBOTS_TXT)).status

    assert [asyncio.run(go()) for _ in range(3)] == [200, 200, 200]
    assert len(fetcher._lanes) == 1, "lanes of closed loops are dropped"


class TestSynchronousUse:
    def test_without_a_running_loop(self, site: Loopback) -> None:
        fetcher = site.fetcher()
        assert run_sync(fetcher.get(URL, Carrier.ROBOTS_TXT)).status == 200
        assert run_sync(fetcher.get(URL, Carrier.ROBOTS_TXT)).status == 200
        run_sync(fetcher.aclose())

    def test_within_a_running_loop(self, site: Loopback) -> None:
        async def go() -> int | None:
            return run_sync(site.fetcher().get(URL, Carrier.ROBOTS_TXT)).status

        assert asyncio.run(go()) == 200

    def test_threads_share_a_request(self, site: Loopback) -> None:
        fetcher = site.fetcher()
        ready = threading.Barrier(8)

        def ask(_: int) -> int | None:
            ready.wait(5)
            return run_sync(fetcher.get(URL, Carrier.ROBOTS_TXT)).status

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(ask, range(8))) == [200] * 8
        assert len(site.asked) == 1
        run_sync(fetcher.aclose())

    def test_errors_are_raised_here(self) -> None:
        async def fail() -> None:
            raise KeyError("x")

        with pytest.raises(KeyError):
            run_sync(fail())

    def test_from_its_own_loop_it_says_so(self) -> None:
        async def inner() -> None:
            pass

        async def outer() -> None:
            run_sync(inner())

        with pytest.raises(RuntimeError, match="await instead"):
            run_sync(outer())

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_in_a_forked_child(self, site: Loopback) -> None:
        fetcher = site.fetcher()
        assert run_sync(fetcher.get(URL, Carrier.ROBOTS_TXT)).status == 200
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if run_sync(fetcher.get(URL, Carrier.ROBOTS_TXT)).status == 200 else 2
            finally:
                os._exit(status)
        with at_most(5):
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_bad_url_is_a_failure_and_no_error() -> None:
    async def go() -> Document:
        async with Fetcher() as fetcher:
            return await fetcher.get("javascript:alert(1)", Carrier.TERMS)

    document = asyncio.run(go())
    assert document.failure.startswith("bad-url: ")
    assert (document.url, document.status) == ("javascript:alert(1)", None)

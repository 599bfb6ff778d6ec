"""The store between a check and a real server: asked once while fresh, kept whatever came, shared by all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from loopback import Loopback, Raw, Reply
from rightscheck.model import Document
from rightscheck.robots import RobotsState, classify
from rightscheck.snapshots import SnapshotStore, StoredFetcher
from rightscheck.vocab import Carrier

URL = "http://hill.example/robots.txt"
RULES = b"User-agent: *\nDisallow: /cart\n"
ROBOTS = Carrier.ROBOTS_TXT


class Clock:
    """A clock that is set by hand, for both the fetcher and the store."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_hours(self, hours: float) -> None:
        self.now += timedelta(hours=hours)


@pytest.fixture
def site():
    with Loopback() as server:
        yield server


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    with SnapshotStore.open(tmp_path / "policies.sqlite") as opened:
        yield opened


def ask(site, store, clock, *urls, carrier=ROBOTS, conditional=None) -> list[Document]:
    """What a new fetcher over the store answers to the URLs, all asked for at once."""

    async def run() -> list[Document]:
        async with site.fetcher(clock=clock) as fetcher:
            stored = StoredFetcher(fetcher=fetcher, store=store, clock=clock, conditional=conditional)
            return await asyncio.gather(*(stored.get(url, carrier) for url in urls))

    return asyncio.run(run())


def test_a_fresh_copy_is_not_asked_for_again(site, store, clock):
    site.serve("/robots.txt", Reply(RULES, headers=[("Cache-Control", "max-age=7200")]))

    [first] = ask(site, store, clock, URL)
    clock.pass_hours(1.9)
    [again] = ask(site, store, clock, URL)
    assert (first, site.paths()) == (again, ["/robots.txt"])

    clock.pass_hours(0.2)
    [later] = ask(site, store, clock, URL)
    assert later.retrieved_at == clock.now
    assert site.paths() == ["/robots.txt"] * 2
    assert len(list(store.history(URL))) == 2


def test_callers_at_the_same_time_share_one_request(site, store, clock):
    site.serve("/robots.txt", Reply(RULES, delay=0.1))

    documents = ask(site, store, clock, *[URL] * 20)

    assert len(set(documents)) == 1
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("reply", "state", "hours"),
    [
        (Reply(status=404), RobotsState.ABSENT, 24),
        (Reply(status=503), RobotsState.UNREACHABLE, 1 / 12),
        (Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser"]), RobotsState.UNREACHABLE, 1 / 12),
    ],
)
def test_negative_answers_are_kept_for_their_time_and_never_replaced_by_older_ones(
    site, store, clock, reply, state, hours
):
    site.serve("/robots.txt", Reply(RULES))
    ask(site, store, clock, URL)
    clock.pass_hours(25)
    site.serve("/robots.txt", reply)

    [document] = ask(site, store, clock, URL)
    assert classify(document) is state
    clock.pass_hours(hours * 0.9)
    assert ask(site, store, clock, URL) == [document]
    assert len(site.paths()) == 2
    clock.pass_hours(hours * 0.2)
    ask(site, store, clock, URL)
    assert len(site.paths()) == 3
    assert store.last_readable(URL).body == RULES


def test_pages_are_passed_through(site, store, clock):
    site.serve("/a", Reply(b"page"))

    for _ in range(2):
        assert ask(site, store, clock, "http://hill.example/a", carrier=Carrier.HTML)[0].body == b"page"
    assert site.paths() == ["/a", "/a"]
    assert list(store.origins()) == []


def test_what_we_refused_ourselves_is_no_observation(site, store, clock):
    [document] = ask(site, store, clock, "http://127.0.0.1/robots.txt")

    assert document.failure == "blocked-address"
    assert list(store.origins()) == []


def test_a_store_for_reading_is_read_and_left_alone(site, store, clock):
    site.serve("/robots.txt", Reply(RULES))
    ask(site, store, clock, URL)

    with SnapshotStore.open(store.path, read_only=True) as reading:
        ask(site, reading, clock, URL)
        assert site.paths() == ["/robots.txt"]
        clock.pass_hours(25)
        ask(site, reading, clock, URL)
        assert len(site.paths()) == 2
        assert len(list(reading.history(URL))) == 1


def test_the_hops_of_a_redirect_are_agreed_to_anew(site, store, clock):
    site.serve("/moved", Reply(status=301, headers=[("Location", "/terms.xml")]))
    site.serve("/terms.xml", Reply(b"<rsl/>"))
    asked = []

    async def may_follow(url: str) -> str:
        asked.append(url)
        return ""

    async def run(path: str) -> None:
        async with site.fetcher(clock=clock) as fetcher:
            stored = StoredFetcher(fetcher=fetcher, store=store, clock=clock)
            for _ in range(2):
                found = await stored.get(f"http://hill.example{path}", Carrier.RSL, may_follow=may_follow)
                assert found.body == b"<rsl/>"

    asyncio.run(run("/moved"))
    assert asked == ["http://hill.example/terms.xml"] * 2
    asyncio.run(run("/terms.xml"))
    assert site.paths() == ["/moved", "/terms.xml"] * 2 + ["/terms.xml"]


@pytest.mark.parametrize(
    ("final_url", "asked", "body"),
    [(URL, 1, RULES), ("http://dale.example/robots.txt", 2, b"# new\n")],
)
def test_a_304_is_answered_by_the_copy_it_confirms(site, store, clock, final_url, asked, body):
    site.serve("/robots.txt", Reply(RULES, headers=[("ETag", '"a"')]))
    ask(site, store, clock, URL)
    clock.pass_hours(25)
    site.serve("/robots.txt", Reply(b"# new\n"))
    seen = []

    async def conditional(url, carrier, conditions):
        seen.append(dict(conditions))
        return Document(
            carrier=carrier, url=url, final_url=final_url, status=304, retrieved_at=clock.now, headers=()
        )

    [document] = ask(site, store, clock, URL, conditional=conditional)

    assert seen == [{"If-None-Match": '"a"'}]
    assert (document.body, document.status, document.retrieved_at) == (body, 200, clock.now)
    assert len(site.paths()) == asked
    assert store.latest(URL) == document
    assert store.summary().bodies == len({RULES, body})

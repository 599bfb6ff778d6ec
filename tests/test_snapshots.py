"""The policy store: what is put can be asked for by URL, carrier and time; nothing is overwritten or guessed."""

from __future__ import annotations

import os
import pickle
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rightscheck.errors import UsageError
from rightscheck.model import Document
from rightscheck.robots import RobotsState, classify
from rightscheck.snapshots import PolicyTime, SnapshotStore, StoreError, expires_at, known_documents
from rightscheck.snapshots.lifetimes import confirmed, is_fresh
from rightscheck.sources import digest
from rightscheck.vocab import Carrier

URL = "https://hill.example/robots.txt"
DAY = datetime(2025, 3, 1, 12, tzinfo=UTC)
OPEN = b"User-agent: *\nDisallow: /cart\n"
CLOSED = b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\n" + OPEN


def answer(
    body: bytes = OPEN, *, day: float = 0, url: str = URL, status: int | None = 200, **more
) -> Document:
    """An answer to a request for robots.txt, so many days after DAY."""
    fields = {
        "carrier": Carrier.ROBOTS_TXT,
        "url": url,
        "final_url": url,
        "status": status,
        "body": body,
        "sha256": digest(body),
        "retrieved_at": DAY + timedelta(days=day),
    }
    return Document(**(fields | more))


def redirect(url: str, target: str, **more) -> Document:
    return answer(b"", url=url, status=301, headers=(("Location", target),), **more)


@pytest.fixture
def store(tmp_path):
    with SnapshotStore.open(tmp_path / "policies.sqlite") as opened:
        yield opened


STORED = {
    "plain": answer(),
    "headers in order, twice, in any script": answer(
        headers=(("X-A", "1"), ("Vary", "é…"), ("x-a", "2"), ("Bad", "\udce9"))
    ),
    "redirected": answer(final_url="https://www.hill.example/robots.txt", redirects=(URL,)),
    "not found": answer(b"", status=404),
    "no answer": answer(b"", status=None, sha256="", failure="timeout"),
    "broken off": answer(b"User-ag", failure="connect", truncated=True),
    "cut": answer(truncated=True),
    "a file at hand": answer(status=None),
    "binary": answer(bytes(range(256)) * 9),
    "large": answer(b"# x\n" * 128_000),
}


@pytest.mark.parametrize("document", STORED.values(), ids=STORED)
def test_a_document_comes_back_as_it_was_put(store, document):
    assert store.put(document)

    assert store.latest(URL) == document


def test_the_same_observation_is_kept_once_and_the_same_body_costs_one_row(store):
    assert [store.put(answer(day=day)) for day in (0, 0, 1, 2)] == [True, False, True, True]
    assert store.put(answer(url="https://dale.example/robots.txt"))

    assert len(list(store.history(URL))) == 3
    assert store.summary().bodies == 1


def test_nothing_is_overwritten(store):
    versions = [answer(), answer(CLOSED), answer(b"", status=500), answer(b"", status=None, failure="dns")]

    store.put_many(versions)

    assert list(store.history(URL)) == [replace(version, sha256=version.sha256) for version in versions]
    assert store.latest(URL) == versions[-1], "of two at one time the later one put counts"


@pytest.mark.parametrize(
    ("when", "mode", "day"),
    [
        (DAY - timedelta(seconds=1), PolicyTime.AS_CRAWLED, None),
        (DAY, PolicyTime.AS_CRAWLED, 0),
        (DAY + timedelta(days=9), PolicyTime.AS_CRAWLED, 0),
        (DAY + timedelta(days=10), PolicyTime.AS_CRAWLED, 10),
        (date(2025, 2, 28), PolicyTime.DATE, None),
        (date(2025, 3, 1), PolicyTime.DATE, 0),
        (date(2025, 3, 11), PolicyTime.DATE, 10),
        (None, PolicyTime.LATEST, 20),
        (DAY, PolicyTime.LATEST, 20),
    ],
)
def test_policy_time_chooses_the_version(store, when, mode, day):
    store.put_many([answer(day=10), answer(day=0), answer(day=20)])

    found = store.at(URL, Carrier.ROBOTS_TXT, when, mode)

    assert found == (None if day is None else answer(day=day))


def test_a_policy_time_without_its_time_is_refused(store):
    for when, mode in ((None, PolicyTime.DATE), (date(2025, 3, 1), PolicyTime.AS_CRAWLED)):
        with pytest.raises(UsageError):
            store.at(URL, Carrier.ROBOTS_TXT, when, mode)
    with pytest.raises(UsageError, match="without zone"):
        store.at(URL, Carrier.ROBOTS_TXT, datetime(2025, 3, 1), PolicyTime.AS_CRAWLED)  # noqa: DTZ001


def test_union_has_each_version_once(store):
    store.put_many([answer(), answer(CLOSED, day=1), answer(day=2), answer(b"", day=3, status=404)])

    assert [(document.sha256, document.status) for document in store.union(URL)] == [
        (digest(OPEN), 200),
        (digest(CLOSED), 200),
        (digest(b""), 404),
    ]


def test_urls_are_told_apart_by_their_normal_form_and_carrier(store):
    store.put(answer(url="HTTPS://Hill.Example:443/robots.txt"))
    store.put(answer(b"x", url="http://hill.example/robots.txt"))
    store.put(replace(answer(b"y"), carrier=Carrier.AI_TXT))

    assert store.latest(URL).body == OPEN
    assert list(store.origins()) == ["http://hill.example", "https://hill.example"]
    assert [(resource.url, resource.carrier) for resource in store.resources("https://hill.example")] == [
        (URL, Carrier.AI_TXT),
        (URL, Carrier.ROBOTS_TXT),
    ]


def test_many_origins_and_long_histories_come_in_order(store):
    store.put_many(answer(url=f"https://h{number:04}.example/robots.txt") for number in range(1001))
    store.put_many(answer(str(day).encode(), day=day) for day in range(1, 700))

    assert list(store.origins()) == sorted(store.origins())
    assert len(list(store.resources())) == 1002
    assert [document.body for document in store.history(URL)] == [str(day).encode() for day in range(1, 700)]


def test_what_cannot_be_filed_is_refused(store):
    for document in (answer(url="robots.txt"), answer(retrieved_at=None)):
        with pytest.raises(UsageError):
            store.put(document)
    assert store.summary().observations == 0


# -- redirects ---------------------------------------------------------------------------------------------------

WWW = "https://www.hill.example/robots.txt"


def test_a_redirect_is_followed_through_the_store(store):
    store.put_many([redirect(URL, "//www.hill.example/robots.txt"), answer(CLOSED, url=WWW, day=0.1)])

    found = store.followed(store.latest(URL))

    assert (found.url, found.final_url, found.redirects) == (URL, WWW, (URL,))
    assert (found.body, found.retrieved_at) == (CLOSED, DAY)
    assert classify(found) is RobotsState.RULES


@pytest.mark.parametrize(
    ("others", "failure"),
    [
        ([], ""),
        ([answer(url=WWW, day=1.1)], ""),
        ([redirect(WWW, URL)], "redirect-loop"),
        (
            [
                redirect(WWW.replace("www", f"w{n}") if n else WWW, WWW.replace("www", f"w{n + 1}"))
                for n in range(6)
            ],
            "too-many-redirects",
        ),
    ],
    ids=["target unknown", "target seen too late", "loop", "too many"],
)
def test_a_redirect_that_leads_nowhere_is_no_absence(store, others, failure):
    store.put_many([redirect(URL, WWW), *others])

    found = store.followed(store.latest(URL))

    assert (found.status, found.failure) == (301, failure)
    assert classify(found) is RobotsState.REFUSED


# -- freshness ---------------------------------------------------------------------------------------------------

FRESH = [
    (answer(), 23.9, True),
    (answer(), 24.1, False),
    (answer(headers=(("Cache-Control", "max-age=3600"),)), 0.9, True),
    (answer(headers=(("Cache-Control", "max-age=3600"),)), 1.1, False),
    (answer(headers=(("Cache-Control", "max-age=999999999"),)), 24.1, False),
    (answer(b"", status=503), 0.05, True),
    (answer(b"", status=503), 0.1, False),
    (answer(b"", status=None, failure="timeout"), 24 * 40, False),
    (answer(status=None), 0.1, False),
    (answer(), -0.1, False),
]


@pytest.mark.parametrize(("document", "hours", "fresh"), FRESH)
def test_how_long_an_answer_may_be_used(document, hours, fresh):
    assert is_fresh(document, DAY + timedelta(hours=hours)) is fresh


def test_terms_hold_for_a_week():
    terms = answer(b"<p>Terms</p>", carrier=Carrier.TERMS, url="https://hill.example/terms")

    assert expires_at(terms) == DAY + timedelta(days=7)


def test_a_304_renews_the_copy_that_it_confirms(store):
    store.put(answer(headers=(("ETag", '"a"'), ("Last-Modified", "Sat, 01 Mar 2025"), ("Age", "5"))))
    store.put(answer(b"", day=1, status=503))

    assert store.validators(URL) == {"If-None-Match": '"a"', "If-Modified-Since": "Sat, 01 Mar 2025"}
    renewed = confirmed(store.last_complete(URL), answer(b"", day=2, status=304, headers=(("Age", "0"),)))
    assert (renewed.status, renewed.body, renewed.sha256) == (200, OPEN, digest(OPEN))
    assert renewed.retrieved_at == DAY + timedelta(days=2)
    assert renewed.header_lines("age") == ("0",)
    assert renewed.header("etag") == '"a"'


@pytest.mark.parametrize("kept", [answer(b"", status=404), answer(truncated=True), answer(status=None)])
def test_what_is_no_whole_answer_cannot_be_confirmed(store, kept):
    store.put(replace(kept, headers=(("ETag", '"a"'),)))

    assert store.validators(URL) == {}


def test_thirty_days_of_silence_never_turn_into_permission(store):
    store.put(answer(CLOSED))
    store.put_many(answer(b"", day=day, status=503) for day in range(1, 60))

    assert classify(store.latest(URL)) is RobotsState.UNREACHABLE
    assert store.last_readable(URL) == answer(CLOSED)


# -- offline -----------------------------------------------------------------------------------------------------


def test_offline_the_store_speaks_and_says_its_age(store):
    tdmrep = "https://hill.example/.well-known/tdmrep.json"
    store.put(answer())
    store.put(answer(b"[]", url=tdmrep, carrier=Carrier.TDMREP, day=12))

    known = known_documents(store, "https://hill.example/a?b", DAY + timedelta(days=12, hours=1))

    assert {carrier: found[0].body for carrier, found in known.documents.items()} == {
        Carrier.ROBOTS_TXT: OPEN,
        Carrier.TDMREP: b"[]",
    }
    assert [(gap.carrier, gap.source, gap.reason) for gap in known.gaps] == [
        (Carrier.ROBOTS_TXT, URL, "only a stored copy, 12 days old by then")
    ]


def test_offline_both_places_of_a_file_are_known(store):
    trust = answer(b"datatrainingallowed=no", carrier=Carrier.TRUST_TXT)
    second = "https://hill.example/.well-known/trust.txt"
    store.put(replace(trust, url=second))
    store.put(replace(trust, url="https://hill.example/trust.txt", status=404))

    [first, last] = known_documents(store, URL, DAY).documents[Carrier.TRUST_TXT]

    assert (first.status, last.url) == (404, second)


def test_offline_as_crawled_takes_nothing_from_later(store):
    store.put(answer(day=5))

    assert known_documents(store, URL, DAY, PolicyTime.AS_CRAWLED).documents == {}
    late = known_documents(store, URL, date(2025, 3, 6), PolicyTime.DATE)
    assert late.documents[Carrier.ROBOTS_TXT] == (answer(day=5),)
    assert late.gaps == ()


# -- changes -----------------------------------------------------------------------------------------------------

ABSENT = answer(b"", status=404)
DOWN = answer(b"", status=503)
CHANGES = [
    (None, answer(), "new", (), ()),
    (None, answer(CLOSED), "new", ("CCBot", "GPTBot"), ()),
    (None, ABSENT, "", (), ()),
    (ABSENT, answer(CLOSED), "new", ("CCBot", "GPTBot"), ()),
    (answer(), ABSENT, "gone", (), ()),
    (answer(CLOSED), ABSENT, "gone", (), ("CCBot", "GPTBot")),
    (answer(), answer(), "", (), ()),
    (answer(), answer(CLOSED), "bytes", ("CCBot", "GPTBot"), ()),
    (answer(CLOSED), answer(OPEN + b"# 2026\n"), "bytes", (), ("CCBot", "GPTBot")),
    (answer(CLOSED), DOWN, "status", (), ()),
    (DOWN, answer(CLOSED), "status", ("CCBot", "GPTBot"), ()),
    (answer(status=None), answer(), "", (), ()),
    (DOWN, ABSENT, "status", (), ()),
]


@pytest.mark.parametrize(("before", "after", "kind", "closed", "opened"), CHANGES)
def test_what_changed(store, before, after, kind, closed, opened):
    if before is not None:
        store.put(before)
    store.put(replace(after, retrieved_at=DAY + timedelta(days=5)))

    found = list(store.diff(DAY + timedelta(days=1), DAY + timedelta(days=6)))

    assert [(change.kind, change.closed, change.opened) for change in found] == (
        [(kind, closed, opened)] if kind else []
    )


def test_a_wildcard_that_closes_everybody_is_named(store):
    store.put_many([answer(), answer(b"User-agent: *\nDisallow: /\n", day=1)])

    [change] = store.diff(DAY, DAY + timedelta(days=2))

    assert change.closed[0] == "*"
    assert {"GPTBot", "CCBot", "ClaudeBot"} <= set(change.closed)


def test_changes_are_of_followed_answers_and_bounded_by_both_times(store):
    store.put_many([redirect(URL, WWW), answer(url=WWW)])
    store.put_many([redirect(URL, WWW, day=5), answer(CLOSED, url=WWW, day=5), answer(url=WWW, day=9)])

    found = list(store.diff(DAY, DAY + timedelta(days=6)))

    assert [(change.url, change.kind) for change in found] == [(URL, "bytes"), (WWW, "bytes")]
    later = list(store.diff(DAY, DAY + timedelta(days=9)))
    assert [change.url for change in later] == [URL], "of the other file the last answer is as the first"
    with pytest.raises(UsageError):
        list(store.diff(DAY, DAY))


# -- the file ----------------------------------------------------------------------------------------------------


def test_a_newer_schema_is_refused_with_both_numbers(store):
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()

    with pytest.raises(UsageError, match=r"schema 7.*up to 1"):
        SnapshotStore.open(store.path)


def test_another_application_s_file_is_not_touched(tmp_path):
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    text = tmp_path / "notes.txt"
    text.write_text("no database, but long enough to look at\n" * 100)
    before = other.read_bytes()

    for path in (other, text, tmp_path, tmp_path / "no" / "where"):
        with pytest.raises(UsageError):
            SnapshotStore.open(path)
    with pytest.raises(UsageError, match="no policy store at"):
        SnapshotStore.open(tmp_path / "missing.sqlite", read_only=True)
    assert other.read_bytes() == before


def test_a_store_opened_for_reading_cannot_be_written(store):
    store.put(answer())

    with SnapshotStore.open(store.path, read_only=True) as reading:
        assert reading.latest(URL) == answer()
        with pytest.raises(UsageError, match="opened for reading"):
            reading.put(answer(day=1))


def test_a_body_that_was_tampered_with_is_not_handed_out(store):
    store.put(answer(OPEN * 9))
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE body SET data = ?, deflated = 0", (b"User-agent: *\nAllow: /\n",))
    connection.close()

    with SnapshotStore.open(store.path) as again, pytest.raises(StoreError, match="damaged"):
        again.latest(URL)


def test_a_full_disk_is_said_and_harms_nothing(store):
    store.put(answer())
    store._opened().execute("PRAGMA max_page_count = 20")

    with pytest.raises(StoreError, match=r"cannot write it: .*full") as caught:
        store.put_many(answer(os.urandom(9_000), day=day) for day in range(1, 99))

    assert "make room" in caught.value.hint
    assert list(store.history(URL)) == [answer()]


def test_a_store_travels_by_its_path(store):
    store.put(answer())

    with pickle.loads(pickle.dumps(store)) as copy:  # noqa: S301 - our own
        assert copy.latest(URL) == answer()

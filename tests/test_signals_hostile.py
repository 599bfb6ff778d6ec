"""What the page itself says, sent by somebody who wants us to crash, hang or misread it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.signals import all_signals
from rightscheck.sources import Sources, digest
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode
from timing import within

OURS = ("tdmrep", "http", "robots-meta", "x-robots-tag", "licence", "schema-org", "c2pa")
SIGNALS = {signal.id: signal.read for signal in all_signals() if signal.id in OURS}
URL = "https://news.example/a"
WHEN = datetime(2026, 11, 24, tzinfo=UTC)
HEADERS = (
    "tdm-reservation",
    "tdm-policy",
    "X-Robots-Tag",
    "Link",
    "WWW-Authenticate",
    "crawler-price",
    "crawler-charged",
    "crawler-error",
    "cf-mitigated",
)


def sources_of(
    body: bytes = b"",
    headers: tuple[tuple[str, str], ...] = (),
    status: int | None = 200,
    tdmrep: bytes | None = None,
    policy: bytes | None = None,
) -> Sources:
    page = Document(
        carrier=Carrier.HTML, url=URL, body=body, sha256=digest(body), status=status, headers=headers
    )
    documents: dict[Carrier, tuple[Document, ...]] = {}
    if tdmrep is not None:
        url = "https://news.example/.well-known/tdmrep.json"
        documents[Carrier.TDMREP] = (Document(carrier=Carrier.TDMREP, url=url, body=tdmrep, status=200),)
    if policy is not None:
        url = "https://news.example/policy"
        documents[Carrier.TERMS] = (Document(carrier=Carrier.TERMS, url=url, body=policy, status=200),)
    asset = Asset(
        uri=URL,
        source=URL,
        text=body.decode("utf-8", "replace"),
        media_type="text/html",
        mode=Mode.HELD,
        page=page,
        retrieved_at=WHEN,
    )
    request = Request(uses=("ai-train",), on=date(2026, 11, 24), agents=("MyBot",))
    return Sources(asset=asset, request=request, documents=documents, html=HtmlDocument(body))


def read_everything(sources: Sources) -> list[Finding | Gap]:
    results: list[Finding | Gap] = []
    for identifier, read in SIGNALS.items():
        for item in read(sources):
            results.append(item)
            if isinstance(item, Finding):
                assert item.rule.partition("/")[0] == identifier, item.rule
                # Whatever is quoted can be written: no lone surrogates.
                item.evidence.quote.encode()
                item.message.encode()
    return results


FRAGMENTS = st.sampled_from(
    [
        b"<meta name=robots content='",
        b"<meta name='tdm-reservation' content=",
        b"<link rel=license href='",
        b"https://creativecommons.org/licenses/by",
        b"<script type='application/ld+json'>",
        b'{"@type":"NewsArticle","license":',
        b'"isAccessibleForFree":false',
        b"</script>",
        b"<figure>",
        b"<a rel=license href=//[::1>",
        b"noai, unavailable_after: ",
        b"'>",
        b"\x00",
        b"\xed\xa0\x80",
        b"\xff\xfe",
        "\ufeff\U000e0133\U000e0122".encode(),
        b"-----BEGIN C2PA MANIFEST-----",
        b"1",
        b"0",
        b"/4.0/",
    ]
)
BODIES = st.lists(FRAGMENTS | st.binary(max_size=20), max_size=30).map(b"".join)
VALUES = st.text(max_size=120) | st.lists(
    st.sampled_from(
        (
            *("1", "0", ",", ";", ":", "<", ">", '"', "rel=license", "noindex", "unavailable_after", "MyBot"),
            *("License", "USD 1", "2026-13-45", "\x00", " ", "https://creativecommons.org/licenses/by/4.0/"),
        )
    ),
    max_size=20,
).map("".join)
FIELDS = st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=8).map(tuple)


@settings(max_examples=300, deadline=None)
@given(body=BODIES, headers=FIELDS, status=st.none() | st.integers(0, 999))
def test_no_page_and_no_header_raises(
    body: bytes, headers: tuple[tuple[str, str], ...], status: int | None
) -> None:
    read_everything(sources_of(body, headers, status))


TOKENS = (
    b'[ ] { } : , "location" "tdm-reservation" "tdm-policy" "/policy" "/" 1 0 true null "1" 1e999 -0 "\\ud800" '
    b"\xff \xef\xbb\xbf"
).split(b" ")
JSON = st.lists(st.sampled_from(TOKENS) | st.binary(max_size=6), max_size=40).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(tdmrep=JSON, policy=JSON)
def test_no_tdmrep_file_and_no_policy_raises(tdmrep: bytes, policy: bytes) -> None:
    read_everything(sources_of(tdmrep=tdmrep, policy=policy))


ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "location": st.sampled_from(['"/"', '"/a"', '"/b"', '"*"', "7", '""']),
        "tdm-reservation": st.sampled_from(["0", "1", '"0"', '"1"', "true", "false", "null", "[]"]),
    },
).map(lambda entry: "{" + ",".join(f'"{key}":{value}' for key, value in entry.items()) + "}")


@settings(deadline=None)
@given(entries=st.lists(ENTRY, max_size=6))
def test_a_reservation_that_matches_is_never_lost(entries: list[str]) -> None:
    """Wherever a `1` applies to the page, some finding says so, effective or in the way of a go."""
    text = f"[{','.join(entries)}]"
    results = list(SIGNALS["tdmrep"](sources_of(tdmrep=text.encode())))
    first_valid = next(
        (
            entry
            for entry in entries
            if any(f'"location":{place}' in entry for place in ('"/"', '"/a"', '"*"'))
            and any(f'"tdm-reservation":{value}' in entry for value in ("0}", "1}", '"0"', '"1"', "0,", "1,"))
        ),
        "",
    )
    reserved = '"tdm-reservation":1' in first_valid or '"tdm-reservation":"1"' in first_valid
    denials = [
        item
        for item in results
        if isinstance(item, Finding)
        and item.statement is not None
        and item.statement.preference.value == "disallow"
        and item.statement.standing.value == "effective"
    ]
    assert bool(denials) == reserved


def timed(sources: Sources) -> float:
    """Seconds of processor time for all signals; parsing is not theirs."""
    start = time.process_time()
    read_everything(sources)
    return time.process_time() - start


MAKERS: dict[str, Callable[[int], Sources]] = {
    "nested tags": lambda n: sources_of(b"<div>" * n + b"<a rel=license href=/l>x</a>"),
    "licence links": lambda n: sources_of(b"<p><img src=x><a rel=license href=/l%d>x</a>" * n),
    "nested licence links": lambda n: sources_of(b"<div><img src=x><i rel=license property=license>y" * n),
    "robots metas": lambda n: sources_of(b"<meta name=robots content='noai,noindex'>" * n),
    "other agents": lambda n: sources_of(b"".join(b"<meta name=a%dbot content=noai>" % i for i in range(n))),
    "tdm metas": lambda n: sources_of(b"<meta name=tdm-reservation content=yes>" * n),
    "one long meta": lambda n: sources_of(b"<meta name=robots content='" + b"noai, " * n + b"'>"),
    "dates": lambda n: sources_of(headers=(("X-Robots-Tag", "unavailable_after: Mon, " * n),)),
    "agents in a header": lambda n: sources_of(headers=(("X-Robots-Tag", "a: b, " * n),)),
    "header lines": lambda n: sources_of(headers=(("X-Robots-Tag", "noai"), ("Link", "<a>;rel=license")) * n),
    "link field": lambda n: sources_of(headers=(("Link", "<a>; rel=license; x=" * n),)),
    "link quotes": lambda n: sources_of(headers=(("Link", '<a>; rel="\\' * n),)),
    "challenges": lambda n: sources_of(headers=(("WWW-Authenticate", 'a="b, License ' * n),)),
    "JSON-LD arrays": lambda n: sources_of(b"<script type=application/ld+json>" + b"[" * n),
    "JSON-LD objects": lambda n: sources_of(b"<script type=application/ld+json>" + b'{"a":' * n),
    "JSON-LD quotes": lambda n: sources_of(b"<script type=application/ld+json>" + b'"\\"' * n),
    "JSON-LD commas": lambda n: sources_of(b"<script type=application/ld+json>[" + b", " * n),
    "JSON-LD nodes": lambda n: sources_of(
        b"<script type=application/ld+json>["
        + b'{"@type":"NewsArticle","url":"/a","copyrightHolder":{"@id":"#x"},"license":"/l"},' * n
        + b"{}]</script>"
    ),
    "JSON-LD scripts": lambda n: sources_of(
        b'<script type=application/ld+json>{"@type":"WebPage"}</script>' * n
    ),
    "manifests": lambda n: sources_of(b"-----BEGIN C2PA MANIFEST-----" * n),
    "selectors": lambda n: sources_of(("\ufeff" + "\U000e0133\U000e0122" * 3).encode() * n),
    "tdmrep arrays": lambda n: sources_of(tdmrep=b"[" * n),
    "tdmrep entries": lambda n: sources_of(
        tdmrep=b"[" + b'{"location":"/*a*b*c$","tdm-reservation":1},' * n + b"{}]"
    ),
    "tdmrep quotes": lambda n: sources_of(tdmrep=b'["\\"' * n),
    "tdmrep spaces": lambda n: sources_of(tdmrep=b"[" + b" " * n),
    "NULs": lambda n: sources_of(b"\x00" * n, tdmrep=b"[\x00" * n),
}


@pytest.mark.parametrize("name", MAKERS)
def test_time_grows_no_faster_than_the_input(name: str) -> None:
    small, large = MAKERS[name](6_000), MAKERS[name](48_000)
    timed(MAKERS[name](50))  # tables are loaded
    base = max(timed(small), 0.01)
    seconds = timed(large)
    assert within(seconds, base * 8 * 3), "eight times the input took more than 24 times as long"
    assert within(seconds, 10)


def test_fifty_megabytes_of_html_end() -> None:
    paragraph = b"<p>Words about the lake <a rel=license href=/l>x</a><meta name=robots content=noai></p>\n"
    body = paragraph * (50 * 1024 * 1024 // len(paragraph))
    sources = sources_of(body)
    seconds = timed(sources)
    gaps = [item for item in read_everything(sources) if isinstance(item, Gap)]
    assert any(gap.reason == "cut short" for gap in gaps)
    assert within(seconds, 60)

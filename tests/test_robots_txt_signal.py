"""The robots.txt signal with several agents, which the cases in tests/cases cannot name."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.signals.robots_txt import read
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Kind, Mode

URL = "https://kabar.example/berita/1"


def findings(body: bytes, *agents: str, status: int | None = 200) -> list[Finding | Gap]:
    document = Document(
        carrier=Carrier.ROBOTS_TXT, url="https://kabar.example/robots.txt", body=body, status=status
    )
    asset = Asset(uri=URL, source=URL, text="x", media_type="text/plain", mode=Mode.FETCH)
    request = Request(uses=("crawl",), on=date(2026, 11, 24), agents=agents)
    return list(read(Sources(asset=asset, request=request, documents={Carrier.ROBOTS_TXT: (document,)})))


def told(body: bytes, *agents: str) -> list[tuple[str, str, str]]:
    return [
        (item.rule, item.evidence.locator, item.message)
        for item in findings(body, *agents)
        if isinstance(item, Finding)
    ]


def test_closed_when_any_agent_is_closed() -> None:
    body = b"User-agent: OneBot\nDisallow: /\n\nUser-agent: TwoBot\nDisallow: /berita\n\nUser-agent: *\nAllow: /\n"
    assert told(body, "OneBot", "TwoBot", "ThreeBot") == [
        ("robots-txt/disallow", "line:2", "robots.txt closes this URL to OneBot"),
        ("robots-txt/disallow", "line:5", "robots.txt closes this URL to TwoBot"),
        ("robots-txt/allow", "line:8", "robots.txt leaves this URL open to ThreeBot"),
    ]


def test_agents_that_one_line_closes_are_told_together() -> None:
    assert told(b"User-agent: *\nDisallow: /\n", "OneBot", "TwoBot") == [
        ("robots-txt/disallow", "line:2", "robots.txt closes this URL to OneBot, TwoBot")
    ]


def test_without_an_agent_it_speaks_for_its_own() -> None:
    body = b"User-agent: rightscheck\nDisallow: /\n"
    assert told(body) == [("robots-txt/disallow", "line:2", "robots.txt closes this URL to rightscheck")]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, 200, 204, 301, 403, 404, 418, 429, 500, 999]))
def test_it_is_total_and_never_a_permission(body: bytes, status: int | None) -> None:
    for item in findings(body, "MyBot", status=status):
        if isinstance(item, Finding):
            assert item.rule.startswith("robots-txt/")
            assert item.kind in (Kind.RESERVATION, Kind.NOTE)
            assert item.kind is Kind.RESERVATION or (item.statement is None and not item.situation)
            item.evidence.quote.encode("utf-8")

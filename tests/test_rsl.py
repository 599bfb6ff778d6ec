"""RSL laws: order does not matter, a prohibition never loosens, and nothing that is sent makes it raise."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.model import Asset, Document, Finding, Request
from rightscheck.signals.rsl import pointers, points_to, read
from rightscheck.sources import Sources
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode, Preference, Standing, Use
from timing import within

ROBOTS = Document(
    carrier=Carrier.ROBOTS_TXT,
    url="https://news.example/robots.txt",
    status=200,
    body=b"License: https://news.example/l.xml\nUser-agent: *\nAllow: /\n",
)
PAGE = "https://news.example/articles/1"


def sources_of(
    body: bytes, *, commercial: bool = True, jurisdiction: str | None = None, page: bytes = b""
) -> Sources:
    html = Document(carrier=Carrier.HTML, url=PAGE, status=200, body=page) if page else None
    return Sources(
        asset=Asset(uri=PAGE, source=PAGE, text=None, media_type="text/html", mode=Mode.HELD, page=html),
        request=Request(
            uses=("ai-train",),
            on=date(2026, 11, 24),
            agents=("MyBot",),
            commercial=commercial,
            jurisdiction=jurisdiction,
        ),
        documents={
            Carrier.ROBOTS_TXT: (ROBOTS,),
            Carrier.RSL: (
                Document(carrier=Carrier.RSL, url="https://news.example/l.xml", status=200, body=body),
            ),
        },
        html=HtmlDocument(page) if page else None,
    )


def document(*contents: str) -> bytes:
    return ('<rsl xmlns="https://rslstandard.org/rsl">' + "".join(contents) + "</rsl>").encode()


def findings(body: bytes, *, commercial: bool = True, jurisdiction: str | None = None) -> list[Finding]:
    found = read(sources_of(body, commercial=commercial, jurisdiction=jurisdiction))
    return [item for item in found if isinstance(item, Finding)]


def denied(found: list[Finding]) -> frozenset[Use]:
    """Every use that some finding keeps from being free."""
    uses: set[Use] = set()
    for finding in found:
        if finding.situation == "rsl/unread":
            uses |= set(Use)
        elif finding.statement is None:
            uses |= finding.uses
        elif finding.statement.preference is not Preference.ALLOW:
            uses |= finding.statement.uses
    return frozenset(uses)


def freed(found: list[Finding]) -> frozenset[Use]:
    return frozenset(
        use
        for finding in found
        if finding.statement
        and finding.statement.preference is Preference.ALLOW
        and finding.statement.standing is Standing.EFFECTIVE
        for use in finding.statement.uses
    )


tokens = st.lists(
    st.sampled_from(["all", "ai-all", "ai-train", "ai-input", "ai-index", "search"]), min_size=1, max_size=3
).map(" ".join)
clauses = st.lists(
    st.one_of(
        tokens.map(lambda t: f'<permits type="usage">{t}</permits>'),
        tokens.map(lambda t: f'<prohibits type="usage">{t}</prohibits>'),
        st.sampled_from(
            [
                '<payment type="use"/>',
                '<payment type="attribution"/>',
                '<payment type="free"/>',
                '<permits type="user">non-commercial</permits>',
                '<prohibits type="geo">US</prohibits>',
            ]
        ),
    ),
    max_size=4,
    unique=True,
).map(lambda parts: "<license>" + "".join(parts) + "</license>")
contents = st.tuples(
    st.sampled_from(["/", "/articles/", "/articles/1$", "*", "/other/", "https://news.example/articles/*"]),
    st.lists(clauses, min_size=1, max_size=2),
).map(lambda both: f'<content url="{both[0]}">{"".join(both[1])}</content>')


@given(st.lists(contents, min_size=1, max_size=4), st.randoms())
def test_the_order_of_contents_does_not_matter(parts: list[str], random: object) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = findings(document(*parts)), findings(document(*shuffled))
    assert denied(one) == denied(other)
    assert freed(one) == freed(other)


@given(st.lists(contents, min_size=1, max_size=4), tokens)
def test_one_more_prohibition_never_frees(parts: list[str], prohibited: str) -> None:
    before = findings(document(*parts))
    clause = f'<prohibits type="usage">{prohibited}</prohibits>'
    more = f'<content url="/articles/1$"><license>{clause}</license></content>'
    after = findings(document(*parts, more))
    assert freed(after) <= freed(before)
    assert denied(before) - denied(after) == frozenset()


@given(st.lists(contents, min_size=1, max_size=4))
def test_nothing_is_free_and_denied_at_once(parts: list[str]) -> None:
    found = findings(document(*parts))
    assert not freed(found) & denied(found)


@pytest.mark.parametrize(
    ("jurisdiction", "preference"),
    [
        ("US", Preference.ALLOW),
        ("DE", Preference.ALLOW),
        ("JP", Preference.DISALLOW),
        (None, Preference.CONDITIONAL),
    ],
)
def test_places_open_the_licence_to_those_in_them(jurisdiction: str | None, preference: Preference) -> None:
    body = document(
        '<content url="/"><license><permits type="usage">ai-train</permits>'
        '<permits type="geo">US EU</permits></license></content>'
    )
    about_training = [
        f.statement.preference
        for f in findings(body, jurisdiction=jurisdiction)
        if f.statement and Use.AI_TRAIN_GEN in f.statement.uses
    ]
    assert about_training == [preference]


@pytest.mark.parametrize(("commercial", "free"), [(True, False), (False, True)])
def test_a_licence_for_non_commercial_users(commercial: bool, free: bool) -> None:
    body = document(
        '<content url="/"><license><permits type="usage">all</permits>'
        '<permits type="user">non-commercial</permits></license></content>'
    )
    assert (Use.AI_TRAIN_GEN in freed(findings(body, commercial=commercial))) is free


def test_pointers_are_listed_once_for_fetching() -> None:
    page = (
        b'<html><head><link rel="license" type="application/rsl+xml" href="/l.xml">'
        b'<link rel="license" type="application/rsl+xml" href="ftp://news.example/x">'
        b'<link rel="license" type="application/rsl+xml" href="http://[broken/"></head></html>'
    )
    sources = sources_of(b"", page=page)
    assert pointers(sources) == ("https://news.example/l.xml",)
    assert list(points_to(sources)) == [(Carrier.RSL, "https://news.example/l.xml")]


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_raising(body: bytes) -> None:
    list(read(sources_of(body)))
    list(read(sources_of(document() + body)))


@settings(max_examples=200)
@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=80))
def test_any_text_in_the_grammar_is_read_without_raising(tokens: str, url: str, page: str) -> None:
    def quoted(text: str) -> str:
        kept = "".join(c for c in text if c.isprintable())
        return kept.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    clause = f'<prohibits type="usage">{quoted(tokens)}</prohibits>'
    body = document(f'<content url="{quoted(url)}"><license>{clause}</license></content>')
    html = f'<link rel=license type="application/rsl+xml" href="{quoted(page)}">'
    html += f'<script type="application/rsl+xml">{page}</script>'
    list(read(sources_of(body, page=html.encode("utf-8", "replace") or b" ")))


@pytest.mark.parametrize(
    "body",
    [
        b"<rsl>" * 100_000,
        b'<rsl xmlns="https://rslstandard.org/rsl">' + b'<content url="/"/>' * 50_000 + b"</rsl>",
        b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/' + b"*a" * 400_000 + b'"/></rsl>',
        b" " * (50 * 1024 * 1024),
        b'<?xml version="1.0" encoding="utf-7"?><rsl/>',
        document('<content url="/">' + "<license/>" * 60_000 + "</content>"),
    ],
    ids=["deep", "many", "stars", "50-mb", "encoding", "licences"],
)
def test_hostile_documents_cost_little_and_permit_nothing(body: bytes) -> None:
    started = time.process_time()
    found = findings(body)
    assert not freed(found)
    assert within(time.process_time() - started, 5)

"""The whole text of a page: nothing stripped, quotations marked, hidden texts found, size bounded."""

from __future__ import annotations

import pytest

from rightscheck.syntax.html import MAX_DEPTH, HtmlDocument

TEXTS = [
    ("blocks stand on lines of their own", "<p>One<p>Two<div>Three</div>", "One\nTwo\nThree"),
    ("inline tags do not split a word", "craw<b>l</b>ing <i>is</i> fine", "crawling is fine"),
    ("white space is collapsed", "<p>a \n\t b </p>  <p> c", "a b\nc"),
    ("a line break is a line", "a<br>b", "a\nb"),
    ("the title comes first", "<title>Title</title><body>Body", "Title\nBody"),
    (
        "footers and small print stay",
        "<footer><small>© 2026 Hill Courier</small></footer>",
        "© 2026 Hill Courier",
    ),
    ("scripts and styles are no text", "<script>x</script><style>y</style>z", "z"),
    ("entities are decoded", "&copy; 2026 A &amp; B", "© 2026 A & B"),
    (
        "what only looks like a tag stays",
        "<p><저작권자(c) 언덕일보, 무단 전재 금지>",
        "<저작권자(c) 언덕일보, 무단 전재 금지>",
    ),
    (
        "a sentence in angle brackets stays",
        "<p><Copyright (c) Hill Courier, no AI training>",
        "copyright (c) hill courier, no ai training",
    ),
    ("an unknown element is no sentence", "<p><my-card data-x='1'>text</my-card>", "text"),
    ("noscript is read", "<noscript>No crawling.</noscript>", "No crawling."),
    ("nothing is nothing", "", ""),
]


@pytest.mark.parametrize(("title", "markup", "text"), TEXTS, ids=[case[0] for case in TEXTS])
def test_visible_text(title, markup, text):
    assert HtmlDocument(markup).visible_text() == text


QUOTED = [
    ("<p>It says <q>no crawling</q>.", ["no crawling"]),
    ("<blockquote><p>No <code>AI</code> here.</p></blockquote><p>" + "We report. " * 5, ["No AI here."]),
    ("<p>" + "Plain text. " * 5 + "<code>x</code>", ["x"]),
    ("<pre>A page that is one preformatted block quotes nobody.</pre>", []),
    ("<p>Nothing quoted.", []),
]


@pytest.mark.parametrize(("markup", "quotes"), QUOTED)
def test_quoted_regions_slice_the_visible_text(markup, quotes):
    html = HtmlDocument(markup)

    assert [html.visible_text()[start:end].strip() for start, end in html.quoted_regions] == quotes


def test_rights_texts_out_of_sight_are_found_with_their_place():
    html = HtmlDocument(
        '<meta name="Rights" content="No AI training."><meta name="dc.rights" content="https://x.example/l">'
        '<img alt="short"><img alt="Photo: Hill Courier. Reproduction and AI training are forbidden.">'
        '<script type="application/ld+json">{"@graph": [{"copyrightNotice": "© 2026 Hill"}]}</script>'
        '<script type="application/ld+json">{broken</script>'
    )

    assert list(html.hidden_texts()) == [
        ("meta:rights", "No AI training."),
        ("alt:1", "Photo: Hill Courier. Reproduction and AI training are forbidden."),
        ("json-ld:0/copyrightNotice", "© 2026 Hill"),
    ]


def test_metas_and_links_are_read_without_case():
    html = HtmlDocument(
        '<META NAME="TDM-Reservation" CONTENT=" 1 "><link REL="License" href=" /l "><a href="/t">Terms</a>'
    )

    assert html.meta("tdm-reservation") == ("1",)
    assert [(sorted(link.rel), link.href, link.tag, link.text) for link in html.links()] == [
        (["license"], "/l", "link", ""),
        ([], "/t", "a", "Terms"),
    ]


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000,
        "<b><i>" * 50_000,
        "<div></div>" * 100_000,
        "<p><a>" * 100_000,
        "<table>" * 100_000,
        "<" * 200_000,
    ],
)
def test_hostile_nesting_is_cut_and_told(markup):
    html = HtmlDocument(markup + " end")

    assert html.truncated or html.visible_text().endswith("end")


def test_a_deep_page_is_read_up_to_the_bound():
    html = HtmlDocument("before" + "<div>" * (MAX_DEPTH + 1) + "after")

    assert html.truncated
    assert html.visible_text() == "before"

"""Items of microdata and RDFa whose authors wish us ill cost little and raise nothing."""

from __future__ import annotations

import time

import pytest

from rightscheck.syntax.html import HtmlDocument
from rightscheck.syntax.microdata import MAX_PROPERTIES, read_items
from timing import within

HOSTILE = [
    (
        "items within items",
        "<div itemscope itemprop=hasPart>" * 4000 + "<i itemprop=isAccessibleForFree>no</i>" * 600,
    ),
    ("deep and many", "<div itemscope>" * 4000 + "<meta itemprop=usageInfo content=x>" * 50_000),
    ("no item at all", "<div>" * 4000 + "<meta itemprop=usageInfo content=x>" * 50_000),
    ("an item each", "<div itemscope><meta itemprop=usageInfo content=x></div>" * 50_000),
    ("an item that is its own value", "<p itemscope itemprop=copyrightHolder><b itemprop=name>" * 2000),
    ("long names", f"<p itemscope><b itemprop='{'usageInfo ' * 50_000}'>x"),
]


@pytest.mark.parametrize(("title", "markup"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_hostile_items_cost_little(title, markup):
    html = HtmlDocument(markup)

    begun = time.process_time()
    items = read_items(html)

    assert len(items) <= MAX_PROPERTIES + 20
    assert within(time.process_time() - begun, 2)


def test_pages_without_rights_in_their_items_have_none():
    assert read_items(HtmlDocument("<p itemscope><a itemprop=url href=/a>x</a>")) == ()

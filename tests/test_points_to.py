"""The documents that signals ask for next: each once, only where they would be used."""

from __future__ import annotations

from datetime import date

import pytest

from rightscheck.model import Asset, Document, Request
from rightscheck.signals import feed, trust_txt, xmp
from rightscheck.sources import Sources
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode

URL = "https://news.example/a"


def sources_of(
    body: bytes = b"", media_type: str = "text/html", documents: tuple[Document, ...] = ()
) -> Sources:
    page = Document(carrier=Carrier.HTML, url=URL, status=200, body=body)
    by_carrier: dict[Carrier, tuple[Document, ...]] = {}
    for document in documents:
        by_carrier[document.carrier] = (*by_carrier.get(document.carrier, ()), document)
    return Sources(
        asset=Asset(uri=URL, source=URL, text=None, media_type=media_type, mode=Mode.FETCH, page=page),
        request=Request(uses=("ai-train",), on=date(2026, 11, 24), agents=("MyBot",)),
        documents=by_carrier,
        html=HtmlDocument(body) if media_type == "text/html" else None,
    )


def trust(body: bytes, status: int, url: str = "https://news.example/trust.txt") -> Document:
    return Document(carrier=Carrier.TRUST_TXT, url=url, status=status, body=body)


@pytest.mark.parametrize(
    ("document", "asked"),
    [
        (trust(b"", 404), True),
        (trust(b"<!doctype html>", 200), True),
        (trust(b"member=x\n", 200), False),
        (trust(b"", 503), False),
        (trust(b"", 404, "https://news.example/.well-known/trust.txt"), False),
    ],
)
def test_trust_txt_has_a_second_place(document: Document, asked: bool) -> None:
    found = list(trust_txt.points_to(sources_of(documents=(document,))))
    wanted = [(Carrier.TRUST_TXT, "https://news.example/.well-known/trust.txt")]
    assert found == (wanted if asked else [])


def test_a_page_names_its_feed() -> None:
    page = (
        b'<link rel="alternate" type="application/rss+xml" href="https://other.example/f.xml">'
        b'<link rel="alternate" type="text/html" href="/en">'
        b'<link rel="alternate" type="application/atom+xml; charset=utf-8" href="/atom.xml">'
        b'<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    )
    assert list(feed.points_to(sources_of(page))) == [(Carrier.FEED, "https://news.example/atom.xml")]
    assert (
        list(feed.points_to(sources_of(b'<link rel="alternate" type="application/rss+xml" href="//[">')))
        == []
    )


def test_metadata_names_a_rights_page() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:cc="http://creativecommons.org/ns#">'
        b'<rdf:Description xmpRights:WebStatement="https://press.example/rights">'
        b'<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    found = list(xmp.points_to(sources_of(packet, "application/pdf")))
    assert found == [(Carrier.TERMS, "https://press.example/rights")]

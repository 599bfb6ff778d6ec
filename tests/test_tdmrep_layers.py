"""The layers of TDMRep in their order: file < header < meta < metadata of the file; a contradiction is told.

TDMRep 2024-05-10, 4: a later layer replaces an earlier one, and one that says nothing resets nothing.
"""

from __future__ import annotations

from itertools import product

import pytest

from media_files import epub, jpeg_xmp, pdf, xmp
from rightscheck import Checker, Verdict
from rightscheck.model import Decision, Document
from rightscheck.vocab import Carrier

URL = "https://press.example/report"
Files = dict[Carrier, Document]


def document(carrier: Carrier, path: str, body: str | None) -> Document:
    url = f"https://press.example{path}"
    status = 404 if body is None else 200
    return Document(carrier=carrier, url=url, final_url=url, status=status, body=(body or "").encode())


def decide(body: bytes, media_type: str, *, site: str = "", header: str = "", use: str = "tdm") -> Decision:
    """The decision on a file whose site, header and own metadata say `1`, `0` or nothing."""
    file = f'[{{"location": "/", "tdm-reservation": {site}}}]' if site else None
    headers = {"Content-Type": media_type} | ({"tdm-reservation": header} if header else {})
    documents = [
        document(Carrier.TDMREP, "/.well-known/tdmrep.json", file),
        document(Carrier.ROBOTS_TXT, "/robots.txt", None),
    ]
    checker = Checker(use=use, on="2026-11-24", agent="MyBot")
    return checker.check_response(URL, 200, headers, body, documents=documents)


def reservation(value: str) -> str:
    return f"<tdm:reservation>{value}</tdm:reservation>" if value else "<dc:format>report</dc:format>"


def a_pdf(value: str) -> tuple[bytes, str]:
    return pdf(xmp(reservation(value)), deflated=False), "application/pdf"


def a_jpeg(value: str) -> tuple[bytes, str]:
    return jpeg_xmp(xmp(reservation(value))), "image/jpeg"


def an_epub(value: str) -> tuple[bytes, str]:
    meta = f'<meta property="tdm:reservation">{value}</meta>' if value else ""
    return epub(f"<package><metadata>{meta}</metadata></package>"), "application/epub+zip"


KINDS = [("pdf", a_pdf), ("jpeg", a_jpeg), ("epub", an_epub)]


@pytest.mark.parametrize(("name", "make"), KINDS, ids=[name for name, _ in KINDS])
@pytest.mark.parametrize(
    ("site", "header", "own"), list(product(("", "0", "1"), repeat=3)), ids=lambda value: value or "none"
)
def test_the_last_layer_that_speaks_wins_and_a_contradicted_denial_is_reviewed(name, make, site, header, own):
    decision = decide(*make(own), site=site, header=header)

    spoken = [value for value in (site, header, own) if value]
    statements = {
        (f.statement.preference.value, f.statement.standing.value) for f in decision.findings if f.statement
    }
    denied = ("disallow", "effective") in statements
    assert denied == (spoken[-1:] == ["1"])
    assert (("allow", "effective") in statements) == (spoken[-1:] == ["0"])
    assert (("disallow", "overridden") in statements) == (spoken[-1:] == ["0"] and "1" in spoken)
    if denied:
        assert decision.verdict is Verdict.NO_GO
    if ("disallow", "overridden") in statements:
        assert "denial/losing-layer" in decision.situations


def test_a_malformed_value_in_the_file_replaces_nothing():
    decision = decide(*a_pdf("yes"), site="1")

    assert "tdmrep/disallow" in decision.determining
    assert "xmp/malformed" in {finding.rule for finding in decision.findings}


def test_a_picture_in_a_page_replaces_nothing_that_is_said_of_the_page():
    picture = document(Carrier.EMBEDDED, "/a.jpg", None)
    body, _ = a_jpeg("0")
    picture = Document(
        carrier=Carrier.EMBEDDED, url=picture.url, final_url=picture.url, status=200, body=body
    )
    page = b"<!doctype html><meta name='tdm-reservation' content='1'><p>Rain."
    decision = Checker(use="tdm", on="2026-11-24").check_response(
        URL, 200, {"Content-Type": "text/html"}, page, documents=[picture]
    )

    assert decision.determining == ("tdmrep/disallow",)

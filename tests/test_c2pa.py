"""Signed manifests in files and texts: only the active one speaks, a refusal always, a permission when vouched."""

from __future__ import annotations

import base64
import sys
from dataclasses import replace
from datetime import date

import pytest

pytest.importorskip("c2pa", reason="the extra `c2pa` is not installed")

from c2pa_files import DOT, GIF, JPEG, SVG, edit, pdf, sign, store_of, training
from media_files import jpeg_xmp, xmp
from rightscheck import Checker, Verdict
from rightscheck.media.c2pa_manifest import Manifest, carries_manifest, read_manifest
from rightscheck.model import Asset, Decision, Document, Finding, Gap, Request
from rightscheck.signals import by_id
from rightscheck.sources import Sources, digest
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode, use_names

URL = "https://hill.example/a.png"
DENIED = training(ai_generative_training="notAllowed", ai_training="notAllowed")
ALLOWED = training(ai_generative_training="allowed", data_mining="allowed")


def file_sources(body: bytes, media_type: str, *, page: bytes = b"") -> Sources:
    """The file as the asset, or as a picture in the page."""
    document = Document(
        carrier=Carrier.EMBEDDED if page else Carrier.HTML,
        url=URL,
        final_url=URL,
        status=200,
        headers=(("Content-Type", media_type),),
        body=body,
        sha256=digest(body),
    )
    request = Request(uses=("ai-train",), on=date(2026, 11, 24))
    main = Document(carrier=Carrier.HTML, url=URL, final_url=URL, body=page) if page else document
    asset = Asset(
        uri=URL,
        source=URL,
        text=None,
        media_type="text/html" if page else media_type,
        mode=Mode.HELD,
        page=main,
        sha256=digest(main.body),
    )
    html = HtmlDocument(page) if page else None
    return Sources(
        asset=asset, request=request, documents={Carrier.EMBEDDED: (document,)} if page else {}, html=html
    )


def said(sources: Sources) -> list[tuple[str, str, str]]:
    """Rule, uses and standing of each finding; of gaps the carrier and the reason."""
    lines = []
    for item in by_id("c2pa").read(sources):
        if isinstance(item, Gap):
            lines.append(("gap", item.carrier.value, item.reason))
        elif item.statement is None:
            lines.append((item.rule, "", item.message))
        else:
            lines.append((item.rule, " ".join(use_names(item.statement.uses)), item.statement.standing.value))
    return lines


FORMATS = [("image/png", DOT), ("image/jpeg", JPEG), ("image/gif", GIF), ("image/svg+xml", SVG)]


@pytest.mark.parametrize(("media_type", "picture"), FORMATS, ids=[kind for kind, _ in FORMATS])
def test_a_refusal_is_read_from_every_format(media_type, picture):
    sources = file_sources(sign(picture, media_type, DENIED), media_type)

    assert said(sources) == [
        ("c2pa/disallow", "ai-train-gen", "effective"),
        ("c2pa/disallow", "ai-train-other", "effective"),
    ]


def test_a_refusal_is_read_from_a_pdf():
    body = pdf(store_of(sign(DOT, "image/png", DENIED)))

    assert [rule for rule, _, _ in said(file_sources(body, "application/pdf"))] == ["c2pa/disallow"] * 2


@pytest.mark.parametrize("declared", ["image/png", "image/jpeg", "application/octet-stream", ""])
def test_the_declared_type_may_be_wrong(declared):
    body = sign(DOT, "image/png", DENIED)

    assert [rule for rule, _, _ in said(file_sources(body, declared))] == ["c2pa/disallow"] * 2


def test_evidence_names_the_assertion():
    body = sign(DOT, "image/png", DENIED)
    finding = next(iter(by_id("c2pa").read(file_sources(body, "image/png"))))

    assert isinstance(finding, Finding)
    assert (finding.evidence.locator, finding.evidence.source) == ("jumbf:cawg.training-mining", URL)
    assert finding.evidence.sha256 == digest(body)


def test_the_label_of_earlier_editions_is_read_and_noted():
    body = sign(DOT, "image/png", training("c2pa.training-mining", data_mining="notAllowed"))

    assert said(file_sources(body, "image/png")) == [
        ("c2pa/note", "", "`c2pa.training-mining` is the label of an earlier edition"),
        ("c2pa/disallow", "ai-index tdm", "effective"),
    ]


def test_a_permission_by_a_signer_whom_nobody_vouches_for_is_weak():
    body = sign(DOT, "image/png", ALLOWED)

    assert read_manifest(body, "image/png").state == "Valid"
    assert said(file_sources(body, "image/png")) == [
        ("c2pa/allow", "ai-train-gen", "weak"),
        ("c2pa/allow", "ai-index tdm", "weak"),
    ]


def test_a_broken_seal_still_refuses_and_never_permits():
    body = sign(DOT, "image/png", training(ai_training="notAllowed", data_mining="allowed"))
    broken = body.replace(b"IDAT", b"iDAT")

    manifest = read_manifest(broken, "image/png")
    assert isinstance(manifest, Manifest)
    assert manifest.state == "Invalid"
    assert said(file_sources(broken, "image/png")) == [
        ("c2pa/disallow", "ai-train-other", "effective"),
        ("c2pa/allow", "ai-index tdm", "weak"),
    ]


def test_a_changed_refusal_is_a_refusal_of_some_kind():
    body = sign(DOT, "image/png", training(ai_training="notAllowed")).replace(b"notAllowed", b"notAllowee")

    assert said(file_sources(body, "image/png")) == [("c2pa/disallow", "ai-train-other", "malformed")]


def test_only_the_active_manifest_speaks():
    body = edit(sign(DOT, "image/png", DENIED), "image/png")

    assert body.count(b"notAllowed") == 2
    assert said(file_sources(body, "image/png")) == [
        ("c2pa/note", "", "a C2PA manifest says nothing of training or mining")
    ]


def test_a_file_that_was_cut_is_read_for_its_manifest():
    body = sign(DOT, "image/png", DENIED)
    cut = body[: body.index(b"IDAT")]

    assert [rule for rule, _, _ in said(file_sources(cut, "image/png"))] == ["c2pa/disallow"] * 2


def test_a_manifest_that_was_cut_is_for_a_person():
    body = sign(DOT, "image/png", DENIED)
    lines = said(file_sources(body[: body.index(b"caBX") + 600], "image/png"))

    assert [line[:2] for line in lines] == [("gap", "embedded"), ("c2pa/unread", "")]
    assert "cannot be read" in lines[0][2]


def test_files_without_a_manifest_say_nothing():
    for media_type, picture in FORMATS:
        assert not carries_manifest(picture)
        assert said(file_sources(picture, media_type)) == []


def test_a_picture_in_a_page_speaks_for_itself():
    sources = file_sources(sign(DOT, "image/png", DENIED), "image/png", page=b"<p>Rain <img src=a.png>")
    scopes = {finding.statement.scope.value for finding in by_id("c2pa").read(sources) if finding.statement}

    assert scopes == {"media"}


def test_without_the_extra_a_gap_names_it(monkeypatch):
    body = sign(DOT, "image/png", DENIED)
    monkeypatch.setitem(sys.modules, "c2pa", None)

    assert said(file_sources(body, "image/png")) == [
        ("gap", "embedded", "a C2PA manifest: install rightscheck[c2pa] to read it"),
        ("c2pa/unread", "", "the file carries a C2PA manifest: install rightscheck[c2pa] to read it"),
    ]


# --- texts --------------------------------------------------------------------------------------------


def wrapped(text: str, store: bytes) -> str:
    """The text with the store behind it, as variation selectors (A.8)."""
    raw = b"C2PATXT\0\x01" + len(store).to_bytes(4) + store
    return text + "\ufeff" + "".join(chr(0xFE00 + b) if b < 16 else chr(0xE0100 + b - 16) for b in raw)


def decide(body: bytes, media_type: str) -> Decision:
    return Checker(use="ai-train", on="2026-11-24", profile="text-only").check_response(
        "https://hill.example/a", 200, {"Content-Type": media_type}, body
    )


def test_a_manifest_behind_a_text_is_read():
    store = store_of(sign(DOT, "image/png", DENIED))
    decision = decide(wrapped("Rain on the hill.", store).encode(), "text/plain; charset=utf-8")

    assert (decision.verdict, decision.determining) == (Verdict.NO_GO, ("c2pa/disallow",))


PAGES = [
    ("script", '<script type="application/c2pa">{}</script><p>Rain.'),
    (
        "armour",
        "<!-- -----BEGIN C2PA MANIFEST----- data:application/c2pa;base64,{} -----END C2PA MANIFEST----- --><p>Rain.",
    ),
]


@pytest.mark.parametrize(("title", "markup"), PAGES, ids=[page[0] for page in PAGES])
def test_a_manifest_in_a_page_is_read(title, markup):
    store = base64.b64encode(store_of(sign(DOT, "image/png", DENIED))).decode()
    decision = decide(markup.format(store).encode(), "text/html")

    assert (decision.verdict, decision.determining) == (Verdict.NO_GO, ("c2pa/disallow",))


def test_a_permission_in_a_text_is_weak_whatever_its_signature():
    store = store_of(sign(DOT, "image/png", ALLOWED))
    body = wrapped("Rain.", store).encode()
    decision = decide(body, "text/plain; charset=utf-8")

    standings = {
        f.statement.standing.value for f in decision.findings if f.rule == "c2pa/allow" and f.statement
    }
    assert standings == {"weak"}


def test_a_manifest_that_a_page_links_to_is_asked_for_and_speaks_for_the_page():
    store = store_of(sign(DOT, "image/png", DENIED))
    page = b'<link rel="c2pa-manifest" href="/m.c2pa"><p>Rain.'
    sources = file_sources(store, "application/c2pa", page=page)
    link = "https://hill.example/m.c2pa"
    linked = replace(sources.documents[Carrier.EMBEDDED][0], url=link, final_url=link)

    assert list(by_id("c2pa").points_to(sources)) == [(Carrier.EMBEDDED, link)]
    assert [rule for rule, _, _ in said(replace(sources, documents={}))] == ["c2pa/unread"]
    findings = list(by_id("c2pa").read(replace(sources, documents={Carrier.EMBEDDED: (linked,)})))
    assert {finding.rule for finding in findings} == {"c2pa/disallow"}
    assert {finding.statement.scope.value for finding in findings} == {"asset"}


def test_a_manifest_that_xmp_names_elsewhere_is_asked_for():
    packet = xmp('<rdf:li dcterms:provenance="https://hill.example/m.c2pa"/>')
    sources = file_sources(jpeg_xmp(packet), "image/jpeg")

    assert list(by_id("c2pa").points_to(sources)) == [(Carrier.EMBEDDED, "https://hill.example/m.c2pa")]
    assert said(sources) == [
        ("c2pa/unread", "", "the file names a C2PA manifest elsewhere: it was not read"),
    ]

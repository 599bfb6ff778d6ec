"""The site's terms: pages that the asset links to, read as sentences that cover the whole site.

Declared pages (`rel=terms-of-service`) and the licence or policy pages that others point to are read as
they are; else what says most of use is asked first (an AI or mining policy, terms of use, a legal notice).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from rightscheck.model import Document, Evidence, Finding, Gap
from rightscheck.notices import read as read_text
from rightscheck.notices.findings import findings_of
from rightscheck.notices.reading import NoticeReading
from rightscheck.site.terms_links import TermsLink, says_missing, terms_links
from rightscheck.sources import Sources, digest
from rightscheck.syntax.charset import decode, is_binary
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Kind, Scope

_KINDS = frozenset({Kind.RESERVATION, Kind.PERMISSION})
_DOORS = frozenset({"login", "log-in", "signin", "sign-in", "anmelden", "connexion", "consent"})


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The site's terms pages, where the asset links to them."""
    yield from ((Carrier.TERMS, link.url) for link in terms_links(sources))


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the terms pages deny or permit, or that they were not read."""
    documents = sources.documents.get(Carrier.TERMS, ())
    read_already: set[str] = set()
    links = terms_links(sources)
    for link in links:
        document = next((d for d in documents if d.url == link.url), None)
        if document is None:
            yield _pointer(sources, link, "")
            continue
        reason = _unreadable(document, sources)
        if reason:
            yield _pointer(sources, link, reason)
        elif _mark(document) not in read_already:
            read_already.add(_mark(document))
            yield from _sentences(document)
    linked = {link.url for link in links}
    for document in (d for d in documents if d.url not in linked):
        # Licence and policy pages: whoever points to them says so where they did not come.
        reason = _unreadable(document, sources)
        if not reason and _mark(document) not in read_already:
            read_already.add(_mark(document))
            yield from _sentences(document)
        elif reason and sources.document_at(document.url) is not None:
            yield _pointer(sources, TermsLink(document.url, document.url, declared=True), reason)


def _mark(document: Document) -> str:
    return document.sha256 or digest(document.body)


def _unreadable(document: Document, sources: Sources) -> str:
    """Why an answer is not the page that the link promises; empty when it is."""
    if document.failure:
        return document.failure
    if document.status is not None and not 200 <= document.status < 300:
        return f"status {document.status}"
    if any("challenge" in line.lower() for line in document.header_lines("cf-mitigated")):
        return "a challenge instead of the page"
    page = sources.asset.page
    if page is not None and page.body and _mark(page) == _mark(document):
        return "the site answers with the same page for every address"
    return _led_astray(document) or _page_of(document).fault


def _led_astray(document: Document) -> str:
    """Whether a redirect ended at the front page or a login instead."""
    try:
        asked, final = urlsplit(document.url).path, urlsplit(document.final_url or document.url).path
    except ValueError:
        return ""
    if asked.strip("/") and not final.strip("/"):
        return "a redirect to the front page"
    door = final.rstrip("/").rpartition("/")[2].lower()
    return "a redirect to a login" if door in _DOORS and asked != final else ""


_NOTHING = NoticeReading()


@dataclass(frozen=True, slots=True)
class _Page:
    """A terms page as read: its text and what the text says, or why it says nothing (`fault`)."""

    text: str = ""
    reading: NoticeReading = _NOTHING
    cut: bool = False
    fault: str = ""


def _page_of(document: Document) -> _Page:
    return _read_page(document.body, document.header("content-type") or "")


@lru_cache(maxsize=32)
def _read_page(body: bytes, content_type: str) -> _Page:
    """The page, read once for all the assets of its site."""
    if body.startswith(b"%PDF-") or is_binary(body):
        return _Page(fault="not a text or HTML page")
    if "html" not in content_type and body.lstrip()[:1] != b"<":
        text = decode(body, content_type)
        if text.lstrip()[:1] in ("{", "["):  # a policy for machines
            return _Page()
        return _Page(text, read_text(text, credits=False), fault="" if text.strip() else "an empty page")
    html = HtmlDocument(decode(body, content_type, html=True))
    text = html.visible_text()
    title = html.tree.css_first("title")
    if html.needs_scripts():
        return _Page(fault="no text without running its scripts")
    if title is not None and says_missing(title.text(deep=True) or ""):
        return _Page(fault="a page that says that nothing is there")
    if not text.strip():
        return _Page(fault="an empty page")
    return _Page(text, read_text(text, quoted=html.quoted_regions, credits=False), html.truncated)


def _pointer(sources: Sources, link: TermsLink, reason: str) -> Finding:
    """That terms were not read: `reason` is why, empty where nobody tried."""
    asset = sources.asset
    situation = "terms/fetch-failed" if reason else "terms/not-read"
    if link.declared:
        situation = "pointer/unread"
    return Finding(
        rule="terms/unread" if reason else "terms/link",
        kind=Kind.POINTER,
        message=f"the page links to terms at {link.url}: {reason or 'not followed'}",
        evidence=Evidence(
            source=asset.source,
            sha256=asset.sha256,
            locator="link:terms-of-service" if link.declared else "link:terms",
            quote=link.text[:2000],
            retrieved_at=asset.retrieved_at,
        ),
        situation=situation,
        contact=link.url,
    )


def _sentences(document: Document) -> Iterator[Finding | Gap]:
    """The statements of the terms page, as findings of the family `terms` over the whole site."""
    page = _page_of(document)

    def at(start: int, end: int) -> Evidence:
        return Evidence(
            source=document.final_url or document.url,
            sha256=_mark(document),
            locator=f"text:{start}-{end}",
            quote=page.text[start:end],
            retrieved_at=document.retrieved_at,
        )

    for finding in findings_of(page.reading, at, scope=Scope.SITE):
        if finding.kind in _KINDS:
            rule = finding.rule.replace("notice/", "terms/")
            yield replace(finding, rule=rule, message=finding.message.replace("the text", "the site's terms"))
    if page.reading.capped or document.truncated or page.cut:
        yield Gap(carrier=Carrier.TERMS, source=document.url, reason="longer than is read")

"""The site's terms, found by their link, read as sentences that cover the whole site.

One page per asset, on the asset's own host: what says most of use is asked first (an AI or mining policy,
then terms of use, then a copyright page, then a legal notice).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from unicodedata import normalize
from urllib.parse import urldefrag, urljoin, urlsplit

from rightscheck.charset import decode
from rightscheck.html import HtmlDocument, Link
from rightscheck.model import Document, Evidence, Finding, Gap
from rightscheck.notices import read as read_text
from rightscheck.notices.findings import findings_of
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Kind, Mode, Scope

_LISTS = ("ai", "terms", "copyright", "legal")
_LONGEST = 60
"""Code points of a link's text; a longer one is a sentence, not the name of a page."""
_KINDS = frozenset({Kind.RESERVATION, Kind.PERMISSION})


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The site's terms page, where the asset links to one."""
    found = terms_link(sources)
    if found is not None:
        yield Carrier.TERMS, found[0]


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the terms page denies or permits, or that it was not read."""
    found = terms_link(sources)
    if found is None:
        return
    url, text = found
    document = next((d for d in sources.documents.get(Carrier.TERMS, ()) if d.url == url), None)
    if document is None:
        yield _pointer(sources, url, text, "terms/link", "terms/not-read", "not followed")
    elif document.failure or document.status is None or not 200 <= document.status < 300:
        reason = document.failure or f"status {document.status}"
        yield _pointer(sources, url, text, "terms/unread", "terms/fetch-failed", reason)
    else:
        yield from _sentences(document)


def terms_link(sources: Sources) -> tuple[str, str] | None:
    """The URL of the site's terms and the text of the link to it; None where the page links to none."""
    if sources.html is None or sources.asset.uri is None:
        return None
    here = urldefrag(sources.asset.uri).url
    candidates = list(_candidates(sources.html, here))
    return min(candidates, key=lambda found: found[0])[1] if candidates else None


def _candidates(html: HtmlDocument, here: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Links on the same host with their rank, in the order of the page; rank 0 is a declared relation."""
    host = urlsplit(here).hostname or ""
    for link in html.links():
        rank = _rank(link)
        if rank is None or not link.href:
            continue
        try:
            url = urldefrag(urljoin(here, link.href)).url
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and _same_site(parts.hostname or "", host) and url != here:
            yield rank, (url, " ".join(link.text.split()) or "terms-of-service")


def _same_site(one: str, other: str) -> bool:
    """Whether two hosts are one but for a leading `www.`."""
    return one.removeprefix("www.") == other.removeprefix("www.")


def _rank(link: Link) -> int | None:
    if "terms-of-service" in link.rel:
        return 0
    if link.tag == "link":
        return None
    text = _folded(link.text)
    if text and len(text) <= _LONGEST:
        for rank, name in enumerate(_LISTS, start=1):
            if any(_names(text, phrase) for phrase in _lexicon()[name]):
                return rank
    last = urlsplit(link.href).path.rstrip("/").rpartition("/")[2].lower().partition(".")[0]
    return len(_LISTS) + 1 if last in _lexicon()["paths"] and len(text) <= _LONGEST else None


def _names(text: str, phrase: str) -> bool:
    """Whether a link's text is the phrase, or the phrase with a little before or after it."""
    if text == phrase:
        return True
    if len(phrase) < 5 or len(text) > len(phrase) + 24:
        return False
    return text.startswith(phrase + " ") or text.endswith(" " + phrase)


def _folded(text: str) -> str:
    return " ".join(normalize("NFKC", text[: _LONGEST * 4]).casefold().split()).strip(" .:»›>|·-")


@cache
def _lexicon() -> dict[str, frozenset[str]]:
    data = tomllib.loads(files("rightscheck").joinpath("data/terms_links.toml").read_text("utf-8"))
    return {name: frozenset(_folded(phrase) for phrase in data[name]) for name in (*_LISTS, "paths")}


def _pointer(sources: Sources, url: str, text: str, rule: str, situation: str, reason: str) -> Finding:
    asset = sources.asset
    return Finding(
        rule=rule,
        kind=Kind.POINTER,
        message=f"the page links to terms at {url}: {reason}",
        evidence=Evidence(
            source=asset.source,
            sha256=asset.sha256,
            locator="link:terms",
            quote=text,
            retrieved_at=asset.retrieved_at,
        ),
        # A copy that was handed to us offline: nobody tried to follow the link.
        situation=situation
        if asset.mode is Mode.FETCH or situation == "terms/not-read"
        else "terms/not-read",
    )


def _sentences(document: Document) -> Iterator[Finding | Gap]:
    """The statements of the terms page, as findings of the family `terms` over the whole site."""
    content_type = document.header("content-type") or ""
    quoted: tuple[tuple[int, int], ...] = ()
    if "html" in content_type or document.body.lstrip()[:1] == b"<":
        html = HtmlDocument(decode(document.body, content_type, html=True))
        text, quoted = html.visible_text(), html.quoted_regions
    else:
        text = decode(document.body, content_type)

    def at(start: int, end: int) -> Evidence:
        return Evidence(
            source=document.final_url or document.url,
            sha256=document.sha256,
            locator=f"text:{start}-{end}",
            quote=text[start:end],
            retrieved_at=document.retrieved_at,
        )

    reading = read_text(text, quoted=quoted, credits=False)
    for finding in findings_of(reading, at, scope=Scope.SITE):
        if finding.kind in _KINDS:
            rule = finding.rule.replace("notice/", "terms/")
            yield replace(finding, rule=rule, message=finding.message.replace("the text", "the site's terms"))
    if reading.capped or document.truncated:
        yield Gap(carrier=Carrier.TERMS, source=document.url, reason="longer than is read")

"""Licence links and licence metas: `rel=license`, Link fields, Dublin Core, RDFa, microdata.

HTML Living Standard 4.6.7.9, RFC 8288, RFC 4946, ccREL. A link in the head or the text speaks for the
page; one inside a figure, a sidebar or beside a picture speaks for that. RSL links are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from rightscheck.model import Document, Evidence, Finding, Gap
from rightscheck.site.link_scope import Cover, LinkScopes
from rightscheck.sources import Sources, asset_evidence, evidence
from rightscheck.syntax.html import Link
from rightscheck.syntax.http_fields import parse_links
from rightscheck.vocab import Carrier, Kind, Scope, Use
from rightscheck.vocabularies.licences import Licence, is_url, licence_findings, normalise, read_licences

RSL = "application/rsl+xml"
_NC = "non-commercial"
MAX_NAMED = 200
"""Licence references read from one page; the rest is not read."""

_RELS = frozenset(
    {"license", "licence", "dct:license", "dcterms:license", "cc:license", "schema:license", "xhv:license"}
)
_PROPERTIES = _RELS | {"og:license", "article:license", "dc:license", "dcterms.license"}
_LICENCE_METAS = frozenset(
    {
        "license",
        "licence",
        "dcterms.license",
        "dc.license",
        "dc.rights.license",
        "dc.rights.licence",
        "cc:license",
    }
)
_RIGHTS_METAS = frozenset(
    {"dc.rights", "dcterms.rights", "dc:rights", "dcterms:rights", "rights", "usage-rights"}
)
# Rights metas hold sentences and names of holders: only these beginnings are names of licences.
_PLAIN_NAMES = ("cc", "creative commons", "public domain", "open government licen", "gnu free doc")
_ADDRESSES = ("href", "resource", "src")
_CC_DEED = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/[a-z]", re.IGNORECASE
)
_CC_URL = re.compile(r"https?://(?:www\.)?creativecommons\.org/[A-Za-z0-9+./\-]{1,120}")


@dataclass(frozen=True, slots=True)
class _Named:
    """A licence as the page names it and what it covers. `text` is the link's own.

    The value of a link is an address, never a name.
    """

    value: str
    where: Evidence
    cover: Cover = Cover.PAGE
    text: str = ""
    is_link: bool = False

    @property
    def scope(self) -> Scope:
        return Scope.ASSET if self.cover is Cover.PAGE else Scope.MEDIA


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The documents of licences that no table knows, to be read as the site's terms are."""
    for named in _named(sources):
        is_address = named.is_link or is_url(named.value)
        if is_address and named.scope is not Scope.MEDIA and not _licences(named):
            url = urldefrag(_absolute(sources, named.value)).url
            if is_url(url) and url != urldefrag(_base(sources)).url:
                yield Carrier.TERMS, url


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """The licences that the page names, and the licence documents it points to that nobody has read."""
    page_licences: dict[str, Evidence] = {}
    seen: set[tuple[str, Scope]] = set()
    said: set[tuple[str, Scope]] = set()
    for named in _named(sources):
        mark = (named.value, named.scope)
        if mark in seen:
            continue
        seen.add(mark)
        licences = _licences(named)
        fresh = [licence for licence in licences if (licence.id, named.scope) not in said]
        said.update((licence.id, named.scope) for licence in fresh)
        for licence in fresh:
            if named.scope is not Scope.MEDIA:
                page_licences.setdefault(licence.id, named.where)
            if named.cover is Cover.SIDEBAR and sources.request.commercial and _NC in licence.traits:
                yield _beside(licence, named.where)
                continue
            yield from licence_findings(
                licence,
                rule=_rule(licence, named.scope),
                where=named.where,
                scope=named.scope,
                commercial=sources.request.commercial,
            )
        if not licences:
            yield _custom(sources, named)
    if len(page_licences) > 1:
        yield Finding(
            rule="licence/several",
            kind=Kind.NOTE,
            message=f"several licences are named, the strictest counts: {', '.join(sorted(page_licences))}",
            evidence=next(iter(page_licences.values())),
        )
    yield from _copyright_links(sources)


def _licences(named: _Named) -> tuple[Licence, ...]:
    """By URL or name; a link to a page of the publisher's own is known by its text, where that is a name."""
    if named.is_link and not is_url(named.value):
        return read_licences(named.text)
    return read_licences(named.value) or read_licences(named.text)


def _rule(licence: Licence, scope: Scope) -> str:
    return "licence/media" if scope is Scope.MEDIA else f"licence/{_slug(licence.id)}"


def _slug(identifier: str) -> str:
    name = identifier.lower().removeprefix("licenseref-")
    return re.sub(r"[^a-z0-9.\-]+", "-", name)


def _beside(licence: Licence, where: Evidence) -> Finding:
    """A sidebar permits nothing; most often it names the site's own licence, and what that refuses counts."""
    return Finding(
        rule="licence/sidebar",
        kind=Kind.POINTER,
        message=f"a sidebar names {licence.id}, which does not cover commercial use, and may mean the page",
        evidence=where,
        situation="licence/unclear",
        uses=frozenset(Use) - {Use.CRAWL, Use.SEARCH},
    )


def _custom(sources: Sources, named: _Named) -> Finding:
    """A licence that no table knows: its document would have to be read."""
    if named.scope is Scope.MEDIA:
        return Finding(
            rule="licence/media",
            kind=Kind.NOTE,
            message="a licence of its own is named beside a picture or other media",
            evidence=named.where,
            situation="licence/media",
        )
    url = _absolute(sources, named.value)
    reason = ""
    if not url.lower().startswith(("http://", "https://")):
        reason = "a licence is named that is no web address"
    elif url.partition("#")[0] == _base(sources).partition("#")[0]:
        reason = "the licence is said to stand in the page itself"
    elif sources.document_at(url) is not None:
        reason = "the licence document is at hand and read with the site's terms"
    return Finding(
        rule="licence/document" if reason else "licence/unread",
        kind=Kind.POINTER,
        message=reason or "the licence that the page points to was not read",
        evidence=named.where,
        situation="" if reason else "pointer/unread",
        contact=url if url.startswith("http") else "",
    )


def _base(sources: Sources) -> str:
    page = sources.asset.page
    return (page.final_url or page.url) if page is not None else (sources.asset.uri or "")


def _absolute(sources: Sources, reference: str) -> str:
    try:
        return urljoin(_base(sources), reference)
    except ValueError:
        return reference


# --- where licences are named -------------------------------------------------------------------------


def _named(sources: Sources) -> Iterator[_Named]:
    count = 0
    for named in _all_named(sources):
        if not named.value.strip():
            continue
        count += 1
        if count > MAX_NAMED:
            return
        yield named


def _all_named(sources: Sources) -> Iterator[_Named]:
    yield from _fields(sources.asset.page)
    if sources.html is None:
        return
    for key, content, attribute in sources.html.metas():
        if attribute == "name" and key in _LICENCE_METAS:
            yield _Named(content, asset_evidence(sources, f"meta:{key}", content))
        elif key in _RIGHTS_METAS and (name := _name_in_rights(content)):
            yield _Named(name, asset_evidence(sources, f"meta:{key}", content))
    scopes = LinkScopes()
    yield from _links(sources, scopes)
    yield from _properties(sources, scopes)


def _fields(page: Document | None) -> Iterator[_Named]:
    """Link fields of the response; a link with an anchor is about something else."""
    for line in page.header_lines("link") if page is not None else ():
        for link in parse_links(line):
            if page and link.rel & _RELS and link.param("type").lower() != RSL and not link.param("anchor"):
                yield _Named(link.target, evidence(page, "header:Link", link.raw), is_link=True)


def _name_in_rights(content: str) -> str:
    """The licence that a rights meta names: a URL, a plain name, or a Creative Commons URL in a sentence."""
    if is_url(content) or (normalise(content).startswith(_PLAIN_NAMES) and read_licences(content)):
        return content
    match = _CC_URL.search(content)
    return match[0].rstrip(".") if match else ""


def _links(sources: Sources, scopes: LinkScopes) -> Iterator[_Named]:
    if sources.html is None:
        return
    for link in sources.html.links():
        # MediaWiki names the licence of a page with rel=copyright.
        names_licence = "copyright" in link.rel and bool(read_licences(_absolute(sources, link.href)))
        names_licence = names_licence or _is_deed_in_footer(link, scopes)
        if not (link.rel & _RELS or names_licence) or link.type == RSL or "ugc" in link.rel or not link.href:
            continue
        where = asset_evidence(sources, "link:license", link.href)
        yield _Named(link.href, where, scopes.of(link.node), link.text[:200], is_link=True)


def _is_deed_in_footer(link: Link, scopes: LinkScopes) -> bool:
    """Whether a link of no relation leads to a Creative Commons deed from the page's footer."""
    return link.tag != "link" and bool(_CC_DEED.match(link.href)) and scopes.is_in_footer(link.node)


def _properties(sources: Sources, scopes: LinkScopes) -> Iterator[_Named]:
    """RDFa `property` and microdata `itemprop` that name a licence, on any element."""
    if sources.html is None:
        return
    for node in sources.html.property_nodes():
        attributes = node.attributes
        names = f"{attributes.get('property') or ''} {attributes.get('itemprop') or ''}".lower().split()
        if not any(name in _PROPERTIES or name.endswith(("/license", "#license")) for name in names):
            continue
        if _RELS & set((attributes.get("rel") or "").lower().split()):
            continue  # read as a link already
        given = [(key, attributes[key]) for key in ("content", *_ADDRESSES) if attributes.get(key)]
        key, value = given[0] if given else ("", node.text(deep=True))
        value = (value or "").strip()[:2000]
        locator = "meta:license" if node.tag == "meta" else "property:license"
        yield _Named(
            value, asset_evidence(sources, locator, value), scopes.of(node), is_link=key in _ADDRESSES
        )


def _copyright_links(sources: Sources) -> Iterator[Finding]:
    if sources.html is None:
        return
    for link in sources.html.links():
        if "copyright" in link.rel and link.href and not read_licences(_absolute(sources, link.href)):
            yield Finding(
                rule="licence/copyright-link",
                kind=Kind.POINTER,
                message="the page points to a copyright page",
                evidence=asset_evidence(sources, "link:copyright", link.href),
            )
            return

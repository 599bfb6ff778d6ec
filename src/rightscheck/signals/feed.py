"""RSS and Atom: rights texts and licences of a feed and of the item that is the page.

RSS 2.0, RSS 1.0 with Dublin Core, Atom (RFC 4287 4.2.10, RFC 4946), Creative Commons and Media RSS modules.
That a site offers a feed permits nothing. Licences in `rsl:content` are read by the RSL signal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from rightscheck.model import Document, Evidence, Finding, Gap
from rightscheck.robots import canonical_path
from rightscheck.sources import Sources, evidence
from rightscheck.syntax.xmltree import XmlFault, local_name, namespace, numbered, read_xml, text_of
from rightscheck.vocab import Carrier, Kind, Scope
from rightscheck.vocabularies.rights_text import Rules, licence_named, licences_in, rights_text

MAX_BYTES = 8 * 1024 * 1024
MAX_ITEMS = 5_000
MAX_SAID = 50
"""Different rights texts and licences reported of one feed."""
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml"})
_XML_TYPES = FEED_TYPES | {"application/rdf+xml", "application/xml", "text/xml"}

_RULES = Rules("feed/licence", "feed/unread", "feed/pointer", "feed/rights")
_ATOM = "http://www.w3.org/2005/Atom"
_DUBLIN_CORE = frozenset({"http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"})
_CREATIVE_COMMONS = frozenset(
    {
        "http://backend.userland.com/creativeCommonsRssModule",
        "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html",
        "http://creativecommons.org/ns#",
        "http://web.resource.org/cc/",
    }
)
_MEDIA = "http://search.yahoo.com/mrss/"
_RDF_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


@dataclass(frozen=True, slots=True)
class _Said:
    """A rights text or the address of a licence, in a feed (`of_item` False) or in one item."""

    value: str
    is_licence: bool
    locator: str
    of_item: bool
    media: bool


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the feeds at hand say of rights: the asset itself where it is one, else the page's item and channel."""
    page = sources.asset.page
    if page is not None and sources.html is None and sources.asset.media_type in _XML_TYPES:
        root = _parse(page)
        if not isinstance(root, XmlFault):
            yield from _report(_distinct(_everything(root)), page, sources, own=True)
    for document in sources.documents.get(Carrier.FEED, ()):
        yield from _read_feed(document, sources)


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The first feed that the page names on its own host."""
    address = _address(sources)
    for link in sources.html.links() if sources.html else ():
        if (
            "alternate" in link.rel
            and link.type.partition(";")[0].strip() in FEED_TYPES
            and link.tag == "link"
        ):
            try:
                url = urljoin(address, link.href)
                if urlsplit(url).netloc == urlsplit(address).netloc:
                    yield Carrier.FEED, url
                    return
            except ValueError:
                continue


def _read_feed(document: Document, sources: Sources) -> Iterator[Finding | Gap]:
    """A feed beside the page: the item that is the page speaks first, the channel for what it leaves unsaid."""
    if document.failure or (document.status is not None and document.status >= 500):
        reason = document.failure or f"status {document.status}"
        yield Gap(carrier=Carrier.FEED, source=document.url, reason=reason)
        return
    if document.status is not None and not 200 <= document.status < 300:
        return
    root = _parse(document)
    if isinstance(root, XmlFault):
        yield Gap(carrier=Carrier.FEED, source=document.url, reason=root.reason)
        return
    channel = [said for element, path in _channels(root) for said in _said(element, path, of_item=False)]
    items = [(item, path) for item, path in _items(root) if _is_page(item, _address(sources))]
    own = [said for item, path in items for said in _said(item, path, of_item=True)]
    texts = [said for said in channel if not any(o.is_licence == said.is_licence for o in own)]
    yield from _report(_distinct([*own, *texts]), document, sources, own=bool(items))


def _parse(document: Document) -> Element | XmlFault:
    """The feed's root; entities of HTML, which many feeds use undeclared, are read as their characters."""
    root = read_xml(document.body, max_bytes=MAX_BYTES)
    if isinstance(root, XmlFault) and "undefined entity" in root.reason:
        root = read_xml(_ENTITY.sub(_character, document.body), max_bytes=MAX_BYTES)
    if isinstance(root, XmlFault):
        return root
    kind = local_name(root.tag)
    if kind in ("rss", "RDF") or (kind == "feed" and namespace(root.tag) == _ATOM):
        return root
    return XmlFault(f"the root element is `{kind[:60]}`, not a feed's")


def _character(match: re.Match[bytes]) -> bytes:
    name = match[1]
    text = html5.get(name.decode("ascii") + ";", "")
    if name in _XML_ENTITIES or not text:
        return match[0] if name in _XML_ENTITIES else b""
    return "".join(f"&#{ord(character)};" for character in text).encode("ascii")


# --- what is said -----------------------------------------------------------------------------------


def _channels(root: Element) -> Iterator[tuple[Element, str]]:
    path = f"/{local_name(root.tag)}"
    if local_name(root.tag) == "feed":
        yield root, path
    for child, where in numbered(root, path):
        if local_name(child.tag) == "channel":
            yield child, where


def _items(root: Element) -> Iterator[tuple[Element, str]]:
    """RSS 2.0 items stand in the channel, those of RSS 1.0 and Atom entries beside it."""
    holders = [(root, f"/{local_name(root.tag)}"), *_channels(root)]
    count = 0
    for holder, path in {id(element): (element, where) for element, where in holders}.values():
        for child, where in numbered(holder, path):
            if local_name(child.tag) in ("item", "entry"):
                count += 1
                if count > MAX_ITEMS:
                    return
                yield child, where


def _everything(root: Element) -> Iterator[_Said]:
    for element, path in _channels(root):
        yield from _said(element, path, of_item=False)
    for element, path in _items(root):
        yield from _said(element, path, of_item=True)


def _said(element: Element, path: str, *, of_item: bool) -> Iterator[_Said]:
    """The rights texts and licences that an element says itself; Media RSS ones are about its media."""
    for child, where in numbered(element, path):
        name, space = local_name(child.tag), namespace(child.tag)
        if space == _MEDIA and name in ("content", "group"):
            yield from _of_media(child, where)
            continue
        value, is_licence = _value(child, name, space)
        if value:
            yield _Said(value, is_licence, f"xml:{where}", of_item, space == _MEDIA)


def _of_media(element: Element, path: str) -> Iterator[_Said]:
    for child, where in numbered(element, path):
        value, is_licence = _value(child, local_name(child.tag), namespace(child.tag))
        if value:
            yield _Said(value, is_licence, f"xml:{where}", True, True)


def _value(child: Element, name: str, space: str) -> tuple[str, bool]:
    """The text or address that an element holds, and whether it names a licence."""
    if name == "license" and (space in _CREATIVE_COMMONS or space == _MEDIA):
        return child.get(_RDF_RESOURCE) or child.get("href") or text_of(child, 2_000), True
    if name == "link" and (child.get("rel") or "").lower() == "license":
        return (child.get("href") or "").strip(), True
    is_rights = (
        (name == "copyright" and space in ("", _MEDIA))
        or (name in ("rights", "license") and space in _DUBLIN_CORE)
        or (name == "rights" and space == _ATOM)
    )
    return (text_of(child), False) if is_rights else ("", False)


def _is_page(item: Element, page: str) -> bool:
    for child in item:
        if (
            local_name(child.tag) in ("link", "guid", "id")
            and (child.get("rel") or "alternate") == "alternate"
        ):
            address = (child.get("href") or text_of(child, 2_000)).strip()
            try:
                same_host = urlsplit(address).netloc.lower() == urlsplit(page).netloc.lower() != ""
            except ValueError:
                continue
            if same_host and canonical_path(address) == canonical_path(page):
                return True
    return False


def _address(sources: Sources) -> str:
    page = sources.asset.page
    return (page.final_url if page else "") or sources.asset.uri or ""


def _distinct(found: Iterator[_Said] | list[_Said]) -> Iterator[_Said]:
    """Each text once, at most fifty."""
    seen: set[tuple[str, bool, bool]] = set()
    for said in found:
        mark = (said.value, said.is_licence, said.media)
        if mark in seen:
            continue
        seen.add(mark)
        if len(seen) > MAX_SAID:
            return
        yield said


# --- findings -----------------------------------------------------------------------------------------


def _report(found: Iterator[_Said], document: Document, sources: Sources, *, own: bool) -> Iterator[Finding]:
    """`own`: the feed, or an item of it, is the asset; else its licences are only noted."""
    for said in found:
        where = evidence(document, said.locator, said.value)
        scope = Scope.MEDIA if said.media else Scope.ASSET if said.of_item else Scope.SITE
        subject = "the feed's item" if said.of_item else "the feed"
        if not own:
            yield from _beside(said, where)
        elif said.is_licence:
            yield from licence_named([said.value], where, scope, sources, _RULES, subject)
        else:
            yield from rights_text(said.value, where, scope, sources, _RULES, subject)


def _beside(said: _Said, where: Evidence) -> Iterator[Finding]:
    """What a feed that does not hold the page says of itself: evidence, and licences that are not the page's."""
    names = [licence.id for licence in licences_in(said.value)] or ([said.value] if said.is_licence else [])
    for name in names:
        message = f"{name[:200]} is the licence of a feed that does not hold the page"
        yield Finding(rule=_RULES.licence, kind=Kind.NOTE, message=message, evidence=where)
    if not said.is_licence:
        kind = Kind.NOTE if said.media else Kind.COPYRIGHT
        yield Finding(rule=_RULES.text, kind=kind, message="a rights text in the feed", evidence=where)

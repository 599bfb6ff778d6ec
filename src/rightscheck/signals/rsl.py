"""RSL 1.0: pointers in robots.txt, headers, HTML, feeds and files, and the licences they lead to.

A pointer whose document cannot be had leaves the work unlicensed. Fetching stays with robots.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from rightscheck.media import embedded
from rightscheck.model import Document, Evidence, Finding, Gap, Statement
from rightscheck.robots import RobotsLine, RobotsTxt
from rightscheck.robots.served import served
from rightscheck.rsl import NAMESPACE, Offer, RslDocument, Term, read_rsl, read_rsl_element, weigh
from rightscheck.rsl.feeds import contents_of_feed
from rightscheck.rsl.scope import covering, origin
from rightscheck.sources import Sources, evidence
from rightscheck.syntax.html import HtmlDocument
from rightscheck.syntax.http_fields import parse_links
from rightscheck.syntax.xmltree import XmlFault
from rightscheck.vocab import Carrier, Kind, Preference, Scope, Standing, use_names

MEDIA_TYPE = "application/rsl+xml"
_EXACT = 1_000_000
"""Narrower than any path pattern: the licence stands on the page itself."""
_MEDIA_ELEMENTS = frozenset({"figure", "picture", "video", "audio", "figcaption"})
_ROWS = {
    Standing.EFFECTIVE: "denial/machine",
    Standing.INFERRED: "denial/neighbouring",
    Standing.MALFORMED: "denial/malformed",
    Standing.OVERRIDDEN: "denial/losing-layer",
    Standing.RETIRED: "denial/retired-label",
    Standing.UNLISTED: "rsl/unlisted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pointer:
    """Where a document is named. `url` is absolute, empty when the value is no usable address."""

    url: str
    written: str
    evidence: Evidence
    on_page: bool
    scope: Scope
    repair: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Licensing:
    """A document at hand: what it says, where it stands (`source`, locator prefix), and how it was found."""

    rsl: RslDocument
    source: Document
    prefix: str
    on_page: bool
    scope: Scope
    inline: bool = False


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The documents to read next: those that `pointers` names."""
    yield from ((Carrier.RSL, url) for url in pointers(sources))


def pointers(sources: Sources) -> tuple[str, ...]:
    """The absolute http(s) URLs of the RSL documents that robots.txt, headers and HTML name, each once."""
    return tuple(dict.fromkeys(pointer.url for pointer in _pointers(sources) if pointer.url))


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the RSL documents at hand permit, prohibit and ask for, and the pointers that lead nowhere."""
    found: list[_Licensing] = []
    for pointer in _distinct(_pointers(sources)):
        outcome = _follow(pointer, sources)
        if isinstance(outcome, str):
            yield _unread(pointer.evidence, f"the RSL document {pointer.written[:200]} {outcome}")
            continue
        if pointer.repair:
            yield _note("rsl/pointer", pointer.evidence, pointer.repair)
        found.append(outcome)
    for inline in _inline(sources):
        if isinstance(inline, Finding):
            yield inline
        else:
            found.append(inline)
    yield from _read_documents(found, sources)


# --- pointers -------------------------------------------------------------------------------------


def _pointers(sources: Sources) -> Iterator[_Pointer]:
    yield from _robots_pointers(sources)
    page = sources.asset.page
    if page is None:
        return
    where = _page_url(sources)
    for link in (link for line in page.header_lines("link") for link in parse_links(line)):
        if "license" in link.rel and _is_rsl(link.param("type")):
            yield _pointer(link.target, where, evidence(page, "header:link", link.raw), on_page=True)
    if sources.html is None:
        return
    for found in sources.html.links():
        if "license" in found.rel and _is_rsl(found.type):
            quote = f'<{found.tag} rel="license" type="{MEDIA_TYPE}" href="{found.href}">'
            parent = found.node.parent
            scope = Scope.MEDIA if parent is not None and parent.tag in _MEDIA_ELEMENTS else Scope.ASSET
            yield _pointer(
                found.href, where, evidence(page, "link:license", quote), on_page=True, scope=scope
            )


def _robots_pointers(sources: Sources) -> Iterator[_Pointer]:
    site = served(sources)
    if site is None:
        return
    lines: dict[int, tuple[RobotsLine, str]] = {}
    for agent in site.agents:
        for line, repair in _licence_lines(site.robots, agent):
            lines.setdefault(line.number, (line, repair))
    for _, (line, repair) in sorted(lines.items()):
        where = evidence(site.document, f"line:{line.number}", line.text.strip())
        base = site.document.final_url or site.document.url
        yield _pointer(line.value, base, where, on_page=False, repair=repair)


def _licence_lines(robots: RobotsTxt, agent: str) -> Iterator[tuple[RobotsLine, str]]:
    """The lines of the agent's group, else those outside any, else those that end the file.

    Groups end at the next `User-agent` line only, so a line at the end of the file belongs to the last group;
    publishers mean the site by it.
    """
    lines = _written(robots, agent) or _written(robots, None)
    if lines:
        yield from lines
        return
    if not robots.groups:
        return
    last = robots.groups[-1]
    after = max((rule.number for rule in last.rules), default=0)
    for line in last.lines:
        if line.key in ("license", "licence") and line.number > after:
            yield line, "the `License` line stands in the last group, for another agent; read as the site's"


def _written(robots: RobotsTxt, agent: str | None) -> list[tuple[RobotsLine, str]]:
    found = [(line, "") for line in robots.lines("license", agent)]
    repair = "`Licence` is no key of robots.txt; read as `License`"
    found += [(line, repair) for line in robots.lines("licence", agent)]
    return sorted(found, key=lambda one: one[0].number)


def _pointer(
    value: str, base: str, where: Evidence, *, on_page: bool, scope: Scope = Scope.ASSET, repair: str = ""
) -> _Pointer:
    written = value.strip().strip("<>").strip()
    try:
        url = urldefrag(urljoin(base, written)).url
        usable = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
        relative = not urlsplit(written).scheme
    except ValueError:
        url, usable, relative = "", False, False
    if usable and relative:
        repair = repair or f"relative address `{written[:200]}`; RSL asks for an absolute one"
    return _Pointer(
        url=url if usable and written else "",
        written=written,
        evidence=where,
        on_page=on_page,
        scope=scope if on_page else Scope.SITE,
        repair=repair,
    )


def _distinct(found: Iterator[_Pointer]) -> list[_Pointer]:
    """One pointer per document: the widest of those on the page, else the one in robots.txt."""
    kept: dict[str, _Pointer] = {}
    for pointer in found:
        key = pointer.url or f"!{pointer.written}"
        known = kept.get(key)
        if known is None:
            kept[key] = pointer
        elif pointer.on_page and (not known.on_page or known.scope is Scope.MEDIA):
            kept[key] = replace(pointer, evidence=known.evidence) if not known.on_page else pointer
    return list(kept.values())


def _follow(pointer: _Pointer, sources: Sources) -> _Licensing | str:
    """The document that a pointer leads to, or why it cannot be read."""
    if not pointer.url:
        return "has no usable address"
    document = _document(pointer.url, sources)
    if document is None:
        return "was not read"
    if document.failure:
        return f"could not be had: {document.failure}"
    if not _ok(document):
        return f"answers {document.status}"
    rsl = read_rsl(document.body)
    if isinstance(rsl, XmlFault):
        return f"is not valid: {rsl.reason}"
    return _Licensing(rsl=rsl, source=document, prefix="xml:", on_page=pointer.on_page, scope=pointer.scope)


def _document(url: str, sources: Sources) -> Document | None:
    for document in sources.documents.get(Carrier.RSL, ()):
        if url in (urldefrag(document.url).url, urldefrag(document.final_url).url):
            return document
    return None


def _scope_of(node: LexborNode) -> Scope:
    """`MEDIA` for what stands in a figure or player, else `ASSET`: a licence covers its parent element."""
    parent = node.parent
    for _ in range(64):
        if parent is None:
            break
        if parent.tag in _MEDIA_ELEMENTS:
            return Scope.MEDIA
        parent = parent.parent
    return Scope.ASSET


def _is_rsl(media_type: str | None) -> bool:
    return (media_type or "").partition(";")[0].strip().lower() == MEDIA_TYPE


def _ok(document: Document) -> bool:
    return document.status is None or 200 <= document.status < 300


def _page_url(sources: Sources) -> str:
    page = sources.asset.page
    return (page.final_url if page else "") or sources.asset.uri or ""


# --- documents that need no pointer ---------------------------------------------------------------


def _inline(sources: Sources) -> Iterator[_Licensing | Finding]:
    """Inline scripts, an RSL body in place of the page, RSL in the page's feed and in the file's metadata."""
    page = sources.asset.page
    if page is not None:
        if _is_rsl(page.header("content-type")):
            yield _standing(read_rsl(page.body), page, "xml:", "the body")
        elif sources.html is not None:
            yield from _scripts(sources.html, page)
    for document, scope in embedded.files(sources):
        if scope is Scope.ASSET and NAMESPACE.encode() in document.body:
            for packet in embedded.packets(document.body):
                yield from _in_metadata(packet, document)
    for feed in sources.documents.get(Carrier.FEED, ()):
        if not feed.failure and _ok(feed) and NAMESPACE.encode() in feed.body:
            yield from _in_feed(feed, sources)
    if page is not None and sources.html is None and _ok(page) and NAMESPACE.encode() in page.body:
        yield from _in_feed(page, sources)


def _scripts(html: HtmlDocument, page: Document) -> Iterator[_Licensing | Finding]:
    for number, node in enumerate(html.script_nodes(MEDIA_TYPE), 1):
        text = (node.text(deep=True) or "").strip()
        rsl = read_rsl(text.encode("utf-8", "replace"))
        yield _standing(rsl, page, f"xml:/script[{number}]", "the inline script", _scope_of(node))


def _standing(
    rsl: RslDocument | XmlFault, page: Document, prefix: str, name: str, scope: Scope = Scope.ASSET
) -> _Licensing | Finding:
    if isinstance(rsl, XmlFault):
        return _unread(evidence(page, prefix), f"the RSL document in {name} is not valid: {rsl.reason}")
    return _Licensing(rsl=rsl, source=page, prefix=prefix, on_page=True, scope=scope, inline=True)


def _in_metadata(packet: embedded.Packet, page: Document) -> Iterator[_Licensing | Finding]:
    if packet.root is None:
        return
    for element in packet.root.iter(f"{{{NAMESPACE}}}rsl"):
        yield _standing(read_rsl_element(element), page, packet.locator, "the file's metadata")


def _in_feed(feed: Document, sources: Sources) -> Iterator[_Licensing]:
    """`rsl:content` of the items that are this page, or of all where the feed itself is the asset."""
    page = _page_url(sources)
    itself = feed is sources.asset.page
    if origin(feed.final_url or feed.url) != origin(page):
        return
    for rsl, named in contents_of_feed(feed.body, page, every=itself):
        yield _Licensing(rsl=rsl, source=feed, prefix="xml:", on_page=named, scope=Scope.ASSET, inline=itself)


# --- evaluation -----------------------------------------------------------------------------------


def _read_documents(found: list[_Licensing], sources: Sources) -> Iterator[Finding]:
    page = _page_url(sources)
    offers: list[Offer] = []
    by_document: dict[int, _Licensing] = {}
    for number, one in enumerate(found):
        by_document[number] = one
        yield from _about(one)
        own = list(_offers(one, number, page))
        if not own and one.source.carrier is Carrier.FEED and _is_elsewhere(one, page):
            where = evidence(one.source, f"{one.prefix}/rsl")
            yield _note("rsl/other-origin", where, "an item of the feed licenses content of another origin")
        elif not own and one.on_page and not one.rsl.faults:
            where = evidence(one.source, f"{one.prefix}/rsl")
            yield _unread(where, "the page points to an RSL document that does not cover the page")
        offers += own if one.scope is not Scope.MEDIA else ()
        if one.scope is Scope.MEDIA:
            yield from (_finding(term, one) for term in weigh(own, sources.request))
    for term in weigh(offers, sources.request):
        yield _finding(term, by_document[term.offer.document])


def _is_elsewhere(one: _Licensing, page: str) -> bool:
    """Whether all that it licenses lies on other origins, which a feed cannot speak for."""
    urls = [content.url for content in one.rsl.contents]
    return bool(urls) and all("//" in url and origin(url) != origin(page) for url in urls)


def _about(one: _Licensing) -> Iterator[Finding]:
    """What is to be known of the document as a whole: how long it holds, what is wrong with it."""
    where = evidence(one.source, f"{one.prefix}/rsl")
    if one.rsl.faults:
        yield _unread(where, "the RSL document is not conformant: " + "; ".join(one.rsl.faults))
    if one.rsl.flags:
        yield _note(
            "rsl/repaired", where, "the RSL document was read leniently: " + "; ".join(one.rsl.flags[:8])
        )
    if one.rsl.max_age is not None:
        quote = f'max-age="{one.rsl.max_age}"'
        message = f"the RSL document is to be asked for again after {one.rsl.max_age} days"
        yield _note("rsl/max-age", replace(where, quote=quote), message)


def _offers(one: _Licensing, number: int, page: str) -> Iterator[Offer]:
    for content in one.rsl.contents:
        specificity = _EXACT if one.inline or (one.on_page and not content.url) else None
        if specificity is None:
            specificity = covering(content.url, page)
        if specificity is None:
            continue
        for licence in content.licences:
            yield Offer(
                content=content,
                licence=licence,
                specificity=specificity,
                document=number,
                faulty=bool(one.rsl.faults),
            )


# --- findings -------------------------------------------------------------------------------------


def _finding(term: Term, one: _Licensing) -> Finding:
    denial = term.preference is Preference.DISALLOW
    statement = Statement(
        preference=term.preference,
        uses=term.uses,
        standing=term.standing,
        scope=one.scope,
        exception=term.exception,
        conditions=term.conditions,
        non_commercial=term.non_commercial,
    )
    rule = "rsl/permits"
    if denial:
        rule = "rsl/unlisted" if term.standing is Standing.UNLISTED else "rsl/prohibits"
    literal = term.literal and one.scope is not Scope.MEDIA
    return Finding(
        rule=rule,
        kind=Kind.RESERVATION if term.preference is not Preference.ALLOW else Kind.PERMISSION,
        message=_message(term),
        evidence=evidence(one.source, one.prefix + term.path, term.quote),
        statement=None if literal else statement,
        situation=_ROWS[term.standing] if literal else "",
        uses=term.uses if literal else frozenset(),
        contact=term.offer.licence.contact,
    )


def _message(term: Term) -> str:
    uses = " ".join(use_names(term.uses))
    if term.preference is Preference.ALLOW:
        return f"an RSL licence permits {uses} free of conditions"
    if term.preference is Preference.CONDITIONAL:
        return f"an RSL licence permits {uses} on condition: {'; '.join(term.conditions)[:300]}"
    if term.standing is Standing.UNLISTED:
        return f"an RSL licence lists what it permits and leaves out {uses}"
    if term.standing is Standing.OVERRIDDEN:
        return f"an RSL licence for a wider scope prohibits {uses}"
    return f"an RSL licence {term.reason}: {uses}"


def _unread(where: Evidence, message: str) -> Finding:
    return Finding(
        rule="rsl/unread", kind=Kind.POINTER, message=message, evidence=where, situation="rsl/unread"
    )


def _note(rule: str, where: Evidence, message: str) -> Finding:
    return Finding(rule=rule, kind=Kind.NOTE, message=message, evidence=where)

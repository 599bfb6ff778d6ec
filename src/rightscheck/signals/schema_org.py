"""schema.org rights properties in JSON-LD, microdata and RDFa, bound to the node that describes the page.

license, usageInfo, acquireLicensePage, copyrightHolder, copyrightYear, isAccessibleForFree,
conditionsOfAccess, creditText (schema.org 29). A picture's node speaks for the picture, WebSite and
Organization for the site, other pages' nodes for nobody here. Licences in microdata are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from rightscheck.model import Evidence, Finding, Gap
from rightscheck.sources import Sources, asset_evidence
from rightscheck.syntax.json_text import JsonValue
from rightscheck.syntax.linked_data import LinkedData, Node, escape, local_name, read_scripts, strings
from rightscheck.syntax.microdata import ORIGIN as MICRODATA
from rightscheck.syntax.microdata import read_items
from rightscheck.vocab import Carrier, Kind, Scope
from rightscheck.vocabularies.licences import is_url, licence_findings, read_licences

_MEDIA = frozenset("imageobject photograph videoobject audioobject mediaobject imagegallery clip".split())
_SITE = frozenset("website organization newsmediaorganization corporation newspaper periodical".split())
_WORKS = frozenset(
    "article newsarticle blogposting socialmediaposting report scholarlyarticle techarticle liveblogposting "
    "analysisnewsarticle askpublicnewsarticle backgroundnewsarticle opinionnewsarticle reportagenewsarticle "
    "reviewnewsarticle satiricalarticle advertisercontentarticle creativework dataset book chapter recipe "
    "howto review webcontent digitaldocument presentation poem shortstory course learningresource "
    "legislation".split()
)
_PAGE_PROPERTIES = frozenset({"mainEntity", "mainEntityOfPage"})
_NOT_FREE = frozenset({"false", "no", "0"})
_RIGHTS_WORDS = ("license", "usageInfo", "acquireLicensePage", "isAccessibleForFree", "conditionsOfAccess")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b", re.ASCII)
MAX_PER_PROPERTY = 20


@dataclass(frozen=True, slots=True)
class _Bound:
    """A node and what it speaks for."""

    node: Node
    scope: Scope


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The licences that no table knows and the terms of use that the page's structured data name."""
    if sources.html is None:
        return
    for data, bound in _all_bound(sources, read_scripts(sources.html.json_ld())):
        if bound.scope is Scope.MEDIA:
            continue
        named = strings(bound.node.value.get("usageInfo"), "url", "@id")[:MAX_PER_PROPERTY]
        if "license" in bound.node.value:
            texts = _licence_texts(data, bound.node.value["license"])[:MAX_PER_PROPERTY]
            named += [text for text, _ in texts if not read_licences(text)]
        for url in (text for text in named if is_url(text) or _is_path(text)):
            yield Carrier.TERMS, _absolute(sources, url).partition("#")[0]


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the page's structured data say of rights and access."""
    if sources.html is None:
        return
    scripts = sources.html.json_ld()
    data = read_scripts(scripts)
    yield from _broken(sources, data, scripts)
    seen: set[tuple[str, str, Scope]] = set()
    for around, bound in _all_bound(sources, data):
        for key, finding in _node(sources, around, bound):
            mark = (finding.rule, key, bound.scope)
            if mark not in seen:
                seen.add(mark)
                yield finding
    if not any(rule == "schema-org/paywall" for rule, _, _ in seen):
        yield from _marked_up(sources)


def _all_bound(sources: Sources, data: LinkedData) -> Iterator[tuple[LinkedData, _Bound]]:
    """What the page's scripts and its markup describe, each with what it is part of."""
    if data.nodes:
        yield from ((data, bound) for bound in _bind(sources, data))
    items = LinkedData()
    for node in read_items(sources.html) if sources.html is not None else ():
        items.add(node)
    if items.nodes:
        yield from ((items, bound) for bound in _bind(sources, items))


def _broken(sources: Sources, data: LinkedData, scripts: tuple[str, ...]) -> Iterator[Finding]:
    """Scripts that are no JSON: worth a look only where they mention rights or access."""
    for number in data.broken:
        word = next((word for word in _RIGHTS_WORDS if f'"{word}"' in scripts[number]), "")
        yield Finding(
            rule="schema-org/unreadable",
            kind=Kind.POINTER if word else Kind.NOTE,
            message="structured data of the page cannot be read"
            + (f", and they mention {word}" if word else ""),
            evidence=asset_evidence(sources, f"json-ld:{number}"),
            situation="pointer/unread" if word else "",
        )


# --- what a node speaks for ------------------------------------------------------------------------------


def _bind(sources: Sources, data: LinkedData) -> Iterator[_Bound]:
    addresses = _addresses(sources)
    works = [node for node in data.nodes if _is_work(node)]
    top = [node for node in works if not set(node.parents) - _PAGE_PROPERTIES]
    paths = frozenset(address[address.find("/") :] for address in addresses if "/" in address)
    named = [node for node in works if _describes(node, addresses, paths)]
    pages = named + [node for node in top if not _urls_of(node)]
    if not named and (
        not addresses or len({_address(url) for node in top for url in _urls_of(node)[:1]}) == 1
    ):
        # One work alone at the top is the page even under another address: a canonical one, a mobile one.
        pages = top
    described = {node.pointer for node in pages}
    for node in data.nodes:
        if node.pointer in described:
            yield _Bound(node, Scope.ASSET)
        elif node.types & _MEDIA:
            yield _Bound(node, Scope.MEDIA)
        elif node.types & _SITE and set(node.parents) <= {"isPartOf"}:
            yield _Bound(node, Scope.SITE)


def _is_work(node: Node) -> bool:
    return any(name in _WORKS or name.endswith("page") for name in node.types) and not node.types & _MEDIA


def _describes(node: Node, addresses: frozenset[str], paths: frozenset[str]) -> bool:
    """Whether the node names one of the page's own addresses, or says that it is what the page is about."""
    main = node.value.get("mainEntityOfPage")
    if main is True or (isinstance(main, str) and main.lower() == "true"):
        return True
    return any(_address(url) in (paths if _is_path(url) else addresses) for url in _urls_of(node))


def _is_path(url: str) -> bool:
    return url.startswith("/") and not url.startswith("//")


def _urls_of(node: Node) -> list[str]:
    found = [
        text
        for key in ("url", "@id", "mainEntityOfPage")
        for text in strings(node.value.get(key), "@id", "url")
    ]
    return [url for url in found if is_url(url) or url.startswith("/")][:20]


def _addresses(sources: Sources) -> frozenset[str]:
    """The page's own addresses: as asked, as delivered, and the canonical one it names."""
    page = sources.asset.page
    urls = [sources.asset.uri or ""]
    if page is not None:
        urls += [page.url, page.final_url]
    if sources.html is not None:
        urls += [
            link.href for link in sources.html.links() if link.tag == "link" and "canonical" in link.rel
        ][:1]
    return frozenset(_address(url) for url in urls if url)


def _address(url: str) -> str:
    """Host and path without `www.`, fragment and final slash; a relative one without host."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return url
    return (
        host.removeprefix("www.")
        + (parts.path.rstrip("/") or "")
        + (f"?{parts.query}" if parts.query else "")
    )


# --- what a node says --------------------------------------------------------------------------------------


def _node(sources: Sources, data: LinkedData, bound: _Bound) -> Iterator[tuple[str, Finding]]:
    """The findings of a node, each with a key by which repetitions are told."""
    value = bound.node.value
    if "license" in value:
        yield from _licences(sources, data, bound)
    if bound.scope is Scope.MEDIA:
        return
    for url in strings(value.get("usageInfo"), "url", "@id")[:MAX_PER_PROPERTY]:
        yield (
            url,
            _pointer(sources, bound, "usageInfo", url, "usage-info", "terms of use that the page points to"),
        )
    for url in strings(value.get("acquireLicensePage"), "url", "@id")[:MAX_PER_PROPERTY]:
        yield (
            url,
            _note(
                sources,
                bound,
                "acquireLicensePage",
                url,
                "acquire-licence",
                "licences are sold or given here",
                url,
            ),
        )
    yield from _copyright(sources, data, bound)
    if bound.scope is Scope.ASSET and (marked := _paid(value)):
        yield "", _paywall(_where(sources, bound.node, *marked))
    for name, slug, message in _NOTED:
        for text in strings(value.get(name), "name")[:1]:
            yield text, _note(sources, bound, name, text, slug, message)


_NOTED = (
    ("conditionsOfAccess", "conditions-of-access", "the page names conditions of access"),
    ("creditText", "credit-text", "the page says whom to credit"),
)


def _where(sources: Sources, node: Node, name: str, quote: str) -> Evidence:
    """Evidence for a property of a node; without a name, for the node itself."""
    if node.origin == MICRODATA:
        return asset_evidence(sources, f"property:{name or node.pointer}", quote)
    step = f"/{escape(node.keys.get(name, name))}" if name else ""
    return asset_evidence(sources, f"json-ld:{node.pointer}{step}", quote)


def _licences(sources: Sources, data: LinkedData, bound: _Bound) -> Iterator[tuple[str, Finding]]:
    for text, referred in _licence_texts(data, bound.node.value["license"])[:MAX_PER_PROPERTY]:
        where = _where(sources, referred or bound.node, "" if referred else "license", text)
        licences = read_licences(text)
        for licence in licences:
            for finding in licence_findings(
                licence,
                rule="schema-org/media-licence" if bound.scope is Scope.MEDIA else "schema-org/licence",
                where=where,
                scope=bound.scope,
                commercial=sources.request.commercial,
            ):
                yield f"{licence.id} {finding.situation}", finding
        if not licences and bound.scope is not Scope.MEDIA:
            yield (
                text,
                _pointer(
                    sources, bound, "license", text, "licence-unread", "the licence that the page points to"
                ),
            )


def _licence_texts(data: LinkedData, value: JsonValue) -> list[tuple[str, Node | None]]:
    """URLs or names of licences, and the node that they stand in where the property only refers to it."""
    texts: list[tuple[str, Node | None]] = []
    for item in (value if isinstance(value, list) else [value])[:MAX_PER_PROPERTY]:
        node = _referred(data, item)
        found = node.value if node is not None else item
        texts += [(text, node) for text in strings(found, "url", "sameAs", "@id", "name")]
    return texts


def _referred(data: LinkedData, value: JsonValue) -> Node | None:
    """The node that a bare reference leads to."""
    reference = (
        value.get("@id") if isinstance(value, dict) and "name" not in value and "url" not in value else None
    )
    return data.with_id(reference) if isinstance(reference, str) else None


def _pointer(sources: Sources, bound: _Bound, name: str, url: str, slug: str, message: str) -> Finding:
    absolute = _absolute(sources, url)
    at_hand = sources.document_at(absolute) is not None
    return Finding(
        rule=f"schema-org/{slug}",
        kind=Kind.POINTER,
        message=f"{message}: {'at hand, read with the terms' if at_hand else 'not read'}",
        evidence=_where(sources, bound.node, name, url),
        situation="" if at_hand else "pointer/unread",
        contact=absolute if is_url(absolute) else "",
    )


def _absolute(sources: Sources, url: str) -> str:
    base = sources.asset.page.url if sources.asset.page is not None else (sources.asset.uri or "")
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _note(
    sources: Sources, bound: _Bound, name: str, text: str, slug: str, message: str, contact: str = ""
) -> Finding:
    return Finding(
        rule=f"schema-org/{slug}",
        kind=Kind.NOTE,
        message=message,
        evidence=_where(sources, bound.node, name, text),
        contact=contact,
    )


def _copyright(sources: Sources, data: LinkedData, bound: _Bound) -> Iterator[tuple[str, Finding]]:
    """The claim of copyright; the words of `copyrightNotice` are read as a sentence elsewhere."""
    value = bound.node.value
    notice = next(iter(strings(value.get("copyrightNotice"))), "")
    holder, referred = _holder(data, value.get("copyrightHolder"))
    years = _years(value.get("copyrightYear"))
    if not (notice or holder or years):
        return
    name = "copyrightHolder" if holder else "copyrightNotice" if notice else "copyrightYear"
    quote = holder or notice or str(years[0])
    yield (
        f"{holder} {notice} {years}",
        Finding(
            rule="schema-org/copyright",
            kind=Kind.COPYRIGHT,
            message="the page's structured data claim copyright",
            evidence=_where(sources, referred or bound.node, "" if referred else name, quote),
            holder=holder or None,
            years=years,
        ),
    )


def _holder(data: LinkedData, value: JsonValue) -> tuple[str, Node | None]:
    """The holder's name, and the node that it stands in where the property only refers to it."""
    for item in (value if isinstance(value, list) else [value])[:MAX_PER_PROPERTY]:
        node = _referred(data, item)
        names = strings(node.value if node is not None else item, "name", "legalName")
        if names and not is_url(names[0]):
            return names[0][:300], node
    return "", None


def _years(value: JsonValue) -> tuple[int, ...]:
    found = value if isinstance(value, list) else [value]
    years = {
        int(year)
        for item in found[:20]
        if isinstance(item, (int, str))
        for year in _YEAR.findall(str(item)[:100])
    }
    return tuple(sorted(years))


# --- access ------------------------------------------------------------------------------------------------


def _paid(value: dict[str, JsonValue]) -> tuple[str, str] | None:
    """The property that marks the node or a part of it as not free, and its value as a quote."""
    free = value.get("isAccessibleForFree")
    if _is_not_free(free):
        return "isAccessibleForFree", free if isinstance(
            free, str
        ) else "0" if free == 0 and free is not False else "false"
    found = value.get("hasPart")
    parts = found if isinstance(found, list) else [found]
    if any(isinstance(part, dict) and _is_not_free(part.get("isAccessibleForFree")) for part in parts[:100]):
        return "hasPart", ""
    return None


def _is_not_free(value: JsonValue) -> bool:
    if isinstance(value, list):
        return any(_is_not_free(item) for item in value[:20])
    if isinstance(value, dict):
        return _is_not_free(value.get("@value", value.get("@id")))
    if isinstance(value, str):
        return local_name(value.strip()).lower() in _NOT_FREE
    return value is False or (isinstance(value, int) and value == 0)


def _paywall(where: Evidence) -> Finding:
    return Finding(
        rule="schema-org/paywall",
        kind=Kind.NOTE,
        message="the page marks itself, or part of it, as not accessible for free",
        evidence=where,
        situation="page/paywall",
    )


def _marked_up(sources: Sources) -> Iterator[Finding]:
    """The same marker as microdata or as OpenGraph's content tier."""
    if sources.html is None:
        return
    for key, content, attribute in sources.html.metas():
        microdata = key == "isaccessibleforfree" and attribute == "itemprop" and _is_not_free(content)
        if microdata or (key == "article:content_tier" and content.lower() in ("locked", "metered")):
            yield _paywall(asset_evidence(sources, f"meta:{key}", content))
            return

"""JATS articles (ANSI/NISO Z39.96): the permissions of the article, and the licence references of NISO RP-22.

`permissions` of the article's own metadata speaks for the text; one inside a figure, table or other part speaks
for that part. A `license_ref` whose start date lies ahead is none yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from rightscheck.media.embedded import files
from rightscheck.model import Document, Finding, Gap
from rightscheck.sources import Sources, evidence
from rightscheck.syntax.xmltree import XmlFault, local_name, numbered, quote_of, read_xml, text_of
from rightscheck.vocab import Carrier, Kind, Scope
from rightscheck.vocabularies.rights_text import Rules, is_address, licence_named, rights_text

MAX_FOUND = 200
_ROOTS = frozenset({"article", "book", "book-part-wrapper", "articles"})
_PARTS = frozenset(
    {
        "fig", "fig-group", "table-wrap", "table-wrap-group", "media", "graphic", "inline-graphic", "boxed-text",
        "supplementary-material", "chem-struct-wrap", "disp-quote", "verse-group", "code", "preformat", "statement",
    }
)  # fmt: skip
_RULES = Rules("licence/embedded", "licence/unread", "licence/document", "licence/rights")
_SUBJECT = "the JATS article"


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the JATS articles at hand say of copyright and licences."""
    for document, scope in files(sources):
        head = document.body[:8192]
        if b"permissions" not in document.body or not (b"<article" in head or b"<book" in head):
            continue
        root = read_xml(document.body)
        if isinstance(root, XmlFault):
            yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=f"JATS: {root.reason}")
            continue
        if local_name(root.tag) not in _ROOTS:
            continue
        for count, (element, path, part) in enumerate(
            _permissions(root, f"/{local_name(root.tag)}", part=False)
        ):
            if count == MAX_FOUND:
                break
            own = Scope.MEDIA if part else scope
            yield from _read_permissions(element, path, own, document, sources)


def _permissions(element: Element, path: str, *, part: bool) -> Iterator[tuple[Element, str, bool]]:
    """Each `permissions` in document order, with whether it is that of a part; the reader bounds the depth."""
    for child, where in numbered(element, path):
        name = local_name(child.tag)
        if name == "permissions":
            yield child, where, part
        else:
            yield from _permissions(child, where, part=part or name in _PARTS)


def _read_permissions(
    element: Element, path: str, scope: Scope, document: Document, sources: Sources
) -> Iterator[Finding]:
    told = list(numbered(element, path))
    for child, where in told:
        name = local_name(child.tag)
        if name == "copyright-statement":
            place = evidence(document, f"xml:{where}", text_of(child, 1_000))
            yield from rights_text(place.quote, place, scope, sources, _RULES, _SUBJECT)
        elif name == "license":
            yield from _licence(child, where, scope, document, sources)
    if not any(local_name(child.tag) == "copyright-statement" for child, _ in told):
        yield from _holder(told, scope, document)


def _holder(told: list[tuple[Element, str]], scope: Scope, document: Document) -> Iterator[Finding]:
    """The holder and year where no statement says both in a sentence."""
    for child, where in told:
        if local_name(child.tag) == "copyright-holder" and text_of(child, 300):
            years = [text_of(one, 10) for one, _ in told if local_name(one.tag) == "copyright-year"]
            yield Finding(
                rule="licence/holder",
                kind=Kind.NOTE if scope is Scope.MEDIA else Kind.COPYRIGHT,
                message=f"a copyright holder in {_SUBJECT}",
                evidence=evidence(document, f"xml:{where}", quote_of(child)),
                holder=text_of(child, 300),
                years=tuple(int(year) for year in years if year.isdecimal() and len(year) == 4),
            )
            return


def _licence(
    element: Element, path: str, scope: Scope, document: Document, sources: Sources
) -> Iterator[Finding]:
    """A `license`: its references and addresses, else its words."""
    ahead = list(_ahead(element, sources.request.on))
    for reference, start in ahead:
        yield Finding(
            rule="licence/document",
            kind=Kind.NOTE,
            message=f"a licence that starts on {start.isoformat()}",
            evidence=evidence(document, f"xml:{path}", quote_of(reference)),
        )
    later = {id(reference) for reference, _ in ahead}
    addresses = list(dict.fromkeys(_addresses(element, later)))
    where = evidence(document, f"xml:{path}", quote_of(element))
    yield from licence_named(addresses, where, scope, sources, _RULES, _SUBJECT)
    for child, at in numbered(element, path):
        if local_name(child.tag) in ("license-p", "p") and text_of(child):
            place = evidence(document, f"xml:{at}", text_of(child, 2_000))
            words = rights_text(place.quote, place, scope, sources, _RULES, _SUBJECT)
            yield from (finding for finding in words if not addresses or finding.rule == _RULES.text)


def _addresses(element: Element, later: set[int]) -> Iterator[str]:
    """The licence's addresses: its own link, its references in force, links in its words where neither is given."""
    own = [value.strip() for key, value in element.attrib.items() if local_name(key) == "href"]
    references = [
        text_of(one, 500)
        for one in element.iter()
        if local_name(one.tag) == "license_ref" and id(one) not in later
    ]
    linked = (
        value.strip()
        for one in element.iter()
        if local_name(one.tag) in ("ext-link", "uri")
        for key, value in one.attrib.items()
        if local_name(key) == "href"
    )
    found = [value for value in (*own, *references) if is_address(value)]
    yield from found or (value for value in linked if is_address(value))


def _ahead(element: Element, on: date) -> Iterator[tuple[Element, date]]:
    """The references that are not in force yet; a date that cannot be read holds nothing back."""
    for reference in element.iter():
        if local_name(reference.tag) != "license_ref":
            continue
        try:
            start = date.fromisoformat(reference.attrib.get("start_date", "")[:10])
        except ValueError:
            continue
        if start > on:
            yield reference, start

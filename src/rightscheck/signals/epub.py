"""EPUB: TDM reservation, rights and licences in the package metadata (TDMRep 2024-05-10, EPUB 3.3 5.5).

EPUB 2 writes `<meta name="tdm:reservation" content="1"/>`, EPUB 3 `<meta property="tdm:reservation">1</meta>`;
either covers the whole publication.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from rightscheck.media.embedded import files
from rightscheck.model import Document, Evidence, Finding, Gap
from rightscheck.sources import Sources, evidence
from rightscheck.syntax.xmltree import XmlFault, local_name, namespace, numbered, quote_of, read_xml, text_of
from rightscheck.syntax.zipped import Archive, open_archive
from rightscheck.vocab import Carrier, Scope
from rightscheck.vocabularies.reservation import reservation
from rightscheck.vocabularies.rights_text import Rules, licence_named, rights_text

MEDIA_TYPE = "application/epub+zip"
_RULES = Rules("licence/embedded", "licence/unread", "licence/document", "licence/rights")
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_LICENCE_NAMES = frozenset({"dcterms:license", "cc:license", "schema:license", "license"})
_MAX_PACKAGES = 4


@dataclass(frozen=True, slots=True)
class _Meta:
    """One statement of the package metadata: `tdm:reservation`, `dc:rights` ..., with its value."""

    name: str
    value: str
    where: Evidence


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the package metadata of EPUB files at hand says, and EPUB files that cannot be read."""
    for document, scope in files(sources):
        if not _is_epub(document, sources):
            continue
        packages = _packages(document)
        if isinstance(packages, str):
            yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=f"EPUB: {packages}")
            continue
        metas = [meta for root, name in packages for meta in _metas(root, name, document)]
        yield from _read(metas, scope, sources)


def _is_epub(document: Document, sources: Sources) -> bool:
    """By the media type, or by the uncompressed `mimetype` entry that comes first (OCF 4.2)."""
    if not document.body.startswith(b"PK\x03\x04"):
        return False
    declared = sources.asset.media_type if document is sources.asset.page else document.header("content-type")
    return (declared or "").startswith(MEDIA_TYPE) or MEDIA_TYPE.encode() in document.body[:100]


def _packages(document: Document) -> list[tuple[Element, str]] | str:
    """The package documents that container.xml names, each with its path; or why there is none."""
    archive = open_archive(document.body)
    if isinstance(archive, str):
        return archive
    container = _xml(archive, "META-INF/container.xml")
    if isinstance(container, str):
        return container
    paths = [
        element.get("full-path") or ""
        for element in container.iter()
        if local_name(element.tag) == "rootfile" and element.get("full-path")
    ]
    if not paths:
        return "container.xml names no package"
    packages: list[tuple[Element, str]] = []
    for path in list(dict.fromkeys(paths))[:_MAX_PACKAGES]:
        root = _xml(archive, path)
        if isinstance(root, str):
            return root
        packages.append((root, path))
    return packages


def _xml(archive: Archive, name: str) -> Element | str:
    data = archive.read(name)
    if data is None:
        return f"{name[:100]} cannot be read"
    root = read_xml(data)
    return f"{name[:100]}: {root.reason}" if isinstance(root, XmlFault) else root


def _metas(root: Element, package: str, document: Document) -> Iterator[_Meta]:
    for metadata, path in numbered(root, f"/{local_name(root.tag)}"):
        if local_name(metadata.tag) != "metadata":
            continue
        for element, where in numbered(metadata, path):
            found = _meta(element)
            if found is not None:
                located = evidence(document, f"xml:{package}!{where}", quote_of(element))
                yield _Meta(found[0], found[1], located)


def _meta(element: Element) -> tuple[str, str] | None:
    """Name and value of a metadata element; a `meta` that refines another one speaks of that one."""
    name = local_name(element.tag)
    if name == "rights" and namespace(element.tag) == _DUBLIN_CORE:
        return "dc:rights", text_of(element)
    if name == "meta" and not element.get("refines"):
        if element.get("property"):
            return (element.get("property") or "").strip().lower(), text_of(element)
        return (element.get("name") or "").strip().lower(), (element.get("content") or "").strip()
    if name == "link" and not element.get("refines"):
        rels = (element.get("rel") or "").lower().split()
        return next(((rel, element.get("href") or "") for rel in rels if rel in _LICENCE_NAMES), None)
    return None


def _read(metas: list[_Meta], scope: Scope, sources: Sources) -> Iterator[Finding]:
    policy = next((meta.value for meta in metas if meta.name == "tdm:policy"), "")
    for meta in metas:
        if meta.name == "tdm:reservation":
            yield reservation(meta.value, policy, meta.where, scope, family="tdmrep", subject="the EPUB")
        elif meta.name in _LICENCE_NAMES:
            yield from licence_named([meta.value], meta.where, scope, sources, _RULES, "the EPUB")
        elif meta.name in ("dc:rights", "dcterms:rights") and meta.value:
            yield from rights_text(meta.value, meta.where, scope, sources, _RULES, "the EPUB")

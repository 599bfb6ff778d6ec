"""The package metadata of an EPUB: what `meta`, `link` and Dublin Core elements say (EPUB 3.3 5.5, OCF 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from rightscheck.model import Document, Evidence
from rightscheck.sources import evidence
from rightscheck.syntax.xmltree import XmlFault, local_name, namespace, numbered, quote_of, read_xml, text_of
from rightscheck.syntax.zipped import Archive, open_archive

MEDIA_TYPE = "application/epub+zip"
LICENCE_NAMES = frozenset({"dcterms:license", "cc:license", "schema:license", "license"})
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_MAX_PACKAGES = 4


@dataclass(frozen=True, slots=True)
class PackageMeta:
    """One statement of the package metadata: `tdm:reservation`, `dc:rights` ..., with its value."""

    name: str
    value: str
    where: Evidence


@lru_cache(maxsize=1)
def package_metas(document: Document, media_type: str) -> tuple[PackageMeta, ...] | str:
    """The statements of an EPUB's packages, none for another file; or why they cannot be read."""
    if not _is_epub(document, media_type):
        return ()
    packages = _packages(document)
    if isinstance(packages, str):
        return packages
    return tuple(meta for root, name in packages for meta in _metas(root, name, document))


def _is_epub(document: Document, media_type: str) -> bool:
    """By the media type, or by the uncompressed `mimetype` entry that comes first (OCF 4.2)."""
    if not document.body.startswith(b"PK\x03\x04"):
        return False
    return media_type.startswith(MEDIA_TYPE) or MEDIA_TYPE.encode() in document.body[:100]


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


def _metas(root: Element, package: str, document: Document) -> Iterator[PackageMeta]:
    for metadata, path in numbered(root, f"/{local_name(root.tag)}"):
        if local_name(metadata.tag) != "metadata":
            continue
        for element, where in numbered(metadata, path):
            found = _meta(element)
            if found is not None:
                located = evidence(document, f"xml:{package}!{where}", quote_of(element))
                yield PackageMeta(found[0], found[1], located)


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
        return next(((rel, element.get("href") or "") for rel in rels if rel in LICENCE_NAMES), None)
    return None

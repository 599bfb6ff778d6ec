"""EPUB: TDM reservation, rights and licences in the package metadata (TDMRep 2024-05-10, EPUB 3.3 5.5).

EPUB 2 writes `<meta name="tdm:reservation" content="1"/>`, EPUB 3 `<meta property="tdm:reservation">1</meta>`;
either covers the whole publication.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rightscheck.media.embedded import files
from rightscheck.media.epub import LICENCE_NAMES, PackageMeta, package_metas
from rightscheck.model import Finding, Gap
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Scope
from rightscheck.vocabularies.reservation import reservation
from rightscheck.vocabularies.rights_text import Rules, licence_named, rights_text

_RULES = Rules("licence/embedded", "licence/unread", "licence/document", "licence/rights")


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the package metadata of EPUB files at hand says, and EPUB files that cannot be read."""
    for document, scope in files(sources):
        declared = document.header("content-type") or ""
        if document is sources.asset.page:
            declared = sources.asset.media_type
        metas = package_metas(document, declared)
        if isinstance(metas, str):
            yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=f"EPUB: {metas}")
        else:
            yield from _read(metas, scope, sources)


def _read(metas: Sequence[PackageMeta], scope: Scope, sources: Sources) -> Iterator[Finding]:
    policy = next((meta.value for meta in metas if meta.name == "tdm:policy"), "")
    for meta in metas:
        if meta.name == "tdm:reservation":
            yield reservation(meta.value, policy, meta.where, scope, family="tdmrep", subject="the EPUB")
        elif meta.name in LICENCE_NAMES:
            yield from licence_named([meta.value], meta.where, scope, sources, _RULES, "the EPUB")
        elif meta.name in ("dc:rights", "dcterms:rights") and meta.value:
            yield from rights_text(meta.value, meta.where, scope, sources, _RULES, "the EPUB")

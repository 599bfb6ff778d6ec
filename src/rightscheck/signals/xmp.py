"""XMP rights of a file: TDM reservation, Dublin Core, XMP Rights Management, ccREL (ISO 16684-1).

TDMRep reads `tdm:reservation` in PDF metadata as its last layer; both namespaces in use are read. Rights
texts are evidence; a licence counts as a licence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rightscheck.media.embedded import Property, files, is_pdf, packets, properties
from rightscheck.model import Document, Finding, Gap
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import Carrier, Kind, Scope
from rightscheck.vocabularies.reservation import reservation
from rightscheck.vocabularies.rights_text import Rules, is_address, licence_named, licences_in, rights_text

_SUBJECT = "the file's metadata"
_RULES = Rules("xmp/licence", "xmp/unread", "xmp/pointer", "xmp/rights")
_TEXTS = {
    "dc:rights": "xmp/rights",
    "xmpRights:UsageTerms": "xmp/usage-terms",
    "xmpRights:Owner": "xmp/owner",
    "photoshop:Copyright": "xmp/rights",
}
_MISNAMED = frozenset({"tdm:reservation", "tdm:tdm-reservation", "tdm:tdmreservation", "tdm:tdmrep"})
_LICENCES = frozenset({"cc:license", "xmpRights:WebStatement"})


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the XMP of the files at hand says of rights, and metadata that could not be read."""
    for document, scope in files(sources):
        found = properties(document.body)
        for item in found:
            yield from _read(item, found, document, scope if item.main else Scope.MEDIA, sources)
        yield from _gaps(document)


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The licence and rights pages that the asset's own metadata names and no table knows."""
    for document, scope in files(sources):
        for item in properties(document.body) if scope is Scope.ASSET else ():
            if item.main and item.name in _LICENCES:
                yield from (
                    (Carrier.TERMS, url) for url in item.values if is_address(url) and not licences_in(url)
                )


def _read(
    item: Property, found: tuple[Property, ...], document: Document, scope: Scope, sources: Sources
) -> Iterator[Finding]:
    if item.name == "tdm:reservation":
        policy = next((value for other in found if other.name == "tdm:policy" for value in other.values), "")
        for value in item.values:
            where = evidence(document, item.locator, value)
            yield reservation(value, policy, where, scope, family="xmp", subject=_SUBJECT)
    elif item.name.lower() in _MISNAMED and "1" in item.values:
        # Read as any other word that can only be meant to reserve.
        where = evidence(document, item.locator, "1")
        yield reservation("reserved", "", where, scope, family="xmp", subject=_SUBJECT)
    elif item.name in _LICENCES:
        for value in item.values:
            where = evidence(document, item.locator, value)
            yield from licence_named([value], where, scope, sources, _RULES, _SUBJECT)
    elif item.name in _TEXTS:
        rules = replace(_RULES, text=_TEXTS[item.name])
        for value in filter(None, item.values):
            where = evidence(document, item.locator, value)
            yield from rights_text(value, where, scope, sources, rules, _SUBJECT)
    elif item.name == "xmpRights:Marked":
        marked = item.values[0] if item.values else ""
        message = "the file is marked as " + ("protected" if marked.lower() == "true" else "not protected")
        yield Finding(
            rule="xmp/marked",
            kind=Kind.NOTE,
            message=message,
            evidence=evidence(document, item.locator, marked),
        )


def _gaps(document: Document) -> Iterator[Gap]:
    """Metadata that is there and cannot be read; a PDF cut before its metadata."""
    found = packets(document.body)
    reasons = [packet.fault for packet in found if packet.fault]
    if document.truncated and is_pdf(document.body) and not any(packet.root is not None for packet in found):
        reasons.append("the PDF was cut before its metadata")
    for reason in dict.fromkeys(reasons):
        yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=reason)

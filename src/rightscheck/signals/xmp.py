"""XMP rights of a file: TDM reservation, Dublin Core, XMP Rights Management, ccREL (ISO 16684-1).

TDMRep reads `tdm:reservation` in PDF metadata as its last layer; both namespaces in use are read. Rights
texts are evidence; a licence counts as a licence.
"""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.embedded import Property, files, is_pdf, packets, properties
from rightscheck.licences import licence_findings
from rightscheck.model import Document, Evidence, Finding, Gap, Statement
from rightscheck.rights_text import licences_in
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import AI_ALL, Carrier, ExceptionRoute, Kind, Preference, Scope, Standing, Use

_MINING = AI_ALL | {Use.TDM, Use.EVALUATE}
_DENYING = frozenset({"true", "yes", "y", "on", "reserved", "deny", "disallow", "1.0", "1;"})
_TEXTS = {
    "dc:rights": "xmp/rights",
    "xmpRights:UsageTerms": "xmp/usage-terms",
    "xmpRights:Owner": "xmp/owner",
    "photoshop:Copyright": "xmp/rights",
}
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
                    (Carrier.TERMS, url) for url in item.values if _is_page(url) and not licences_in(url)
                )


def _read(
    item: Property, found: tuple[Property, ...], document: Document, scope: Scope, sources: Sources
) -> Iterator[Finding]:
    if item.name == "tdm:reservation":
        policy = next((value for other in found if other.name == "tdm:policy" for value in other.values), "")
        for value in item.values:
            yield _reservation(value, policy, evidence(document, item.locator, value), scope)
    elif item.name in _LICENCES:
        for value in filter(None, item.values):
            yield from _licence(value, evidence(document, item.locator, value), scope, sources)
    elif item.name in _TEXTS:
        for value in filter(None, item.values):
            yield from _text(
                _TEXTS[item.name], value, evidence(document, item.locator, value), scope, sources
            )
    elif item.name == "xmpRights:Marked":
        marked = item.values[0] if item.values else ""
        message = "the file is marked as " + ("protected" if marked.lower() == "true" else "not protected")
        yield Finding(
            rule="xmp/marked",
            kind=Kind.NOTE,
            message=message,
            evidence=evidence(document, item.locator, marked),
        )


def _reservation(value: str, policy: str, where: Evidence, scope: Scope) -> Finding:
    plain = value.strip().lower()
    if plain == "0":
        return Finding(
            rule="xmp/allow",
            kind=Kind.PERMISSION,
            message="the file's metadata does not reserve text and data mining (tdm:reservation 0)",
            evidence=where,
            statement=Statement(preference=Preference.ALLOW, uses=_MINING, scope=scope),
        )
    if plain != "1" and plain not in _DENYING:
        message = f"`{value[:40]}` is no value of tdm:reservation"
        return Finding(rule="xmp/malformed", kind=Kind.NOTE, message=message, evidence=where)
    malformed = plain != "1"
    return Finding(
        rule="xmp/malformed" if malformed else "xmp/disallow",
        kind=Kind.RESERVATION,
        message="the file's metadata reserves text and data mining"
        + (f" (`{value[:40]}` read leniently)" if malformed else " (tdm:reservation 1)"),
        evidence=where,
        statement=Statement(
            preference=Preference.DISALLOW,
            uses=frozenset({Use.TDM}),
            standing=Standing.MALFORMED if malformed else Standing.EFFECTIVE,
            scope=scope,
            exception=ExceptionRoute.LICENCE if policy else ExceptionRoute.NONE,
        ),
        contact=policy[:300],
    )


def _licence(value: str, where: Evidence, scope: Scope, sources: Sources) -> Iterator[Finding]:
    """A licence that the table knows, else a pointer to a page that would have to be read."""
    licences = licences_in(value)
    for licence in licences:
        yield from licence_findings(
            licence, rule="xmp/licence", where=where, scope=scope, commercial=sources.request.commercial
        )
    if licences:
        return
    unread = scope is Scope.ASSET and _is_page(value) and sources.document_at(value) is None
    yield Finding(
        rule="xmp/unread" if unread else "xmp/pointer",
        kind=Kind.POINTER,
        message="the rights page that the file's metadata points to "
        + ("was not read" if unread else "is named"),
        evidence=where,
        situation="pointer/unread" if unread else "",
        contact=value[:300] if _is_page(value) else "",
    )


def _text(rule: str, value: str, where: Evidence, scope: Scope, sources: Sources) -> Iterator[Finding]:
    for licence in licences_in(value):
        yield from licence_findings(
            licence, rule="xmp/licence", where=where, scope=scope, commercial=sources.request.commercial
        )
    yield Finding(
        rule=rule,
        kind=Kind.COPYRIGHT if scope is Scope.ASSET else Kind.NOTE,
        message="a rights text in the file's metadata",
        evidence=where,
    )


def _is_page(value: str) -> bool:
    return value.lower().startswith(("http://", "https://"))


def _gaps(document: Document) -> Iterator[Gap]:
    """Metadata that is there and cannot be read; a PDF cut before its metadata."""
    found = packets(document.body)
    reasons = [packet.fault for packet in found if packet.fault]
    if document.truncated and is_pdf(document.body) and not any(packet.root is not None for packet in found):
        reasons.append("the PDF was cut before its metadata")
    for reason in dict.fromkeys(reasons):
        yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=reason)

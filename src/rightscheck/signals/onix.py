"""ONIX for Books 3: the usage constraint on text and data mining (code list 145, value 11), and licences.

An ONIX message is read where it is the asset or lies beside it; reference and short tags. List 146 gives
the status: 01 unlimited, 02 limited, 03 prohibited.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rightscheck.media.embedded import files
from rightscheck.model import Document, Finding, Gap, Statement
from rightscheck.sources import Sources, evidence
from rightscheck.syntax.xmltree import XmlFault, local_name, numbered, quote_of, read_xml, text_of
from rightscheck.vocab import Carrier, ExceptionRoute, Kind, Preference, Scope, Standing, Use
from rightscheck.vocabularies.reservation import MINING
from rightscheck.vocabularies.rights_text import Rules, licence_named

MAX_FOUND = 1_000
_RULES = Rules("licence/embedded", "licence/unread", "licence/document", "licence/rights")
_TEXT_AND_DATAMINING = "11"
_CONSTRAINTS = frozenset({"EpubUsageConstraint", "epubusageconstraint"})
_TYPES = frozenset({"EpubUsageType", "x318"})
_STATUSES = frozenset({"EpubUsageStatus", "x319"})
_LIMITS = frozenset({"EpubUsageLimit", "epubusagelimit"})
_LICENCES = frozenset({"EpubLicense", "epublicense"})
_LICENCE_LINKS = frozenset({"EpubLicenseExpressionLink", "x510"})
_LICENCE_NAMES = frozenset({"EpubLicenseName", "x511"})


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the ONIX messages at hand say of text and data mining and licences."""
    for document, _ in files(sources):
        if b"ONIXmessage" not in document.body[:4096] and b"ONIXMessage" not in document.body[:4096]:
            continue
        root = read_xml(document.body)
        if isinstance(root, XmlFault):
            yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=f"ONIX: {root.reason}")
            continue
        if local_name(root.tag).lower() != "onixmessage":
            continue
        for count, (element, path) in enumerate(_wanted(root, f"/{local_name(root.tag)}")):
            if count == MAX_FOUND:
                break
            if local_name(element.tag) in _CONSTRAINTS:
                yield from _constraint(element, path, document)
            else:
                yield from _licence(element, path, document, sources)


def _wanted(element: Element, path: str) -> Iterator[tuple[Element, str]]:
    """The usage constraints and licences in document order; the reader bounds the depth."""
    for child, where in numbered(element, path):
        if local_name(child.tag) in _CONSTRAINTS | _LICENCES:
            yield child, where
        else:
            yield from _wanted(child, where)


def _texts(element: Element, names: frozenset[str]) -> list[str]:
    return [text_of(child, 2_000) for child in element.iter() if local_name(child.tag) in names]


def _constraint(element: Element, path: str, document: Document) -> Iterator[Finding]:
    if _TEXT_AND_DATAMINING not in _texts(element, _TYPES):
        return
    statuses = _texts(element, _STATUSES)
    status = statuses[0] if statuses else ""
    limits = tuple(
        "limit: " + " ".join(text_of(part, 200) for part in limit)
        for limit in element.iter()
        if local_name(limit.tag) in _LIMITS
    )[:8]
    statement = _statement(status, limits)
    denial = statement is not None and statement.preference is Preference.DISALLOW
    messages = {
        "01": "the publisher's ONIX record sets no limit to text and data mining",
        "02": "the publisher's ONIX record limits text and data mining",
        "03": "the publisher's ONIX record prohibits text and data mining",
    }
    rule, kind = "tdmrep/note", Kind.NOTE
    if statement is not None:
        rule = f"tdmrep/{statement.preference.value}"
        kind = Kind.RESERVATION if denial or status == "02" else Kind.PERMISSION
    yield Finding(
        rule=rule,
        kind=kind,
        message=messages.get(status, f"`{status[:20]}` is no status of a usage constraint"),
        evidence=evidence(document, f"xml:{path}", quote_of(element)),
        statement=statement,
    )


def _statement(status: str, limits: tuple[str, ...]) -> Statement | None:
    if status == "03":
        return Statement(preference=Preference.DISALLOW, uses=frozenset({Use.TDM}))
    if status == "02":
        return Statement(
            preference=Preference.CONDITIONAL,
            uses=MINING,
            exception=ExceptionRoute.LICENCE,
            conditions=limits,
        )
    if status == "01":
        return Statement(preference=Preference.ALLOW, uses=MINING, standing=Standing.WEAK)
    return None


def _licence(element: Element, path: str, document: Document, sources: Sources) -> Iterator[Finding]:
    """The licence by its link, else by its name."""
    where = evidence(document, f"xml:{path}", quote_of(element))
    values = [*_texts(element, _LICENCE_LINKS), *_texts(element, _LICENCE_NAMES)]
    yield from licence_named(values, where, Scope.ASSET, sources, _RULES, "the ONIX record")

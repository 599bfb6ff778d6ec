"""IPTC and PLUS: the Data Mining property and rights of a media file (IPTC Photo Metadata 2023.1, PLUS LDF).

A value speaks for the file it stands in; a picture in a page never speaks for the page's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rightscheck.media.embedded import Property, files, properties
from rightscheck.media.iim import rights_of
from rightscheck.model import Document, Finding, Gap, Statement
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import AI_TRAIN, ExceptionRoute, Kind, Preference, Scope, Standing, Use
from rightscheck.vocabularies.reservation import MINING

_VALUE = re.compile(r"(?:https?://ns\.useplus\.org/ldf/vocab/|plus:)?(dmi-[a-z\-]{1,60})/?", re.IGNORECASE)
_REFUSING = re.compile(
    r"prohibit|forbid|not[ _-]?allowed|\bno[ _-]?ai\b|reserved|\bden(?:y|ied)", re.IGNORECASE
)
_DENIALS: dict[str, frozenset[Use]] = {
    "dmi-prohibited": MINING | {Use.SEARCH},
    "dmi-prohibited-exceptsearchengineindexing": MINING,
    "dmi-prohibited-aimltraining": AI_TRAIN,
    "dmi-prohibited-genaimltraining": frozenset({Use.AI_TRAIN_GEN}),
}
# Values that refer to terms elsewhere in the metadata.
_REFERRING = {
    "dmi-prohibited-seeconstraint": "plus:OtherConstraints",
    "dmi-prohibited-seeembeddedrightsexpr": "Iptc4xmpExt:EmbdEncRightsExpr",
    "dmi-prohibited-seelinkedrightsexpr": "Iptc4xmpExt:LinkedEncRightsExpr",
}


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the Data Mining property and the IPTC rights fields of the files at hand say."""
    for document, scope in files(sources):
        found = properties(document.body)
        for item in found:
            own = scope if item.main else Scope.MEDIA
            if item.name == "plus:DataMining":
                yield from _mining(item, found, document, own)
            elif item.name == "plus:OtherConstraints":
                yield from (_text(document, item.locator, text, own) for text in item.values if text)
        for locator, text in rights_of(document.body):
            yield _text(document, locator, text, scope)


def _mining(
    item: Property, found: tuple[Property, ...], document: Document, scope: Scope
) -> Iterator[Finding]:
    for value in item.values:
        match = _VALUE.fullmatch(value.strip())
        code = match[1].lower() if match else ""
        where = (document, item.locator, value)
        if code in _DENIALS:
            yield _denial(where, _DENIALS[code], scope, f"data mining: {match[1] if match else code}")
            if code == "dmi-prohibited-exceptsearchengineindexing":
                yield _permission(where, frozenset({Use.SEARCH}), scope)
        elif code in _REFERRING:
            yield _referring(where, _REFERRING[code], found, scope)
        elif code == "dmi-allowed":
            yield _permission(where, MINING, scope)
        elif code != "dmi-unspecified":
            yield _malformed(where, scope)


def _denial(
    where: tuple[Document, str, str],
    uses: frozenset[Use],
    scope: Scope,
    message: str,
    *,
    standing: Standing = Standing.EFFECTIVE,
    route: ExceptionRoute = ExceptionRoute.NONE,
) -> Finding:
    document, locator, quote = where
    return Finding(
        rule="iptc/malformed" if standing is Standing.MALFORMED else "iptc/disallow",
        kind=Kind.RESERVATION,
        message=message,
        evidence=evidence(document, locator, quote),
        statement=Statement(
            preference=Preference.DISALLOW, uses=uses, standing=standing, scope=scope, exception=route
        ),
    )


def _permission(where: tuple[Document, str, str], uses: frozenset[Use], scope: Scope) -> Finding:
    """A permission that anybody could have written into the file: weak."""
    document, locator, quote = where
    return Finding(
        rule="iptc/allow",
        kind=Kind.PERMISSION,
        message="the file's metadata allows data mining, unsigned",
        evidence=evidence(document, locator, quote),
        statement=Statement(preference=Preference.ALLOW, uses=uses, standing=Standing.WEAK, scope=scope),
    )


def _referring(
    where: tuple[Document, str, str], name: str, found: tuple[Property, ...], scope: Scope
) -> Finding:
    """Prohibited unless terms elsewhere open it; without those terms prohibited."""
    document, locator, quote = where
    terms = next((text for item in found if item.name == name for text in item.values if text), "")
    if not terms:
        message = f"data mining is prohibited; the terms it refers to ({name}) are not there"
        return _denial(where, MINING | {Use.SEARCH}, scope, message, route=ExceptionRoute.LICENCE)
    return Finding(
        rule="iptc/conditional",
        kind=Kind.RESERVATION,
        message=f"data mining is prohibited but for terms in {name}",
        evidence=evidence(document, locator, quote),
        statement=Statement(
            preference=Preference.CONDITIONAL,
            uses=MINING | {Use.SEARCH},
            scope=scope,
            exception=ExceptionRoute.LICENCE,
            conditions=(f"terms: {terms[:300]}",),
        ),
        contact=terms if terms.startswith(("http://", "https://")) else "",
    )


def _malformed(where: tuple[Document, str, str], scope: Scope) -> Finding:
    document, locator, quote = where
    message = f"`{quote[:80]}` is no value of plus:DataMining"
    if _REFUSING.search(quote):
        return _denial(
            where, MINING, scope, f"{message}; read leniently it prohibits", standing=Standing.MALFORMED
        )
    return Finding(
        rule="iptc/malformed", kind=Kind.NOTE, message=message, evidence=evidence(document, locator, quote)
    )


def _text(document: Document, locator: str, text: str, scope: Scope) -> Finding:
    """A rights text of the file: evidence for its own terms, a note where the file is a picture in a page."""
    return Finding(
        rule="iptc/rights",
        kind=Kind.COPYRIGHT if scope is Scope.ASSET else Kind.NOTE,
        message="a rights text in the file's metadata",
        evidence=evidence(document, locator, text),
    )

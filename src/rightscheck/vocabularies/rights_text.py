"""Rights texts and licence addresses of files and feeds, and what they amount to as findings.

A text names a licence as a whole or by a Creative Commons address within a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rightscheck.model import Evidence, Finding
from rightscheck.sources import Sources
from rightscheck.vocab import Kind, Scope
from rightscheck.vocabularies.licences import Licence, is_url, licence_findings, normalise, read_licences

MAX_TEXT = 20_000
_CC_ADDRESS = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/[A-Za-z0-9+./\-]{1,120}", re.IGNORECASE
)
# Rights texts hold sentences and names of holders: only these beginnings are names of licences.
_NAMES = ("cc", "creative commons", "public domain", "open government licen", "gnu free doc")


def licences_in(text: str) -> tuple[Licence, ...]:
    """The licences that the text names; empty for a sentence or a holder's name."""
    text = text.strip()[:MAX_TEXT]
    if is_url(text) or normalise(text[:500]).startswith(_NAMES):
        found = read_licences(text)
        if found:
            return found
    addresses = dict.fromkeys(match[0].rstrip(".-") for match in _CC_ADDRESS.finditer(text))
    named = [licence for address in list(addresses)[:8] for licence in read_licences(address)]
    return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule ids under which a carrier reports licences, licence pages unread or only named, and texts."""

    licence: str
    unread: str
    pointer: str
    text: str


def licence_named(
    values: Iterable[str], where: Evidence, scope: Scope, sources: Sources, rules: Rules, subject: str
) -> Iterator[Finding]:
    """The licence that addresses or names stand for, else a pointer to the first address.

    `subject` names the carrier in messages: "the file's metadata". A page that is at hand is read with the
    site's terms; one that is not, and speaks for the asset, is a pointer unread.
    """
    values = [value for value in values if value]
    licences = tuple(dict.fromkeys(licence for value in values for licence in licences_in(value)))
    yield from _findings(licences, where, scope, sources, rules)
    if licences or not values:
        return
    address = next((value for value in values if is_address(value)), "")
    unread = bool(address) and scope is not Scope.MEDIA and sources.document_at(address) is None
    yield Finding(
        rule=rules.unread if unread else rules.pointer,
        kind=Kind.POINTER,
        message=f"the licence that {subject} points to was not read"
        if unread
        else f"{subject} names a licence",
        evidence=where,
        situation="pointer/unread" if unread else "",
        contact=address[:300],
    )


def rights_text(
    text: str, where: Evidence, scope: Scope, sources: Sources, rules: Rules, subject: str
) -> Iterator[Finding]:
    """The licences that a rights text names, and the text as evidence; a note where it is a picture's."""
    yield from _findings(licences_in(text), where, scope, sources, rules)
    yield Finding(
        rule=rules.text,
        kind=Kind.NOTE if scope is Scope.MEDIA else Kind.COPYRIGHT,
        message=f"a rights text in {subject}",
        evidence=where,
    )


def _findings(
    licences: Iterable[Licence], where: Evidence, scope: Scope, sources: Sources, rules: Rules
) -> Iterator[Finding]:
    commercial = sources.request.commercial
    for licence in licences:
        yield from licence_findings(
            licence, rule=rules.licence, where=where, scope=scope, commercial=commercial
        )


def is_address(value: str) -> bool:
    """Whether the value is an absolute web address."""
    return value.lower().startswith(("http://", "https://"))

"""Copyright notices, reservations, permissions and credits in the words of the text itself.

The visible text in full, and of HTML the rights texts that it carries out of sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rightscheck.model import Evidence, Finding, Gap
from rightscheck.notices import read as read_text
from rightscheck.notices.findings import findings_of
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Kind, Scope
from rightscheck.vocabularies.licences import licence_findings, licences_in_sentence


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the text says of its own use, and what it mentions."""
    asset, html = sources.asset, sources.html
    if asset.text is None:
        return
    if html is None:
        yield from _read_one(sources, asset.text, "char:")
        return
    yield from _read_one(sources, asset.text, "text:", html.quoted_regions)
    for place, text in html.hidden_texts():
        yield from _read_one(sources, text, place)
    if html.truncated:
        reason = "the page is longer or deeper than is read"
        yield Gap(carrier=Carrier.HTML, source=asset.source, reason=reason)


_WHOLE = re.compile(r"\b(?:articles?|content|page|site|text|website|work)\b", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:code|data(?: ?sets?)?|fig(?:ure)?s?|fonts?|icons?|illustrations?|images?|logos?|maps?|music"
    r"|photo(?:graph)?s?|pictures?|software|videos?)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"licen[csçz]|lizenz|лиценз|\bunder\b|\bunter\b|\bsous\b|\bbajo\b|available|published|©|\(c\)|copyright",
    re.IGNORECASE,
)
_ANY = re.compile(r"\blicen[cs]es\b(?! this| its)", re.IGNORECASE)
"""Licences in the plural are spoken about, not given."""


def _weighed(finding: Finding, named: set[str], *, commercial: bool) -> Iterator[Finding]:
    """The finding; of a permission by licence ("available under CC BY-NC 4.0") also what the licence says.

    One that speaks of licences in general, or of a part of the page, permits nothing of the page; nor does the
    mere name of a licence, which may stand under a picture. `named` holds the licences of the text so far.
    """
    sentence = finding.evidence.quote
    licences = licences_in_sentence(sentence) if finding.rule == "notice/permission" else ()
    is_part = bool(_PART.search(sentence)) and not _WHOLE.search(sentence)
    if licences and (is_part or _ANY.search(sentence) or not _GIVEN.search(sentence)):
        message = "a licence is mentioned that is not the page's"
        yield replace(finding, rule="notice/mention", kind=Kind.MENTION, message=message)
        return
    yield finding
    for licence in licences:
        if licence.id in named:
            continue
        named.add(licence.id)
        yield from licence_findings(
            licence,
            rule="notice/licence",
            where=finding.evidence,
            scope=Scope.ASSET,
            commercial=commercial,
        )


def _read_one(
    sources: Sources, text: str, place: str, quoted: Sequence[tuple[int, int]] = ()
) -> Iterator[Finding | Gap]:
    """The findings in one text; a place that ends with a colon counts code points, another is an element."""

    asset = sources.asset

    def at(start: int, end: int) -> Evidence:
        return Evidence(
            source=asset.source,
            sha256=asset.sha256,
            locator=f"{place}{start}-{end}" if place.endswith(":") else place,
            quote=text[start:end],
            retrieved_at=asset.retrieved_at,
        )

    reading = read_text(text, quoted=quoted)
    named: set[str] = set()
    for finding in findings_of(reading, at):
        yield from _weighed(finding, named, commercial=sources.request.commercial)
    if reading.capped:
        reason = "more passages that may hold notices than are read"
        yield Gap(carrier=Carrier.TEXT, source=asset.source, reason=reason)

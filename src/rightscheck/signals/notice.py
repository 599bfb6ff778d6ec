"""Copyright notices, reservations, permissions and credits in the words of the text itself.

The visible text in full, and of HTML the rights texts that it carries out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rightscheck.model import Asset, Evidence, Finding, Gap
from rightscheck.notices import read as read_text
from rightscheck.notices.findings import findings_of
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the text says of its own use, and what it mentions."""
    asset, html = sources.asset, sources.html
    if asset.text is None:
        return
    if html is None:
        yield from _read_one(asset, asset.text, "char:")
        return
    yield from _read_one(asset, asset.text, "text:", html.quoted_regions)
    for place, text in html.hidden_texts():
        yield from _read_one(asset, text, place)
    if html.truncated:
        reason = "the page is longer or deeper than is read"
        yield Gap(carrier=Carrier.HTML, source=asset.source, reason=reason)


def _read_one(
    asset: Asset, text: str, place: str, quoted: Sequence[tuple[int, int]] = ()
) -> Iterator[Finding | Gap]:
    """The findings in one text; a place that ends with a colon counts code points, another is an element."""

    def at(start: int, end: int) -> Evidence:
        return Evidence(
            source=asset.source,
            sha256=asset.sha256,
            locator=f"{place}{start}-{end}" if place.endswith(":") else place,
            quote=text[start:end],
            retrieved_at=asset.retrieved_at,
        )

    reading = read_text(text, quoted=quoted)
    yield from findings_of(reading, at)
    if reading.capped:
        reason = "more passages that may hold notices than are read"
        yield Gap(carrier=Carrier.TEXT, source=asset.source, reason=reason)

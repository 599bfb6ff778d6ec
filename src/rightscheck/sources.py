"""What is at hand about one asset: itself, the documents beside it, and its parsed HTML.

Built by `check`, read by every signal. Signals never fetch: what is not here was not read, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from rightscheck.model import Asset, Document, Evidence, Request
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """One asset with all that was read for it.

    `documents` holds, per carrier, every document of that carrier in the order of retrieval: usually one,
    several for RSL and terms. A carrier without an entry was not tried.
    """

    asset: Asset
    request: Request
    documents: Mapping[Carrier, tuple[Document, ...]] = field(default_factory=dict)
    html: HtmlDocument | None = None

    def document(self, carrier: Carrier) -> Document | None:
        """The first document of the carrier; None when it was not tried."""
        found = self.documents.get(carrier)
        return found[0] if found else None

    def document_at(self, url: str) -> Document | None:
        """The document of any carrier that was read from that URL, its fragment apart; None when none was."""
        wanted = url.partition("#")[0]
        for found in self.documents.values():
            for document in found:
                readable = not document.failure and (document.status is None or 200 <= document.status < 300)
                if readable and document.body and wanted in (document.url, document.final_url):
                    return document
        return None


def digest(data: bytes) -> str:
    """The sha256 of the bytes, in hex."""
    return sha256(data).hexdigest()


def evidence(document: Document, locator: str, quote: str = "") -> Evidence:
    """Evidence that points into a document. The quote is cut at 2,000 code points, marked by an ellipsis."""
    if len(quote) > 2000:
        quote = quote[:1999] + "…"
    return Evidence(
        source=document.url,
        sha256=document.sha256 or digest(document.body),
        locator=locator,
        quote=quote,
        retrieved_at=document.retrieved_at,
    )


def asset_evidence(sources: Sources, locator: str, quote: str = "") -> Evidence:
    """Evidence that points into the asset itself: its page where there is one, else the text as given."""
    asset = sources.asset
    if asset.page is not None:
        return evidence(asset.page, locator, quote)
    if len(quote) > 2000:
        quote = quote[:1999] + "…"
    return Evidence(
        source=asset.source,
        sha256=asset.sha256,
        locator=locator,
        quote=quote,
        retrieved_at=asset.retrieved_at,
    )

"""How long a stored document may be used without asking again, per carrier, and how it is asked for again.

robots.txt and the root files: RFC 9309 2.4 and Cache-Control (RFC 9111 5.2.2), at most a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from rightscheck.model import Document
from rightscheck.robots.responses import expires_after
from rightscheck.vocab import Carrier

_TERMS = timedelta(days=7)
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}
)


def is_complete(document: Document) -> bool:
    """Whether the document is a whole body as an HTTP server sent it with a 2xx status."""
    status = document.status
    return status is not None and 200 <= status < 300 and not document.failure and not document.truncated


def expires_at(document: Document) -> datetime | None:
    """The moment from which it has to be asked for again; None when its time of retrieval is unknown.

    Terms that were read hold for 7 days, everything else for `max-age` between 5 minutes and 24 hours, and
    what could not be reached for 5 minutes.
    """
    if document.retrieved_at is None:
        return None
    if document.carrier is Carrier.TERMS and is_complete(document):
        return document.retrieved_at + _TERMS
    # The body has no say in it, and need not be parsed for it.
    return document.retrieved_at + expires_after(replace(document, body=b""))


def is_fresh(document: Document, now: datetime) -> bool:
    """Whether the document may be used at that time without asking the network.

    Never one that did not come over HTTP (a file that somebody kept), nor one from the future.
    """
    end = expires_at(document)
    if end is None or document.retrieved_at is None or (document.status is None and not document.failure):
        return False
    return document.retrieved_at <= now < end


def conditions_of(document: Document) -> Mapping[str, str]:
    """The request fields that ask whether the document has changed (RFC 9110 13.1); empty when it gave none."""
    pairs = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
    found = {asks: document.header(gave) for gave, asks in pairs}
    return {asks: value for asks, value in found.items() if value and value.isascii() and value.isprintable()}


def confirmed(document: Document, answer: Document) -> Document:
    """The stored document as a 304 answer renews it: its time, its way, its fields updated (RFC 9111 3.2)."""
    renewed = {name.lower() for name, _ in answer.headers} - _HOP_BY_HOP
    headers = [pair for pair in document.headers if pair[0].lower() not in renewed]
    headers += [pair for pair in answer.headers if pair[0].lower() in renewed]
    return replace(
        document, headers=tuple(headers), redirects=answer.redirects, retrieved_at=answer.retrieved_at
    )

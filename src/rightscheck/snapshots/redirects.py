"""Redirects followed through the store: archives keep each answer under the URL that gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from rightscheck.errors import UsageError
from rightscheck.model import Document
from rightscheck.syntax.urls import resolve_target
from rightscheck.vocab import Carrier

MAX_HOPS = 5
"""RFC 9309 2.3.1.2."""
Nearest = Callable[[str, Carrier, datetime], Document | None]


def follow(document: Document, nearest: Nearest) -> Document:
    """The answer at the end of the document's redirects, as a fetcher would have brought it.

    A hop that `nearest` does not know leaves the document as it is; an endless way is its failure.
    """
    if document.retrieved_at is None:
        return document
    way, found = [*document.redirects, document.final_url or document.url], document
    while target := redirect_target(way[-1], found):
        if target in way:
            return replace(document, failure="redirect-loop")
        if len(way) > MAX_HOPS:
            return replace(document, failure="too-many-redirects")
        near = nearest(target, document.carrier, document.retrieved_at)
        if near is None:
            return document
        way += dict.fromkeys((target, *near.redirects, near.final_url or target))
        found = near
    if found is document:
        return document
    hops, final = tuple(way[:-1]), way[-1]
    return replace(
        found, url=document.url, redirects=hops, final_url=final, retrieved_at=document.retrieved_at
    )


def redirect_target(url: str, document: Document) -> str:
    """Where the document, found at the URL, redirects to; empty when it does not."""
    location = document.header("location")
    if document.failure or document.status not in {301, 302, 303, 307, 308} or not location:
        return ""
    try:
        return resolve_target(url, location)
    except UsageError:
        return ""

"""Where policy files are, by carrier, and how much of each is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from rightscheck.check import WELL_KNOWN
from rightscheck.robots import MAX_BYTES
from rightscheck.vocab import Carrier

PLACES: tuple[tuple[Carrier, str], ...] = (
    (Carrier.ROBOTS_TXT, "/robots.txt"),
    *WELL_KNOWN.items(),
    (Carrier.TRUST_TXT, "/.well-known/trust.txt"),
)
"""Carrier and path, the first place of a carrier before its second."""

_CARRIERS = {path: carrier for carrier, path in PLACES}
_WELL_KNOWN_BYTES = 1024 * 1024


def carrier_of(url: str) -> Carrier | None:
    """The carrier that a URL in normal form is the address of; None for any other page."""
    parts = urlsplit(url)
    return None if parts.query else _CARRIERS.get(parts.path)


def max_bytes(carrier: Carrier) -> int:
    """The bytes of a body that are kept: 512,000 of robots.txt (RFC 9309 2.5 asks for 500 KiB), else 1 MiB."""
    return MAX_BYTES if carrier is Carrier.ROBOTS_TXT else _WELL_KNOWN_BYTES


def cut(carrier: Carrier, body: bytes) -> tuple[bytes, bool, str]:
    """The body within its limit, whether it was longer, and the failure that this is: none for robots.txt."""
    limit = max_bytes(carrier)
    over = len(body) > limit
    return body[:limit], over, "too-large" if over and carrier is not Carrier.ROBOTS_TXT else ""

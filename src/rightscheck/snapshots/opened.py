"""Files that archives come in, plain or gzip, read with a bound; and what every source has in common."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path
from urllib.parse import urlsplit

from rightscheck.check import WELL_KNOWN
from rightscheck.robots import MAX_BYTES
from rightscheck.vocab import Carrier

GZIP_MAGIC = b"\x1f\x8b"
_HEAD = 512
_WELL_KNOWN_BYTES = 1024 * 1024
_CARRIERS: Mapping[str, Carrier] = {"/robots.txt": Carrier.ROBOTS_TXT} | {
    path: carrier for carrier, path in WELL_KNOWN.items()
}


def first_bytes(path: Path) -> bytes:
    """The first 512 bytes, decompressed when they are gzip; what cannot be decompressed gives none.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(4 * _HEAD)
    if not head.startswith(GZIP_MAGIC):
        return head[:_HEAD]
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error:
        return b""


def opened(path: Path) -> BufferedIOBase:
    """The file's bytes, decompressed when they are gzip."""
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == GZIP_MAGIC
    return gzip.GzipFile(path, "rb") if is_gzip else path.open("rb")


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


def utc(text: str) -> datetime:
    """The moment that an ISO 8601 text names; without a zone it is UTC, a day is its first moment.

    Raises:
        ValueError: no ISO 8601 date or time.
    """
    when = datetime.fromisoformat(text.strip())
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)

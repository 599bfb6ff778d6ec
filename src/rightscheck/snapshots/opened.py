"""The files that archives come in, plain or gzip, and the times in them."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"
_HEAD = 512


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


def utc(text: str) -> datetime:
    """The moment that an ISO 8601 text names; without a zone it is UTC, a day is its first moment.

    Raises:
        ValueError: no ISO 8601 date or time.
    """
    when = datetime.fromisoformat(text.strip())
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)

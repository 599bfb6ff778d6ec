"""A document as a row of the store, and back: nothing is lost but the spelling of its URL.

Times are whole microseconds since 1970 (UTC). Headers and redirects are JSON, bodies zlib where that helps.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rightscheck.errors import UsageError
from rightscheck.model import Document
from rightscheck.snapshots.lifetimes import expires_at
from rightscheck.snapshots.schema import StoreError
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier

COLUMNS = (
    "resource.carrier, resource.url, retrieved_at, status, failure, headers, redirects, final_url, truncated, "
    "sha256, size, deflated, data"
)
JOINED = "observation JOIN resource ON resource.id = resource LEFT JOIN body ON body.id = observation.body"

StoredRow = tuple[
    str, str, int, int | None, str, str, str, str, int, bytes | None, int | None, int | None, bytes | None
]
"""`COLUMNS` as SQLite gives them; the last four are None together, where there was no body."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SMALL = 64
"""Bytes below which compression does not pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is written for one document. `sha256` is empty when there was no body at all."""

    origin: str
    carrier: str
    url: str
    retrieved_at: int
    expires_at: int
    status: int | None
    failure: str
    headers: str
    redirects: str
    final_url: str
    truncated: bool
    body: bytes
    sha256: bytes
    same: bytes


def microseconds(when: datetime) -> int:
    """The moment as whole microseconds since 1970.

    Raises:
        UsageError: a time without zone, which could be any moment of a day.
    """
    if when.tzinfo is None:
        raise UsageError(f"a time without zone: `{when.isoformat()}`", hint="give it in UTC")
    return (when - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment, in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def to_row(document: Document) -> Row:
    """The document as it is stored, under its URL's normal form and the digest of its very bytes.

    Raises:
        UsageError: no http(s) URL, or no time of retrieval.
    """
    url = check_url_form(document.url)
    end = expires_at(document)
    if document.retrieved_at is None or end is None:
        raise UsageError(f"no time of retrieval for `{url}`", hint="set `retrieved_at`")
    has_body = bool(document.body or document.sha256)
    digest = sha256(document.body).digest() if has_body else b""
    headers = json.dumps(document.headers, separators=(",", ":"))
    redirects = json.dumps(document.redirects, separators=(",", ":"))
    failure, final_url = _storable(document.failure), _storable(document.final_url)
    said = (document.status, failure, headers, redirects, final_url, document.truncated, digest.hex())
    return Row(
        origin=origin_of(url),
        carrier=document.carrier.value,
        url=url,
        retrieved_at=microseconds(document.retrieved_at),
        expires_at=microseconds(end),
        status=document.status,
        failure=failure,
        headers=headers,
        redirects=redirects,
        final_url=final_url,
        truncated=document.truncated,
        body=document.body,
        sha256=digest,
        same=sha256(repr(said).encode()).digest()[:16],
    )


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL in normal form."""
    return "/".join(url.split("/", 3)[:3])


def deflate(body: bytes) -> tuple[bool, bytes]:
    """Whether the body is compressed, and its bytes as stored."""
    if len(body) < _SMALL:
        return False, body
    packed = zlib.compress(body, 6)
    return (True, packed) if len(packed) < len(body) else (False, body)


def to_document(row: StoredRow) -> Document:
    """The document that was stored as this row (`COLUMNS`).

    Raises:
        StoreError: the row or the body is not what was stored.
    """
    carrier, url, retrieved_at, status, failure, headers, redirects, final_url, truncated = row[:9]
    body, digest = _body(url, *row[9:])
    try:
        return Document(
            carrier=Carrier(carrier),
            url=url,
            body=body,
            sha256=digest,
            status=status,
            headers=tuple((name, value) for name, value in json.loads(headers)),
            final_url=final_url,
            redirects=tuple(json.loads(redirects)),
            retrieved_at=moment(retrieved_at),
            failure=failure,
            truncated=bool(truncated),
        )
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise StoreError(f"what is stored for `{url}` is damaged: {error}") from error


def _body(
    url: str, digest: bytes | None, size: int | None, deflated: int | None, data: bytes | None
) -> tuple[bytes, str]:
    if digest is None or size is None or data is None:
        return b"", ""
    try:
        # No more than was stored is inflated, whatever a damaged or hostile file holds.
        body = zlib.decompressobj().decompress(data, size + 1) if deflated else data
    except zlib.error as error:
        raise StoreError(f"the stored body of `{url}` is damaged: {error}") from error
    if sha256(body).digest() != digest:
        raise StoreError(f"the stored body of `{url}` is damaged: its sha256 differs")
    return body, digest.hex()

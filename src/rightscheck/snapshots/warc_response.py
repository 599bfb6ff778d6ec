"""One archived HTTP answer as a document. Nothing but a sound answer may look like one.

Archives differ: some keep the body as it was sent (chunked, gzip), some decode it and leave the fields that
say otherwise, as Common Crawl did until 2018. So a coding is undone only where the body shows it.
"""

from __future__ import annotations

import re
import zlib
from io import BytesIO

from rightscheck.model import Document
from rightscheck.snapshots.opened import GZIP_MAGIC, utc
from rightscheck.snapshots.places import cut, max_bytes
from rightscheck.sources import digest
from rightscheck.vocab import Carrier

Headers = tuple[tuple[str, str], ...]

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? ([1-9]\d\d)(?: [^\r\n]*)?\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_FAULTS = {"time": "timeout", "disconnect": "connect", "unspecified": "protocol"}
"""Failure by WARC-Truncated (ISO 28500 5.13); `length` is a cut like our own."""


def response_document(
    url: str, carrier: Carrier, kind: str, warc_headers: dict[str, str], block: bytes, whole: bool
) -> Document:
    """The document of a response or resource record. Headers by lower-case name.

    What is no whole HTTP answer has a failure, so that nobody takes it for an empty file.

    Raises:
        ValueError: no time that can be read.
    """
    when = utc(warc_headers.get("warc-date", ""))
    truncated = warc_headers.get("warc-truncated", "").strip().lower()
    failure = _FAULTS.get(truncated, "") if whole else "protocol"
    status: int | None = None
    headers: Headers = ()
    payload, fault = block, ""
    if kind == "response":
        status, headers, payload, fault = _split(block)
    plain, damage = _decoded(headers, payload, max_bytes(carrier) + 1)
    body, over, large = cut(carrier, plain)
    if _is_short(headers, payload) and not over and truncated != "length":
        damage = damage or "protocol"
    failure = failure or fault or damage or large
    return Document(
        carrier=carrier,
        url=url,
        final_url=url,
        status=status,
        headers=headers,
        body=body,
        sha256=digest(body),
        retrieved_at=when,
        failure=failure,
        truncated=over or bool(truncated) or bool(failure),
    )


def _split(block: bytes) -> tuple[int | None, Headers, bytes, str]:
    """Status, headers, payload and failure of an HTTP message (RFC 9112 2.1), line feeds alone accepted."""
    start = _STATUS_LINE.match(block)
    if start is None:
        return None, (), b"", "protocol"
    status = int(start[1])
    end = _HEAD_END.search(block, start.end() - 2)
    if end is None:
        return status, (), b"", "protocol"
    pairs: list[tuple[str, str]] = []
    for line in re.split(rb"\r?\n", block[start.end() : max(end.start(), start.end())]):
        name, colon, value = line.partition(b":")
        if line[:1] in (b" ", b"\t") and pairs:  # a folded line (RFC 9112 5.2)
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {_text(line)}")
        elif colon and name.strip():
            pairs.append((_text(name), _text(value)))
    return status, tuple(pairs), block[end.end() :], ""


def _text(raw: bytes) -> str:
    try:
        return raw.strip().decode("utf-8")
    except UnicodeDecodeError:
        return raw.strip().decode("iso-8859-1")


def _header(headers: Headers, name: str) -> str:
    return ", ".join(value for key, value in headers if key.lower() == name).lower()


def _decoded(headers: Headers, payload: bytes, most: int) -> tuple[bytes, str]:
    """The body without its codings, at most so many bytes of a compressed one, and the failure met."""
    if "chunked" in _header(headers, "transfer-encoding") and _CHUNK.match(payload):
        payload, whole = _unchunked(payload)
        if not whole:
            return payload, "protocol"
    if payload.startswith(GZIP_MAGIC):
        return _inflated(payload, 31, most)
    coding = _header(headers, "content-encoding").strip()
    if coding == "deflate":  # RFC 9110 8.4.1.2: with zlib's frame, yet some send it without
        for wbits in (15, -15):
            body, fault = _inflated(payload, wbits, most)
            if not fault:
                return body, ""
    return (_from_brotli(payload, most) if coding == "br" else payload), ""


def _inflated(payload: bytes, wbits: int, most: int) -> tuple[bytes, str]:
    inflater = zlib.decompressobj(wbits)
    try:
        body = inflater.decompress(payload, most)
    except zlib.error:
        return b"", "coding"
    return body, "" if inflater.eof or len(body) == most else "coding"


def _from_brotli(payload: bytes, most: int) -> bytes:
    from fastwarc.stream_io import BrotliReader

    try:
        return BrotliReader(BytesIO(payload)).read(most)
    except OSError:
        return payload


def _unchunked(payload: bytes) -> tuple[bytes, bool]:
    """The chunks joined, and whether the last one, of size 0, is among them (RFC 9112 7.1)."""
    body, position = bytearray(), 0
    while match := _CHUNK.match(payload, position):
        size = int(match[1], 16)
        if not size:
            return bytes(body), True
        body += payload[match.end() : match.end() + size]
        position = match.end() + size + 2
    return bytes(body), False


def _is_short(headers: Headers, payload: bytes) -> bool:
    """Whether less of an uncoded body was kept than Content-Length says."""
    length = _header(headers, "content-length")
    coded = _header(headers, "transfer-encoding") or _header(headers, "content-encoding")
    return not coded and length.isascii() and length.isdigit() and len(payload) < int(length[:18])

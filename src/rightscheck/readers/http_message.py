"""HTTP answers as archives keep them (RFC 9112): status, fields, body.

Some archives keep the body as it was sent, others decode it and leave the fields that say otherwise. So a
coding is undone only where the body shows it.
"""

from __future__ import annotations

import re
import zlib

Headers = tuple[tuple[str, str], ...]
MAX_BODY = 64 * 1024 * 1024
"""Bytes, decoded."""
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ ]+([1-9]\d\d)(?:[ ][^\r\n]*)?\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class HttpFault(ValueError):  # noqa: N818 - a fault of what was read, not of the caller
    """The block holds no answer that can be read; the message says why."""


def parse_response(block: bytes) -> tuple[int, Headers, bytes]:
    """Status, header fields and decoded body.

    Raises:
        HttpFault: no HTTP answer, a coding that is not known, or a body that cannot be decoded.
    """
    start = _STATUS.match(block)
    if start is None:
        raise HttpFault("no HTTP answer")
    end = _HEAD_END.search(block, start.end() - 2)
    if end is None:
        raise HttpFault("the HTTP header does not end")
    headers = tuple(_fields(block[start.end() : max(end.start(), start.end())]))
    return int(start[1]), headers, _decoded(headers, block[end.end() :])


def _fields(head: bytes) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for line in re.split(rb"\r?\n", head):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if line[:1] in (b" ", b"\t") and pairs:  # a folded line (RFC 9112 5.2)
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {name.strip()}{colon}{value}".strip())
        elif colon and name.strip():
            pairs.append((name.strip(), value.strip()))
    return pairs


def _decoded(headers: Headers, body: bytes) -> bytes:
    fields = {name.lower(): value.lower() for name, value in headers}
    if "chunked" in fields.get("transfer-encoding", "") and _CHUNK.match(body):
        body = _dechunked(body)
    coding = fields.get("content-encoding", "identity").strip()
    if coding in ("gzip", "x-gzip") or (coding == "deflate" and body[:1] == b"\x78"):
        return _inflated(body) if body[:2] == b"\x1f\x8b" or coding == "deflate" else body
    if coding in ("br", "zstd", "compress") and _is_coded(body):
        raise HttpFault(f"content coding `{coding}` is not read")
    return body


def _is_coded(body: bytes) -> bool:
    """Whether the body is still compressed: no text holds such bytes at its beginning."""
    head = body[:512]
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start < len(head) - 4
    return b"\0" in head


def _dechunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    place = 0
    while chunk := _CHUNK.match(body, place):
        size = int(chunk[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[chunk.end() : chunk.end() + size])
        place = chunk.end() + size + 2
    raise HttpFault("the chunked body does not end")


def _inflated(body: bytes) -> bytes:
    decoder = zlib.decompressobj(47)
    try:
        plain = decoder.decompress(body, MAX_BODY)
    except zlib.error as error:
        raise HttpFault(f"damaged compressed body: {error}") from error
    if decoder.unconsumed_tail:
        raise HttpFault(f"a body larger than {MAX_BODY} bytes")
    if not decoder.eof:
        raise HttpFault("the compressed body does not end")
    return plain

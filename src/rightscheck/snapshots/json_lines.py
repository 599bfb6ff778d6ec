"""Observations as JSON lines: what a crawler of one's own can write with few means.

    {"url": "https://example.org/robots.txt", "status": 200, "headers": {...}, "body": "...",
     "retrieved_at": "2026-11-24T10:00:00Z"}

`body_b64` may stand for `body`, `headers` may be a list of pairs; `failure`, `final_url`, `redirects` and
`truncated` are optional and mean what they mean in `Document`. Without `status` it is a file at hand.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from rightscheck.errors import Problem, UsageError
from rightscheck.model import Document
from rightscheck.snapshots.opened import opened, utc
from rightscheck.snapshots.places import carrier_of, cut
from rightscheck.sources import digest
from rightscheck.syntax.json_text import JsonValue, parse_json
from rightscheck.syntax.urls import check_url_form

MAX_LINE = 4 * 1024 * 1024
"""Bytes of a line; a longer one is passed over."""


def read_json_lines(path: Path) -> Iterator[Document | Problem]:
    """The observations in the file, with a problem for each line that is none.

    Raises:
        OSError: the file cannot be opened.
    """
    with opened(path) as stream:
        for number, line in _lines(stream):
            place = f"line {number}"
            if isinstance(line, str):
                yield Problem(str(path), place, line)
            elif line.strip():
                try:
                    yield _document(parse_json(line.decode()))
                except (UsageError, ValueError, TypeError, KeyError) as error:
                    yield Problem(str(path), place, _reason(error))


def _reason(error: Exception) -> str:
    return f"no `{error.args[0]}`" if isinstance(error, KeyError) else str(error)


def _lines(stream: BufferedIOBase) -> Iterator[tuple[int, bytes | str]]:
    """Each line with its number; a text instead of bytes says why a line, or the rest, cannot be had."""
    number = 0
    try:
        while line := stream.readline(MAX_LINE):
            number += 1
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                yield number, line
                continue
            while (line := stream.readline(MAX_LINE)) and not line.endswith(b"\n"):
                pass
            yield number, f"longer than {MAX_LINE:,} bytes"
    except (OSError, EOFError, zlib.error) as error:
        yield number + 1, f"the rest cannot be read: {error}"


def _document(record: JsonValue) -> Document:
    if not isinstance(record, dict):
        raise TypeError("no JSON object")
    url = check_url_form(_text(record, "url"))
    carrier = carrier_of(url)
    if carrier is None:
        raise ValueError(f"`{url}` is not the address of robots.txt or of another root file")
    status, truncated = record.get("status"), record.get("truncated", False)
    if not (
        status is None or (isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 999)
    ):
        raise ValueError(f"`status` is no HTTP status: {str(status)[:20]}")
    if not isinstance(truncated, bool):
        raise TypeError("`truncated` is neither true nor false")
    body, over, fault = cut(carrier, _body(record))
    failure = _text(record, "failure", "") or fault
    return Document(
        carrier=carrier,
        url=url,
        final_url=check_url_form(_text(record, "final_url", url)),
        redirects=tuple(check_url_form(hop) for hop in _texts(record.get("redirects", []), "redirects")),
        status=status,
        headers=_headers(record.get("headers", {})),
        body=body,
        sha256=digest(body) if body or status is not None or not failure else "",
        retrieved_at=utc(_text(record, "retrieved_at")),
        failure=failure,
        truncated=truncated or over,
    )


def _text(record: dict[str, JsonValue], key: str, default: str | None = None) -> str:
    value = record[key] if default is None else record.get(key, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise TypeError(f"`{key}` is no text")
    return value


def _texts(value: JsonValue, key: str) -> list[str]:
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    if texts != value:
        raise TypeError(f"`{key}` is no list of texts")
    return texts


def _headers(value: JsonValue) -> tuple[tuple[str, str], ...]:
    given = [[*pair] for pair in value.items()] if isinstance(value, dict) else value
    if not isinstance(given, list):
        raise TypeError("`headers` is neither an object nor a list of pairs")
    pairs = [_texts(pair, "headers") for pair in given]
    if any(len(pair) != 2 for pair in pairs):
        raise TypeError("`headers` has an item that is no pair")
    return tuple((name, text) for name, text in pairs)


def _body(record: dict[str, JsonValue]) -> bytes:
    if "body_b64" in record:
        try:
            return base64.b64decode(_text(record, "body_b64"), validate=True)
        except binascii.Error as error:
            raise ValueError(f"`body_b64` is no base64: {error}") from error
    return _text(record, "body", "").encode("utf-8", "surrogatepass")

"""JSON from strangers: bounded in size and depth before it is parsed (RFC 8259).

Used for tdmrep.json, ODRL policies and JSON-LD. What is not JSON is a `ValueError` that says why.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None

MAX_LENGTH = 4 * 1024 * 1024
"""Code points. Longer texts are not read."""
MAX_DEPTH = 64
"""Levels of arrays and objects within each other."""

# Possessive, and the closing quote optional: a match never fails, so that the scan is linear.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,(?=\s*+[}\]])', re.DOTALL)


def decode_json(body: bytes) -> str:
    """The text of a JSON document: UTF-8, UTF-16 or UTF-32 with or without a mark (RFC 4627 3).

    Undecodable bytes become U+FFFD.
    """
    return body.decode(json.detect_encoding(body), "replace").lstrip("\ufeff")


def parse_json(text: str, *, tolerant: bool = False) -> JsonValue:
    """The value that the text holds. Lone surrogates in strings become `?`, so that all of it can be written.

    With `tolerant`, control characters in strings and commas before a closing bracket are overlooked.

    Raises:
        ValueError: longer than `MAX_LENGTH`, deeper than `MAX_DEPTH`, or not JSON.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH:,} characters")
    if text.count("[") + text.count("{") > MAX_DEPTH and depth_of(text) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    value: JsonValue
    try:
        value = json.loads(text, strict=not tolerant)
    except ValueError:
        mended = _TRAILING_COMMA.sub(lambda match: match[1] or "", text) if tolerant else text
        if mended == text:
            raise
        value = json.loads(mended, strict=False)
    if _SURROGATE.search(text):
        clean = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
        value = json.loads(clean)
    return value


def depth_of(text: str) -> int:
    """How deep the brackets outside strings are nested, whether or not the text is JSON."""
    steps = (1 if bracket in "[{" else -1 for bracket in _BRACKET.findall(_STRING.sub("", text)))
    return max(accumulate(steps, initial=0))


def array_slices(text: str) -> list[str]:
    """The source text of each element of an array that `parse_json` has read."""
    decoder = json.JSONDecoder()
    slices: list[str] = []
    position = text.index("[") + 1
    while True:
        start = _SPACES.match(text, position)
        begin = start.end() if start else position
        if text[begin] == "]":
            return slices
        _, end = decoder.raw_decode(text, begin)
        slices.append(text[begin:end])
        after = _SPACES.match(text, end)
        position = (after.end() if after else end) + 1
        if text[position - 1] == "]":
            return slices


_SPACES = re.compile(r"[ \t\r\n]*+")

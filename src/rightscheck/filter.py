"""The JSONL gate: one line in, one answer; the lines that pass go out byte for byte, in order.

Every line is counted once: passed, rejected or unreadable. Nothing that could not be read passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from rightscheck.checker import Checker
from rightscheck.errors import UsageError
from rightscheck.model import Decision
from rightscheck.report import FailOn, fails

TEXT_KEYS = (
    "text",
    "raw_content",
    "content",
    "plain_text",
    "maintext",
    "article",
    "body",
    "document",
    "page_content",
)
URL_KEYS = ("url", "u", "uri", "source_url", "warc-target-uri", "metadata.url", "meta.url", "source")
MAX_LINE = 256 * 1024 * 1024
"""Bytes; a longer line is unreadable."""


@dataclass(slots=True)
class Counts:
    """Lines in, and what became of them: `read` is always the sum of the other three."""

    read: int = 0
    passed: int = 0
    rejected: int = 0
    unreadable: int = 0
    blank: int = 0
    """Of the unreadable: lines that hold nothing at all."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Where a record keeps its text and its URL, as dotted paths; empty means the usual names."""

    text: str = ""
    url: str = ""


def parse_keys(mapping: str) -> Keys:
    """The keys that a mapping such as `text=body,url=meta.link` names.

    Raises:
        UsageError: another form, or another column than text and url.
    """
    found: dict[str, str] = {}
    for part in filter(None, mapping.split(",")):
        column, equals, key = part.partition("=")
        if not equals or column.strip() not in ("text", "url") or not key.strip():
            raise UsageError(f"no mapping: `{part}`", hint="write it as text=KEY,url=KEY")
        found[column.strip()] = key.strip()
    return Keys(**found)


def filter_lines(
    source: BinaryIO,
    checker: Checker,
    *,
    passed: BinaryIO,
    rejected: BinaryIO | None = None,
    keys: Keys | None = None,
    fail_on: FailOn = "no-go",
) -> Counts:
    """How many lines passed, were rejected, or could not be read.

    Rejected and unreadable lines go to `rejected` as JSON: `line` (1-based), `verdict`, `rules`, `reasons`,
    `quotes` and the `record` as it was; unreadable ones with `unreadable` (the reason) and `raw`.
    """
    counts = Counts()
    where = keys or Keys()
    for line in _lines(source):
        counts.read += 1
        record = _record(line, where)
        if isinstance(record, str):
            counts.unreadable += 1
            counts.blank += not line.strip()
            if rejected is not None:
                rejected.write(_unreadable(counts.read, record, line))
            continue
        decision = check_record(checker, *record)
        if fails(decision.verdict, fail_on):
            counts.rejected += 1
            if rejected is not None:
                rejected.write(_rejected(counts.read, decision, line))
        else:
            counts.passed += 1
            passed.write(line)
    return counts


def check_record(checker: Checker, text: str, url: str | None) -> Decision:
    """The decision for a record of a corpus, whose URL is data: one that is no URL counts as unknown."""
    try:
        return checker.check_text(text, url)
    except UsageError:
        return checker.check_text(text)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines with their ends; one longer than MAX_LINE comes cut, without its end."""
    while line := source.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while (rest := source.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line


def _record(line: bytes, keys: Keys) -> tuple[str, str | None] | str:
    """The text and URL of a line, or why it cannot be read."""
    if not line.strip():
        return "empty line"
    if len(line) > MAX_LINE:
        return f"longer than {MAX_LINE} bytes"
    try:
        record = json.loads(line)
    except UnicodeDecodeError:
        return "not UTF-8"
    except RecursionError:
        return "nested too deeply"
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(record, dict):
        return "not a JSON object"
    text = _first(record, (keys.text,) if keys.text else TEXT_KEYS)
    if text is None:
        named = keys.text or "text"
        return (
            f"no `{named}` with a string; its keys are {', '.join(sorted(map(str, record))[:12]) or 'none'}"
        )
    url = _first(record, (keys.url,) if keys.url else URL_KEYS)
    return text, url if url and "://" in url else None


def _first(record: dict[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        value: object = record.get(name)
        if value is None and "." in name:
            value = record
            for part in name.split("."):
                value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    return None


def _rejected(number: int, decision: Decision, line: bytes) -> bytes:
    deciding = sorted({index for answer in decision.uses for index in answer.deciding})
    head = {
        "line": number,
        "verdict": decision.verdict.value,
        "rules": decision.determining,
        "reasons": decision.reasons,
        "quotes": [
            {"locator": finding.evidence.locator, "quote": finding.evidence.quote}
            for finding in (decision.findings[index] for index in deciding)
            if finding.evidence.quote
        ],
    }
    # The record was valid JSON: it is carried as its own bytes, so that nothing is lost by rewriting it.
    return json.dumps(head, ensure_ascii=True).encode()[:-1] + b', "record": ' + line.strip() + b"}\n"


def _unreadable(number: int, reason: str, line: bytes) -> bytes:
    raw = line[:65_536].decode("utf-8", "backslashreplace").rstrip("\r\n")
    return json.dumps({"line": number, "unreadable": reason, "raw": raw}, ensure_ascii=True).encode() + b"\n"

"""Every quote of the page's own signals stands where its locator says, in the bytes of its source."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from rightscheck.model import Document, Finding
from rightscheck.signals import all_signals
from rightscheck.sources import Sources
from rightscheck.syntax.html import HtmlDocument
from rightscheck.syntax.json_text import JsonValue, decode_json, parse_json
from rightscheck.syntax.linked_data import unwrap
from test_signals import CASES, sources_of

OURS = ("tdmrep", "http", "robots-meta", "x-robots-tag", "licence", "schema-org", "c2pa")
READERS = {signal.id: signal.read for signal in all_signals() if signal.id in OURS}
PATHS = [path for name in OURS for path in sorted((CASES / name).glob("*.toml"))]


def resolve(value: JsonValue, pointer: str) -> JsonValue:
    """The value that a JSON pointer leads to (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(key)]
        else:
            assert isinstance(value, dict)
            value = value[key]
    return value


def holds(
    sources: Sources, document: Document | None, html: HtmlDocument | None, locator: str, quote: str
) -> bool:
    """Whether the place that the locator names contains the quote."""
    kind, _, rest = locator.partition(":")
    assert document is not None
    if kind == "header":
        return any(quote in line for line in document.header_lines(rest)) or quote == document.header(rest)
    if kind == "status":
        return quote in ("", str(document.status))
    if kind == "json":
        text = decode_json(document.body)
        return quote in text and (
            not quote or not rest or json.loads(quote) == resolve(parse_json(text), rest)
        )
    if kind == "char":
        start, end = map(int, rest.split("-"))
        return document.body.decode("utf-8", "replace")[start:end] == quote
    assert html is not None
    if kind == "meta":
        return any(quote in content for key, content, _ in html.metas() if rest in key)
    if kind == "link":
        return any(link.href == quote for link in html.links())
    if kind == "json-ld":
        number, slash, pointer = rest.partition("/")
        if not quote:
            return int(number) < len(html.json_ld())
        value = parse_json(unwrap(html.json_ld()[int(number)]), tolerant=True)
        return quote in json.dumps(resolve(value, slash + pointer), ensure_ascii=False)
    return kind in ("property", "script", "attribute") and quote in document.body.decode("utf-8", "replace")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_quote_is_found_at_its_locator(path: Path) -> None:
    sources = sources_of(tomllib.loads(path.read_text("utf-8")), path)
    documents = {document.url: document for found in sources.documents.values() for document in found}
    for item in READERS[path.parent.name](sources):
        if isinstance(item, Finding):
            page = sources.asset.page
            document = documents.get(item.evidence.source, page)
            assert document is not None
            assert item.evidence.sha256 == document.sha256
            quote = item.evidence.quote.removesuffix("…")
            if len(item.evidence.quote) < 2000:
                assert holds(sources, document, sources.html, item.evidence.locator, quote), item.evidence

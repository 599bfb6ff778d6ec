"""WAT files: what Common Crawl keeps of each answer beside its text: header fields, metas, links.

Each answer becomes a page of its header fields and of a head made again from its metas and links. What it said
in words is not in the file: the text of such a page counts as unread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from rightscheck.readers.records import Gatherer, Page, Source, batches
from rightscheck.readers.streams import content
from rightscheck.readers.warc import Record, records

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".wat",)
COMPRESSED = True
MAX_ELEMENTS = 5000
"""Metas, and links, of a page that are read."""
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9:_-]{0,63}")


def read(source: Source) -> Iterator[pa.RecordBatch]:
    """The pages of the envelopes that hold answers."""
    return batches(records(content(source)), _add)


def _add(gathered: Gatherer, record: Record) -> None:
    if record.fault:
        gathered.add_problem(record.fault)
        return
    if record.headers.get("warc-type", "").lower() != "metadata":
        return
    try:
        envelope = _member(json.loads(record.block), "Envelope")
    except (ValueError, RecursionError):
        gathered.add_problem("not JSON")
        return
    about = _member(envelope, "WARC-Header-Metadata")
    answer = _member(_member(envelope, "Payload-Metadata"), "HTTP-Response-Metadata")
    if _text(about, "WARC-Type") != "response" or not answer:
        return
    status = _text(_member(answer, "Response-Message"), "Status")
    gathered.add_page(
        Page(
            _head(_member(answer, "HTML-Metadata")).encode("utf-8", "replace"),
            int(status) if re.fullmatch(r"[1-9]\d\d", status, re.ASCII) else None,
            tuple(_fields(_member(answer, "Headers"))),
            partial=True,
        ),
        url=_text(about, "WARC-Target-URI") or None,
        id=_text(about, "WARC-Record-ID") or None,
        date=_text(about, "WARC-Date") or None,
    )


def _fields(headers: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The header fields; one that was sent more than once is a list."""
    for name, value in headers.items():
        for each in value if isinstance(value, list) else [value]:
            # The coding is of a body that is not here.
            if isinstance(each, str) and name.lower() not in ("content-encoding", "transfer-encoding"):
                yield name, each


def _head(html: dict[str, object]) -> str:
    head = _member(html, "Head")
    lines = ["<!doctype html><html><head>"]
    if title := _text(head, "Title"):
        lines.append(f"<title>{escape(title)}</title>")
    lines += [_element("meta", meta) for meta in _objects(head, "Metas")]
    lines += [_element("link", _linked(link)) for link in _objects(head, "Link")]
    lines.append("</head><body>")
    for link in _objects(html, "Links"):
        if str(link.get("path", "")).startswith("A@"):
            lines.append(f"{_element('a', _linked(link))}{escape(_text(link, 'text'))}</a>")
    return "\n".join([*lines, "</body></html>"])


def _linked(link: dict[str, object]) -> dict[str, object]:
    """The attributes of a link, whose address is under `url`."""
    kept = {name: value for name, value in link.items() if name not in ("path", "url", "text")}
    return {"href": link.get("url", ""), **kept}


def _element(name: str, attributes: dict[str, object]) -> str:
    written = "".join(
        f' {key}="{escape(value)}"'
        for key, value in attributes.items()
        if isinstance(value, str) and _ATTRIBUTE.fullmatch(key)
    )
    return f"<{name}{written}>"


def _member(value: object, name: str) -> dict[str, object]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _objects(value: dict[str, object], name: str) -> Iterator[dict[str, object]]:
    found = value.get(name)
    return (
        islice((item for item in found if isinstance(item, dict)), MAX_ELEMENTS)
        if isinstance(found, list)
        else iter(())
    )


def _text(value: dict[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""

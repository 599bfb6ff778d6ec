"""Which column holds the text, the URL, the date and the id: the names that corpora are published with.

Known from FineWeb, C4, CulturaX, Dolma, RedPajama, OSCAR, HPLT, CC-News, DCLM and datatrove. A name with dots
is a field inside a field, unless a column bears the dotted name itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

from rightscheck.errors import UsageError

NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "raw_content", "content", "plain_text", "maintext", "article", "body", "document",
        "page_content", "raw_text",
    ),
    "url": (
        "url", "u", "uri", "source_url", "requested_url", "warc-target-uri", "WARC-Target-URI", "metadata.url",
        "meta.url", "warc_headers.warc-target-uri", "metadata.WARC-Target-URI", "metadata.requested_url",
        "source",
    ),
    "date": (
        "date_download", "crawl_date", "WARC-Date", "warc-date", "metadata.WARC-Date", "warc_headers.warc-date",
        "date", "timestamp", "ts", "metadata.date", "metadata.timestamp", "meta.timestamp", "added",
    ),
    "id": (
        "id", "doc_id", "docid", "warc_headers.warc-record-id", "metadata.WARC-Record-ID", "WARC-Record-ID",
        "metadata.id", "digest", "fingerprint", "uuid",
    ),
    "dump": (
        "dump", "crawl", "crawl_id", "collection", "cc_segment", "metadata.dump", "file_path", "f",
        "metadata.file_path",
    ),
}  # fmt: skip
"""Per column of ours, the names it goes by, the first that is there being taken.

The date is that of retrieval: when a text was written or published says nothing of the policies it came under.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The corpus's own names for our columns; empty where it has none, or where none was given."""

    text: str = ""
    url: str = ""
    date: str = ""
    id: str = ""
    dump: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names in use, each once, in the order of our columns."""
        return tuple(
            dict.fromkeys(name for name in (self.text, self.url, self.date, self.id, self.dump) if name)
        )


def parse_mapping(mapping: str) -> Mapping:
    """The mapping written as `text=body,url=meta.link`.

    Raises:
        UsageError: another form, or another column than text, url, date, id and dump.
    """
    found: dict[str, str] = {}
    known = [field.name for field in fields(Mapping)]
    for part in filter(None, mapping.split(",")):
        column, equals, name = part.partition("=")
        if not equals or column.strip() not in known or not name.strip():
            hint = f"write it as text=NAME,url=NAME; columns: {', '.join(known)}"
            raise UsageError(f"no mapping: `{part}`", hint=hint)
        found[column.strip()] = name.strip()
    return Mapping(**found)


def resolve(available: Collection[str], given: Mapping) -> Mapping | str:
    """The names under which a file with these columns keeps ours, or why it cannot be read.

    `available` are dotted names, every field inside a field included.
    """
    missing = [name for name in given.names if name not in available]
    if missing:
        return f"no column {_listed(missing)}; {_columns(available)}"
    found = {
        column: getattr(given, column) or next((name for name in names if name in available), "")
        for column, names in NAMES.items()
    }
    if not found["text"]:
        return f"no text column; {_columns(available)}"
    return Mapping(**found)


def _columns(available: Iterable[str]) -> str:
    names = sorted(available)
    more = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return f"its columns are {_listed(names[:40])}{more}" if names else "it has no columns"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def first_text(
    record: dict[str, object], names: tuple[str, ...], *, wanted: str = "", scalar: bool = False
) -> str | None:
    """The first of the named values that is a string (with `scalar`, a number too) and holds `wanted`."""
    for name in names:
        value = record.get(name)
        if value is None and "." in name:
            value = _inside(record, name)
        if isinstance(value, str) and wanted in value:
            return value
        if scalar and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None


def _inside(record: dict[str, object], name: str) -> object:
    value: object = record
    for part in name.split("."):
        if isinstance(value, str) and value.startswith("{"):  # metadata kept as JSON inside JSON
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return None
        value = value.get(part) if isinstance(value, dict) else None
    return value

"""Whatever root files, feeds and file metadata hold: nothing raises, time is bounded, nothing is consent."""

from __future__ import annotations

import io
import json
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.model import Asset, Document, Finding, Request
from rightscheck.signals import all_signals
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Mode, Preference, Standing
from timing import within

MINE = {"ai-txt", "trust-txt", "iptc", "xmp", "feed", "epub", "onix"}
SIGNALS = [signal for signal in all_signals() if signal.id in MINE]
ROOT_FILES = {
    Carrier.AI_TXT: "/ai.txt",
    Carrier.AI_TXT_WELL_KNOWN: "/.well-known/ai.txt",
    Carrier.AI_JSON: "/.well-known/ai.json",
    Carrier.TRUST_TXT: "/trust.txt",
    Carrier.FEED: "/feed.xml",
    Carrier.EMBEDDED: "/photo.jpg",
}


def sources_of(body: bytes, media_type: str = "application/octet-stream") -> Sources:
    page = Document(carrier=Carrier.HTML, url="https://news.example/a", status=200, body=body)
    return Sources(
        asset=Asset(
            uri=page.url, source=page.url, text=None, media_type=media_type, mode=Mode.HELD, page=page
        ),
        request=Request(uses=("ai-train",), on=date(2026, 11, 24), agents=("MyBot",)),
        documents={
            carrier: (Document(carrier=carrier, url=f"https://news.example{path}", status=200, body=body),)
            for carrier, path in ROOT_FILES.items()
        },
    )


def read(body: bytes, media_type: str = "application/octet-stream") -> list[Finding]:
    sources = sources_of(body, media_type)
    return [item for signal in SIGNALS for item in signal.read(sources) if isinstance(item, Finding)]


def consents(found: list[Finding]) -> bool:
    return any(
        finding.statement is not None
        and finding.statement.preference is Preference.ALLOW
        and finding.statement.standing is Standing.EFFECTIVE
        for finding in found
    )


STARTS = st.sampled_from(
    [
        b"",
        b"\xff\xd8\xff\xe1",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x10iTXtXML:com.adobe.xmp\x00",
        b"%PDF-1.7\n1 0 obj << /Type /Metadata /Filter /FlateDecode >> stream\n",
        b"<?xpacket begin",
        b"<rss><channel>",
        b"PK\x03\x04",
        b"User-Agent: *\nDisallow: ",
        b'{"policies": {"training": ',
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ]
)


@settings(max_examples=400, deadline=None)
@given(STARTS, st.binary(max_size=300))
def test_any_bytes_are_read_without_raising(start: bytes, rest: bytes) -> None:
    assert not consents(read(start + rest))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_raising(text: str) -> None:
    assert not consents(read(text.encode("utf-8", "surrogatepass"), "text/plain"))
    assert not consents(read(text.encode("utf-16", "surrogatepass"), "application/rss+xml"))


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=20),
        lambda c: st.lists(c) | st.dictionaries(st.text(max_size=12), c),
    )
)
def test_any_json_is_read_without_raising(value: object) -> None:
    read(json.dumps(value).encode())
    read(json.dumps({"policies": value, "agents": {"MyBot": value}}).encode())


MEGABYTE = 1024 * 1024


def epub(container: bytes, entries: int = 0) -> bytes:
    """An EPUB with that container.xml and so many empty entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container, zipfile.ZIP_DEFLATED)
        for number in range(entries):
            archive.writestr(f"{number}", b"")
    return out.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "json, 100,000 levels": lambda: b"[" * 100_000,
    "json, 100,000 objects": lambda: b'{"a":' * 100_000,
    "xml, 100,000 levels": lambda: b"<rss>" * 100_000,
    "xml, billion laughs": lambda: (
        b'<!DOCTYPE r [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
        + b"]><rss>&a11;</rss>"
    ),
    "50 MB of spaces": lambda: b" " * (50 * MEGABYTE),
    "50 MB of one line": lambda: b"Disallow: " + b"a" * (50 * MEGABYTE),
    "20 MB of lines": lambda: b"Training: deny\n" * (20 * MEGABYTE // 15),
    "50 MB of packet openings": lambda: b"<?xpacket begin" * (50 * MEGABYTE // 15),
    "jpeg of empty segments": lambda: b"\xff\xd8\xff" + b"\xe1\x00\x02\xff" * (4 * MEGABYTE),
    "png of empty chunks": lambda: b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00" * MEGABYTE,
    "png, compressed 64 MB": lambda: (
        b"\x89PNG\r\n\x1a\n\x00\x10\x00\x00iTXtXML:com.adobe.xmp\x00\x01\x00\x00\x00"
        + zlib.compress(b"\x00" * (64 * MEGABYTE), 9)
    ),
    "pdf of metadata": lambda: b"%PDF-1.7\n" + b"/Type /Metadata stream\n" * (2 * MEGABYTE),
    "pdf of catalogs": lambda: b"%PDF-1.7\n" + b"/Type /Catalog /Metadata 1 0 R " * MEGABYTE,
    "pdf of digits": lambda: b"%PDF-1.7\n" + b"1 " * (10 * MEGABYTE),
    "zip, one entry of 64 MB": lambda: epub(b" " * (64 * MEGABYTE)),
    "zip, 30,000 entries": lambda: epub(b"<container/>", 30_000),
    "zip, entries in no directory": lambda: epub(b"<container/>")[:-22] + b"PK\x05\x06" + b"\xff" * 18,
    "NUL": lambda: b"\x00" * (10 * MEGABYTE),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("media_type", ["application/octet-stream", "application/rss+xml"])
def test_bombs_cost_little_and_consent_to_nothing(name: str, media_type: str) -> None:
    body = BOMBS[name]()
    started = time.process_time()
    assert not consents(read(body, media_type))
    assert within(time.process_time() - started, 10)


def test_llms_txt_is_no_rights_signal() -> None:
    """A curated index for language models permits nothing and refuses nothing, so nothing lists it."""
    for signal in all_signals():
        for text in (signal.id, signal.title, signal.specification, *signal.carriers, *signal.families):
            assert "llms" not in text.lower()
    assert not any("llms" in carrier.value for carrier in Carrier)

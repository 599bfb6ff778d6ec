"""Assets: what is judged, made from text, from a file or from a response, by what its bytes are."""

from __future__ import annotations

from pathlib import Path

from rightscheck.model import Asset, Document
from rightscheck.sources import digest
from rightscheck.syntax.charset import decode, is_binary
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)


def text_asset(
    text: str, *, url: str | None = None, source: str = "text", body: bytes | None = None
) -> Asset:
    """An asset of which only the text is at hand; `body` are the bytes it was decoded from."""
    data = body if body is not None else text.encode("utf-8", "surrogatepass")
    return Asset(
        uri=url, source=source, text=text, media_type="text/plain", mode=Mode.HELD, sha256=digest(data)
    )


def file_asset(path: str, body: bytes, *, url: str | None = None) -> tuple[Asset, HtmlDocument | None]:
    """An asset read from a file: a medium by its first bytes, HTML and XML by name or first bytes, else text."""
    page = Document(carrier=Carrier.HTML, url=url or path, body=body, sha256=digest(body))
    is_xml = looks_like_xml(path, body)
    media_type = "application/xml" if is_xml else media_type_of(body)
    if media_type:
        asset = Asset(
            uri=url,
            source=path,
            text=decode(body) if is_xml else None,
            media_type=media_type,
            mode=Mode.HELD,
            page=page,
            sha256=page.sha256,
        )
        return asset, None
    if looks_like_html(path, body):
        return _html_asset(page, decode(body, html=True), uri=url, source=path, mode=Mode.HELD)
    return text_asset(decode(body), url=url, source=path, body=body), None


def media_type_of(body: bytes) -> str:
    """The media type of a file whose embedded metadata can be read, by its first bytes; else empty.

    JPEG, PNG, GIF, WebP, TIFF, PDF and EPUB (WHATWG MIME Sniffing 6.1; EPUB OCF 4.2.1).
    """
    if body[8:12] == b"WEBP" and body.startswith(b"RIFF"):
        return "image/webp"
    if body.startswith(b"PK\x03\x04") and b"application/epub+zip" in body[:100]:
        return "application/epub+zip"
    return next((kind for magic, kind in _MAGIC if body.startswith(magic)), "")


def looks_like_html(path: str, body: bytes) -> bool:
    """Whether a file is HTML: by its suffix, or because it begins as HTML does (WHATWG MIME Sniffing 7.1)."""
    if Path(path).suffix.lower() in {".html", ".htm", ".xhtml"}:
        return True
    head = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")) and b"<" in head


def looks_like_xml(path: str, body: bytes) -> bool:
    """Whether a file is XML and no page: by its declaration or suffix, and no root element of HTML."""
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    suffix = Path(path).suffix.lower() in {".xml", ".onix", ".rss", ".atom"}
    return (head.startswith(b"<?xml") or (suffix and head.startswith(b"<"))) and b"<html" not in head


def page_asset(page: Document, *, url: str, mode: Mode) -> tuple[Asset, HtmlDocument | None]:
    """An asset from a response, and its parsed HTML if that is what it is.

    The asset's URI is the final URL: after a redirect the final host's statements govern use.
    """
    content_type = page.header("content-type")
    media_type = (content_type or "").split(";")[0].strip().lower()
    uri = page.final_url or url
    if media_type in HTML_TYPES or (not media_type and looks_like_html("", page.body)):
        return _html_asset(page, decode(page.body, content_type, html=True), uri=uri, source=uri, mode=mode)
    text = None
    if page.body and _is_text(media_type) and not is_binary(page.body):
        text = decode(page.body, content_type)
    asset = Asset(
        uri=uri,
        source=uri,
        text=text,
        media_type=media_type or ("text/plain" if text is not None else "application/octet-stream"),
        mode=mode,
        page=page,
        sha256=page.sha256 or digest(page.body),
        retrieved_at=page.retrieved_at,
    )
    return asset, None


def _is_text(media_type: str) -> bool:
    return (
        not media_type
        or media_type.startswith("text/")
        or media_type.endswith(("+xml", "+json", "/xml", "/json"))
    )


def _html_asset(
    page: Document, markup: str, *, uri: str | None, source: str, mode: Mode
) -> tuple[Asset, HtmlDocument]:
    html = HtmlDocument(markup)
    asset = Asset(
        uri=uri,
        source=source,
        text=html.visible_text(),
        media_type="text/html",
        mode=mode,
        page=page,
        sha256=page.sha256 or digest(page.body),
        retrieved_at=page.retrieved_at,
    )
    return asset, html

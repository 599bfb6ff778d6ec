"""Which files the patterns of an ai.txt mean: by extension, by class of media, by path (Spawning's ai.txt)."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from rightscheck.robots import match_path, pattern_length
from rightscheck.sources import Sources

TEXT_CLASS = frozenset({"html", "htm", "xhtml", "txt"})
"""Extensions that stand for text; a page without one of its own goes by them."""
_BY_TYPE = {
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
}


def extensions_of(sources: Sources) -> tuple[str, frozenset[str]]:
    """The asset's own extension (`html` for a page without one), and those of its class."""
    try:
        suffix = PurePosixPath(urlsplit(sources.asset.uri or "").path).suffix.lower()[1:]
    except ValueError:
        suffix = ""
    media_type = sources.asset.media_type
    if media_type == "text/html" or sources.asset.text is not None:
        own = suffix if suffix in TEXT_CLASS else "html" if media_type == "text/html" else suffix or "txt"
        return own, TEXT_CLASS
    kin = frozenset({"jpg", "jpeg"}) if media_type == "image/jpeg" else frozenset[str]()
    return suffix or _BY_TYPE.get(media_type, ""), kin


def rank_of(pattern: str, path: str, extensions: tuple[str, frozenset[str]]) -> tuple[int, int] | None:
    """How specific a pattern is for the asset; None when it does not match."""
    if pattern in ("/", "*", "/*", "*.*"):
        return 0, 0
    extension = re.fullmatch(r"/?\*?\.([A-Za-z0-9]{1,8})[*$]?", pattern)
    if extension is not None:
        own, kin = extensions
        named = extension[1].lower()
        if named == own:
            return 2, len(named)
        return (1, len(named)) if named in kin else None
    if not pattern.startswith(("/", "*")):
        pattern = f"/{pattern}"
    return (3, pattern_length(pattern)) if match_path(pattern, path) else None

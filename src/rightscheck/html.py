"""HTML parsed once (selectolax, lexbor), read by every signal that looks into a page.

The parser repairs as browsers do (WHATWG); size and depth are bounded before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Link:
    """A `link` or `a`/`area` element that carries `rel` or `href`. `rel` holds the lower-case tokens."""

    rel: frozenset[str]
    href: str
    type: str
    tag: str
    text: str
    node: LexborNode


class HtmlDocument:
    """A parsed page. All methods are total: whatever the page holds, they answer."""

    __slots__ = ("_links", "_metas", "tree", "truncated")

    def __init__(self, markup: str | bytes) -> None:
        self.truncated = len(markup) > MAX_BYTES
        self.tree = LexborHTMLParser(markup[:MAX_BYTES])
        self._metas: tuple[tuple[str, str, str], ...] | None = None
        self._links: tuple[Link, ...] | None = None

    def metas(self) -> tuple[tuple[str, str, str], ...]:
        """Every `meta` in document order as (key, content, attribute), the key lower-case.

        The attribute is the one that named it: `name`, `property`, `http-equiv` or `itemprop`.
        """
        if self._metas is None:
            self._metas = tuple(self._read_metas())
        return self._metas

    def meta(self, key: str) -> tuple[str, ...]:
        """The contents of all metas with that key, in document order."""
        wanted = key.lower()
        return tuple(content for name, content, _ in self.metas() if name == wanted)

    def links(self) -> tuple[Link, ...]:
        """Every `link`, `a` and `area` with an `href` or `rel`, in document order."""
        if self._links is None:
            self._links = tuple(self._read_links())
        return self._links

    def json_ld(self) -> tuple[str, ...]:
        """The raw text of each `script type=application/ld+json`."""
        return self.scripts("application/ld+json")

    def scripts(self, media_type: str) -> tuple[str, ...]:
        """The raw text of each `script` of that type (parameters ignored)."""
        found = []
        for node in self.tree.css("script[type]"):
            declared = (node.attributes.get("type") or "").split(";")[0].strip().lower()
            if declared == media_type:
                found.append(node.text(deep=True) or "")
        return tuple(found)

    def _read_metas(self) -> Iterator[tuple[str, str, str]]:
        for node in self.tree.css("meta"):
            attributes = node.attributes
            content = attributes.get("content")
            if content is None:
                continue
            for attribute in ("name", "property", "http-equiv", "itemprop"):
                key = attributes.get(attribute)
                if key:
                    yield key.strip().lower(), content.strip(), attribute

    def _read_links(self) -> Iterator[Link]:
        for node in self.tree.css("link, a, area"):
            attributes = node.attributes
            href = (attributes.get("href") or "").strip()
            rel = frozenset((attributes.get("rel") or "").lower().split())
            if not href and not rel:
                continue
            tag = node.tag or ""
            text = "" if tag == "link" else (node.text(deep=True) or "").strip()
            yield Link(rel, href, (attributes.get("type") or "").strip().lower(), tag, text, node)

"""HTML parsed once (selectolax, lexbor), read by every signal that looks into a page.

The parser repairs as browsers do (WHATWG); size and depth are bounded before it is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rightscheck.syntax.text_walk import Regions
from rightscheck.syntax.visible_text import visible_text

MAX_BYTES = 16 * 1024 * 1024

# Elements that do not nest: void ones, and those whose end tag is implied.
_FLAT = frozenset(
    b"""
    area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option
    """.split()
)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
MAX_DEPTH = 4096
_NO_RELATION: frozenset[str] = frozenset()
_RIGHTS_METAS = frozenset(
    {
        "copyright",
        "rights",
        "dc.rights",
        "dcterms.rights",
        "dc:rights",
        "dcterms.accessrights",
        "usage-rights",
    }
    | {"rights-standard", "license", "licence", "terms"}
    | {"copyrightnotice", "usageinfo", "conditionsofaccess", "credittext"}
)
_RIGHTS_KEYS = frozenset({"copyrightNotice", "usageInfo", "conditionsOfAccess", "creditText", "license"})


class Link(NamedTuple):
    """A `link` or `a`/`area` element that carries `rel` or `href`. `rel` holds the lower-case tokens."""

    # A tuple: pages hold hundreds, and a frozen dataclass takes several times as long to make.

    rel: frozenset[str]
    href: str
    type: str
    tag: str
    node: LexborNode

    @property
    def text(self) -> str:
        """The text of the element, empty for `link`; read from the tree on each call."""
        return "" if self.tag == "link" else (self.node.text(deep=True) or "").strip()


class HtmlDocument:
    """A parsed page. All methods are total: whatever the page holds, they answer."""

    __slots__ = ("_links", "_metas", "_properties", "_scripts", "_text", "tree", "truncated")

    def __init__(self, markup: str | bytes) -> None:
        data = markup.encode("utf-8", "surrogatepass") if isinstance(markup, str) else markup
        kept = _shallow(data[:MAX_BYTES])
        self.truncated = len(kept) < len(data)
        """True when the page was longer or deeper than the bounds: then the rest was not read."""
        self.tree = LexborHTMLParser(kept)
        self._metas: tuple[tuple[str, str, str], ...] | None = None
        self._links: tuple[Link, ...] | None = None
        self._properties: tuple[LexborNode, ...] | None = None
        self._scripts: tuple[tuple[str, LexborNode], ...] | None = None
        self._text: tuple[str, Regions] | None = None

    def visible_text(self) -> str:
        """The page's title and its whole text, blocks on lines of their own, white space collapsed within.

        Nothing is stripped as boilerplate: notices live there.
        """
        return self._read_text()[0]

    @property
    def quoted_regions(self) -> tuple[tuple[int, int], ...]:
        """The parts of `visible_text` inside quoting elements (blockquote, q, code, pre ...), half-open."""
        return self._read_text()[1]

    def needs_scripts(self) -> bool:
        """Whether the page is a shell: no text and no picture of its own, only scripts that would draw it."""
        if self.tree.css_first("script[src]") is None or self.tree.css_first("img, svg, video") is not None:
            return False
        asides = [node.text(deep=True) or "" for node in self.tree.css("title, noscript")]
        told = " ".join(" ".join(asides).split())
        lines = self.visible_text().split("\n") if len(told) < 2000 else ["too much for a shell"]
        return all(line in told for line in lines)

    def hidden_texts(self) -> Iterator[tuple[str, str]]:
        """Rights texts that the page carries out of sight, as (locator, text).

        Metas about rights (`meta:NAME`), alternative texts (`alt:N`, 0-based) and rights strings of JSON-LD
        (`json-ld:N/KEY`); URLs are left out.
        """
        for name, content, _ in self.metas():
            if name in _RIGHTS_METAS and content and not content.startswith(("http://", "https://")):
                yield f"meta:{name}", content
        for index, node in enumerate(self.tree.css("img[alt]")):
            text = (node.attributes.get("alt") or "").strip()
            if len(text) > 40:
                yield f"alt:{index}", text
        for index, raw in enumerate(self.json_ld()):
            for key, text in _rights_strings(raw):
                yield f"json-ld:{index}/{key}", text

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
        return tuple(node.text(deep=True) or "" for node in self.script_nodes(media_type))

    def script_nodes(self, media_type: str) -> tuple[LexborNode, ...]:
        """Each `script` of that type (parameters ignored)."""
        if self._scripts is None:
            nodes = self.tree.css("script[type]")
            self._scripts = tuple((_media_type(node.attributes.get("type")), node) for node in nodes)
        return tuple(node for declared, node in self._scripts if declared == media_type)

    def property_nodes(self) -> tuple[LexborNode, ...]:
        """Every element with a property of microdata or RDFa, in document order."""
        if self._properties is None:
            self._properties = tuple(self.tree.css("[itemprop], [property]"))
        return self._properties

    def _read_text(self) -> tuple[str, Regions]:
        if self._text is None:
            self._text = visible_text(self.tree)
        return self._text

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
            relations = attributes.get("rel")
            rel = frozenset(relations.lower().split()) if relations else _NO_RELATION
            if href or rel:
                declared = attributes.get("type")
                yield Link(rel, href, declared.strip().lower() if declared else "", node.tag or "", node)


def _media_type(declared: str | None) -> str:
    return (declared or "").partition(";")[0].strip().lower()


def _shallow(data: bytes) -> bytes:
    """The page up to where its elements nest deeper than MAX_DEPTH: parsing takes time by depth squared."""
    if data.count(b"<") <= MAX_DEPTH:
        return data
    depth = 0
    for match in _TAG.finditer(data):
        if match[2].lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            return data[: match.start()]
    return data


def _rights_strings(raw: str) -> Iterator[tuple[str, str]]:
    if len(raw) > 1_000_000 or raw.count("[") + raw.count("{") > 20_000:
        return
    try:
        stack = [json.loads(raw)]
    except (ValueError, RecursionError):
        return
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, dict):
            for key, value in node.items():
                if key in _RIGHTS_KEYS and isinstance(value, str):
                    if not value.startswith(("http://", "https://", "/")):
                        yield key, value
                elif isinstance(value, (dict, list)):
                    stack.append(value)

"""What a licence link in a page covers: the page, or a picture or a quotation in it; or who knows, in a sidebar.

A link in the head, in the text, in a footer is the page's; one inside a figure or in a short block with
a picture is that picture's. ccREL and HTML leave this to the reader.
"""

from __future__ import annotations

import re
from enum import StrEnum

from selectolax.lexbor import LexborNode

MAX_CLIMB = 256
"""Ancestors looked at; deeper nesting is nobody's layout."""
NEAR = 300
"""A block with a picture and less text than this many code points is about the picture."""

_APART = frozenset("figure figcaption picture blockquote q video audio object".split())
_OPEN = frozenset("article main footer header section body html head".split())
_CAPTION = re.compile(
    r"(?:^|[\s_\-])(?:gallery|caption|carousel|slideshow|thumbnail|photo-?credit|image-?credit)(?:$|[\s_\-])",
    re.IGNORECASE,
)
_FOOTER = re.compile(r"footer|(?:^|[\s_\-])foot(?:$|[\s_\-])", re.IGNORECASE)
_LAYOUTS = frozenset("has no with without hide page layout content body both single".split())
"""Beginnings of names like `has-sidebar`: an element beside or around a sidebar, not the sidebar."""
_MEDIA_TYPES = ("imageobject", "photograph", "videoobject", "audioobject", "mediaobject", "stillimage")
_MEDIA_FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".mp4", ".mp3", ".webm")
_BADGES = ("creativecommons.org", "licensebuttons", "88x31")


class Cover(StrEnum):
    """What a link speaks for."""

    PAGE = "page"
    MEDIA = "media"
    SIDEBAR = "sidebar"
    """A sidebar: most often the whole site, at times one thing in it. Nobody may rely on it."""


class LinkScopes:
    """Answers for the links of one page, remembering what each block holds."""

    def __init__(self) -> None:
        self._pictures: dict[int, tuple[int, ...]] = {}
        self._is_short: dict[int, bool] = {}

    def of(self, node: LexborNode) -> Cover:
        """What the link or property at that element covers."""
        blocks: list[LexborNode] = []
        parent, level, in_block = node.parent, 0, True
        in_footer = in_sidebar = in_text = False
        while parent is not None and level < MAX_CLIMB:
            tag = parent.tag or ""
            in_block = in_block and tag not in _OPEN
            if tag in _APART or _is_media_item(parent) or (in_block and _is_named(parent, _CAPTION)):
                return Cover.MEDIA
            if tag not in ("body", "html"):
                footer = tag == "footer" or _is_named(parent, _FOOTER)
                if footer and in_sidebar:  # a column of the page's own footer
                    return Cover.PAGE
                in_footer = in_footer or footer
                in_text = in_text or tag in ("article", "main")
                in_sidebar = in_sidebar or tag == "aside" or (not in_text and _is_sidebar(parent))
            if in_block and level < 3:
                blocks.append(parent)
            parent, level = parent.parent, level + 1
        if in_sidebar:
            return Cover.SIDEBAR
        if in_footer or node.tag in ("link", "meta"):
            return Cover.PAGE
        return Cover.MEDIA if any(self._is_beside_picture(block, node) for block in blocks) else Cover.PAGE

    def is_in_footer(self, node: LexborNode) -> bool:
        """Whether an element stands in the page's footer and speaks for the page."""
        parent, level = node.parent, 0
        while parent is not None and level < MAX_CLIMB:
            if parent.tag == "footer" or (parent.tag != "body" and _is_named(parent, _FOOTER)):
                return self.of(node) is Cover.PAGE
            parent, level = parent.parent, level + 1
        return False

    def _is_beside_picture(self, block: LexborNode, link: LexborNode) -> bool:
        """Whether the block shows a picture other than a licence badge and says little else."""
        inside = {picture.mem_id for picture in link.css("img")}
        return any(picture not in inside for picture in self._pictures_of(block)) and self._short(block)

    def _pictures_of(self, block: LexborNode) -> tuple[int, ...]:
        known = self._pictures.get(block.mem_id)
        if known is None:
            known = tuple(
                picture.mem_id
                for picture in block.css("img, video, audio, picture, object")[:20]
                if not any(badge in (picture.attributes.get("src") or "").lower() for badge in _BADGES)
            )
            self._pictures[block.mem_id] = known
        return known

    def _short(self, block: LexborNode) -> bool:
        if block.mem_id not in self._is_short:
            self._is_short[block.mem_id] = len((block.text(deep=True) or "").strip()) < NEAR
        return self._is_short[block.mem_id]


def _is_named(node: LexborNode, pattern: re.Pattern[str]) -> bool:
    attributes = node.attributes
    return any(pattern.search((attributes.get(key) or "")[:500]) for key in ("class", "id"))


def _is_sidebar(node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:500].lower().split()
    return any("sidebar" in name and re.split(r"[-_]", name, maxsplit=1)[0] not in _LAYOUTS for name in names)


def _is_media_item(node: LexborNode) -> bool:
    """Whether microdata or RDFa say that what stands in this element is about a picture, sound or film."""
    attributes = node.attributes
    kinds = f"{attributes.get('itemtype') or ''} {attributes.get('typeof') or ''}".lower()
    about = f"{attributes.get('about') or ''} {attributes.get('itemid') or ''}".lower().split()
    return kinds.strip().endswith(_MEDIA_TYPES) or any(item.endswith(_MEDIA_FILES) for item in about)

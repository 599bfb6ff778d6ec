"""What a licence link in a page covers: the page, or a picture, a quotation, a sidebar's own content.

A link in the head, in the text or under an article is the page's; one inside a figure or in a short
block with a picture is that picture's. ccREL and HTML leave this to the reader.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from rightscheck.vocab import Scope

MAX_CLIMB = 256
"""Ancestors looked at; deeper nesting is nobody's layout."""
NEAR = 300
"""A block with a picture and less text than this many code points is about the picture."""

_APART = frozenset("figure figcaption picture aside blockquote q video audio object".split())
_OPEN = frozenset("article main footer header section body html head".split())
_BOX = re.compile(
    r"(?:^|[\s_\-])(?:sidebar|gallery|caption|carousel|slideshow|thumbnail|photo-?credit|image-?credit)"
    r"(?:$|[\s_\-])",
    re.IGNORECASE,
)
_MEDIA_TYPES = ("imageobject", "photograph", "videoobject", "audioobject", "mediaobject", "stillimage")
_MEDIA_FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".mp4", ".mp3", ".webm")
_BADGES = ("creativecommons.org", "licensebuttons", "88x31")


class LinkScopes:
    """Answers for the links of one page, remembering what each block holds."""

    def __init__(self) -> None:
        self._pictures: dict[int, tuple[int, ...]] = {}
        self._is_short: dict[int, bool] = {}

    def of(self, node: LexborNode) -> Scope:
        """`MEDIA` for a link about a picture or other embedded content, else `ASSET`."""
        blocks: list[LexborNode] = []
        parent, level, in_block = node.parent, 0, True
        while parent is not None and level < MAX_CLIMB:
            tag = parent.tag or ""
            in_block = in_block and tag not in _OPEN
            if tag in _APART or _is_media_item(parent) or (in_block and _is_box(parent)):
                return Scope.MEDIA
            if in_block and level < 3:
                blocks.append(parent)
            parent, level = parent.parent, level + 1
        if node.tag in ("link", "meta"):
            return Scope.ASSET
        return Scope.MEDIA if any(self._is_beside_picture(block, node) for block in blocks) else Scope.ASSET

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


def _is_box(node: LexborNode) -> bool:
    attributes = node.attributes
    return any(_BOX.search((attributes.get(key) or "")[:500]) for key in ("class", "id"))


def _is_media_item(node: LexborNode) -> bool:
    """Whether microdata or RDFa say that what stands in this element is about a picture, sound or film."""
    attributes = node.attributes
    kinds = f"{attributes.get('itemtype') or ''} {attributes.get('typeof') or ''}".lower()
    about = f"{attributes.get('about') or ''} {attributes.get('itemid') or ''}".lower().split()
    return kinds.strip().endswith(_MEDIA_TYPES) or any(item.endswith(_MEDIA_FILES) for item in about)

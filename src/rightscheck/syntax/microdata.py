"""Microdata and RDFa Lite about rights, as the nodes that JSON-LD gives (HTML 5.2, RDFa Lite 1.1).

Of the items only what they say of rights or access is read, and what tells what they are about. Each
property belongs to the nearest item around it; `itemref` is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from rightscheck.syntax.html import HtmlDocument
from rightscheck.syntax.json_text import JsonValue
from rightscheck.syntax.linked_data import Node, local_name

ORIGIN = "microdata"
"""What `Node.origin` says of them."""
MAX_PROPERTIES = 500
MAX_CLIMB = 256
"""Ancestors looked at for the item that a property belongs to."""
MAX_LEVELS = 16
"""Items within each other."""

RIGHTS = frozenset(
    "usageInfo acquireLicensePage copyrightHolder copyrightNotice copyrightYear creditText conditionsOfAccess "
    "isAccessibleForFree".split()
)
_ABOUT = frozenset({"url", "mainEntityOfPage", "name"})
_NAMES = {name.lower(): name for name in RIGHTS | _ABOUT}
_ADDRESSES = ("href", "src", "resource", "itemid", "data")
_PARTS = "hasPart"


@dataclass(slots=True)
class _Item:
    """An item under construction: what it is, the property that it is the value of, and its own properties."""

    number: int
    types: frozenset[str]
    of: str
    above: _Item | None
    value: dict[str, JsonValue] = field(default_factory=dict)

    def add(self, name: str, value: JsonValue) -> None:
        """Keeps a value; of several a list is made."""
        known = self.value.get(name)
        if known is None:
            self.value[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            self.value[name] = [known, value]


def read_items(html: HtmlDocument) -> tuple[Node, ...]:
    """The page's items, where any of them speaks of rights or access; empty otherwise.

    Pointers are the item's number (0-based), counted over these items; values are texts.
    """
    found = list(_properties(html))
    if not any(name in RIGHTS for name, _ in found):
        return ()
    items: dict[int, _Item] = {}
    for name, node in found:
        item = _item_around(node, items)
        if item is not None:
            item.add(name, _value(node))
    for item in items.values():
        if item.of == _PARTS and item.above is not None:
            item.above.add(_PARTS, dict(item.value))
    return tuple(_node(item) for item in items.values())


def _properties(html: HtmlDocument) -> Iterator[tuple[str, LexborNode]]:
    """The elements with a property of interest, each with the property's name."""
    count = 0
    for node in html.property_nodes():
        attributes = node.attributes
        for token in f"{attributes.get('itemprop') or ''} {attributes.get('property') or ''}".split()[:8]:
            name = _NAMES.get(local_name(token).lower())
            if name is not None and count < MAX_PROPERTIES:
                count += 1
                yield name, node
                break


def _item_around(node: LexborNode, items: dict[int, _Item], levels: int = MAX_LEVELS) -> _Item | None:
    """The item that the element's property belongs to, and those around it, made where they are new."""
    parent = node.parent
    for _ in range(MAX_CLIMB):
        if parent is None:
            return None
        attributes = parent.attributes
        if "itemscope" in attributes or attributes.get("typeof"):
            break
        parent = parent.parent
    else:
        return None
    known = items.get(parent.mem_id)
    if known is not None:
        return known
    of = f"{attributes.get('itemprop') or ''} {attributes.get('property') or ''}".split()
    above = _item_around(parent, items, levels - 1) if of and levels else None
    types = f"{attributes.get('itemtype') or ''} {attributes.get('typeof') or ''}".split()[:8]
    item = _Item(
        number=len(items),
        types=frozenset(local_name(name).lower() for name in types),
        of=local_name(of[0]) if of else "",
        above=above,
    )
    identifier = attributes.get("itemid") or attributes.get("resource") or attributes.get("about")
    if identifier:
        item.value["@id"] = identifier.strip()[:2000]
    items[parent.mem_id] = item
    return item


def _value(node: LexborNode) -> JsonValue:
    """The value of a property: that of an attribute, the name of an item, or the text."""
    attributes = node.attributes
    if "itemscope" in attributes or attributes.get("typeof"):
        name = node.css_first("[itemprop~=name], [property~=name], [property='schema:name']")
        text = _text(name) if name is not None else _text(node)
        return {"name": text} if text else None
    for key in ("content", *_ADDRESSES, "value", "datetime"):
        given = attributes.get(key)
        if given:
            return given.strip()[:2000]
    return _text(node)


def _text(node: LexborNode) -> str:
    own = node.attributes.get("content")
    return " ".join((own or node.text(deep=True) or "")[:4000].split())[:2000]


def _node(item: _Item) -> Node:
    parents: list[str] = []
    outer: _Item | None = item
    while outer is not None:
        if outer.of:
            parents.append(outer.of)
        outer = outer.above
    keys = {name: name for name in item.value}
    return Node(item.types, str(item.number), tuple(reversed(parents)), item.value, keys, origin=ORIGIN)

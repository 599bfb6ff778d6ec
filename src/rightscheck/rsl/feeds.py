"""`rsl:content` in the items of a feed (RSL 1.0, the RSS module); Atom entries are read alike."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rightscheck.rsl.document import NAMESPACE, RslDocument, read_rsl_element
from rightscheck.rsl.scope import covering, is_same_page
from rightscheck.syntax.xmltree import XmlFault, local_name, numbered, read_xml, text_of


def contents_of_feed(body: bytes, page: str, *, every: bool) -> Iterator[tuple[RslDocument, bool]]:
    """The licensing of each item that is the page, or of `every` item; with it, whether the item names the page.

    An item is the page by its address, or because the `url` of its content covers the page.
    """
    root = read_xml(body)
    if isinstance(root, XmlFault):
        return
    for item, path in _items(root, f"/{local_name(root.tag)}"):
        named = every or any(is_same_page(address, page) for address in _addresses(item))
        for child, where in numbered(item, path):
            if child.tag != f"{{{NAMESPACE}}}content":
                continue
            rsl = read_rsl_element(child, where)
            url = child.get("url") or ""
            if not isinstance(rsl, XmlFault) and (named or (url and covering(url, page) is not None)):
                yield rsl, named


def _items(element: Element, path: str) -> Iterator[tuple[Element, str]]:
    for child, where in numbered(element, path):
        name = local_name(child.tag)
        if name in ("item", "entry"):
            yield child, where
        elif name == "channel":
            yield from _items(child, where)


def _addresses(item: Element) -> Iterator[str]:
    for child in item:
        if local_name(child.tag) in ("link", "guid", "id"):
            yield child.get("href") or text_of(child, 2_000)

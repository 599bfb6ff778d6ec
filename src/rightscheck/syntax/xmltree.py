"""XML from strangers: no entity expansion, bounded size, depth and number of elements.

Used for RSL, XMP, feeds, OPF, ONIX and JATS. What is not well formed is a fault to report, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 200
MAX_ELEMENTS = 100_000


@dataclass(frozen=True, slots=True)
class XmlFault:
    """Why the bytes are not readable XML, in one phrase."""

    reason: str


class _BoundError(Exception):
    """A bound was passed; `read_xml` turns it into a fault."""


class _BoundedBuilder(TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise _BoundError(f"nested deeper than {MAX_DEPTH} elements")
        if self.elements > MAX_ELEMENTS:
            raise _BoundError(f"more than {MAX_ELEMENTS} elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def read_xml(data: bytes, *, max_bytes: int = MAX_BYTES) -> Element | XmlFault:
    """The root element, or the fault that makes the bytes unreadable.

    The encoding is the one the bytes declare (byte order mark or XML declaration), UTF-8 otherwise. A
    document type declaration is tolerated, entities and external references are not.
    """
    if len(data) > max_bytes:
        return XmlFault(f"larger than {max_bytes} bytes")
    if not data.strip(b"\x00 \t\r\n"):
        return XmlFault("empty")
    parser = DefusedXMLParser(target=_BoundedBuilder())
    try:
        parser.feed(data.lstrip(b" \t\r\n"))
        root: Element = parser.close()
    except _BoundError as fault:
        return XmlFault(str(fault))
    except DefusedXmlException:
        return XmlFault("declares entities")
    except (ParseError, ValueError, LookupError) as fault:  # ValueError, LookupError: its encoding
        return XmlFault(f"not well-formed XML: {str(fault)[:120]}")
    return root


def local_name(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    """The namespace URI of a tag; empty when it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def numbered(element: Element, path: str) -> Iterator[tuple[Element, str]]:
    """The children, each with its path below `path`: `/rsl/content[2]`, counted among equal local names."""
    counts: dict[str, int] = {}
    for child in element:
        name = local_name(child.tag)
        counts[name] = counts.get(name, 0) + 1
        yield child, f"{path}/{name}[{counts[name]}]"


def text_of(element: Element, limit: int = 20_000) -> str:
    """All text below the element, white space folded, cut at `limit` code points."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > 4 * limit:
            break
    return " ".join("".join(parts).split())[:limit]


def quote_of(element: Element) -> str:
    """The element in short form for evidence: its local name, attributes and text."""
    attributes = "".join(f' {local_name(key)}="{value}"' for key, value in element.attrib.items())
    name = local_name(element.tag)
    text = text_of(element, 1_000)
    return f"<{name}{attributes}>{text}</{name}>" if text else f"<{name}{attributes}/>"

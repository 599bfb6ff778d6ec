"""schema.org nodes in a page's JSON-LD, each with where it stands (JSON-LD 1.1, schema.org).

No context is fetched: terms are read as schema.org's own, with or without its prefix. Broken scripts are
listed, bounds on depth, size and number of nodes are those of `json_text` and `MAX_NODES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rightscheck.syntax.json_text import JsonValue, parse_json

MAX_NODES = 5_000
MAX_SCRIPTS = 50

_WRAPPERS = re.compile(
    r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*;?\s*\Z"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One object of JSON-LD.

    Attributes:
        types: local names of its types, lower-case.
        pointer: `SCRIPT/POINTER`, the script's number (0-based) and an RFC 6901 pointer into it.
        parents: the properties on the way to it, outermost first; `@graph` and lists are not among them.
        value: its properties, without schema.org's prefix.
        keys: each property as written.
        origin: what it was written as, `json-ld` or `microdata`.
    """

    types: frozenset[str]
    pointer: str
    parents: tuple[str, ...]
    value: dict[str, JsonValue]
    keys: dict[str, str]
    origin: str = "json-ld"


@dataclass(slots=True)
class LinkedData:
    """The nodes of all scripts in order, and the scripts that could not be read, by number."""

    nodes: list[Node] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)

    _by_id: dict[str, Node] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Keeps a node; of several with one `@id` the first that says something beyond it is found by it."""
        self.nodes.append(node)
        identifier = node.value.get("@id")
        if isinstance(identifier, str) and len(node.value) > 1:
            self._by_id.setdefault(identifier, node)

    def with_id(self, identifier: str) -> Node | None:
        """The node of that `@id` that says something beyond it."""
        return self._by_id.get(identifier)


def read_scripts(scripts: tuple[str, ...]) -> LinkedData:
    """The nodes of the JSON-LD scripts."""
    data = LinkedData()
    for number, raw in enumerate(scripts[:MAX_SCRIPTS]):
        try:
            value = parse_json(unwrap(raw), tolerant=True)
        except ValueError:
            if raw.strip():
                data.broken.append(number)
            continue
        for node in _walk(value, str(number), ()):
            if len(data.nodes) >= MAX_NODES:
                return data
            data.add(node)
    return data


def unwrap(script: str) -> str:
    """A script without the comment or CDATA marks that old pages put around it."""
    return _WRAPPERS.sub("", script)


def _walk(value: JsonValue, pointer: str, parents: tuple[str, ...]) -> Iterator[Node]:
    """Every object in document order; the depth is bounded by the parser."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from _walk(item, f"{pointer}/{index}", parents)
        return
    if not isinstance(value, dict):
        return
    keys = {_property(key): key for key in value}
    keys |= {local_name(key): key for key in value}
    plain = {name: value[key] for name, key in keys.items()}
    yield Node(_types(plain.get("@type", plain.get("type"))), pointer, parents, plain, keys)
    for key, item in value.items():
        if isinstance(item, (dict, list)) and key != "@context":
            inner = parents if key == "@graph" else (*parents, _property(key))
            yield from _walk(item, f"{pointer}/{escape(key)}", inner)


def _types(value: JsonValue) -> frozenset[str]:
    found = value if isinstance(value, list) else [value]
    return frozenset(local_name(item).lower() for item in found if isinstance(item, str))


_PROPERTIES = {
    name.lower(): name
    for name in (
        "license usageInfo acquireLicensePage copyrightHolder copyrightNotice copyrightYear creditText "
        "conditionsOfAccess isAccessibleForFree hasPart mainEntityOfPage"
    ).split()
}


def _property(term: str) -> str:
    """The local name of a property; those on rights also where they are written in another case."""
    name = local_name(term)
    return _PROPERTIES.get(name.lower(), name)


def local_name(term: str) -> str:
    """A term without schema.org's IRI or prefix."""
    for prefix in ("https://schema.org/", "http://schema.org/", "schema:"):
        term = term.removeprefix(prefix)
    return term


def escape(key: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def strings(value: JsonValue, *keys: str) -> list[str]:
    """The texts that a property holds: itself, of its list, or under those keys of its objects."""
    found = value if isinstance(value, list) else [value]
    texts: list[str] = []
    for item in found[:50]:
        if isinstance(item, dict):
            inner = next((item[key] for key in keys if isinstance(item.get(key), str)), None)
            item = inner
        if isinstance(item, str) and item.strip():
            texts.append(item.strip())
    return texts

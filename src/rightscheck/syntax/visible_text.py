"""The visible text of a page from its serialised tree: what `text_walk` answers, at a fraction of the cost.

The serialiser (HTML Living Standard 13.3) closes every element, quotes every attribute and escapes `<` and
`>` in both, so that tags can be told by one expression. Where it does not, the tree is walked instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rightscheck.syntax.text_walk import (
    INLINE,
    KNOWN,
    QUOTING,
    SKIPPED,
    Regions,
    TextWriter,
    sentence_in_brackets,
    title_of,
    walk_text,
)

_RAW = ("script", "style", "iframe", "noembed", "noframes")
"""Skipped elements whose content is serialised as it is, `<` and all."""
_NESTING = ("svg", "math", "object", "template")
_LITERAL = re.compile(rf"<(?:!--|\?|({'|'.join(_RAW)})[ >])")
"""The beginning of a comment, a processing instruction or a raw element."""
_NESTED = re.compile(rf"<(/?)({'|'.join(_NESTING)})[ >]")
_TAG = re.compile(r"<(/?[^ />]+)[^>]*>")
_TAG_WITH_ATTRIBUTES = re.compile(r"<([^ />]+)([^>]*)>")
_ATTRIBUTE = re.compile(r' (=?[^ =>]*)(?:="([^"]*)")?')
_AS_WRITTEN = ("<xmp", "<plaintext")
"""Elements shown as they were written."""
_MAX_CLIMBS = 500
# U+0000 is in no parsed text (HTML 13.2.5), so that it can mark where quotations begin and end.
_OPEN, _CLOSE = "\0<", "\0>"
_MARK = re.compile("\0([<>])")


def visible_text(tree: LexborHTMLParser) -> tuple[str, Regions]:
    """The page's title and whole text, and the regions in it that quoting elements cover, half-open."""
    body = tree.body
    markup = (body.html or "") if body is not None else ""
    marked = _marked(tree, markup) if _escapes_brackets() else None
    if marked is None:
        return walk_text(tree)
    if "\0" not in marked:
        return "\n".join(_lines(f"{_spaced(title_of(tree))}\n{marked}")), ()
    writer = TextWriter()
    writer.text(title_of(tree))
    writer.block()
    _write(marked, writer)
    return writer.finish()


@cache
def _escapes_brackets() -> bool:
    """Whether this serialiser escapes angle brackets in attributes, as the standard does since 2025."""
    return 'title="&lt;&gt;"' in (LexborHTMLParser('<p title="<>">').html or "")


def _marked(tree: LexborHTMLParser, markup: str) -> str | None:
    """The text with line ends for blocks and marks for quotations; None where only a walk can tell."""
    if "\0" in markup or any(name in markup for name in _AS_WRITTEN):
        return None
    seen = _without_literals(_spaced(markup))
    if seen is None:
        return None
    parts = _TAG.split(seen)
    names = set(parts[1::2])
    if not names.isdisjoint(_NESTING):
        seen = _without_nested(tree, seen)
        parts = _TAG.split(seen)
        names = set(parts[1::2])
    if not names.isdisjoint(_SIGNS_OF_LOSS):
        return None
    if any(name[0] != "/" and "-" not in name for name in names - _SEPARATORS.keys()):
        parts = _TAG.split(_TAG_WITH_ATTRIBUTES.sub(_sentence, seen))
    parts[1::2] = [_SEPARATORS.get(name, "\n") for name in parts[1::2]]
    text = "".join(parts)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\xa0").replace("&amp;", "&")
    return text


def _separator(name: str) -> str:
    """What stands for a tag: nothing, a line end, the mark of a quotation."""
    tag = name.removeprefix("/")
    if tag not in QUOTING:
        return "" if tag in INLINE else "\n"
    mark = _CLOSE if name.startswith("/") else _OPEN
    if tag in INLINE:
        return mark
    return f"{mark}\n" if name.startswith("/") else f"\n{mark}"


_SEPARATORS = {name: _separator(name) for tag in KNOWN - SKIPPED for name in (tag, f"/{tag}")}
_SIGNS_OF_LOSS = frozenset(name for tag in (*_RAW, *_NESTING) for name in (tag, f"/{tag}"))


def _spaced(text: str) -> str:
    """The text with every white space of HTML as a space; other white space of Unicode stays."""
    return text.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " ")


def _without_literals(markup: str) -> str | None:
    """The markup without comments and raw elements; None where their ends cannot be told."""
    kept: list[str] = []
    position = 0
    match = _LITERAL.search(markup)
    while match is not None:
        before = markup[position : match.start()]
        close = f"</{match[1]}>" if match[1] else ">" if match[0] == "<?" else "-->"
        end = markup.find(close, match.end())
        if end < 0 or _ends_in_tag(before):
            return None  # a name that holds `<`
        if match[1] == "script" and "<script" in (script := markup[match.end() : end]) and "<!--" in script:
            return None  # a script may hold `</script>` between such marks (13.2.5.26)
        kept.append(before)
        position = end + len(close)
        match = _LITERAL.search(markup, position)
    return "".join((*kept, markup[position:]))


def _without_nested(tree: LexborHTMLParser, markup: str) -> str:
    """The markup without elements that nest and are not shown; as it was where their ends cannot be told."""
    if _foreign_literals(tree):
        return markup
    outside = list(_outside(markup))
    return markup if any(_ends_in_tag(part) for part in outside[:-1]) else "".join(outside)


def _foreign_literals(tree: LexborHTMLParser) -> bool:
    """Whether raw elements of foreign content hold `<`, which may have been an entity there."""
    holding = [node for node in tree.css(", ".join(_RAW)) if "<" in (node.text(deep=True) or "")]
    return len(holding) > _MAX_CLIMBS or any(_is_foreign(node) for node in holding)


def _is_foreign(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag not in ("svg", "math"):
        parent = parent.parent
    return parent is not None


def _ends_in_tag(part: str) -> bool:
    return part.rfind("<") > part.rfind(">")


def _outside(markup: str) -> Iterator[str]:
    """The markup around the outermost elements that nest and are not shown."""
    position = depth = 0
    outer = ""
    for match in _NESTED.finditer(markup):
        if not depth and not match[1]:
            yield markup[position : match.start()]
            outer, depth = match[2], 1
        elif depth and match[2] == outer:
            depth += -1 if match[1] else 1
            position = match.end()
    if not depth:
        yield markup[position:]


def _sentence(match: re.Match[str]) -> str:
    """An unknown tag with the sentence that it may be behind it, escaped as text is."""
    tag = match[1]
    if tag in _SEPARATORS or "-" in tag or match[2].count('=""') < 3:
        return match[0]
    words = sentence_in_brackets(tag, [name for name, value in _ATTRIBUTE.findall(match[2]) if not value])
    return f"<div>{words.replace('&', '&amp;').replace('<', '&lt;')}"


def _lines(marked: str) -> list[str]:
    """The lines that hold something, without white space around them and with single spaces within."""
    while "  " in marked:
        marked = marked.replace("  ", " ")
    return list(filter(None, [line.strip(" ") for line in marked.split("\n")]))


def _write(marked: str, writer: TextWriter) -> None:
    """Writes the text between the marks, block by block, and the quotations at them."""
    for number, part in enumerate(_MARK.split(marked)):
        if number % 2:
            (writer.enter_quote if part == "<" else writer.leave_quote)()
            continue
        first, *others = part.split("\n")
        writer.text(first)
        for line in others:
            writer.block()
            writer.text(line)

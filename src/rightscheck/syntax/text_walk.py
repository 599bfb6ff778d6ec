"""The visible text of a page, node by node: slow, and right for whatever a parser may build.

What is a block, what is skipped and what quotes is said here; `visible_text` reads the same faster.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

Regions = tuple[tuple[int, int], ...]

SKIPPED = frozenset({"script", "style", "template", "noembed", "noframes", "iframe", "object", "svg", "math"})
"""Elements whose content is not shown, or is not the page's own."""
INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark meter nobr
    output q rp rt ruby s samp small span strike strong sub sup time tt u var wbr
    """.split()
)
QUOTING = frozenset({"blockquote", "q", "code", "pre", "samp", "kbd", "textarea", "xmp"})
# An unknown element may be a sentence that somebody put in angle brackets.
KNOWN = (
    INLINE
    | SKIPPED
    | frozenset(
        """
    html head body title base link meta main nav section article aside header footer address h1 h2
    h3 h4 h5 h6 hgroup p hr pre blockquote ol ul menu li dl dt dd figure figcaption div img picture
    source video audio track embed map area table caption colgroup col tbody thead tfoot tr td th
    form fieldset legend input button select datalist optgroup option textarea progress details
    summary dialog canvas slot search br center dir frame frameset noscript param applet basefont
    marquee plaintext listing xmp portal selectedcontent
    """.split()
    )
)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_NOT_YET = -1


class TextWriter:
    """Collects text with collapsed white space, and the regions that quoting elements cover."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.at_break = True
        self.pending_space = False
        self.open: list[int] = []
        self.regions: list[tuple[int, int]] = []

    def text(self, raw: str) -> None:
        """Adds text of which white space at its ends and within is collapsed."""
        collapsed = _SPACES.sub(" ", raw)
        if not collapsed:
            return
        if collapsed[0] == " ":
            self.pending_space = True
            collapsed = collapsed[1:]
        if not collapsed:
            return
        if self.pending_space and not self.at_break:
            self._put(" ")
        self.open = [self.length if start == _NOT_YET else start for start in self.open]
        self.pending_space = collapsed.endswith(" ")
        self._put(collapsed.rstrip(" "))
        self.at_break = False

    def block(self) -> None:
        """Begins a new line, unless one has just begun."""
        self.pending_space = False
        if not self.at_break:
            self._put("\n")
            self.at_break = True

    def enter_quote(self) -> None:
        """Begins a quotation with the next text."""
        self.open.append(_NOT_YET)

    def leave_quote(self) -> None:
        """Ends the innermost quotation; only the outermost ones that hold text are regions."""
        start = self.open.pop()
        if start != _NOT_YET and not self.open:
            self.regions.append((start, self.length))

    def finish(self) -> tuple[str, Regions]:
        """The text and its quoted regions.

        A page that is one preformatted block quotes nobody: such a region is dropped.
        """
        text = "".join(self.parts).rstrip("\n")
        regions = tuple((a, b) for a, b in self.regions if b - a <= 0.7 * max(1, len(text)))
        return text, regions

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def title_of(tree: LexborHTMLParser) -> str:
    """The text of the first `title`, which may stand anywhere; empty without one."""
    title = tree.css_first("title")
    return (title.text(deep=True) or "") if title is not None else ""


def walk_text(tree: LexborHTMLParser) -> tuple[str, Regions]:
    """The page's title and whole text, and the regions in it that quoting elements cover, half-open."""
    writer = TextWriter()
    writer.text(title_of(tree))
    writer.block()
    if tree.body is not None:
        _walk(tree.body, writer)
    return writer.finish()


def _walk(root: LexborNode, writer: TextWriter) -> None:
    """The subtree in document order, without recursion: depth is the web's to choose."""
    node: LexborNode | None = root
    depth = 0
    while node is not None:
        child = _enter(node, writer)
        if child is not None:
            node = child
            depth += 1
            continue
        while node is not None:
            _leave(node, writer)
            if depth == 0:
                return
            if node.next is not None:
                node = node.next
                break
            node = node.parent
            depth -= 1


def _enter(node: LexborNode, writer: TextWriter) -> LexborNode | None:
    """The first child to go into; None for leaves and for subtrees that hold no visible text."""
    tag = node.tag or ""
    if tag == "-text":
        writer.text(node.text_content or "")
        return None
    if _is_unseen(tag):
        return None
    if tag not in INLINE:
        writer.block()
    if tag in QUOTING:
        writer.enter_quote()
    if tag not in KNOWN:
        valueless = [name for name, value in node.attributes.items() if not value]
        writer.text(sentence_in_brackets(tag, valueless))
    return node.child


def _leave(node: LexborNode, writer: TextWriter) -> None:
    tag = node.tag or ""
    if tag == "-text" or _is_unseen(tag):
        return
    if tag in QUOTING:
        writer.leave_quote()
    if tag not in INLINE:
        writer.block()


def _is_unseen(tag: str) -> bool:
    """Whether a node is a comment, a processing instruction, or an element that is skipped."""
    return not tag or tag in SKIPPED or tag.startswith(("-", "!"))


def sentence_in_brackets(tag: str, valueless: list[str]) -> str:
    """The words of a "tag" that is a sentence in angle brackets: several attributes, none with a value."""
    return " ".join((tag, *valueless)) if len(valueless) >= 3 and "-" not in tag else ""

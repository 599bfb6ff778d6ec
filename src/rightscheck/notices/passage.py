"""One region of a text made ready for reading: folded, cut into sentences, with its cues and quotations."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rightscheck.notices.fold import Folded, fold_text
from rightscheck.notices.lexicon import Hit, Lexicon
from rightscheck.notices.lists import NUMBERING, Leads, Sentence, leads_above
from rightscheck.notices.segment import sentences, soft_breaks

_PAIRS = {
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«»",
    "”": "”“",
    "「": "」",
    "『": "』",
    "‘": "’",
    "‚": "‘’",
    "‹": "›",
    "《": "》",
}
_QUOTE = re.compile(
    '[“”„«»「」『』‘’‚‹›"]|&(?:amp;)?(?:quot|laquo|raquo|ldquo|rdquo|bdquo);|</?(?:blockquote|q|code|pre)\\b[^<>]{0,200}>',
    re.IGNORECASE,
)
_ENTITIES = {"quot": '"', "laquo": "«", "raquo": "»", "ldquo": "“", "rdquo": "”", "bdquo": "„"}
_SAME = frozenset("”»")
"""Marks that some languages set on both sides, ”so”. They open only before a word and close only behind one."""
_LAST_WORD = re.compile(r"[^\W\d_a-zß-ÿ][^\W\d_]{2,20} [^\W\d_a-zß-ÿ][^\W\d_]{1,20}$")
_MEANINGFUL = ("uses.", "deny.", "permit.", "object.self", "object.party", "object.user")
_INLINE = re.compile(r"(?<!`)`([^`\n]{3,400})`(?!`)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^`\n]*$", re.MULTILINE)
MAX_QUOTE = 3000
LINE = 400
"""Code points before a passage in which the beginning of its line is looked for."""
_FILE = re.compile(r"robots?\.txt|ai\.txt|llms?\.txt|(?:https?://|www\.)[^\s()<>\[\]]{1,300}")
"""Names of files and addresses, in which words for uses mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A region with what was found in it. All spans are in folded text unless said otherwise.

    `quotes`: quoted spans; `samples`: those of them known from markup.
    `blocks`: for each sentence the number of its block (text between blank lines).
    `tail`: True when the region ends where the text ends. `lead`: up to where the folded text holds the headers of
    a list that begins above the region.
    """

    text: str
    folded: Folded
    hits: tuple[Hit, ...]
    starts: tuple[int, ...]
    sentences: tuple[Sentence, ...]
    blocks: tuple[int, ...]
    quotes: tuple[tuple[int, int], ...]
    samples: frozenset[tuple[int, int]]
    tail: bool
    lead: int = 0

    def within(self, start: int, end: int) -> list[Hit]:
        """The hits that begin in the span, in order."""
        low = bisect_right(self.starts, start - 1)
        high = bisect_right(self.starts, end - 1)
        return [hit for hit in self.hits[low:high] if hit.end <= end + 2]

    def quote_around(self, start: int, end: int) -> tuple[int, int] | None:
        """The quotation that holds the span (a little of its edges may stick out), None when there is none."""
        for low, high in self.quotes:
            if low <= start + 1 and end <= high + 1 and start < high and high - low < MAX_QUOTE:
                return low, high
        return None

    def with_sentences(self, sentences: Sequence[Sentence]) -> Passage:
        """The passage with other sentences, as many as before."""
        return replace(self, sentences=tuple(sentences))

    def given(self, start: int, end: int) -> tuple[int, int]:
        """The span in the given text."""
        return self.folded.span(start, end)


def read_passage(
    text: str, start: int, end: int, lexicon: Lexicon, quoted: Sequence[tuple[int, int]] = ()
) -> Passage | None:
    """The region read; None when nothing of it is left after folding. `quoted`: quotations known from markup."""
    folded = fold_text(text, start, end, soft_breaks(text, start, end))
    if not folded.text.strip():
        return None
    leads = leads_above(text, start, end)
    folded, lead = _with_leads(text, folded, leads)
    hits = _without_file_names(folded.text, lexicon.find(text, folded))
    hits = _without_brands(text, folded, hits)
    exempt = [hit.end for hit in hits if hit.kind == "exception.except"]
    spans = tuple(sentences(text, folded, exempt=exempt, lead=lead, series=leads.series))
    marked = [(folded.at(low), folded.at(high)) for low, high in quoted if low < end and high > start]
    spans = tuple(_cut_at_blocks(folded.text, spans, marked))
    hits = _openings_only(folded.text, hits, spans)
    quotes, elements = _quotes(text, folded, start, end)
    return Passage(
        text=text,
        folded=folded,
        hits=tuple(hits),
        starts=tuple(hit.start for hit in hits),
        sentences=spans,
        blocks=_blocks(folded.text, spans),
        quotes=(*marked, *quotes),
        samples=frozenset(marked) | elements,
        tail=not text[end:].strip(),
        lead=lead,
    )


def _cut_at_blocks(
    text: str, spans: Sequence[Sentence], marked: Sequence[tuple[int, int]]
) -> Iterator[Sentence]:
    """The sentences cut where a quotation begins or ends that stands on lines of its own."""
    edges = sorted(
        {
            edge
            for low, high in marked
            if text[max(0, low - 1) : low] in ("", "\n")
            and "\n" in (text[high : high + 1] or "\n", text[high - 1])
            for edge in (low, high)
        }
    )
    for sentence in spans:
        low = sentence.start
        for edge in edges:
            if low < edge < sentence.end and text[low:edge].strip():
                yield sentence._replace(start=low, end=low + len(text[low:edge].rstrip()))
                low = edge + len(text[edge : sentence.end]) - len(text[edge : sentence.end].lstrip())
        yield sentence._replace(start=low)


def _with_leads(text: str, folded: Folded, leads: Leads) -> tuple[Folded, int]:
    """The folded region below the headers of its list, a line each, and where those end.

    What stands before the region on its own line goes along, so that an item keeps its mark.
    """
    lead = 0
    line = text.rfind("\n", max(0, folded.origin - LINE), folded.origin) + 1
    begun = ((line, folded.origin),) if line and leads.spans and text[line : folded.origin].strip() else ()
    pieces = [fold_text(text, low, high) for low, high in (*leads.spans, *begun)]
    whole, starts, ends = "", array("q"), array("q")
    for piece in (piece for piece in pieces if piece.text.strip()):
        end = " " if piece.end == folded.origin else "\n"
        whole += piece.text + end
        starts.extend((*piece.starts, piece.end))
        ends.extend((*piece.ends, piece.end))
        lead = len(whole)
    if not lead:
        return folded, 0
    starts.extend(folded.starts)
    ends.extend(folded.ends)
    origin = pieces[0].origin
    return Folded(text=whole + folded.text, starts=starts, ends=ends, origin=origin, end=folded.end), lead


def _openings_only(text: str, hits: list[Hit], spans: Sequence[Sentence]) -> list[Hit]:
    """The hits without a bare "not" anywhere but at the beginning of an item ("you agree: - not to ...")."""
    if not any(hit.kind == "deny.opening" for hit in hits):
        return hits
    opened = {m.end() for s in spans if s.shared if (m := NUMBERING.match(text, s.start))}
    return [hit for hit in hits if hit.kind != "deny.opening" or hit.start in opened]


def _without_file_names(text: str, hits: list[Hit]) -> list[Hit]:
    files = [match.span() for match in _FILE.finditer(text)]
    if not files:
        return hits
    return [
        hit
        for hit in hits
        if not (hit.kind.startswith("uses.") and any(low <= hit.start < high for low, high in files))
    ]


def _without_brands(text: str, folded: Folded, hits: list[Hit]) -> list[Hit]:
    """The hits without words for uses that end a name which comes up again and again: Bike Index, Mistral AI."""
    known: dict[str, bool] = {}
    names: list[tuple[int, int]] = []
    for hit in hits:
        if not hit.kind.startswith("uses."):
            continue
        at = folded.starts[hit.end - 1]
        last = _LAST_WORD.search(text, max(0, at - 60), at + 1)
        if last is None or last.start() < folded.starts[0]:
            continue
        name = last.group()
        if name not in known:
            known[name] = _is_brand(text, folded, name, hits)
        if known[name]:
            names.append((folded.at(last.start()), hit.end))
    if not names:
        return hits
    return [h for h in hits if not (h.kind.startswith("uses.") and any(h.end == end for _, end in names))]


def _is_brand(text: str, folded: Folded, name: str, hits: Sequence[Hit]) -> bool:
    """Whether two words are a name: mostly written with capitals, twice at least, once within a sentence."""
    first = name.partition(" ")[0]
    low, high = folded.starts[0], folded.end
    places = [m.start() for m in re.finditer(re.escape(name) + r"(?!\w)", text[low:high])]
    if len(places) < 2 or first.isupper():
        return False
    small = re.findall(rf"(?<![\w@./-]){re.escape(first.lower())}(?![\w./])", text[low:high])
    if 2 * len(small) > len(places) and small:
        return False
    starts = {folded.at(low + place) for place in places}
    if any(hit.start in starts and hit.kind.startswith(_MEANINGFUL) for hit in hits):
        return False
    return any(text[low + place - 2 : low + place - 1].islower() for place in places)


def _blocks(text: str, spans: Sequence[Sentence]) -> tuple[int, ...]:
    numbers, number, last = [], 0, 0
    for start, end, *_ in spans:
        if "\n\n" in text[last:start]:
            number += 1
        numbers.append(number)
        last = end
    return tuple(numbers)


def _quotes(
    text: str, folded: Folded, start: int, end: int
) -> tuple[list[tuple[int, int]], frozenset[tuple[int, int]]]:
    """Quoted spans in folded text by paired marks and by elements, and those by elements alone."""
    found: list[tuple[int, int]] = []
    elements: list[tuple[int, int]] = []
    open_marks: list[tuple[str, int]] = []
    for match in _QUOTE.finditer(text, start, end):
        mark = match.group()
        if mark[0] == "&":
            mark = _ENTITIES[mark.strip("&;").removeprefix("amp;").lower()]
        if mark[0] == "<":
            _element(mark, match, open_marks, elements)
        else:
            _mark(text, mark, match, open_marks, found)
    known = _folded_spans(folded, elements)
    return sorted([*_folded_spans(folded, found), *known]), frozenset(known)


def _folded_spans(folded: Folded, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    pairs = [(folded.at(low), folded.at(high)) for low, high in spans]
    return [(low, high) for low, high in pairs if high > low]


def _element(
    mark: str, match: re.Match[str], open_marks: list[tuple[str, int]], found: list[tuple[int, int]]
) -> None:
    name = re.sub(r"[</>\s].*", "", mark.lstrip("</")).lower()
    if mark[1] != "/":
        open_marks.append((f"<{name}", match.end()))
        return
    for index in range(len(open_marks) - 1, -1, -1):
        if open_marks[index][0] == f"<{name}":
            found.append((open_marks[index][1], match.start()))
            del open_marks[index:]
            return


def _mark(
    text: str,
    mark: str,
    match: re.Match[str],
    open_marks: list[tuple[str, int]],
    found: list[tuple[int, int]],
) -> None:
    if (
        mark == "’"
        and text[match.end() : match.end() + 1].isalpha()
        and text[match.start() - 1 : match.start()].isalpha()
    ):
        return  # an apostrophe
    for index in range(len(open_marks) - 1, max(-1, len(open_marks) - 6), -1):
        opened, at = open_marks[index]
        closes = mark == '"' if opened == '"' else mark in _PAIRS.get(opened, "")
        if opened == mark and mark in _SAME and not _stands_alone(text, at, match.start()):
            closes = False
        if closes and match.start() - at < MAX_QUOTE:
            found.append((at, match.start()))
            del open_marks[index:]
            return
    if mark == "”" and (
        text[max(0, match.start() - 1) : match.start()].strip().strip("([{—–:-") or _blank(text, match.end())
    ):
        return  # the end of a quotation that began elsewhere, inches
    if mark == '"' or mark in _PAIRS:
        open_marks.append((mark, match.end()))
        del open_marks[:-50]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether words between two marks stand close to both, as in »so» but not in a trail » such » as."""
    return start < end and not _blank(text, start) and not _blank(text, end - 1)


def _blank(text: str, at: int) -> bool:
    return not text[at : at + 1].strip()


def fenced(text: str) -> list[tuple[int, int]]:
    """The spans inside closed Markdown code fences and inline code, in order.

    Empty where a fence holds all the words of the text: then it is no sample but the text itself.
    """
    found = [match.span(1) for match in _INLINE.finditer(text)] if "`" in text else []
    if "```" not in text and "~~~" not in text:
        return found if text.strip("` \n") and not _is_one_sample(text) else []
    opened: re.Match[str] | None = None
    outside, position = 0, 0
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = match
            outside += len(text[position : match.start()].strip())
        elif match.group(1).startswith(opened.group(1)):
            found.append((opened.end(), match.start()))
            position, opened = match.end(), None
    return sorted(found) if outside or text[position:].strip() else []


def _is_one_sample(text: str) -> bool:
    """Whether inline code holds all the words of a text: then it is no sample but the text itself."""
    match = _INLINE.fullmatch(text.strip())
    return match is not None

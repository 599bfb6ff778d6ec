"""Whose words are these? An additive score over what stands in and around a clause, with three outcomes.

No single cue decides: a quotation may be adopted, a publisher may speak of itself in the third person.
The weights are in one table so that `explain` can show them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rightscheck.notices.lexicon import UNIVERSAL, Hit
from rightscheck.notices.lists import Sentence
from rightscheck.notices.passage import Passage
from rightscheck.notices.reading import Ownership
from rightscheck.vocab import Confidence

BASE = 1.0
OWN_FROM = 1.0
HIGH_FROM = 1.5
"""Set by bench/notices_calibration.py: below it nothing but the words themselves speaks for an own statement."""
MENTION_BELOW = 0.0
WEIGHTS = {
    "self": 2.0,
    "house": 1.0,
    "party": 2.0,
    "no-object": -2.0,
    "output": -6.0,
    "software": -5.0,
    "copyright-near": 2.0,
    "short-block": 1.0,
    "tail": 0.5,
    "adopt": 5.0,
    "terms": 1.0,
    "terms-near": 1.0,
    "quoted": -4.0,
    "report": -4.0,
    "report-near": -1.5,
    "hint": -1.0,
    "tutorial": -3.5,
    "tutorial-near": -2.0,
    "commentary": -3.5,
    "hypothetical": -3.5,
    "past": -4.0,
    "question": -4.0,
    "promise": -6.0,
    "user": -6.0,
    "other": -6.0,
    "active": -2.0,
    "prose": -1.0,
    "prose-third": -1.0,
    "loose": -2.0,
    "thin": -2.0,
    "restrained": -2.5,
}


SHORT_BLOCK, PROSE_BLOCK, THIRD_BLOCK, LONG_BLOCK = 500, 200, 350, 600
"""Characters of a line of text: of a notice at most; of prose; of prose in which a publisher may be anybody; of long
prose, which weighs against copyright notices too."""
LISTED_ACTS = 5
"""Acts that a clause of terms enumerates ("copied, indexed, mirrored ..."), and a report hardly."""
HEADING = 20
"""Characters of what is too short to count as a sentence of prose ("Clause 7.")."""
_FRAMES = frozenset({"report", "hint", "past"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A score with its parts: (reason, weight, span in folded text)."""

    score: float
    parts: tuple[tuple[str, float, int, int], ...]

    def without(self, reason: str) -> Weighed:
        """The score without one reason: a permission beside an own denial is no chance sentence."""
        parts = tuple(part for part in self.parts if part[0] != reason)
        return Weighed(score=BASE + sum(part[1] for part in parts), parts=parts)

    def outside(self, start: int, end: int) -> Weighed:
        """The score without words of saying, advice and time within a span, such as those in a name."""
        parts = tuple(p for p in self.parts if p[0] not in _FRAMES or not start <= p[2] < p[3] <= end)
        return Weighed(score=BASE + sum(part[1] for part in parts), parts=parts)

    @property
    def ownership(self) -> Ownership:
        """The outcome that the score stands for."""
        if self.score >= OWN_FROM:
            return Ownership.OWN
        return Ownership.MENTION if self.score < MENTION_BELOW else Ownership.UNCLEAR

    @property
    def confidence(self) -> Confidence:
        """High for a plain mention and for an own statement that something speaks for; lower near the lines between."""
        if self.score >= HIGH_FROM or self.score <= -2:
            return Confidence.HIGH
        return Confidence.MEDIUM if self.score > 0 else Confidence.LOW


def weigh(
    passage: Passage,
    span: tuple[int, int],
    sentence: int,
    language: str,
    *,
    notices: Sequence[tuple[int, int]] = (),
    active: bool = False,
    thin: bool = False,
    restrained: bool = False,
    gathers: bool = False,
    hits: Sequence[Hit] | None = None,
    clause: tuple[int, int] | None = None,
) -> Weighed:
    """The ownership score of a clause at `span` in the numbered sentence of the passage.

    `span` holds what refuses or allows, `clause` the whole of it, `hits` its cues; `notices` are the places of the
    document's own copyright notices near it. `gathers`: it refuses to be crawled.
    """
    parts: list[tuple[str, float, int, int]] = []

    def add(reason: str, start: int = 0, end: int = 0, times: float = 1.0) -> None:
        parts.append((reason, WEIGHTS[reason] * times, start, end))

    low, high, shared, _ = passage.sentences[sentence]
    speaks = {language, UNIVERSAL}
    inside = [h for h in (passage.within(low, high) if hits is None else hits) if h.language in speaks]
    near = [h for first, last in shared if first < low for h in passage.within(first, last)]
    said = [h for h in (*near, *passage.within(low, high)) if h.language in speaks]
    whole = _without_homographs(passage.folded.text, said)
    quote = passage.quote_around(*span)
    if quote is not None and _weigh_quote(passage, quote, add):
        return Weighed(score=BASE + sum(p[1] for p in parts), parts=tuple(parts))
    _weigh_self(inside, add, gathers=gathers)
    line = _line(passage, sentence)
    prose = clause is not None and _is_prose(line, notices)
    if any(_supports(passage, notice, low, prose=prose) for notice in notices):
        add("copyright-near")
    if quote is None:
        answered = any(first >= high for first, _ in shared)
        _weigh_frames(whole, inside, "" if answered else passage.folded.text[low:high], add)
        _weigh_object(inside, clause or (low, high), add)
        _weigh_neighbours(passage, sentence, speaks, inside, add)
    if active and not any(h.kind == "object.self" for h in inside):
        add("active")
    if thin:
        add("thin", *span)
    if restrained:
        add("restrained", *span)
    _weigh_place(passage, sentence, line, span, add)
    known = {part[0] for part in parts}
    if not shared and not known & {"self", "party"}:
        _weigh_prose(line, span, inside, add, prose=prose, house="house" in known)
    return Weighed(score=BASE + sum(p[1] for p in parts), parts=tuple(parts))


def _without_homographs(text: str, hits: list[Hit]) -> list[Hit]:
    """The hits without frame cues that mean something else here.

    They lie inside a longer cue of another kind, stand among the acts of a list ("copied, posted, mirrored"), name an
    example of what is refused ("robots such as spiders"), or the law that an exception points to.
    """
    others = [h for h in hits if not h.kind.startswith(("frame.", "copyright."))]
    advised = len({text[h.start : h.end] for h in hits if h.kind == "frame.tutorial"}) > 1
    return [
        h
        for h in hits
        if not h.kind.startswith("frame.") or not _is_homograph(text, h, others, advised=advised)
    ]


def _is_homograph(text: str, hit: Hit, others: Sequence[Hit], *, advised: bool) -> bool:
    if any(
        o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start for o in others
    ):
        return True
    acts = [o for o in others if o.kind.startswith("uses.")]
    before = any(0 <= hit.start - a.end <= _LISTED for a in acts)
    behind = any(0 <= a.start - hit.end <= _LISTED for a in acts)
    if hit.kind == "frame.report":
        left, right = text[max(0, hit.start - 2) : hit.start].strip(), text[hit.end : hit.end + 1]
        return before and behind and left == "," and right in ", "
    if hit.kind == "frame.tutorial" and (before or text[hit.start - 1 : hit.start] == "("):
        firm = [o for o in others if o.kind in _FIRM and o.end <= hit.start]
        refused = before and bool(firm) and not advised
        tool = any(0 <= a.start - hit.end <= _EXAMPLE and a.kind in _TOOLS for a in acts)
        return tool or (refused and any(0 <= a.start - hit.end <= 2 * _LISTED for a in acts))
    if hit.kind == "frame.commentary":
        return any(
            o.kind == "exception.law" and o.start - _LAW <= hit.start and hit.end <= o.end + _LAW
            for o in others
        )
    return False


Add = Callable[..., None]
_MACHINE = frozenset({"uses.crawl", "uses.tdm", "uses.learning", "uses.input"})
_ROBOTS = frozenset({"uses.crawl", "uses.bots"})
_ACTS = _MACHINE | {"uses.reproduce", "uses.redistribute", "uses.index", "uses.take"}
_TOOLS = _ROBOTS | {"uses.tdm", "uses.automatic"}
_FIRM = frozenset({"deny.prohibit", "deny.refuse", "deny.require"})
_EXAMPLE = 6
_LISTED = 40
"""Characters between a cue and the act beside which it stands in a list."""
_LAW = 60


def _first(hits: Sequence[Hit], kind: str) -> Hit | None:
    return next((h for h in hits if h.kind == kind), None)


def _weigh_self(inside: Sequence[Hit], add: Add, *, gathers: bool) -> None:
    """Who speaks, to whom, about what."""
    user, party, promise = (_first(inside, kind) for kind in ("object.user", "object.party", "frame.promise"))
    selves = [h for h in inside if h.kind == "object.self"]
    denies = any(h.kind.startswith("deny.") for h in inside)
    # Users are addressed, or their data are what nobody may gather; promises are about data given.
    terms = denies and not promise and (party or gathers)
    if user and not terms:
        add("user", user.start, user.end)
    else:
        for hit in (selves[0] if selves else _first(inside, "object.house"), party if denies else None):
            if hit is not None:
                add(hit.kind.removeprefix("object."), hit.start, hit.end)
    allows = [h for h in inside if h.kind.startswith("permit.")]
    firm = (
        "permit.n",
        "permit.u",
        "permit.l",
        "exception.attribution",
        "object.house",
        "object.self",
        "uses.search",
        *_MACHINE,
    )
    if allows and not denies and not any(h.kind.startswith(firm) for h in inside):
        add("loose", allows[0].start, allows[0].end)
    software = _first(inside, "object.software")
    if software and not denies:
        add("software", software.start, software.end)
    output = _first(inside, "object.output")
    if output:
        add("output", output.start, output.end)
    other = _first(inside, "object.other")
    tools = {(h.start, h.end) for h in inside if h.kind in _ROBOTS}
    things = any(h.kind == "object.content" for h in inside) and any(h.kind == "uses.take" for h in inside)
    machines = any(h.kind in _MACHINE for h in inside) or (len(tools) > 1 and things)
    if other and not selves and not machines:
        add("other", other.start, other.end)


def _weigh_quote(passage: Passage, quote: tuple[int, int], add: Add) -> bool:
    """Quoted words are somebody else's unless the frame before them adopts them.

    True when they surely are: a quoting element, or words of saying or advice around, in any language.
    """
    before = passage.within(max(0, quote[0] - 260), quote[0])
    after = passage.within(quote[1], quote[1] + 200)
    add("quoted", *quote)
    adopt = _first(before, "frame.adopt")
    if adopt is not None:
        add("adopt", adopt.start, adopt.end)
        return False
    found = [hit for kind in ("report", "tutorial") if (hit := _first([*before, *after], f"frame.{kind}"))]
    for hit in found:
        add(hit.kind.removeprefix("frame."), hit.start, hit.end)
    return bool(found) or quote in passage.samples


def _weigh_object(inside: Sequence[Hit], span: tuple[int, int], add: Add) -> None:
    """A long clause that names nothing that could be crawled or read."""
    things = (
        "object.self",
        "object.house",
        "object.content",
        "object.party",
        "copyright.reserved",
        "exception.consent",
        "exception.licence",
        "exception.attribution",
        "permit.licence",
        "uses.learning",
        "frame.adopt",
    )
    if span[1] - span[0] > 130 and not any(h.kind in things for h in inside):
        add("no-object", *span)


def _weigh_frames(whole: Sequence[Hit], inside: Sequence[Hit], sentence: str, add: Add) -> None:
    # Terms that tell their reader what not to do may well say "whether" or "could".
    terms = _is_terms(whole)
    for kind in ("report", "tutorial", "commentary", "hypothetical", "past", "promise"):
        found = [h for h in (inside if kind == "promise" else whole) if h.kind == f"frame.{kind}"]
        if found:
            mild = terms and kind in ("commentary", "hypothetical", "tutorial")
            add(kind, found[0].start, found[0].end, 0.3 if mild else 1.0)
    hints = [h for h in whole if h.kind == "frame.hint"]
    if hints and not terms:
        add("hint", hints[0].start, hints[0].end, min(2, len(hints)))
    asked = [h for h in whole if h.kind == "frame.question"] if sentence else []
    if asked or sentence.rstrip(" \"')").endswith(("?", "？", "؟")):
        add("question", *((asked[0].start, asked[0].end) if asked else (0, 0)))


def _is_terms(hits: Sequence[Hit]) -> bool:
    """Whether a clause tells its reader what not to do."""
    return any(h.kind == "object.party" for h in hits) and any(h.kind.startswith("deny.") for h in hits)


def _weigh_neighbours(
    passage: Passage, sentence: int, speaks: set[str], inside: Sequence[Hit], add: Add
) -> None:
    """What stands in the sentences before and after: reports and advice in the same block, terms of use."""
    if passage.sentences[sentence].shared:
        return
    terms = _is_terms(inside)
    if not terms and any(h.kind.startswith("deny.") for h in inside):
        _weigh_terms_near(passage, sentence, speaks, add)
    found: set[str] = set()
    for other in (sentence - 1, sentence + 1):
        if not 0 <= other < len(passage.sentences) or passage.blocks[other] != passage.blocks[sentence]:
            continue
        if "\n" in _between(passage, sentence, other):
            continue
        leads = (
            other < sentence
            and ":"
            in _between(passage, sentence, other) + passage.folded.text[passage.sentences[other][1] - 1]
        )
        for hit in passage.within(*passage.sentences[other][:2]):
            kind = {"frame.report": "report", "frame.tutorial": "tutorial"}.get(hit.kind, "")
            mark = f"{kind}{other}"
            if kind and mark not in found and hit.language in speaks:
                found.add(mark)
                add(
                    kind if leads else f"{kind}-near", hit.start, hit.end, 0.3 if terms and not leads else 1.0
                )


def _weigh_terms_near(passage: Passage, sentence: int, speaks: set[str], add: Add) -> None:
    for other in (sentence - 1, sentence + 1, sentence - 2, sentence + 2, sentence - 3, sentence + 3):
        if not 0 <= other < len(passage.sentences):
            continue
        hits = [h for h in passage.within(*passage.sentences[other][:2]) if h.language in speaks]
        if _is_terms(hits) and not any(h.kind in ("frame.report", "frame.tutorial") for h in hits):
            party = next(h for h in hits if h.kind == "object.party")
            add("terms-near", party.start, party.end)
            return


def _between(passage: Passage, one: int, other: int) -> str:
    first, second = sorted((one, other))
    return passage.folded.text[passage.sentences[first][1] : passage.sentences[second][0]]


def _supports(passage: Passage, notice: tuple[int, int], low: int, *, prose: bool) -> bool:
    """Whether a copyright notice speaks for what stands at `low`: from the line's end it says nothing of prose."""
    return not prose or "\n" not in passage.folded.text[min(notice[0], low) : max(notice[0], low)]


def _weigh_place(
    passage: Passage, sentence: int, line: Sequence[Sentence], span: tuple[int, int], add: Add
) -> None:
    if len(line) <= 2 and _length(line) <= SHORT_BLOCK:
        add("short-block", *span)
    if passage.tail and passage.sentences[-1] == passage.sentences[sentence]:
        add("tail", *span)
    if _numbered(passage, passage.sentences[sentence].start):
        add("terms", *span)


def _weigh_prose(
    line: Sequence[Sentence],
    span: tuple[int, int],
    inside: Sequence[Hit],
    add: Add,
    *,
    prose: bool,
    house: bool,
) -> None:
    """A sentence of a paragraph that speaks neither of itself nor to its reader: it may tell of others."""
    if prose or (len(line) >= 4 and _length(line) > LONG_BLOCK):
        add("prose", *span)
    listed = len({(h.start, h.kind) for h in inside if h.kind in _ACTS}) >= LISTED_ACTS
    if prose and len(line) >= 4 and _length(line) > THIRD_BLOCK and house and not listed:
        add("prose-third", *span)


def _is_prose(line: Sequence[Sentence], notices: Sequence[tuple[int, int]]) -> bool:
    """Whether a line is a paragraph of three sentences or more, headings and copyright notices not counted."""
    told = [
        s
        for s in line
        if s.end - s.start >= HEADING and not any(a < s.end and s.start < b for a, b in notices)
    ]
    return len(told) >= 3 and _length(line) > PROSE_BLOCK


def _length(line: Sequence[Sentence]) -> int:
    return sum(each.end - each.start for each in line)


def _line(passage: Passage, sentence: int) -> list[Sentence]:
    """The sentences between two line breaks around the numbered one, at most ten to either side."""
    text = passage.folded.text
    start = text.rfind("\n", 0, passage.sentences[sentence].start) + 1
    end = text.find("\n", passage.sentences[sentence].end)
    end = end if end >= 0 else len(text)
    low = high = sentence
    while low and sentence - low < 10 and passage.sentences[low - 1].start >= start:
        low -= 1
    while (
        high + 1 < len(passage.sentences) and high - sentence < 10 and passage.sentences[high + 1].end <= end
    ):
        high += 1
    return list(passage.sentences[low : high + 1])


def _numbered(passage: Passage, low: int) -> bool:
    """A clause number or a comment sign before the sentence on its line."""
    text = passage.folded.text
    before = text[text.rfind("\n", 0, low) + 1 : low].strip()
    return (
        bool(before)
        and len(before) <= 8
        and (before[0] in "#/*(" or before.rstrip(".)").replace(".", "").isdigit())
    )

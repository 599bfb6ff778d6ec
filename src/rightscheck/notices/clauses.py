"""Clause frames: in one sentence, which uses are refused and which allowed, and by what route a refusal lifts.

Cues are unordered within a window. Polarity is settled first (a longer cue silences a shorter one inside
it, so that "not prohibited" is no prohibition), then acts are mapped to uses, then the exception is ranked.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.lexicon import UNIVERSAL, Hit, Lexicon
from rightscheck.notices.passage import Passage
from rightscheck.notices.purposes import purpose_of
from rightscheck.notices.reading import NoticeUse, Polarity
from rightscheck.notices.segment import Sentence
from rightscheck.vocab import ExceptionRoute

_AI = frozenset({"uses.train", "uses.learning", "uses.input"})
_DIRECT = {
    "uses.tdm": NoticeUse.TDM,
    "uses.learning": NoticeUse.AI_TRAIN,
    "uses.input": NoticeUse.AI_INPUT,
    "uses.reproduce": NoticeUse.REPRODUCE,
    "uses.redistribute": NoticeUse.REDISTRIBUTE,
    "uses.commercial": NoticeUse.COMMERCIAL,
    "uses.crawl": NoticeUse.CRAWL,
    "uses.search": NoticeUse.SEARCH,
}
_USED = frozenset({NoticeUse.REPRODUCE, NoticeUse.REDISTRIBUTE})
_COPYING = frozenset({"uses.reproduce", "uses.redistribute", "uses.use"})
_MACHINES = frozenset({"uses.crawl", "uses.tdm", "uses.ai", "uses.learning", "uses.input", "uses.bots"})
_FORMULA = (
    "exception.",
    "deny.re",
    "permit.negated",
    "permit.unneeded",
    "permit.licence",
    "copyright.reserved",
)
_WEAK = frozenset({"uses.use", "uses.take", "uses.automatic", "uses.model"})
_SILENCERS = (
    "deny.",
    "permit.",
    "exception.",
    "frame.promise",
    "object.user",
    "copyright.reserved",
    "copyright.not",
)
_BOUNDS = ("deny.p", "deny.n", "deny.a", "permit.", "uses.", "object.content", "object.self", "frame.but")
_NUMBERING = re.compile(r"[\s,;.]*(?:(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,4})[.)]|[-*•·–])\s+)?")
_NON_COMMERCIAL = "uses.noncommercial"
_FORMULA_LENGTH = 20
"""Letters of a phrase such as "non-commercial purposes", which alone limits what it stands beside."""
_SILENCED = ("deny.", "permit.", "object.self", "frame.promise", "exception.consent")
_SILENCING_USES = ("uses.none", "uses.input", _NON_COMMERCIAL)
_UNCOUNTED = ("copyright.m", "copyright.s", "credit.", "frame.purpose")
"""Cues that tell little of the language: names, signs, short words."""
_LONGEST_CUE = 200
MOST_CUES = 300
"""Cues of one sentence that are weighed; more than any sentence of sense has."""
_SHARED = ("deny.", "permit.", "exception.", "object.", "frame.promise", "frame.but")
_CUT = re.compile(r"[;；]|,\s?")
_CC = re.compile(r"\b(?:cc|creative commons)[ -]?(by(?:[ -]?nc)?(?:[ -]?(?:sa|nd))?|0|zero)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One clause as read, before it is asked whose it is. Spans are in folded text.

    `implied`: denied only by what a permission leaves out. `limited`: allowed without commercial purpose only.
    """

    start: int
    end: int
    polarity: Polarity
    uses: frozenset[NoticeUse]
    purpose: frozenset[NoticeUse]
    indexing: bool
    exception: ExceptionRoute
    exception_span: tuple[int, int] | None
    language: str
    hits: tuple[Hit, ...]
    modes: tuple[Hit, ...]
    implied: bool = False
    limited: bool = False


def frames(passage: Passage, sentence: Sentence, lexicon: Lexicon) -> list[Frame]:
    """The clauses of one sentence, read in the language whose cues cover most of it.

    An item of a list shares the modality and the exceptions of its header.
    """
    start, end, header = sentence
    hits = passage.within(start, end)[:MOST_CUES]
    if not hits:
        return []
    shared = passage.within(*header) if header is not None else []
    hits = [h for h in shared if h.kind.startswith(_SHARED)] + hits
    for language in _languages(hits):
        chosen = _silence([h for h in hits if h.language in (language, UNIVERSAL)])
        found = _frames(passage, start, end, chosen, language, lexicon)
        if found:
            return found
    return []


def _languages(hits: Sequence[Hit]) -> list[str]:
    """Languages of the cues, best covered first; those below half of the best are left out."""
    covered: dict[str, set[int]] = {}
    for hit in hits:
        if hit.language != UNIVERSAL and not hit.kind.startswith(_UNCOUNTED):
            covered.setdefault(hit.language, set()).update(range(hit.start, hit.end))
    best = max((len(c) for c in covered.values()), default=0)
    ranked = sorted(covered, key=lambda code: (-len(covered[code]), code))
    return [code for code in ranked if len(covered[code]) * 4 >= best * 3] or [UNIVERSAL]


def _silence(hits: list[Hit]) -> list[Hit]:
    """Without polarity cues that meet a longer cue, words in phrases that mean nothing, self inside user."""
    limits = [h for h in hits if h.kind == _NON_COMMERCIAL]
    if limits:  # "may copy for non-commercial use" holds no "may ... not"
        hits = [h for h in hits if not (h.kind.startswith("deny.") and any(_ends_in(h, o) for o in limits))]
    loud = sorted(h for h in hits if h.kind.startswith(_SILENCERS) or h.kind in _SILENCING_USES)
    starts = [h.start for h in loud]
    kept = []
    for hit in hits:
        near = loud[bisect_left(starts, hit.start - _LONGEST_CUE) : bisect_right(starts, hit.end)]
        if not any(_silences(outer, hit) for outer in near):
            kept.append(hit)
    return kept


def _silences(outer: Hit, inner: Hit) -> bool:
    if outer.kind == _NON_COMMERCIAL:
        return inner.kind == "uses.commercial" and _meet(outer, inner) and not _holds(inner, outer)
    if outer.kind == "uses.input":
        return inner.kind == "uses.bots" and _holds(outer, inner)  # "chat-bots" come to no site
    if outer.kind == "uses.none":
        return _is_act(inner) and _holds(outer, inner)
    if not inner.kind.startswith(_SILENCED):
        return False
    longer = outer.end - outer.start > inner.end - inner.start
    if outer[:2] == inner[:2]:  # "not forbidden", found as a ban too
        longer = outer.kind in ("permit.negated", "permit.unneeded") and inner.kind.startswith("deny.")
    return longer and _overlaps(outer, inner) and _outranks(outer, inner)


def _is_act(hit: Hit) -> bool:
    return hit.kind.startswith("uses.") and hit.kind not in ("uses.none", _NON_COMMERCIAL)


def _holds(outer: Hit, inner: Hit) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _ends_in(hit: Hit, other: Hit) -> bool:
    return _meet(hit, other) and hit.end <= other.end and not _holds(hit, other)


def _meet(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _overlaps(outer: Hit, inner: Hit) -> bool:
    """Whether the outer cue holds the inner; polarity cues need only share words."""
    polar = ("deny.", "permit.", "frame.promise")
    if outer.kind.startswith(polar) and inner.kind.startswith(polar):
        return _meet(outer, inner)
    return _holds(outer, inner)


def _outranks(outer: Hit, inner: Hit) -> bool:
    if inner.kind == "object.self":
        return outer.kind == "object.user"
    if inner.kind == "exception.consent":
        return outer.kind in ("permit.unneeded", "permit.negated", "deny.prohibit", "exception.licence")
    if inner.kind == "frame.promise":
        return outer.kind.startswith("deny.")
    return outer.kind not in ("object.user", "exception.written")


def _frames(
    passage: Passage, start: int, end: int, hits: list[Hit], language: str, lexicon: Lexicon
) -> list[Frame]:
    text = passage.folded.text
    shared = [h for h in hits if h.start < start]
    own = [h for h in hits if h.start >= start]
    acts = [h for h in own if h.kind.startswith("uses.") and h.kind != _NON_COMMERCIAL]
    modes = [h for h in hits if _is_mode(text, h, acts)]
    if not modes:
        return _without_commerce(text, start, end, own, language)
    if not acts and not any(m.kind == "permit.licence" for m in modes):
        return []
    window = lexicon.languages[language].window if language in lexicon.languages else 30
    listed = bool(shared) or (":" in text[start:end] and "\n" in text[start:end])
    acts = _within_reach(text, acts, modes, window, listed=listed)
    found = []
    for low, high, segment_modes in _segments(text, start, end, modes, hits):
        segment_acts = [a for a in acts if low <= a.start < high]
        whole = low == start and high == end
        said = shared + (own if whole else [h for h in own if low <= h.start < high])
        frame = _frame(passage, low, high, segment_modes, segment_acts, said, language)
        if frame is not None:
            found.append(frame)
    return found


def _without_commerce(text: str, start: int, end: int, hits: Sequence[Hit], language: str) -> list[Frame]:
    """A line such as "for personal, non-commercial use only", which leaves commercial use out."""
    for hit in hits:
        if hit.kind != _NON_COMMERCIAL or hit.start - start > 60 or end - hit.end > 40:
            continue
        aimed = any(h.kind == "frame.purpose" and _apart(h, hit) <= 20 for h in hits)
        long = hit.end - hit.start >= (5 if is_unspaced(text[hit.start : hit.end]) else _FORMULA_LENGTH)
        if long or (aimed and any(h.kind == "uses.use" and _apart(h, hit) <= 12 for h in hits)):
            return [_commerce_left_out(start, end, hits, [hit], language)]
    return []


def _commerce_left_out(
    low: int, high: int, segment: Sequence[Hit], modes: Sequence[Hit], language: str
) -> Frame:
    return Frame(
        start=low,
        end=high,
        polarity=Polarity.DENY,
        uses=frozenset({NoticeUse.COMMERCIAL}),
        purpose=frozenset(),
        indexing=False,
        exception=ExceptionRoute.NONE,
        exception_span=None,
        language=language,
        hits=tuple(segment),
        modes=tuple(modes),
        implied=True,
    )


def _is_mode(text: str, hit: Hit, acts: Sequence[Hit]) -> bool:
    """Whether a cue refuses or allows here. A bare "no" must stand right before an act."""
    if hit.kind == "copyright.reserved":
        automated = (
            "uses.tdm",
            "uses.ai",
            "uses.train",
            "uses.learning",
            "uses.input",
            "uses.crawl",
            "uses.bots",
        )
        return any(a.kind in automated for a in acts)
    if not hit.kind.startswith(("deny.", "permit.")) or hit.kind == "deny.none":
        return False
    if hit.kind == "deny.no":
        near = 8 if is_unspaced(text[hit.start : hit.end]) else 18
        return any(
            hit.end <= a.start <= hit.end + near
            and a.kind not in ("uses.use", "uses.take", "uses.model", "uses.automatic")
            for a in acts
        )
    return True


def _within_reach(
    text: str, acts: Sequence[Hit], modes: Sequence[Hit], window: int, *, listed: bool
) -> list[Hit]:
    """The acts that a mode reaches, directly or through another act that it reaches."""
    if listed:
        return list(acts)
    reach = window if is_unspaced(text[modes[0].start : modes[0].end]) else window * 7
    reached: list[Hit] = []
    edges = [(m.start, m.end) for m in modes]
    left = list(acts)
    changed = True
    while changed and left:
        changed = False
        low = min(e[0] for e in edges) - reach
        high = max(e[1] for e in edges) + reach
        near = [a for a in left if a.end >= low and a.start <= high]
        if near:
            reached += near
            edges += [(a.start, a.end) for a in near]
            left = [a for a in left if a not in near]
            changed = True
    return sorted(reached)


def _denies(hit: Hit) -> bool:
    return hit.kind.startswith("deny.") or hit.kind == "copyright.reserved"


def _segments(
    text: str, start: int, end: int, modes: Sequence[Hit], hits: Sequence[Hit]
) -> list[tuple[int, int, list[Hit]]]:
    """The sentence cut where polarity changes: spans with their modes."""
    groups: list[tuple[int, int, list[Hit]]] = []
    low = start
    current: list[Hit] = [modes[0]]
    for previous, mode in pairwise(modes):
        if _denies(previous) == _denies(mode):
            current.append(mode)
            continue
        cut = _cut(text, max(m.end for m in current), mode.start, hits)
        if cut is None:
            current.append(mode)
            continue
        groups.append((low, cut, current))
        low, current = cut, [mode]
    groups.append((low, end, current))
    return groups


def _cut(text: str, low: int, high: int, hits: Sequence[Hit]) -> int | None:
    """The best place to cut between two modes: a semicolon, a word such as "but", a comma."""
    if high <= low:
        return None
    marks = list(_CUT.finditer(text, low, high))
    strong = [m for m in marks if m.group()[0] in ";；"]
    if strong:
        return strong[0].end()
    turns = [
        h.start for h in hits if h.kind == "frame.but" and low - 2 <= h.start <= high and h.end <= high + 6
    ]
    if turns:
        return turns[0]
    return marks[-1].end() if marks else None


def _frame(
    passage: Passage, low: int, high: int, modes: list[Hit], acts: list[Hit], hits: list[Hit], language: str
) -> Frame | None:
    text = passage.folded.text
    number = _NUMBERING.match(text, low, high)
    low = number.end() if number and number.end() < high else low
    while high > low and text[high - 1] in " \n":
        high -= 1
    denies = [m for m in modes if _denies(m)]
    aims = [h for h in hits if h.kind == "frame.purpose" and h.start < high]
    segment = [h for h in hits if h.kind != "frame.purpose" and h.start < high]
    if denies:
        uses, indexing, purpose = uses_of(acts, segment, denied=True)
        others = [h for h in segment if not h.kind.startswith("uses.")]
        purpose |= purpose_of(text, acts, aims, others, frozenset(uses))
        # "reserves the right of reproduction for text and data mining" reserves the mining.
        mining = uses & {NoticeUse.TDM, NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
        if mining and all(m.kind in ("deny.reserve", "copyright.reserved") for m in denies):
            uses -= {NoticeUse.REPRODUCE}
        if not uses:
            return None
        route, span = exception_of([h for h in hits if h.kind.startswith(("exception.", "deny.require"))])
        polarity = Polarity.DENY
        limited = False
    else:
        uses, indexing, purpose = uses_of(acts, segment, denied=False)
        if not any(h.kind == "copyright.part" for h in segment):  # a licence beside a picture
            uses |= _licence_uses(text[low:high], modes)
        limited = any(h.kind == _NON_COMMERCIAL for h in segment)
        if limited:
            if not uses - {NoticeUse.COMMERCIAL} or (uses == _USED and not _names_copying(acts, modes)):
                return _commerce_left_out(low, high, segment, modes, language)
            uses.discard(NoticeUse.COMMERCIAL)
        if not uses:
            return None
        route, span = ExceptionRoute.NONE, None
        polarity = Polarity.ALLOW
        if any(h.kind == "exception.attribution" for h in segment):
            route, polarity = ExceptionRoute.ATTRIBUTION, Polarity.CONDITIONAL
            if uses & {
                NoticeUse.REPRODUCE,
                NoticeUse.REDISTRIBUTE,
            }:  # only what is published can name its source
                uses |= {NoticeUse.REPRODUCE, NoticeUse.REDISTRIBUTE}
    return Frame(
        start=low,
        end=high,
        polarity=polarity,
        uses=frozenset(uses),
        purpose=frozenset(purpose) if NoticeUse.CRAWL in uses and denies else frozenset(),
        indexing=indexing,
        exception=route,
        exception_span=_phrase(text, span, low, high, segment) if span is not None else None,
        language=language,
        hits=tuple(segment),
        modes=tuple(modes),
        limited=limited,
    )


def _names_copying(acts: Sequence[Hit], modes: Sequence[Hit]) -> bool:
    return any(h.kind in ("uses.reproduce", "uses.redistribute", "permit.licence") for h in (*acts, *modes))


def _phrase(text: str, span: tuple[int, int], low: int, high: int, segment: Sequence[Hit]) -> tuple[int, int]:
    """The whole phrase around the words of an exception: up to a comma, or to the next act or content."""
    if not low <= span[0] <= span[1] <= high:
        return span
    others = [
        h for h in segment if h.kind.startswith(_BOUNDS) and not (h.start < span[1] and span[0] < h.end)
    ]
    left = max([low, *(h.end for h in others if h.end <= span[0])])
    # A name after the words may well hold words for content: "from Tarn News Agency".
    right = min([high, *(h.start for h in others if h.start >= span[1] and not h.kind.startswith("object."))])
    comma = max(text.rfind(mark, left, span[0]) for mark in ",;:\n")
    left = max(left, comma + 1)
    stops = [at for mark in ",;\n" if (at := text.find(mark, span[1], right)) >= 0]
    right = min([right, *stops])
    while left < span[0] and not text[left].isalnum():
        left += 1
    while right > span[1] and not text[right - 1].isalnum() and text[right - 1] != ")":
        right -= 1
    return left, right


def _licence_uses(text: str, modes: Sequence[Hit]) -> frozenset[NoticeUse]:
    """What an open licence named in the clause allows: Creative Commons by its code, others as attribution."""
    if not any(m.kind == "permit.licence" for m in modes):
        return frozenset()
    code = _CC.search(text)
    if code is None and not any(m.kind == "permit.licence" and m.language != UNIVERSAL for m in modes):
        return frozenset()  # a licence's name alone, as in an article about it
    allowed = {NoticeUse.REPRODUCE, NoticeUse.REDISTRIBUTE}
    if code is None or "nc" not in code.group(1):
        allowed.add(NoticeUse.COMMERCIAL)
    return frozenset(allowed)


def uses_of(
    acts: Sequence[Hit], segment: Sequence[Hit], *, denied: bool
) -> tuple[set[NoticeUse], bool, set[NoticeUse]]:
    """The uses that acts stand for together, whether they index for AI, and the purpose of a denied crawl."""
    acts = [a for a in acts if a.kind not in _COPYING or _is_about_content(a, acts, segment)]
    kinds = {a.kind for a in acts}
    uses = {use for kind, use in _DIRECT.items() if kind in kinds}
    content = any(h.kind in ("object.content", "object.self") for h in segment)
    ai = [a for a in acts if a.kind == "uses.ai"]
    if "uses.train" in kinds and (ai or kinds & {"uses.model", "uses.learning", "uses.input"}):
        uses.add(NoticeUse.AI_TRAIN)
    if _robots_act(acts, segment, denied):
        uses.add(NoticeUse.CRAWL)
    purpose: set[NoticeUse] = set()
    indexing = "uses.index" in kinds and _index_for_ai(acts)
    if "uses.aim" in kinds:
        uses |= {NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
        purpose |= _purpose(acts, [a for a in acts if a.kind == "uses.aim"])
    actors = {a for a in ai if any(b.kind == "uses.bots" and a.end - 1 <= b.start <= a.end + 2 for b in acts)}
    bare = [a for a in ai if a not in actors]
    if actors and NoticeUse.CRAWL in uses:
        purpose |= {NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
    if indexing and NoticeUse.AI_INPUT not in uses and bare:
        uses.add(NoticeUse.AI_INPUT)
        if NoticeUse.AI_TRAIN not in uses and _coordinated(acts, segment):
            uses.add(NoticeUse.AI_TRAIN)
        purpose |= _purpose(acts, bare)
    elif bare and not uses & {NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT} and _concerns(content, acts, segment):
        uses |= {NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
        purpose |= _purpose(acts, bare)
    if "uses.index" in kinds and not indexing and NoticeUse.AI_INPUT not in uses:
        uses.add(NoticeUse.SEARCH)
    if not uses and "uses.use" in kinds:
        uses |= {NoticeUse.REPRODUCE} if denied else {NoticeUse.REPRODUCE, NoticeUse.REDISTRIBUTE}
    if not uses and denied and "uses.take" in kinds and content:
        uses.add(NoticeUse.REPRODUCE)
    return uses, indexing, purpose


def _is_about_content(act: Hit, acts: Sequence[Hit], segment: Sequence[Hit]) -> bool:
    """Whether copying, sharing or using concerns content: it is named near by, or the clause is a formula.

    These are everyday words; "you may share a recipe with friends" states no rights.
    """
    if any(h.kind.startswith(_FORMULA) for h in segment) or any(a.kind in _MACHINES for a in acts):
        return True
    terse = max(h.end for h in segment) - min(h.start for h in segment) <= 70
    if terse and act.kind != "uses.use":
        return True
    return any(h.kind in ("object.content", "object.self") and _apart(act, h) <= 40 for h in segment)


def _index_for_ai(acts: Sequence[Hit]) -> bool:
    """Whether an index is built for AI: an AI word stands nearer to it than to a training word."""
    indexes = [a for a in acts if a.kind == "uses.index"]
    trainings = [a for a in acts if a.kind in ("uses.train", "uses.learning")]
    for mention in (a for a in acts if a.kind in ("uses.ai", "uses.input")):
        distance = min(_apart(mention, index) for index in indexes)
        if (
            all(_apart(mention, training) > distance for training in trainings)
            or mention.kind == "uses.input"
        ):
            return True
    return False


def _apart(one: Hit, other: Hit) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _concerns(content: bool, acts: Sequence[Hit], segment: Sequence[Hit]) -> bool:
    """Whether a bare "AI" is what content would be used for: content is named, or the clause is terse."""
    if content:
        return len(acts) > 1 or len(segment) > 2
    return len(acts) > 1 and max(h.end for h in segment) - min(h.start for h in segment) <= 70


def _robots_act(acts: Sequence[Hit], segment: Sequence[Hit], denied: bool) -> bool:
    """Robots that come or take something near by; taking something by automatic means."""
    bots = [a for a in acts if a.kind == "uses.bots"]
    takes = [a for a in acts if a.kind in ("uses.take", "uses.crawl")]
    things = [h for h in segment if h.kind in ("object.content", "object.self", "object.house")]
    machines = [a for a in acts if a.kind == "uses.automatic"]
    if bots:
        users = [a for a in acts if a.kind == "uses.use"] if denied else []
        near = [*takes, *things, *users, *machines]
        return any(_apart(bot, other) <= 90 for bot in bots for other in near)
    return any(
        _apart(machine, take) <= 24 and any(_apart(take, thing) <= 60 for thing in things)
        for machine in machines
        for take in takes
    )


def _coordinated(acts: Sequence[Hit], segment: Sequence[Hit]) -> bool:
    """Whether crawling and indexing are named in one breath, so that a purpose after them belongs to both.

    An object of its own ("crawling, or indexing this site for AI") ties the purpose to the indexing.
    """
    ordered = sorted({a for a in acts if a.kind in ("uses.crawl", "uses.index", "uses.ai")})
    for crawl, index in pairwise(ordered):
        if crawl.kind == "uses.crawl" and index.kind == "uses.index" and index.start - crawl.end <= 24:
            end = min((a.start for a in ordered if a.kind == "uses.ai" and a.start >= index.end), default=-1)
            return end >= 0 and not any(
                h.kind in ("object.content", "object.self") and index.end <= h.start < end for h in segment
            )
    return False


def _purpose(acts: Sequence[Hit], bare: Sequence[Hit]) -> set[NoticeUse]:
    """The AI uses when a bare "for AI" belongs to the crawling: no separate use stands between."""
    crawls = [a for a in acts if a.kind in ("uses.crawl", "uses.bots")]
    for crawl in crawls:
        for mention in bare:
            low, high = min(crawl.end, mention.end), max(crawl.start, mention.start)
            if not any(a.kind in ("uses.use", *_AI) and low <= a.start < high for a in acts):
                return {NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
    return set()


def exception_of(hits: Iterable[Hit]) -> tuple[ExceptionRoute, tuple[int, int] | None]:
    """The strongest route that the cues name, and its span."""
    ordered = sorted(hits)
    consents = [h for h in ordered if h.kind == "exception.consent"]
    written = [h for h in ordered if h.kind == "exception.written"]
    for consent in consents:
        for mark in written:
            if abs(mark.start - consent.start) <= 60:
                return ExceptionRoute.WRITTEN_PERMISSION, (
                    min(consent.start, mark.start),
                    max(consent.end, mark.end),
                )
    if consents:
        return ExceptionRoute.PERMISSION, (consents[0].start, consents[0].end)
    for kind, route in (("exception.licence", ExceptionRoute.LICENCE), ("exception.law", ExceptionRoute.LAW)):
        for hit in ordered:
            if hit.kind == kind:
                return route, (hit.start, hit.end)
    required = [h for h in ordered if h.kind == "deny.require"]
    if required:
        if written:
            return ExceptionRoute.WRITTEN_PERMISSION, (required[0].start, required[0].end)
        return ExceptionRoute.PERMISSION, (required[0].start, required[0].end)
    return ExceptionRoute.NONE, None

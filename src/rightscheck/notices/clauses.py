"""Clause frames: in one sentence, which uses are refused and which allowed, and by what route a refusal lifts.

Cues are unordered within a window. Polarity is settled first (a longer cue silences a shorter one inside
it, so that "not prohibited" is no prohibition), then acts are mapped to uses, then the exception is ranked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rightscheck.notices.exceptions import exception_of, exempt_spans, phrase_around
from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.implied import implied_refusal, may_be_refused
from rightscheck.notices.lexicon import UNIVERSAL, Hit, Lexicon
from rightscheck.notices.lists import NUMBERING, Sentence
from rightscheck.notices.passage import Passage
from rightscheck.notices.purposes import purpose_of
from rightscheck.notices.reading import NoticeUse, Polarity
from rightscheck.notices.silencing import NON_COMMERCIAL, languages_of, negate, silence
from rightscheck.notices.uses import apart, licence_uses, uses_of
from rightscheck.vocab import ExceptionRoute

_USED = frozenset({NoticeUse.REPRODUCE, NoticeUse.REDISTRIBUTE})
_WEAK = frozenset({"uses.use", "uses.take", "uses.automatic", "uses.model"})
_FORMULA_LENGTH = 20
"""Letters of a phrase such as "non-commercial purposes", which alone limits what it stands beside."""
MOST_CUES = 300
"""Cues of one sentence that are weighed; more than any sentence of sense has."""
_POLAR = ("deny.", "permit.")
_SHARED = ("deny.", "permit.", "exception.", "object.", "frame.promise", "frame.but")
_CUT = re.compile(r"[;；]|,\s?")
_ALLOWING = frozenset({"permit.allow", "permit.negated", "permit.unneeded"})
_CARRIED = frozenset(
    {"uses.crawl", "uses.bots", "uses.take", "uses.tdm", "uses.use", "uses.reproduce", "uses.redistribute"}
)
"""Acts that an elliptic refusal takes from the permission before it ("AI companies may not")."""
_ACTORS = frozenset({"uses.ai", "uses.bots", "uses.model", "uses.search", "uses.learning", "uses.input"})
_BARE = frozenset({"deny.no", "deny.none", "deny.opening", "deny.elliptic"})
_SHORT, _CLOSE, _TERSE = 60, 40, 80
_MOST_BELOW = 240
"""Characters of a line below a list that may still speak of its items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One clause as read, before it is asked whose it is. Spans are in folded text.

    `implied`: denied only by what a permission leaves out. `restrained`: denied only by a word of restraint.
    `limited`: allowed without commercial purpose only.
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
    restrained: bool = False
    limited: bool = False


def frames(
    passage: Passage, sentence: Sentence, lexicon: Lexicon, before: Sentence | None = None
) -> list[Frame]:
    """The clauses of one sentence, read in the language whose cues cover most of it.

    An item of a list shares the modality and the exceptions of its headers, and of the line below the list. `before`:
    the sentence before, whose permission an elliptic refusal turns round.
    """
    start, end = sentence.start, sentence.end
    own = passage.within(start, end)[:MOST_CUES]
    if not own:
        return []
    own, carried = _elliptic(passage, sentence, own, before)
    hits = sorted([*shared_hits(passage, sentence, own), *own])
    for language in languages_of(hits):
        speaks = (language, UNIVERSAL)
        chosen = silence([h for h in hits if h.language in speaks])
        if any(h.kind == "permit.allow" for h in chosen):
            negations = lexicon.restraints(language, passage.folded.text, start, end)
            chosen = negate(chosen, negations, passage.folded.text)
        found = _frames(
            passage, sentence, chosen, language, lexicon, [h for h in carried if h.language in speaks]
        )
        if found:
            return found
    return _restrained(passage, sentence, hits, lexicon)


def _restrained(passage: Passage, sentence: Sentence, hits: list[Hit], lexicon: Lexicon) -> list[Frame]:
    """The refusal that a sentence implies, in the first language in which it does."""
    start, end = sentence.start, sentence.end
    for language in languages_of(hits):
        own = [
            h
            for h in silence([h for h in hits if h.language in (language, UNIVERSAL)])
            if start <= h.start < end
        ]
        acts = [h for h in own if h.kind.startswith("uses.") and h.kind not in ("uses.none", NON_COMMERCIAL)]
        if any(_is_mode(passage.folded.text, h, acts) for h in own):
            continue
        if not may_be_refused(own, acts, end - start):
            continue
        window = lexicon.languages[language].window if language in lexicon.languages else 30
        words = lexicon.restraints(language, passage.folded.text, start, end)
        found = implied_refusal(passage.folded.text, start, end, own, acts, words, window)
        if found is not None:
            uses, restraints = found
            route, span = exception_of([h for h in own if h.kind.startswith("exception.")])
            return [
                Frame(
                    start=start,
                    end=end,
                    polarity=Polarity.DENY,
                    uses=uses,
                    purpose=frozenset(),
                    indexing=False,
                    exception=route,
                    exception_span=phrase_around(passage.folded.text, span, start, end, own)
                    if span
                    else None,
                    language=language,
                    hits=tuple(own),
                    modes=restraints,
                    restrained=True,
                )
            ]
    return []


def _elliptic(
    passage: Passage, sentence: Sentence, own: list[Hit], before: Sentence | None
) -> tuple[list[Hit], list[Hit]]:
    """The cues without a bare "not" that does not end a clause behind a permission, and the acts of that permission."""
    if not any(h.kind == "deny.elliptic" for h in own):
        return own, []
    text = passage.folded.text
    last = [h for h in own if h.kind == "deny.elliptic" and _ends_clause(text, h.end, sentence.end)]
    allowed = [h for h in own if h.kind in _ALLOWING]
    if last and allowed and allowed[0].start < last[-1].start:
        return [h for h in own if h.kind != "deny.elliptic" or h in last], []
    plain = [h for h in own if h.kind != "deny.elliptic"]
    if not last or before is None or allowed or any(h.kind.startswith("deny.") for h in plain):
        return plain, []
    beside = passage.within(before.start, before.end)
    if not any(h.kind in _ALLOWING for h in beside) or "\n\n" in text[before.end : sentence.start]:
        return plain, []
    return sorted([*plain, *last]), [h for h in beside if h.kind in _CARRIED]


def _ends_clause(text: str, at: int, end: int) -> bool:
    return at >= end - 1 or text[at : at + 1] in (".", ";", "!", "。")


def shared_hits(passage: Passage, sentence: Sentence, own: Sequence[Hit]) -> list[Hit]:
    """The cues of headers, and of the line below a list, that count for an item.

    The nearest header that refuses or allows decides over the others.
    """
    if not sentence.shared or (sentence.weak and any(h.kind.startswith(_POLAR) for h in own)):
        return []
    found: list[Hit] = []
    opened = NUMBERING.match(passage.folded.text, sentence.start)
    # "You will provide ..." under "You will not:" is a duty of its own.
    settled = any(h.kind == "object.party" and opened and h.start == opened.end() for h in own)
    for low, high in sorted(sentence.shared, reverse=True):
        if low >= sentence.end:
            continue
        hits = [h for h in passage.within(low, high) if h.kind.startswith(_SHARED) and h.kind not in _BARE]
        found += [h for h in hits if not (settled and h.kind.startswith(_POLAR))]
        settled = settled or any(h.kind.startswith(_POLAR) for h in hits)
    for low, high in sentence.shared:
        if low >= sentence.end:
            found += _hits_below(passage, low, high, settled=settled)
    return found


def _hits_below(passage: Passage, low: int, high: int, *, settled: bool) -> list[Hit]:
    """The cues of the line below a list: an exception to its header, or what refuses or allows where that does not."""
    hits = passage.within(low, high)
    goes_on = passage.text[passage.folded.starts[low]].islower() or passage.folded.text.startswith("...", low)
    acts = [h for h in hits if h.kind.startswith("uses.") and h.kind not in _WEAK]
    if high - low > _MOST_BELOW or (acts and not goes_on):
        return []
    if settled:
        polar = [h for h in hits if h.kind.startswith(_POLAR) and h.kind != "deny.require"]
        return (
            []
            if polar and not goes_on
            else [h for h in hits if h.kind.startswith(("exception.", "deny.require"))]
        )
    verdict = goes_on or high - low <= _SHORT or is_unspaced(passage.folded.text[low:high])
    return [h for h in hits if verdict and h.kind.startswith(_SHARED) and h.kind not in _BARE]


def _frames(
    passage: Passage,
    sentence: Sentence,
    hits: list[Hit],
    language: str,
    lexicon: Lexicon,
    carried: Sequence[Hit] = (),
) -> list[Frame]:
    text = passage.folded.text
    start, end = sentence.start, sentence.end
    own = [h for h in hits if start <= h.start < end]
    shared = [h for h in hits if not start <= h.start < end]
    acts = [h for h in own if h.kind.startswith("uses.") and h.kind != NON_COMMERCIAL]
    modes = [h for h in hits if _is_mode(text, h, acts)]
    if not modes:
        return _without_commerce(text, start, end, own, language)
    if not acts and not any(m.kind == "permit.licence" for m in modes):
        return []
    window = lexicon.languages[language].window if language in lexicon.languages else 30
    listed = bool(shared) or (":" in text[start:end] and "\n" in text[start:end])
    acts = _within_reach(text, acts, modes, window, listed=listed)
    exempt = exempt_spans(text, start, end, own)
    found = []
    for low, high, segment_modes in _segments(text, start, end, modes, hits):
        segment_acts = [a for a in acts if low <= a.start < high]
        excepted = [a for a in segment_acts if any(first <= a.start < last for first, last in exempt)]
        whole = low == start and high == end
        said = shared + (own if whole else [h for h in own if low <= h.start < high])
        plain = [a for a in segment_acts if a not in excepted]
        if all(m.kind == "deny.elliptic" for m in segment_modes) and all(a.kind in _ACTORS for a in plain):
            plain = [*carried, *plain]
        elif not any(_denies(m) for m in segment_modes):
            carried = [a for a in plain if a.kind in _CARRIED]
        frame = _frame(
            passage, low, high, segment_modes, plain, [h for h in said if h not in excepted], language
        )
        if frame is not None and any(a.kind == "uses.search" for a in excepted):
            frame = _without_search(frame)
        if frame is not None:
            found.append(frame)
        turned = _turned(frame, segment_modes, excepted, said)
        if turned is not None:
            found.append(turned)
    return found


def _without_search(frame: Frame) -> Frame | None:
    """A refusal that excepts search engines refuses no search, though it may speak of indexing."""
    uses = frame.uses - {NoticeUse.SEARCH}
    if frame.polarity is not Polarity.DENY:
        return frame
    return replace(frame, uses=uses) if uses else None


def _turned(
    frame: Frame | None, modes: Sequence[Hit], excepted: Sequence[Hit], said: Sequence[Hit]
) -> Frame | None:
    """What a permission excepts is refused: "may be copied, except for AI training"."""
    if frame is None or frame.polarity is Polarity.DENY or not excepted:
        return None
    if any(m.start >= excepted[0].start for m in modes):
        return None
    uses, indexing, _ = uses_of(excepted, said, denied=True)
    if not uses:
        return None
    return replace(
        frame,
        polarity=Polarity.DENY,
        uses=frozenset(uses),
        purpose=frozenset(),
        indexing=indexing,
        exception=ExceptionRoute.NONE,
        exception_span=None,
        limited=False,
    )


def _without_commerce(text: str, start: int, end: int, hits: Sequence[Hit], language: str) -> list[Frame]:
    """A line such as "for personal, non-commercial use only", which leaves commercial use out."""
    for hit in hits:
        if hit.kind != NON_COMMERCIAL or hit.start - start > 60 or end - hit.end > 40:
            continue
        aimed = any(h.kind == "frame.purpose" and apart(h, hit) <= 20 for h in hits)
        long = hit.end - hit.start >= (5 if is_unspaced(text[hit.start : hit.end]) else _FORMULA_LENGTH)
        if long or (aimed and any(h.kind == "uses.use" and apart(h, hit) <= 12 for h in hits)):
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
        cut = _cut(text, max(start, *(m.end for m in current)), mode.start, hits)
        if cut is None or not start < cut < end:
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
    number = NUMBERING.match(text, low, high)
    low = number.end() if number and number.end() < high else low
    while high > low and text[high - 1] in " \n":
        high -= 1
    denies = [m for m in modes if _denies(m)]
    aims = [h for h in hits if h.kind == "frame.purpose" and h.start < high]
    segment = [h for h in hits if h.kind != "frame.purpose"]
    if denies:
        uses, indexing, purpose = uses_of(acts, segment, denied=True)
        others = [h for h in segment if not h.kind.startswith("uses.")]
        purpose |= purpose_of(text, acts, aims, others, frozenset(uses))
        # "reserves the right of reproduction for text and data mining" reserves the mining.
        mining = uses & {NoticeUse.TDM, NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
        if mining and all(m.kind in ("deny.reserve", "copyright.reserved") for m in denies):
            uses -= {NoticeUse.REPRODUCE}
        if not uses or (uses == {NoticeUse.SEARCH} and not _refuses_search(acts, modes, segment, high - low)):
            return None
        route, span = exception_of([h for h in hits if h.kind.startswith(("exception.", "deny.require"))])
        polarity = Polarity.DENY
        limited = False
    else:
        uses, indexing, purpose = uses_of(acts, segment, denied=False)
        if not any(h.kind == "copyright.part" for h in segment):  # a licence beside a picture
            uses |= licence_uses(text[low:high], modes)
        limited = any(h.kind == NON_COMMERCIAL for h in segment)
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
        exception_span=phrase_around(text, span, low, high, segment) if span is not None else None,
        language=language,
        hits=tuple(segment),
        modes=tuple(modes),
        limited=limited,
    )


def _refuses_search(acts: Sequence[Hit], modes: Sequence[Hit], segment: Sequence[Hit], length: int) -> bool:
    """Whether a refusal that names search engines alone means them: they index something, or it stands close by."""
    if length > _TERSE and not any(
        h.kind in ("object.content", "object.self", "object.house") for h in segment
    ):
        return False
    if any(a.kind in ("uses.index", "uses.take", "uses.bots") for a in acts):
        return True
    searches = [a for a in acts if a.kind == "uses.search"]
    return any(apart(a, m) <= _CLOSE for a in searches for m in modes if m.kind != "deny.no")


def _names_copying(acts: Sequence[Hit], modes: Sequence[Hit]) -> bool:
    return any(h.kind in ("uses.reproduce", "uses.redistribute", "permit.licence") for h in (*acts, *modes))

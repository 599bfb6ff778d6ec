"""What a denied crawl is denied for: "crawling this site for AI training" leaves crawling for search alone.

A purpose is only read where a word for it (`frame.purpose`) ties an AI use to every act of gathering in the
clause; a mere list ("crawling and AI training") denies both.
"""

from __future__ import annotations

from collections.abc import Sequence

from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.lexicon import Hit
from rightscheck.notices.reading import NoticeUse

_ROBOTS = frozenset({"uses.crawl", "uses.bots"})
_GATHERING = _ROBOTS | {"uses.take", "uses.automatic", "uses.index"}
_BOTH = frozenset({NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT})
_MEANT = {
    "uses.learning": frozenset({NoticeUse.AI_TRAIN}),
    "uses.train": frozenset({NoticeUse.AI_TRAIN}),
    "uses.input": frozenset({NoticeUse.AI_INPUT}),
    "uses.aim": _BOTH,
    "uses.tdm": frozenset({NoticeUse.TDM}),
    "uses.search": frozenset({NoticeUse.SEARCH}),
}
_SIDE = frozenset({"uses.ai", "uses.model", "uses.use", "uses.commercial"})
_CHAIN, _REACH, _NEXT = 24, 90, 48
_JOINING = frozenset(
    "and or nor und oder noch sowie et ou ni y o u e ed od né och eller samt og tai eikä ja või ega ir ar és vagy i "
    "lub oraz ani a nebo alebo in ali ter ili или и и/или або та й և και ή ve veya dan atau serta at và hoặc "
    "na au si sau of en "
    "او و یا أو اور اور/یا और या तथा अथवा এবং বা ও மற்றும் அல்லது 및 또는 and/or und/oder dan/atau".split()
)
"""Words that join two acts: "to crawl or to train" names no purpose."""


def purpose_of(
    text: str, acts: Sequence[Hit], aims: Sequence[Hit], others: Sequence[Hit], uses: frozenset[NoticeUse]
) -> frozenset[NoticeUse]:
    """The uses that the crawling in a denial is denied for; empty when it is denied for any.

    `acts`, `aims` and `others` are the hits of the clause: uses, words of purpose, and polarity with objects.
    """
    if not any(a.kind in _ROBOTS for a in acts):
        return frozenset()
    acts = sorted(acts)
    for aim in aims:
        found = _before(text, acts, aim, others) or _behind(text, acts, aim, others)
        found = found & (uses | {NoticeUse.SEARCH})
        if found & _BOTH:
            return found
    return frozenset()


def _before(text: str, acts: Sequence[Hit], aim: Hit, others: Sequence[Hit]) -> frozenset[NoticeUse]:
    """Gathering, then the word of purpose, then what for: "crawling and scraping our pages for AI training"."""
    left = [a for a in acts if a.start < aim.start]
    right = [a for a in acts if a.start >= aim.start and a.end > aim.end - 1]
    if not left or left[-1].kind not in _GATHERING or aim.start - left[-1].end > _REACH:
        return frozenset()
    chain = _chain(left, others)
    if any(a.kind in _ROBOTS and a not in chain for a in acts):
        return frozenset()
    between = [
        o for o in others if o.kind.startswith(("deny.", "permit.")) and chain[0].end <= o.start < aim.start
    ]
    joined = text[left[-1].start : aim.start].split()[-1:]  # a cue may take the joining word in
    if joined and (joined[0] in _JOINING or joined[0][-1] in "及或和与"):
        return frozenset()
    if any(text[o.end : aim.start].strip() for o in between) or _parted(text, left[-1].end, aim.start):
        return frozenset()
    return _meant(right, aim.end, others)


def _behind(text: str, acts: Sequence[Hit], aim: Hit, others: Sequence[Hit]) -> frozenset[NoticeUse]:
    """What for, the word of purpose, then gathering, as where the verb stands last."""
    gathering = [a for a in acts if a.kind in _ROBOTS]
    first = min(a.start for a in acts if a.kind in _GATHERING)
    if any(a.start < aim.end for a in gathering):
        return frozenset()
    left = [a for a in acts if a.end <= aim.start + 1]
    if left and aim.start - left[-1].end <= 4 and left[-1].kind in (*_MEANT, "uses.ai", "uses.model"):
        if any(aim.end <= a.start < first and a.kind not in _GATHERING for a in acts):
            return frozenset()
        return frozenset() if _parted(text, aim.end, first) else _meant(left, left[0].start, ())
    wanted = [a for a in acts if aim.start <= a.start < first]
    if left or not wanted or _rest(text, max(a.end for a in wanted), first, others):
        return frozenset()
    return _meant(wanted, aim.end, ())


def _chain(left: Sequence[Hit], others: Sequence[Hit]) -> list[Hit]:
    """The acts of gathering named in one breath that end in the last act."""
    chain = [left[-1]]
    for act in reversed(left[:-1]):
        low, high = act.end, chain[0].start
        if act.kind in _SIDE and high - low <= _CHAIN:
            continue  # "AI crawlers"
        named = any(o.kind.startswith("object.") and low <= o.start < high for o in others)
        if act.kind not in _GATHERING or high - low > _CHAIN or named:
            break
        chain.insert(0, act)
    return chain


def _meant(acts: Sequence[Hit], start: int, others: Sequence[Hit]) -> frozenset[NoticeUse]:
    """The uses named one after another from `start` on."""
    found: set[NoticeUse] = set()
    bare = False
    last = start
    for act in acts:
        turn = any(o.kind.startswith(("deny.", "permit.")) and last <= o.start < act.start for o in others)
        if turn or act.start - last > _NEXT or (act.kind not in _MEANT and act.kind not in _SIDE):
            break
        found |= _MEANT.get(act.kind, frozenset())
        bare = bare or act.kind == "uses.ai"
        last = max(last, act.end)
    return frozenset(found or (_BOTH if bare else ()))


def _parted(text: str, start: int, end: int) -> bool:
    return any(mark in text[start:end] for mark in ",;:，、；،")


def _rest(text: str, start: int, end: int, others: Sequence[Hit]) -> bool:
    """Whether more stands between than the words of polarity and content."""
    left = list(text[start:end])
    for other in others:
        for at in range(max(start, other.start), min(end, other.end)):
            left[at - start] = " "
    rest = "".join(left).strip()
    return len(rest) > (2 if is_unspaced(rest) else 0)

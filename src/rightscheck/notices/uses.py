"""From acts to uses: what the words for acts in one clause stand for together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from rightscheck.notices.lexicon import UNIVERSAL, Hit
from rightscheck.notices.reading import NoticeUse

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
_CLOSE = 40
"""Letters between an everyday word for copying and the content that it concerns, at most."""
_COPYING = frozenset({"uses.reproduce", "uses.redistribute", "uses.use"})
_TELLING = frozenset({*_DIRECT, "uses.aim", "uses.ai", "uses.bots", "uses.index"})
"""Acts that may stand for a use by themselves."""
_MACHINES = frozenset({"uses.crawl", "uses.tdm", "uses.ai", "uses.learning", "uses.input", "uses.bots"})
_FORMULA = (
    "exception.",
    "deny.re",
    "permit.negated",
    "permit.unneeded",
    "permit.licence",
    "copyright.reserved",
)
_CC = re.compile(r"\b(?:cc|creative commons)[ -]?(by(?:[ -]?nc)?(?:[ -]?(?:sa|nd))?|0|zero)\b")


def may_stand_for_uses(kinds: AbstractSet[str], *, denied: bool) -> bool:
    """Whether acts of these kinds could stand for any use in a clause that forbids or allows, a bare "use" left out."""
    if kinds & _TELLING or kinds >= {"uses.train", "uses.model"}:
        return True
    return "uses.take" in kinds and (denied or "uses.automatic" in kinds)


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
    actors = {a for a in ai if _is_actor(a, acts)}
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


def _is_actor(ai: Hit, acts: Sequence[Hit]) -> bool:
    """Whether an AI word tells who comes: "AI bots", "robots, AI systems or other automated means"."""
    bots = [a for a in acts if a.kind == "uses.bots"]
    if any(ai.end - 1 <= bot.start <= ai.end + 2 for bot in bots):
        return True
    before = any(0 <= ai.start - bot.end <= 4 for bot in bots)
    behind = [a for a in acts if a.kind in ("uses.bots", "uses.automatic")]
    return before and any(0 <= a.start - ai.end <= 30 for a in behind)


def _is_about_content(act: Hit, acts: Sequence[Hit], segment: Sequence[Hit]) -> bool:
    """Whether copying, sharing or using concerns content: it is named near by, or the clause is a formula.

    These are everyday words; "you may share a recipe with friends" states no rights.
    """
    if any(h.kind.startswith(_FORMULA) for h in segment) or any(a.kind in _MACHINES for a in acts):
        return True
    terse = max(h.end for h in segment) - min(h.start for h in segment) <= 70
    if terse and act.kind != "uses.use":
        return True
    return any(h.kind in ("object.content", "object.self") and apart(act, h) <= _CLOSE for h in segment)


def may_be_about_content(acts: Sequence[Hit], segment: Sequence[Hit]) -> bool:
    """Whether a bare "use" could concern content in some language's clause; no other act is there."""
    return any(h.kind.startswith(_FORMULA) for h in segment) or any(
        h.kind in ("object.content", "object.self") and apart(act, h) <= _CLOSE
        for h in segment
        for act in acts
    )


def _index_for_ai(acts: Sequence[Hit]) -> bool:
    """Whether an index is built for AI: an AI word stands nearer to it than to a training word."""
    indexes = [a for a in acts if a.kind == "uses.index"]
    trainings = [a for a in acts if a.kind in ("uses.train", "uses.learning")]
    for mention in (a for a in acts if a.kind in ("uses.ai", "uses.input")):
        distance = min(apart(mention, index) for index in indexes)
        if all(apart(mention, training) > distance for training in trainings) or mention.kind == "uses.input":
            return True
    return False


def apart(one: Hit, other: Hit) -> int:
    """The characters between two cues, negative where they overlap."""
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
        return any(apart(bot, other) <= 90 for bot in bots for other in near)
    return any(
        apart(machine, take) <= 24 and any(apart(take, thing) <= 60 for thing in things)
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


def licence_uses(text: str, modes: Sequence[Hit]) -> frozenset[NoticeUse]:
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

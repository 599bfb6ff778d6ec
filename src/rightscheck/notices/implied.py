"""Refusals that no plain word of refusal carries, read where a machine's use of content meets a word of restraint.

"Our texts are not there for AI to learn from", "whoever feeds this site to a model talks to us first": there
are endless ways to say it, but a negation or a condition, the document's own content and a use by machines are
always there. Such a reading is a guess: its confidence is medium, so that a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence

from rightscheck.notices.fold import is_unspaced
from rightscheck.notices.lexicon import Hit
from rightscheck.notices.reading import AUTOMATED, NoticeUse
from rightscheck.notices.uses import apart, uses_of

REFUSAL = "restraint.refusal"
RESTRAINTS = frozenset({REFUSAL, "restraint.negation", "restraint.request"})
_PLAIN = frozenset({"uses.learning", "uses.tdm", "uses.crawl", "uses.aim", "uses.input"})
"""Uses by machines, by their own names."""
_MACHINES = ("uses.ai", "uses.bots")
_HANDLING = frozenset(
    {
        "uses.train", "uses.input", "uses.take", "uses.use", "uses.index", "uses.reproduce", "uses.redistribute",
        "uses.bots", "uses.automatic",
    }
)  # fmt: skip
"""What AI or a robot would do with content."""
_GROUND = ("object.content", "object.party", "copyright.")
"""What the sentence must name for it to be about content: "our camera needs no machine learning" does not."""
_ELSEWHERE = frozenset(
    {
        "frame.report", "frame.tutorial", "frame.commentary", "frame.hypothetical", "frame.past", "frame.question",
        "frame.promise", "frame.hint", "object.user", "object.output", "object.other", "object.software",
    }
)  # fmt: skip
"""Words of a report, of advice, of a promise: there the guess is not made."""
_NOUN = 7
"""Letters from which a word of one's own holds what it owns: Hungarian "our writings" is one word."""
_TERSE = 100
"""Letters of a line that need not name what it speaks of."""
_LONGEST = 420
"""Letters of a sentence in which the guess is made."""


def may_be_refused(hits: Sequence[Hit], acts: Sequence[Hit], length: int) -> bool:
    """Whether words of restraint are worth looking for in a sentence of that length with these cues."""
    return (
        length <= _LONGEST
        and any(act.kind in _PLAIN or act.kind in _MACHINES for act in acts)
        and not any(hit.kind in _ELSEWHERE for hit in hits)
    )


def implied_refusal(
    text: str,
    start: int,
    end: int,
    hits: Sequence[Hit],
    acts: Sequence[Hit],
    words: Sequence[Hit],
    window: int,
) -> tuple[frozenset[NoticeUse], tuple[Hit, ...]] | None:
    """The uses that the sentence refuses by implication, and the words of restraint that say so; None for none."""
    if text[start:end].rstrip(" \"')").endswith(("?", "？", "؟")):
        return None
    reach = window if is_unspaced(text[start:end]) else window * 7
    strong, enough = _machine_uses(acts)
    restraints = tuple(
        h
        for h in words
        if h.kind in enough
        and any(apart(h, act) <= reach for act in strong)
        and not any(act.start < h.end and h.start < act.end for act in acts)
    )
    grounded = any(
        h.kind.startswith(_GROUND) or (h.kind == "object.self" and h.end - h.start >= _NOUN) for h in hits
    )
    refused = any(h.kind == REFUSAL for h in restraints)
    if not restraints or not (grounded or (refused and end - start <= _TERSE)):
        return None
    uses, _, _ = uses_of(acts, hits, denied=True)
    automated = frozenset(uses) & AUTOMATED
    if not automated and grounded and any(a.kind == "uses.ai" for a in acts):
        automated = frozenset({NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT})
    return (automated, restraints) if automated else None


def _machine_uses(acts: Sequence[Hit]) -> tuple[list[Hit], frozenset[str]]:
    """The acts that machines do, and the kinds of restraint that suffice: for a bare "AI" only a refusal."""
    kinds = {a.kind for a in acts}
    if kinds & _PLAIN:
        return [a for a in acts if a.kind in _PLAIN], RESTRAINTS
    machines = [a for a in acts if a.kind in _MACHINES]
    handled = {a.kind for a in acts if a not in machines} & _HANDLING
    return machines, RESTRAINTS if handled or len({a.kind for a in machines}) > 1 else frozenset({REFUSAL})

"""Which of the passages around likely places could say anything: a few cues tell, without reading them.

No clause comes out without a word that forbids or allows beside a use of its language, or a use by machines beside
a word of restraint; no copyright notice without a sign, its words or a refusal beside a dated name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from rightscheck.notices.cues import Hit
from rightscheck.notices.fold import fold_text
from rightscheck.notices.lexicon import ACTS, DECIDING, GROUNDS, UNIVERSAL, Lexicon
from rightscheck.notices.lists import Sentence, leads_above
from rightscheck.notices.segment import MAX_SENTENCE, sentences, soft_breaks
from rightscheck.notices.sequels import LONGEST_VERDICT
from rightscheck.notices.silencing import NON_COMMERCIAL
from rightscheck.notices.uses import may_be_about_content, may_stand_for_uses
from rightscheck.notices.windows import NOWHERE, Regions
from rightscheck.notices.years import YEAR

REMEMBERED = 4096
"""Passages of which it is remembered whether they could say anything."""
PLAIN_USE = "uses.use"
ALLOWING = frozenset({"permit.allow", "permit.negated", "permit.unneeded"})
BESIDE = 18
"""Letters between a bare "no" and its act, at most."""
_SIGN = re.compile(r"[©℗]|\([cpсц]\)|@ ?riproduzione")
_GOES_ON = re.compile(r"[^\W_]{2}| [^\W_]")
_DATED = re.compile(YEAR)


class Speaking:
    """Sifts regions with a lexicon; what it found of a passage is remembered for the next one of the same words."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._known: dict[tuple[str, bool], bool] = {}

    def sift(self, text: str, regions: Regions) -> Regions:
        """The regions without those that are read for nothing."""
        spans = tuple(span for span in regions.spans if self._may_say(text, *span))
        if len(spans) == len(regions.spans):
            return regions
        return Regions(spans, regions.capped) if spans or regions.capped else NOWHERE

    def _may_say(self, text: str, start: int, end: int) -> bool:
        # Folding looks at the characters beside a passage too.
        key = text[max(0, start - 1) : end + 1], start > 0
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[key] = may_say(text, start, end, self._lexicon)
        return known or bool(leads_above(text, start, end).spans)


def may_say(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether a passage that shares nothing with a list above it could hold a clause or a copyright notice."""
    folded = fold_text(text, start, end, soft_breaks(text, start, end))
    if _SIGN.search(folded.text):
        return True
    found = lexicon.find_part(DECIDING, text, folded)
    if any(
        hit.kind.startswith("copyright.") or hit.kind in (NON_COMMERCIAL, "permit.licence") for hit in found
    ):
        return True
    modes = [hit for hit in found if hit.kind.startswith(("deny.", "permit."))]
    machines = [hit for hit in found if hit.kind.startswith("uses.")]
    acts = [*machines, *lexicon.find_part(ACTS, text, folded)] if modes else machines
    if not acts:
        return False
    if any(hit.kind.startswith("deny.") for hit in modes) and _DATED.search(folded.text):
        return True  # a dated name beside a refusal is a notice
    grounds = lexicon.find_part(GROUNDS, text, folded)
    exempt = [hit.end for hit in sorted(grounds) if hit.kind == "exception.except"]
    spans = sentences(text, folded, exempt=exempt)
    weighed = _of_weight(folded.text, modes, acts)
    if any(span.shared for span in spans):
        return _may_go_together(weighed, acts, grounds) or _is_restrained(folded.text, machines, lexicon)
    for number, (start, end, *_) in enumerate(spans):
        if not any(start <= act.start < end for act in acts):
            continue
        low, high = _heard_beside(spans, number)
        near = [[hit for hit in hits if low <= hit.start < high] for hits in (weighed, acts, grounds)]
        if _may_go_together(*near) or _is_restrained(
            folded.text[start:end], [act for act in machines if start <= act.start < end], lexicon
        ):
            return True
    return False


def _heard_beside(spans: Sequence[Sentence], number: int) -> tuple[int, int]:
    """From where to where cues bear on a sentence: on an elliptic one those before it, on another a short verdict."""
    behind = spans[number + 1] if number + 1 < len(spans) else spans[number]
    high = behind.end if behind.end - behind.start <= LONGEST_VERDICT else spans[number].end
    return spans[max(0, number - 1)].start, high


def _is_restrained(text: str, machines: Sequence[Hit], lexicon: Lexicon) -> bool:
    languages = {act.language for act in machines}
    return UNIVERSAL in languages or any(
        lexicon.is_restrained(language, text) for language in sorted(languages)
    )


def _may_go_together(
    modes: Sequence[Hit], acts: Sequence[Hit], grounds: Sequence[Hit] | AbstractSet[Hit]
) -> bool:
    """Whether a word that forbids or allows may go with a use that is read in its language."""
    plain = False
    for language in {hit.language for hit in modes}:
        said = {act.kind for act in acts if UNIVERSAL in (language, act.language) or act.language == language}
        # A permission behind a negation is a refusal.
        denied = any(hit.kind.startswith(("deny.", "permit.allow")) for hit in modes)
        if may_stand_for_uses(said, denied=denied):
            return True
        plain |= PLAIN_USE in said
    return plain and may_be_about_content([act for act in acts if act.kind == PLAIN_USE], [*modes, *grounds])


def _of_weight(text: str, modes: Sequence[Hit], acts: Sequence[Hit]) -> list[Hit]:
    """Without what is a mode only at a clause's end behind a permission, or right before an act."""
    weighed = []
    for hit in modes:
        if hit.kind == "deny.none":
            continue
        if hit.kind == "deny.no" and not any(hit.end <= act.start <= hit.end + BESIDE for act in acts):
            continue
        if hit.kind == "deny.elliptic" and not _may_end_clause(text, hit.end):
            continue
        weighed.append(hit)
    if any(hit.kind in ALLOWING for hit in weighed):
        return weighed
    return [hit for hit in weighed if hit.kind != "deny.elliptic"]


def _may_end_clause(text: str, at: int) -> bool:
    """Whether a sentence could end at the place or right behind it: long lines are cut anywhere."""
    if _GOES_ON.match(text, at) is None:
        return True
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return (end if end >= 0 else len(text)) - start > MAX_SENTENCE

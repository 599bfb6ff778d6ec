"""Which of the passages around likely places could say anything: a few cues tell, without reading them.

No clause comes out without a word that forbids or allows beside a use of its language, or a use by machines beside
a word of restraint; no copyright notice without a sign, its words or a refusal beside a dated name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rightscheck.notices.cues import Hit
from rightscheck.notices.fold import Folded, fold_text
from rightscheck.notices.lexicon import ACTS, DECIDING, GROUNDS, UNIVERSAL, Lexicon
from rightscheck.notices.lists import leads_above
from rightscheck.notices.segment import MAX_SENTENCE, soft_breaks
from rightscheck.notices.silencing import NON_COMMERCIAL
from rightscheck.notices.uses import may_be_about_content, may_stand_for_uses
from rightscheck.notices.windows import NOWHERE, Regions

REMEMBERED = 4096
"""Passages of which it is remembered whether they could say anything."""
PLAIN_USE = "uses.use"
ALLOWING = frozenset({"permit.allow", "permit.negated", "permit.unneeded"})
BESIDE = 18
"""Letters between a bare "no" and its act, at most."""
_SIGN = re.compile(r"[©℗]|\([cpсц]\)|@ ?riproduzione")
_GOES_ON = re.compile(r"[^\W_]{2}| [^\W_]")
_DATED = re.compile(r"(?:1[5-9]|20|2[45])\d\d")


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
    if modes and _may_speak(modes, machines, text, folded, lexicon):
        return True
    return any(
        _is_restrained(folded.text, language, lexicon) for language in {act.language for act in machines}
    )


def _is_restrained(text: str, language: str, lexicon: Lexicon) -> bool:
    return language == UNIVERSAL or lexicon.is_restrained(language, text)


def _may_speak(
    modes: Sequence[Hit], machines: Sequence[Hit], text: str, folded: Folded, lexicon: Lexicon
) -> bool:
    """Whether a word that forbids or allows may go with a use, or with a dated name in place of a notice."""
    acts = [*machines, *lexicon.find_part(ACTS, text, folded)]
    if not acts:
        return False
    if any(hit.kind.startswith("deny.") for hit in modes) and _DATED.search(folded.text):
        return True
    weighed = _of_weight(folded.text, modes, acts)
    needs_ground = False
    for language in sorted({hit.language for hit in weighed}):
        said = {act.kind for act in acts if UNIVERSAL in (language, act.language) or act.language == language}
        denied = any(hit.kind.startswith("deny.") for hit in weighed if hit.language in (language, UNIVERSAL))
        if may_stand_for_uses(said, denied=denied):
            return True
        needs_ground |= PLAIN_USE in said
    if not needs_ground:
        return False
    grounds = lexicon.find_part(GROUNDS, text, folded)
    return may_be_about_content([act for act in acts if act.kind == PLAIN_USE], [*weighed, *grounds])


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

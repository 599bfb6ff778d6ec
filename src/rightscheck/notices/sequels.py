"""What a sentence says of the sentence before it: "We do not allow it.", "Ask us first.", "AI companies may not."

Such a sentence refuses without saying what, or gives the exception to a refusal that has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from rightscheck.notices.lexicon import Hit
from rightscheck.notices.lists import Sentence
from rightscheck.notices.passage import Passage
from rightscheck.notices.silencing import silence

LONGEST_VERDICT, LONGEST_EXCEPTION = 80, 200
"""Characters of a sentence that refuses what the one before it names, and of one that gives its exception."""
_MACHINES = frozenset(
    {
        "uses.crawl",
        "uses.tdm",
        "uses.learning",
        "uses.input",
        "uses.ai",
        "uses.bots",
        "uses.aim",
        "uses.search",
    }
)
_SLIGHT = frozenset(
    {"uses.use", "uses.take", "uses.model", "uses.automatic", "uses.none", "uses.noncommercial"}
)
_NOT_POLAR = frozenset({"deny.none", "deny.opening", "deny.elliptic", "deny.no"})


def is_polar(hit: Hit) -> bool:
    """Whether a cue refuses or allows by itself."""
    return hit.kind.startswith(("deny.", "permit.")) and hit.kind not in _NOT_POLAR


def is_act(hit: Hit) -> bool:
    """Whether a cue names a use, and no mere "use" or "take"."""
    return hit.kind.startswith("uses.") and hit.kind not in _SLIGHT


def with_verdicts(passage: Passage) -> Passage:
    """The passage, in which a sentence that only names uses shares the short refusal right behind it."""
    sentences = list(passage.sentences)
    for number in range(len(sentences) - 1):
        verdict = sentences[number + 1]
        if not _is_beside(passage, number) or sentences[number].shared or verdict.shared:
            continue
        if verdict.end - verdict.start > LONGEST_VERDICT or not _names_uses(passage, sentences[number]):
            continue
        if _refuses_only(passage.within(verdict.start, verdict.end)):
            sentences[number] = sentences[number]._replace(shared=((verdict.start, verdict.end),))
    return passage.with_sentences(sentences)


def _is_beside(passage: Passage, number: int) -> bool:
    if passage.blocks[number] != passage.blocks[number + 1]:
        return False
    return passage.sentences[number + 1].start >= passage.lead


def _names_uses(passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence names uses by machines and neither refuses nor allows, of its own content or as a question."""
    hits = silence(passage.within(sentence.start, sentence.end))
    if any(is_polar(hit) for hit in hits) or not any(hit.kind in _MACHINES for hit in hits):
        return False
    asks = passage.folded.text[sentence.start : sentence.end].rstrip().endswith("?")
    return asks or any(hit.kind in ("object.self", "object.content") for hit in hits)


def _refuses_only(hits: Sequence[Hit]) -> bool:
    hits = silence(list(hits))
    others = any(is_act(hit) or hit.kind in ("object.other", "object.user", "frame.report") for hit in hits)
    promises = any(hit.kind in ("frame.promise", "permit.allow") for hit in hits)
    refuses = any(
        is_polar(hit) and hit.kind.startswith("deny.") and hit.kind != "deny.active" for hit in hits
    )
    return refuses and not others and not promises


def exception_behind(passage: Passage, number: int) -> list[Hit]:
    """The cues of the sentence behind when it only gives an exception: "Exceptions need our consent."""
    if number + 1 >= len(passage.sentences) or not _is_beside(passage, number):
        return []
    behind = passage.sentences[number + 1]
    if behind.shared or behind.end - behind.start > LONGEST_EXCEPTION:
        return []
    hits = silence(passage.within(behind.start, behind.end))
    if any(is_act(hit) or hit.kind == "object.other" for hit in hits):
        return []
    return [hit for hit in hits if hit.kind.startswith(("exception.", "deny.require"))]

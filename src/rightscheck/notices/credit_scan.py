"""Whether a text could hold a credit at all: what tells it costs a tenth of looking for one.

A credit needs one of the words for source or photo right before a colon, an agency in brackets, or a
dateline. False is certain; True means that `find_credits` has to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rightscheck.notices.credits import _AGENCY, _DATELINE, _MEDIA, _SOURCES

_SIGNS = ":：="
_DOTLESS = {0x130: "i", 0x131: "i"}
"""Letters that `re.IGNORECASE` takes for an i and case folding does not."""
_LOOK = 4000


_SPECIAL = "ſKİıςµͅιϐβϑθϕφϖπϰκϱρϵεẛṡ"
"""Letters that ignoring case makes equal to others beside their own small and capital forms."""


def _folded(text: str) -> str:
    return text.translate(_DOTLESS).casefold()


_WORDS = tuple(_folded(word.replace("\\", "")) for word in f"{_SOURCES}|{_MEDIA}".split("|"))
_ENDINGS = frozenset(word[-2:] for word in _WORDS)
_LONGEST = max(map(len, _WORDS))


def credit_words() -> tuple[str, ...]:
    """The words for source or photo, folded, one of which stands right before a credit's colon."""
    return _WORDS


def agencies() -> tuple[str, ...]:
    """The agencies whose name in brackets is a credit."""
    named = re.search(r"\?P<name>([^()]*)\)", _AGENCY.pattern)
    return tuple(named[1].split("|")) if named else ()


@lru_cache(maxsize=1024)
def same_letters(char: str) -> tuple[str, ...]:
    """The letters that are taken for this one where case is ignored."""
    cases = {char, char.lower(), char.upper(), char.casefold(), *_SPECIAL}
    return tuple(sorted(c for c in cases if len(c) == 1 and re.fullmatch(re.escape(char), c, re.IGNORECASE)))


def may_hold_credits(text: str) -> bool:
    """Whether a credit could be found in the text; False only when there is none."""
    if any(_AGENCY.match(text, place) for place in _places(text, "(（", 0, len(text))):
        return True
    head = text[:300]
    # A dateline begins the text or one of its first lines; without these signs there is none, unless its
    # words are longer than all that is looked at.
    signed = any(sign in head for sign in "(（/=＝") or head.count(" ") < 8
    if signed and (_DATELINE.match(text) or _DATELINE.search(text, 0, min(len(text), 300))):
        return True
    return any(_is_word(before) for before in _before_signs(text))


@lru_cache(maxsize=4096)
def _is_ending(letters: str) -> bool:
    folded = _folded(letters)
    return folded[-2:] in _ENDINGS or folded[-1:] in _ENDINGS


def _before_signs(text: str) -> Iterator[str]:
    """What stands right before each colon, where credits are looked for; folded."""
    for low, high in ((0, min(len(text), _LOOK)), (max(_LOOK, len(text) - _LOOK), len(text))):
        for place in _places(text, _SIGNS, low, high):
            end = place - 1 if text[place - 1 : place] in (" ", "\u00a0") else place
            if _is_ending(text[max(0, end - 2) : end]):
                yield _folded(text[max(0, end - _LONGEST - 1) : end])


def _places(text: str, signs: str, low: int, high: int) -> Iterator[int]:
    """Where any of the characters stands: looking for one at a time is as fast as memory is read."""
    for sign in signs:
        place = text.find(sign, low, high)
        while place >= 0:
            yield place
            place = text.find(sign, place + 1, high)


def _is_word(before: str) -> bool:
    """Whether a word for source or photo ends here that begins here too."""
    for word in _WORDS:
        if before.endswith(word):
            left = before[-len(word) - 1 : -len(word)]
            if not left.isalnum():
                return True
    return False

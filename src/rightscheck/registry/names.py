"""Names of rights holders, brought to one form so that a notice, a grant and an entry can be compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Legal forms (ISO 20275 lists them by country) as they look after folding and without dots.
_AFTER = frozenset(
    "ltd limited plc inc incorporated corp corporation co company llc llp lp gmbh mbh ag kg kgaa ohg "
    "ev eg se sa sas sarl srl spa sapi bv nv vof oy oyj ab as asa aps kft zrt nyrt sro doo dd ltda "
    "sl slu sau cv tbk bhd sdn pte pty kk pvt jsc ojsc pjsc ooo ао пао оао зао ооо тов".split()
)
_BEFORE = frozenset("pt cv tbk perum ooo ао пао оао зао ооо тов sia uab".split())
_INSIDE = (
    "株式会社",
    "有限会社",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "주식회사",
    "유한회사",
    "(株)",
    "(有)",
    "(주)",
)
_SEVERAL = re.compile(r"\b(?:sp z o ?o|s p a|s r l|s r o|s a s|s a r l|d o o|a s|s a|b v|n v|l l c|e v)$")
_INITIALS = re.compile(r"\b(\w)\.\s?(?=\w(?:\.|\b))")


@lru_cache(maxsize=16_384)
def normalise_name(name: str) -> str:
    """The name in NFKC, folded, without Latin accents, punctuation, a leading `the` and legal forms.

    Words are separated by one space. A name that is nothing but a legal form keeps it; a name without
    letters and digits becomes empty. Idempotent.
    """
    folded = _fold(name)
    for form in _INSIDE:
        if form in folded and folded.strip() != form:
            folded = folded.replace(form, " ")
    folded = _INITIALS.sub(r"\1", folded.replace("a/s", "as"))
    words = "".join(
        char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in folded
    ).split()
    return " ".join(_without_legal_forms(words))


def _fold(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Only U+0300..U+036F go: in other scripts the marks are vowels or change the consonant.
    bare = "".join(char for char in unicodedata.normalize("NFD", folded) if not "\u0300" <= char <= "\u036f")
    return unicodedata.normalize("NFKC", bare).replace("ı", "i").replace("'", "").replace("’", "")


def _without_legal_forms(words: list[str]) -> list[str]:
    start, end = 0, len(words)
    while end - start > 1:
        spelt_out = _SEVERAL.search(" ".join(words[max(start, end - 4) : end]))
        if words[end - 1] in _AFTER:
            end -= 1
        elif words[start] in _BEFORE or words[start] == "the":
            start += 1
        elif spelt_out and len(spelt_out[0].split()) < end - start:
            end -= len(spelt_out[0].split())
        else:
            break
    return words[start:end]

"""The literals that tell where a notice could be, made from the lexicons: what the prefilter searches for.

Two kinds of text are searched. *Flat* text is the given text with its ASCII letters small and every other
byte than an ASCII letter, digit or underscore a blank; there words have edges, and a literal that begins or
ends with a blank asks for one. *Written* text is the text as it is; its literals hold other letters or signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from rightscheck.notices.fold import fold_word, is_unspaced, traditional
from rightscheck.notices.lexicon import UNIVERSAL, Cue, Lexicon
from rightscheck.notices.pattern import Pattern, spellings

ACT, MODE, MARK, DIRT, DOUBT, WORD = 1, 2, 4, 8, 16, 32
"""Classes: what is done, what forbids or allows, what makes a notice, what breaks words and what may, and a word
such as "copyright", which makes a notice beside a year or at the start of a line."""
SURE = 7
"""Letters from which a word may be found without its accents; shorter ones only at a word's start."""
LONGEST = 9
"""Letters of a literal outside ASCII that are looked for: its beginning finds the place."""
MOST_SPELLINGS = 60
LONGEST_RUN = 3
RARE = 12
STEM = 5
"""Letters of a beginning that is as good as what begins with it."""
FUNCTION = frozenset(
    "a an the of to in on by for with from at or and as is are be been was were it its this that these those "
    "we our us you your i my he she they their not no do does don did may can will shall should must could "
    "would have has had if any all out up then than so but de la le les des du et en un une el los las que se "
    "por para con y o e di il lo gli che non per da del der die das zu den von mit ist im nicht ein eine het "
    "een van dat niet te op att och som inte det av til ikke er".split()
)
"""Words that every sentence has some of."""
FREQUENT = (
    "other first before without only more most when use used uses using usage work works make made object "
    "content source system systems file files name named data text code time page site user users new one two "
    "subject right please require requires required request requests requested allow allowed license licensed "
    "licensing see set get give given take general generally generate generated public published index "
    "indexes distribution distributed script scripts program programs programme represent represents input "
    "construct construction depend depending dependent collect collected prompt translate archive archives "
    "automatic automatically model models host condition conditions passed passing hand handed handle needed "
    "declare declared restrict information different direct directory minute minister million times title "
    "read copy objects declaration exclude excluded process product"
).split()
"""Words that ordinary English is full of, which other languages' words may begin like."""
_BEGINNINGS = frozenset(word[:length] for word in FREQUENT for length in range(1, len(word) + 1))
FLAT = bytes(
    code if chr(code).isascii() and (chr(code).isalnum() or code == 95) else 32 for code in range(256)
)
"""Makes UTF-8 flat, with `bytes.translate`."""
WIDTHS = (1, 2, 3, 4, 5, 7, 9)
"""Blanks between two words of flat text: a wrapped line's indent and comment sign are among them."""

WEAK = 64
"""How far the bits of bare use, which only a telling phrase makes a clause, are above those of their language."""
ENGLISH = 1 | 1 << WEAK
TELLING = 10
SHORT = 3
PLAIN = 8
"""Letters below which a word for a use by machines (harvest, respond) has an everyday sense, and is no place alone."""
SELDOM = 9
"""Letters from which a piece is so rare that it is taken for the whole pattern."""

_CLASS = {"uses": ACT, "deny": MODE, "permit": MODE, "copyright": MARK}
_SILENT = {
    "deny.opening", "deny.elliptic", "exception.except",
    "exception.excepted", "uses.model", "uses.take", "copyright.not",
    "copyright.part", "copyright.stop", "uses.automatic", "uses.none", "permit.licence", "deny.none",
}  # fmt: skip
_BARE = {"uses.use"}
_TELLING_USES = {"uses.learning", "uses.tdm", "uses.crawl", "uses.aim", "uses.ai", "uses.input"}
"""Uses that may be refused without any word of refusal (implied.py): where they stand is a place by itself."""
_MARKS = ("©", "(c)", "ⓒ", "Ⓒ", "℗", "&copy", "&#169", "&#xa9")
_DIRT = (
    *"\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    *(chr(code) for code in range(0x0300, 0x0370)),
    *(chr(code) for code in range(0xFF21, 0xFF3B)),
    *(chr(code) for code in range(0xFF41, 0xFF5B)),
    "\u1100", "\u1161", "Ã",
)  # fmt: skip
_SIGNS = ("&", "-\n", "-\r\n", "</")
_ARABIC = re.compile("[\u0600-\u06ff]")
_HANGUL = re.compile("[\uac00-\ud7af\u0e00-\u0eff]")
_LATIN_OR_GREEK = re.compile("[a-zA-Z\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff]")
_HARAKAT = re.compile("[\u064b-\u0652\u0670]")
_FLAT = re.compile(rb"[a-zA-Z0-9_ ]+")


class Need(NamedTuple):
    """What a frequent word tells where other words of its pattern are near: of each group one, in flat text."""

    bits: int
    acts: int
    modes: int
    groups: tuple[tuple[str, ...], ...] = ()


class Told(NamedTuple):
    """What a literal tells: class bits, and the languages (one bit each) in which it is an act or a mode.

    `needs`, when there are any, say on what each part of it depends.
    """

    bits: int = 0
    acts: int = 0
    modes: int = 0
    needs: tuple[Need, ...] = ()

    def join(self, other: Told) -> Told:
        needs: tuple[Need, ...] = ()
        if self.needs or other.needs:
            parts = [need for told in (self, other) for need in told.needs or (Need(*told[:3]),)]
            needs = tuple(dict.fromkeys(need for need in parts if any(need[:3])))
        return Told(self.bits | other.bits, self.acts | other.acts, self.modes | other.modes, needs)

    def covers(self, other: Told) -> bool:
        """Whether it tells all that the other tells, whatever is near."""
        return not self.needs and (
            self.bits | other.bits,
            self.acts | other.acts,
            self.modes | other.modes,
        ) == (self.bits, self.acts, self.modes)

    def near(self, flat: bytes) -> Told:
        """What it tells among the flat text around it, in small letters."""
        bits = acts = modes = 0
        for need in self.needs:
            if all(any(word.encode() in flat for word in group) for group in need.groups):
                bits |= need.bits
                acts |= need.acts
                modes |= need.modes
        return Told(bits, acts, modes)


class Anchor(NamedTuple):
    """A piece that every match of a pattern holds one of; `left`, `right`: whether a word's edge is there."""

    text: str
    left: bool
    right: bool

    def flat(self, *, capital: bool = False) -> str:
        """The literal of flat text; empty when the piece holds other letters than ASCII."""
        if not self.text.isascii():
            return ""
        text = self.text.encode().translate(FLAT).decode().lower()
        edges = (self.left or text[:1] == " ", self.right or text[-1:] == " ")
        text = " ".join(text.split())
        return f"{' ' * edges[0]}{text.upper() if capital else text}{' ' * edges[1]}"


def is_flat(literal: bytes) -> bool:
    """Whether the literal is one of flat text."""
    return _FLAT.fullmatch(literal) is not None


def widened(literal: bytes) -> list[bytes]:
    """The literal of flat text with every number of blanks that may stand between two of its words."""
    left, right = literal[:1] == b" ", literal[-1:] == b" "
    words = literal.split()
    if len(words) == 1:
        return [literal]
    found = []
    for gap in range(1, len(words)):  # a line is wrapped at one place at most
        for width in WIDTHS if gap == 1 else WIDTHS[1:]:
            text = b" ".join(words[:gap]) + b" " * width + b" ".join(words[gap:])
            found.append(b" " * left + text + b" " * right)
    return found


def literals(lexicon: Lexicon) -> dict[bytes, Told]:
    """The literals of flat and of written text with what they tell, in ASCII lower case, in a fixed order.

    A literal that holds another one that tells the same is left out: the shorter one finds the place.
    """
    flat: dict[str, Told] = {}
    written: dict[str, Told] = {}
    for cue, bits in _told(lexicon):
        for anchor, told in _anchors_told(cue, bits):
            literal = anchor.flat(capital=cue.pattern.capital)
            if literal:
                flat[literal] = flat.get(literal, Told()).join(told)
            else:
                written[anchor.text] = written.get(anchor.text, Told()).join(told)
                for bare in _bare(anchor):
                    flat[bare] = flat.get(bare, Told()).join(told)
            for other in _other_letters(cue, anchor.text):
                written[other] = written.get(other, Told()).join(told)
    found = {literal.encode(): told for literal, told in _shortest(_joined(flat)).items()}
    for anchor_text, told in _shortest(written).items():
        for form in _forms(anchor_text):
            key = form.encode().lower()
            found[key] = found.get(key, Told()).join(told)
    for mark in _MARKS:
        found[mark.encode().lower()] = Told(MARK)
    for char in _DIRT:
        found[char.encode()] = found.get(char.encode(), Told()).join(Told(DIRT))
    for sign in _SIGNS:
        found[sign.encode()] = Told(DOUBT)
    return dict(sorted(found.items()))


def folded_literals(lexicon: Lexicon) -> dict[bytes, Told]:
    """What folded text is searched for beside the literals of flat text."""
    found: dict[bytes, Told] = {}
    for cue, bits in _told(lexicon):
        for anchor, told in _anchors_told(cue, bits):
            form = fold_word(anchor.text)
            if not form.isascii():
                found[form.encode()] = found.get(form.encode(), Told()).join(told)
    for mark in ("©", "(c)"):
        found[mark.encode()] = Told(MARK)
    return found


def _told(lexicon: Lexicon) -> Iterator[tuple[Cue, Told]]:
    """What each cue that may start a notice tells; a universal one tells it in every language."""
    codes = sorted(
        (code for code in lexicon.languages if code != UNIVERSAL), key=lambda code: (code != "en", code)
    )
    masks = {code: 1 << number for number, code in enumerate(codes)}
    masks[UNIVERSAL] = (1 << len(codes)) - 1 or 1
    for cue in lexicon.cues:
        mask = masks[cue.language]
        bits = _class_of(cue)
        if bits:
            shift = WEAK if cue.kind in _BARE else 0
            yield (
                cue,
                Told(bits & (MARK | WORD), mask << shift if bits & ACT else 0, mask if bits & MODE else 0),
            )


def _anchors_told(cue: Cue, told: Told) -> Iterator[tuple[Anchor, Told]]:
    """The anchors of a cue, cut to what is looked for, with what they tell; telling phrases go with bare use too."""
    found, groups = anchors(cue.pattern)
    for anchor in found:
        modes = told.modes
        if " " in anchor.text and _letters(anchor) >= TELLING:
            modes |= modes << WEAK
        # An abbreviation such as "di" is a frequent word elsewhere: it needs a word of refusal.
        short = told.acts and anchor.text.isascii() and len(anchor.text.strip("-")) <= SHORT
        plain = short or (cue.kind in _TELLING_USES and " " not in anchor.text and _letters(anchor) < PLAIN)
        bits = told.bits & ~MARK if plain and anchor.text.isascii() and not cue.pattern.capital else told.bits
        needs = (Need(bits, told.acts, modes, groups),) if groups and _letters(anchor) < SELDOM else ()
        yield _cut(anchor), Told(bits, told.acts, modes, needs)


def _class_of(cue: Cue) -> int:
    if (cue.kind == "permit.licence" and cue.language == UNIVERSAL) or cue.kind == "uses.noncommercial":
        return MARK
    if cue.kind == "copyright.marker" and cue.pattern.source in ("copyright", "copyright:", "copyrights"):
        return WORD
    if cue.kind in _TELLING_USES:
        return MARK | ACT
    return 0 if cue.kind in _SILENT else _CLASS.get(cue.kind.partition(".")[0], 0)


def anchors(pattern: Pattern) -> tuple[tuple[Anchor, ...], tuple[tuple[str, ...], ...]]:
    """The pieces to look for: of the words that must be there, and the rows of them, the rarest.

    With them, for each of the other words that must be there, what flat text then holds one of.
    """
    if pattern.word is not None and not pattern.word[2]:
        return (Anchor(pattern.source.strip("^=*"), not pattern.word[0], not pattern.word[1]),), ()
    tokens = spellings(pattern.source)
    if is_unspaced(pattern.source):
        edged = "*" not in pattern.source
        return tuple(Anchor(raw, edged, edged) for raw in pattern.raw), ()
    found = {(n, n + 1): tuple(map(_anchor, token)) for n, token in enumerate(tokens) if token and token[0]}
    known = max(map(_rarity, found.values()), default=(0.0, 0))[0]
    for first in range(len(tokens)):
        for size, run in _runs(tokens[first : first + LONGEST_RUN]):
            # Outside ASCII each gap and letter case is a literal of its own.
            if known < STEM or all(anchor.text.isascii() for anchor in run):
                found[first, first + size] = run
    if not found:
        return tuple(Anchor(raw, False, False) for raw in pattern.raw), ()
    place = max(found, key=lambda place: _rarity(found[place]))
    others = [token for n, token in enumerate(tokens) if not place[0] <= n < place[1] and token and token[0]]
    groups = [tuple(_word_in(spelling) for spelling in token) for token in others]
    return found[place], () if pattern.prefixes else tuple(group for group in groups if all(group))


def _word_in(spelling: str) -> str:
    """The longest word of a spelling as flat text holds it; empty where that cannot be told."""
    if not spelling.isascii() or "*" in spelling.strip("*"):
        return ""
    words = spelling.strip("*").encode().translate(FLAT).decode().lower().split()
    if not words:
        return ""
    longest = max(words, key=len)
    return longest if spelling.startswith("*") and words[0] == longest else f" {longest}"


def _anchor(spelling: str) -> Anchor:
    """The longest piece of one spelling of a token that no star cuts."""
    pieces = spelling.split("*")
    place = max(range(len(pieces)), key=lambda number: len(pieces[number]))
    return Anchor(pieces[place].strip(), place == 0, place == len(pieces) - 1)


def _runs(tokens: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, tuple[Anchor, ...]]]:
    """Words that stand side by side from the first token on, in every spelling, until a star or a gap.

    With how many tokens they are.
    """
    said: tuple[str, ...] = ("",)
    if not tokens[0] or not tokens[0][0]:
        return
    for number, token in enumerate(tokens):
        if not token or len(said) * len(token) > MOST_SPELLINGS or any("*" in one for one in said):
            return
        if any("*" in spelling[:-1] for spelling in token):
            return
        said = tuple(f"{one} {other}".strip() for one in said for other in token)
        if number and token[0]:
            yield number + 1, tuple(Anchor(one.rstrip("*"), True, not one.endswith("*")) for one in said)


def _rarity(found: Sequence[Anchor]) -> tuple[float, int]:
    """How rare the most frequent of the pieces is likely to be; beyond RARE it does not matter."""
    return min(RARE, *(map(_letters, found))), -len(found)


def _letters(anchor: Anchor) -> float:
    """The letters of a piece; those of frequent words count for little, and flat text tells words apart."""
    words = anchor.text.split()
    length = sum(1 if word in FUNCTION else 4 if word in FREQUENT else len(word) for word in words)
    if len(words) == 1 and not anchor.right and words[0] in _BEGINNINGS:
        length = min(length, 4)
    return length - (0 if anchor.text.isascii() else 0.5)


def _joined(known: dict[str, Told]) -> dict[str, Told]:
    """Beginnings of words take in what longer literals with the same beginning tell: one hit, not three."""
    kept: dict[str, Told] = {}
    last = ""
    for literal, told in sorted(known.items()):
        if (
            last
            and literal.startswith(last)
            and _is_ending(literal[len(last) :])
            and kept[last].bits == told.bits
        ):
            kept[last] = kept[last].join(told)
            continue
        kept[literal] = told
        word = literal.strip()
        last = (
            literal
            if literal[0] == " " and literal[-1] != " " and len(word) >= STEM and " " not in word
            else ""
        )
    return kept


def _is_ending(rest: str) -> bool:
    return len(rest.strip()) <= 2 and " " not in rest.strip()


def _cut(anchor: Anchor) -> Anchor:
    """The beginning of a long literal outside ASCII: it finds the place as well."""
    if anchor.text.isascii() or len(anchor.text) <= LONGEST:
        return anchor
    first = next(n for n, char in enumerate(anchor.text) if not char.isascii())
    return Anchor(anchor.text[: max(LONGEST, first + 1)], anchor.left, False)


def _bare(anchor: Anchor) -> Iterator[str]:
    """The literal of flat text for a word that is written without its accents."""
    if _LATIN_OR_GREEK.search(anchor.text) and not is_unspaced(anchor.text):
        bare = Anchor(fold_word(anchor.text), anchor.left or len(anchor.text) < SURE, anchor.right).flat()
        if bare:
            yield bare


def _other_letters(cue: Cue, anchor: str) -> Iterator[str]:
    """What a language writes for a literal beside case: Turkic capitals (izin, İZİN, İzin), a Russian ё for an е."""
    if cue.language in ("tr", "az") and ("i" in anchor or "ı" in anchor):
        yield anchor.replace("i", "İ").replace("ı", "I").upper()
        if anchor[0] == "i":
            yield "İ" + anchor[1:]
    if cue.language == "ru":
        plain = anchor.replace("ё", "е")
        yield from (f"{plain[:n]}ё{plain[n + 1 :]}" for n, char in enumerate(plain) if char == "е")


def _shortest(known: dict[str, Told]) -> dict[str, Told]:
    """The literals without those that hold another one that tells all they tell."""
    names = list(known)
    automaton = AhoCorasick(names)
    kept = {}
    for literal, told in known.items():
        inside = {names[n] for n, _, _ in automaton.find_matches_as_indexes(literal, overlapping=True)}
        if not any(other != literal and known[other].covers(told) for other in inside):
            kept[literal] = told
    return kept


def _forms(literal: str) -> set[str]:
    """The spellings in which written text has a literal that holds letters outside ASCII."""
    forms = {unicodedata.normalize("NFC", form) for form in _script_forms(literal)}
    forms |= {case for form in forms for case in _cases(form)}
    if " " in literal.strip():
        gaps = ("\n", "\u00a0", "  ", "\r\n", "\u202f")
        forms |= {form.strip().replace(" ", gap) for form in forms for gap in gaps}
    return {form for form in forms if form and not form.isascii()}


def _script_forms(form: str) -> Iterable[str]:
    """Spellings that depend on the script: Arabic letters, simplified and traditional characters."""
    if is_unspaced(form):
        written = {form, traditional(form)}
        if _HANGUL.search(form):  # spaces within Korean words are common; elsewhere such text is folded first
            written = {spaced for w in written for spaced in _spaced_out(w[:4])}
        return written
    if _ARABIC.search(form):
        bare = _HARAKAT.sub("", form)
        bare = bare.replace("أ", "ا").replace("إ", "ا").replace("آ", "ا")
        forms = {form, _HARAKAT.sub("", form), bare, bare.replace("ي", "ی").replace("ك", "ک")}
        forms.add(bare.replace("ی", "ي").replace("ک", "ك"))
        return forms | {f.replace("\u200c", gap) for f in forms for gap in ("", " ")}
    if _LATIN_OR_GREEK.search(form):
        bare = fold_word(form)
        if bare.isascii():
            return {form}
        return {form, bare} if len(bare) >= SURE else {form, f" {bare}", f"\n{bare}"}
    return {form, form.replace("ё", "е")}


def _spaced_out(form: str) -> Iterator[str]:
    """A short form with spaces at every choice of places between its letters."""
    for places in product(("", " "), repeat=len(form) - 1):
        yield form[0] + "".join(gap + char for gap, char in zip(places, form[1:], strict=True))


def _cases(form: str) -> set[str]:
    """Letter cases that folding ASCII alone does not reach."""
    upper = form.upper()
    if upper == form:
        return {form}
    return {form.lower(), upper, form.capitalize()}

"""The literal prefilter: where in a text a notice could be, without normalising it.

All languages' anchor words, in the spellings that raw text uses, are searched at once: by Hyperscan where
its wheel exists, by Aho-Corasick elsewhere, with the same hits. Text without a likely place costs one scan.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick, Implementation

from rightscheck.notices.fold import fold_text, fold_word, is_unspaced, traditional
from rightscheck.notices.lexicon import UNIVERSAL, Cue, Lexicon

ACT, MODE, MARK, DIRT, DOUBT = 1, 2, 4, 8, 16
REACH = 500
"""Bytes between an act and a word that forbids or allows, at most."""
BEFORE, AFTER = 900, 700
GROW_AFTER = 8_000_000
"""Bytes scanned by the engine that starts at once, before the faster one is compiled."""
SURE = 7
"""Letters from which a word may be found without its accents; shorter ones only at a word's start."""
RECENT = 40
"""Acts and modes that are kept in mind while looking for their counterpart."""
LONGEST = 9
"""Letters of a literal outside ASCII that are looked for: its beginning finds the place."""
WHOLE = 2500
"""Texts up to this many code points are read whole once they have a likely place."""
LARGEST = 12_000
"""Code points of one passage, about: longer ones are read in pieces."""
MAX_READ = 400_000
"""Code points read closely per text, at most. A text with more likely places is reported as capped."""

_CLASS = {"uses": ACT, "deny": MODE, "permit": MODE, "exception": MODE, "copyright": MARK}
_SILENT = {
    "uses.use", "uses.model", "uses.take", "exception.written", "exception.law", "exception.attribution",
    "copyright.not", "copyright.part", "copyright.stop", "uses.automatic", "uses.none", "permit.licence",
}  # fmt: skip
_MARKS = ("©", "(c)", "ⓒ", "Ⓒ", "℗", "&copy", "&#169", "&#xa9")
_DIRT = (
    *"\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    *(chr(code) for code in range(0x0300, 0x0370)),
    *(chr(code) for code in range(0xFF21, 0xFF3B)),
    *(chr(code) for code in range(0xFF41, 0xFF5B)),
    "\u1100", "\u1161", "Ã",
)  # fmt: skip
_DIRTY = re.compile(r"&(?:amp;)*(?:#[0-9xX]|[A-Za-z]{2,31};)|[^\W\d_][-\u2010]\r?\n|[^\W_]</?[a-zA-Z]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_SPACED = re.compile(" [\u3040-\u30ff\u3400-\u9fff]")
_ARABIC = re.compile("[\u0600-\u06ff]")
_HANGUL = re.compile("[\uac00-\ud7af\u0e00-\u0eff]")
_LATIN_OR_GREEK = re.compile("[a-zA-Z\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff]")
_HARAKAT = re.compile("[\u064b-\u0652\u0670]")
Scan = Callable[[bytes], list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Regions:
    """Half-open spans of the text to read closely, in order; `capped` when some were left out."""

    spans: tuple[tuple[int, int], ...]
    capped: bool = False


NOWHERE = Regions(())


class Told(NamedTuple):
    """What a literal tells: class bits, and the languages (one bit each) in which it is an act or a mode."""

    bits: int = 0
    acts: int = 0
    modes: int = 0

    def join(self, other: Told) -> Told:
        return Told(self.bits | other.bits, self.acts | other.acts, self.modes | other.modes)

    def covers(self, other: Told) -> bool:
        return self.join(other) == self


class Scanner:
    """The compiled prefilter. `told[i]`: what literal i tells.

    Args:
        known: the literals of raw text, as `literals` makes them.
        folded: what makes those of folded text, called when a text first has to be folded.
        engine: hyperscan or ahocorasick; without it the one that suits what there is to scan.
    """

    def __init__(
        self, known: Mapping[bytes, Told], folded: Callable[[], Mapping[bytes, Told]], engine: str = ""
    ) -> None:
        self.told = tuple(known.values())
        self.scan = _engine(list(known), engine)
        self._read_folded = folded

    @cached_property
    def _folded(self) -> tuple[BytesAhoCorasick, tuple[Told, ...]]:
        known = self._read_folded()
        return BytesAhoCorasick(list(known)), tuple(known.values())

    def regions(self, text: str) -> Regions:
        """Where in the text a notice could be."""
        data = ("\n" + text).encode("utf-8", "surrogatepass")
        found = self.scan(data)
        told = self.told
        bits = acts = modes = 0
        for number, _ in found:
            literal = told[number]
            bits |= literal.bits
            acts |= literal.acts
            modes |= literal.modes
        if bits & DIRT or (bits & DOUBT and _DIRTY.search(text)) or (not text.isascii() and _is_spaced(text)):
            return self._slow(text)
        if not bits & MARK and not acts & modes:
            return NOWHERE
        places = _likely([(end, told[number]) for number, end in found])
        if not places:
            return NOWHERE
        if len(text) <= WHOLE:
            return Regions(((0, len(text)),))
        return _spread(text, _code_points(data, places))

    def _slow(self, text: str) -> Regions:
        """The same over folded text, for text in which literals may be broken by invisible characters."""
        places: list[int] = []
        automaton, told = self._folded
        for start, end in _chunks(text):
            folded = fold_text(text, start, end)
            data = ("\n" + folded.text).encode("utf-8", "surrogatepass")
            found = [
                (stop, told[number])
                for number, _, stop in automaton.find_matches_as_indexes(data, overlapping=True)
            ]
            likely = _likely(found)
            if likely and len(text) <= WHOLE:
                return Regions(((0, len(text)),))
            last = len(folded.starts) - 1
            places += [folded.starts[min(at, last)] for at in _code_points(data, likely)]
        return _spread(text, places) if places else NOWHERE


def _is_spaced(text: str) -> bool:
    """Whether letters of Chinese or Japanese stand apart, as layout sometimes leaves them."""
    if not ("。" in text or "、" in text or "，" in text):
        return False
    return any(
        _HAN.match(text[match.start() - 1 : match.start()]) for match in islice(_SPACED.finditer(text), 40)
    )


def _engine(known: list[bytes], engine: str) -> Scan:
    """The named engine, or one that starts at once and grows fast when there is much to scan."""
    if engine == "hyperscan":
        return _hyperscan(known)
    if engine == "ahocorasick":
        return _aho_corasick(known, Implementation.DFA)
    return _Growing(known)


class _Growing:
    """A small automaton for the first texts, the fast engine once it pays for its compilation. Same hits."""

    def __init__(self, known: list[bytes]) -> None:
        self._known = known
        self._left = GROW_AFTER
        self._scan = _aho_corasick(known, Implementation.ContiguousNFA)

    def __call__(self, data: bytes) -> list[tuple[int, int]]:
        if self._left > 0:
            self._left -= len(data)
            if self._left <= 0:
                try:
                    self._scan = _hyperscan(self._known)
                except ImportError:
                    self._scan = _aho_corasick(self._known, Implementation.DFA)
        return self._scan(data)


def _aho_corasick(known: list[bytes], implementation: Implementation) -> Scan:
    automaton = BytesAhoCorasick([literal.lower() for literal in known], implementation=implementation)

    def scan(data: bytes) -> list[tuple[int, int]]:
        found = automaton.find_matches_as_indexes(data.lower(), overlapping=True)
        return [(number, end) for number, _, end in found]

    return scan


def _hyperscan(known: list[bytes]) -> Scan:
    import hyperscan  # a wheel of its own: not on every platform

    database = hyperscan.Database()
    # One literal that cannot occur keeps the fast multi-literal matcher in play when others are short.
    expressions = [*known, b"\xff\xfe\xff"]
    database.compile(
        expressions=expressions,
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(expressions),
        literal=True,
    )
    own = threading.local()  # a scratch serves one thread at a time

    def scan(data: bytes) -> list[tuple[int, int]]:
        hits: list[tuple[int, int]] = []
        append = hits.append

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            append((number, end))

        if not hasattr(own, "scratch"):
            own.scratch = hyperscan.Scratch(database)
        database.scan(data, match_event_handler=on_match, scratch=own.scratch)
        return hits

    return scan


def _likely(found: list[tuple[int, Told]]) -> list[int]:
    """Byte offsets of likely places: copyright marks, and acts near a word of their language that forbids or allows."""
    found.sort(key=itemgetter(0))
    places: set[int] = set()
    acts: deque[tuple[int, int]] = deque(maxlen=RECENT)
    modes: deque[tuple[int, int]] = deque(maxlen=RECENT)
    for end, told in found:
        if told.bits & MARK:
            places.add(end)
        for mask, others in ((told.acts, modes), (told.modes, acts)):
            near = next((at for at, other in reversed(others) if other & mask), None) if mask else None
            if near is not None and end - near <= REACH:
                places |= {near, end}
        if told.acts:
            acts.append((end, told.acts))
        if told.modes:
            modes.append((end, told.modes))
        if told.acts & told.modes:
            places.add(end)
    return sorted(places)


def _code_points(data: bytes, places: Iterable[int]) -> list[int]:
    """Byte offsets into `"\\n" + text` turned into code points of the text."""
    points: list[int] = []
    done = count = 0
    for place in places:
        count += len(data[done:place].decode("utf-8", "surrogatepass"))
        done = place
        points.append(max(0, count - 1))
    return points


def _spread(text: str, places: list[int]) -> Regions:
    """The surroundings of the places, merged, up to MAX_READ code points in all."""
    spans: list[list[int]] = []
    for place in places:
        low, high = max(0, place - BEFORE), min(len(text), place + AFTER)
        if spans and low <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], high)
        else:
            spans.append([low, high])
    kept: list[tuple[int, int]] = []
    total = 0
    for low, high in spans:
        start, end = _to_edge(text, low, high)
        start = max(start, kept[-1][1] if kept else 0)
        while start < end:
            if total >= MAX_READ:
                return Regions(tuple(kept), capped=True)
            stop = end if end - start <= LARGEST else _to_edge(text, start, start + LARGEST)[1]
            stop = min(stop, end)
            kept.append((start, stop))
            total += stop - start
            start = stop
    return Regions(tuple(kept))


def _to_edge(text: str, low: int, high: int) -> tuple[int, int]:
    """Widened to a line break or a space nearby, so that no word is cut."""
    start = text.rfind("\n", max(0, low - 300), low)
    if start < 0:
        start = text.rfind(" ", max(0, low - 40), low)
    end = text.find("\n", high, high + 300)
    if end < 0:
        end = text.find(" ", high, high + 40)
    return (start + 1 if start >= 0 else low), (end if end >= 0 else high)


def _chunks(text: str, size: int = 1 << 20) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(len(text), start + size)
        if end < len(text):
            cut = text.rfind("\n", start + size // 2, end)
            end = cut if cut > 0 else end
        yield start, end
        start = end


def _told(lexicon: Lexicon) -> Iterator[tuple[Cue, Told]]:
    """What each cue that may start a notice tells; a universal one tells it in every language."""
    codes = sorted(code for code in lexicon.languages if code != UNIVERSAL)
    masks = {code: 1 << number for number, code in enumerate(codes)}
    masks[UNIVERSAL] = (1 << len(codes)) - 1 or 1
    for cue in lexicon.cues:
        mask = masks[cue.language]
        bits = _class_of(cue)
        if bits:
            yield cue, Told(bits & MARK, mask if bits & ACT else 0, mask if bits & MODE else 0)


def _class_of(cue: Cue) -> int:
    if (cue.kind == "permit.licence" and cue.language == UNIVERSAL) or cue.kind == "uses.noncommercial":
        return MARK
    return 0 if cue.kind in _SILENT else _CLASS.get(cue.kind.partition(".")[0], 0)


def literals(lexicon: Lexicon) -> dict[bytes, Told]:
    """Raw literals with what they tell, in ASCII lower case, in a fixed order.

    A literal that holds another one that tells the same is left out: the shorter one finds the place.
    """
    anchors: dict[str, Told] = {}
    for cue, told in _told(lexicon):
        for anchor in (*cue.pattern.raw, *_dotted(cue)):
            anchors[anchor] = anchors.get(anchor, Told()).join(told)
    found: dict[bytes, Told] = {}
    for anchor, told in _shortest(anchors).items():
        for form in _forms(anchor):
            key = form.encode("utf-8").lower()
            found[key] = found.get(key, Told()).join(told)
    for mark in _MARKS:
        found[mark.encode("utf-8").lower()] = Told(MARK)
    for char in _DIRT:
        key = char.encode("utf-8")
        found[key] = found.get(key, Told()).join(Told(DIRT))
    for sign in ("&", "-\n", "-\r\n", "</"):
        found[sign.encode()] = Told(DOUBT)
    return dict(sorted(found.items()))


def _dotted(cue: Cue) -> Iterator[str]:
    """Turkic capitals of a cue's literals, which folding ASCII does not reach: izin, İZİN, İzin."""
    if cue.language in ("tr", "az"):
        for anchor in cue.pattern.raw:
            if "i" in anchor or "ı" in anchor:
                capitals = anchor.replace("i", "İ").replace("ı", "I").upper()
                yield capitals
                if anchor[0] == "i":
                    yield "İ" + anchor[1:]


def _shortest(anchors: dict[str, Told]) -> dict[str, Told]:
    """The anchors without those that hold another anchor that tells all they tell."""
    known = [a for a in anchors if len(a) > 3 or is_unspaced(a)]
    automaton = AhoCorasick(known)
    kept = {}
    for anchor, told in anchors.items():
        inside = {known[n] for n, _, _ in automaton.find_matches_as_indexes(anchor, overlapping=True)}
        if not any(o != anchor and anchors[o].covers(told) for o in inside):
            kept[anchor] = told
    return kept


def folded_literals(lexicon: Lexicon) -> dict[bytes, Told]:
    """Folded literals with what they tell, for text that had to be folded first."""
    found: dict[bytes, Told] = {}
    for cue, told in _told(lexicon):
        for anchor in cue.pattern.anchors:
            short = len(anchor) <= 3 and not is_unspaced(anchor)
            for form in _between(anchor) if short else (anchor,):
                found[form.encode()] = found.get(form.encode(), Told()).join(told)
    for mark in ("©", "(c)"):
        found[mark.encode()] = Told(MARK)
    return found


def _between(word: str) -> Iterator[str]:
    """A short folded word with what may stand around it."""
    for left in " \n(":
        for right in " \n.,;:)-/":
            yield f"{left}{word}{right}"


_BEFORE_SHORT = " \n(\u00a0"
_AFTER_SHORT = " \n.,;:)-/\u00a0"
"""What may stand around a short word in raw text."""


def _forms(literal: str) -> set[str]:
    """The spellings in which raw text writes a literal, letter case of ASCII aside."""
    short = len(literal) < 4 and not is_unspaced(literal)
    if not literal.isascii() and len(literal) > LONGEST:
        literal = literal[:LONGEST]
    forms = {literal}
    if not literal.isascii():
        forms |= {unicodedata.normalize("NFC", form) for form in _script_forms(literal)}
        forms |= {case for form in forms if not form.isascii() for case in _cases(form)}
    if " " in literal.strip():
        gaps = ("\n", "\u00a0", "  ", "\r\n", "\u202f")
        forms |= {form.strip().replace(" ", gap) for form in forms for gap in gaps}
    if short:  # only where a word may begin and end, or it would be found inside every other word
        forms = {f"{left}{form}{right}" for form in forms for left in _BEFORE_SHORT for right in _AFTER_SHORT}
    return {form for form in forms if form}


def _script_forms(form: str) -> set[str]:
    """Spellings that depend on the script: accents left out, Arabic letters, simplified and traditional."""
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
    cases = {form.lower(), upper, form.capitalize()}
    if " " in form:
        cases.add(form.title())
    return cases

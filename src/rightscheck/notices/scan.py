"""The literal prefilter: where in a text a notice could be, without normalising it.

All languages' anchor words, in the spellings that raw text uses, are searched at once: by Hyperscan where
its wheel exists, by Aho-Corasick elsewhere, with the same hits. Text without a likely place costs two scans.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from html import unescape
from itertools import islice
from operator import itemgetter

from ahocorasick_rs import BytesAhoCorasick, Implementation

from rightscheck.notices.fold import fold_text
from rightscheck.notices.literals import (
    DIRT,
    DOUBT,
    ENGLISH,
    FLAT,
    MARK,
    WORD,
    Told,
    folded_literals,
    is_flat,
    literals,
    widened,
)
from rightscheck.notices.windows import MAX_READ, NOWHERE, Regions, paragraphs_around, surroundings_of

REACH = 500
"""Bytes between an act and a word that forbids or allows, at most."""
GROW_AFTER = 8_000_000
"""Bytes scanned by the engine that starts at once, before the faster one is compiled."""
AROUND = 400
"""Bytes around a frequent word among which the other words of its pattern are looked for."""
RECENT = 40
"""Hits after one among which its counterpart is looked for."""
WHOLE = 2500
"""Texts up to this many code points that had to be folded are read whole once they have a likely place."""

_SIGNS = (b"(c)", b"(C)", b"&", b"-\n", b"-\r\n", b"</")
"""Without these no literal of written text stands in ASCII."""
_ENTITY = re.compile(rb"&(?:amp;)*(?:#[0-9xX]|[A-Za-z]{2,31};)")
_STOP = re.compile(rb"\n[ \t\r]*\n|(?<=[a-z]{5})(?<!pprox)[.!?][\"')\]]{0,3}[ \t\r\n]+[A-Z]")
"""What certainly ends a sentence."""
_HYPHEN = re.compile(rb"(?<=[A-Za-z\x80-\xff])-[ \t]{0,2}\r?\n[ \t]{0,16}(?=[A-Za-z\x80-\xff])")
_TAG = re.compile(rb"</?[A-Za-z][^<>]{0,400}>")
_ENGLISH = re.compile(rb"(?<![a-z])(?:the|and|which|that|with|from|this|their|they|was|were|have)(?![a-z])")
_YEAR = re.compile(rb"[0-9]{4}|[\x80-\xff]")
_FOR_YEAR = re.compile(rb"[\s:,.|/(\[-]*(?:m{1,3}[cdxvi]*(?![a-z0-9_])|[{<\[])", re.IGNORECASE)
_COLONS = (b":", "：".encode(), "…".encode())
_ITEM = re.compile(rb"[ \t]{0,12}\\?(?:[*+\xe2-]|[(]?[0-9a-zA-Z]{1,3}[.)])")
_LEADING = re.compile(rb"[^\n]{0,160}[:,][*_\\ \r]{0,4}\n")
"""What follows on a word that forbids in the header of a list."""
FARTHEST, REPLY = 12_000, 60
"""Bytes from such a header to an item, and of a sentence that answers, up to the word that forbids."""
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_SPACED = re.compile(" [\u3040-\u30ff\u3400-\u9fff]")
SHIFT = 20
"""A hit is `end << SHIFT | number`, so that hits are sorted by where they end."""
_NUMBER = (1 << SHIFT) - 1
Scan = Callable[[bytes], list[int]]


class Scanner:
    """The compiled prefilter.

    Args:
        known: the literals of flat and of written text, as `literals` makes them.
        folded: what makes those of folded text, called when a text first has to be folded.
        engine: hyperscan or ahocorasick; without it the one that suits what there is to scan.
    """

    def __init__(
        self, known: Mapping[bytes, Told], folded: Callable[[], Mapping[bytes, Told]], engine: str = ""
    ) -> None:
        flat: list[tuple[bytes, Told]] = []
        written: list[tuple[bytes, Told]] = []
        for literal, told in known.items():
            if is_flat(literal):
                flat += [(form, told) for form in widened(literal)]
            else:
                written.append((literal, told))
        self.flat = Literals(flat, engine)
        self.written = Literals(written, engine)
        self._read_folded = folded
        self._last: tuple[str, Regions] = ("", NOWHERE)

    @cached_property
    def _folded(self) -> Literals:
        return Literals(list(self._read_folded().items()), "ahocorasick")

    def scan(self, data: bytes) -> list[tuple[int, Told]]:
        """Every hit in `"\\n" + text + "\\n"` as UTF-8: where it ends, and what it tells; in order."""
        found = self.flat.find(data.translate(FLAT))
        if not data.isascii() or any(sign in data for sign in _SIGNS):
            found += self.written.find(data)
            found.sort(key=itemgetter(0))
        return found

    def regions(self, text: str) -> Regions:
        """Where in the text a notice could be."""
        last, regions = self._last  # the audit asks about a text before it has it read
        if last == text:
            return regions
        data = f"\n{text}\n".encode("utf-8", "surrogatepass")
        return self.regions_of(text, data, self.scan(data))

    def regions_of(self, text: str, data: bytes, found: list[tuple[int, Told]]) -> Regions:
        """The same, from `"\\n" + text + "\\n"` as UTF-8 and its hits as `scan` gives them."""
        regions = self._regions_of(text, data, found)
        self._last = text, regions
        return regions

    def _regions_of(self, text: str, data: bytes, found: list[tuple[int, Told]]) -> Regions:
        bits = acts = modes = 0
        for _, told in found:
            bits |= told.bits
            acts |= told.acts
            modes |= told.modes
        if bits & DIRT or (not data.isascii() and _is_spaced(text)):
            return self._slow(text)
        if bits & DOUBT and any(told.bits & DOUBT and is_doubtful(data, end) for end, told in found):
            return self._slow(text) if any(map(self._may_tell, (data, *_mended(data)))) else NOWHERE
        if not bits & (MARK | WORD) and not acts & modes:
            return NOWHERE
        places = _likely(data, found)
        return paragraphs_around(text, _code_points(data, places)) if places else NOWHERE

    def _may_tell(self, data: bytes) -> bool:
        found = self.scan(data)
        return any(told.bits & DIRT for _, told in found) or bool(_likely(data, found))

    def _slow(self, text: str) -> Regions:
        """The same over folded text, for text in which literals may be broken by invisible characters."""
        places: list[int] = []
        for start, end in _chunks(text):
            folded = fold_text(text, start, end)
            data = f"\n{folded.text}\n".encode("utf-8", "surrogatepass")
            found = self.flat.find(data.translate(FLAT)) + self._folded.find(data)
            found.sort(key=itemgetter(0))
            likely = _likely(data, found)
            if likely and len(text) <= WHOLE:
                return Regions(((0, len(text)),))
            last = len(folded.starts) - 1
            places += [folded.starts[min(at, last)] for at in _code_points(data, likely)]
        return surroundings_of(text, places) if places else NOWHERE


def _mended(data: bytes) -> Iterator[bytes]:
    """The text with entities told, hyphens at line ends taken away, and tags taken for nothing or for a gap."""
    joined = _HYPHEN.sub(b"", data)
    if b"&" in joined:
        told = unescape(unescape(joined.decode("utf-8", "surrogatepass")))
        joined = told.replace("\u00a0", " ").replace("\u00ad", "").encode("utf-8", "surrogatepass")
    yield joined
    if b"</" in joined:
        yield _TAG.sub(b"", joined)
        yield _TAG.sub(b" ", joined)


def is_doubtful(data: bytes, end: int) -> bool:
    """Whether the sign that ends there may break a word: an entity, a hyphen at a line's end, a tag."""
    sign = data[end - 1]
    if sign == 0x26:  # &
        return _ENTITY.match(data, end - 1) is not None
    if sign == 0x0A:
        before = data[data.rfind(b"-", 0, end) - 1]
        return before >= 0x80 or chr(before).isalpha()
    before, after = data[end - 3], data[end]
    return (before >= 0x80 or chr(before).isalnum()) and chr(after).isalpha() and after < 0x80


def _is_spaced(text: str) -> bool:
    """Whether letters of Chinese or Japanese stand apart, as layout sometimes leaves them."""
    if not ("。" in text or "、" in text or "，" in text):
        return False
    return any(
        _HAN.match(text[match.start() - 1 : match.start()]) for match in islice(_SPACED.finditer(text), 40)
    )


class Literals:
    """Compiled literals: `scan` gives each hit as SHIFT says, `told[number]` says what it tells,
    `edges[number]` whether the blank behind a word belongs to it."""

    def __init__(self, known: list[tuple[bytes, Told]], engine: str) -> None:
        self.names = tuple(literal for literal, _ in known)
        self.told = tuple(told for _, told in known)
        self.edges = tuple(int(literal[-1:] == b" ") for literal, _ in known)
        self.scan = _engine(self.names, engine)

    def grow(self) -> None:
        """Go over to the fast engine now, where much is going to be scanned."""
        if isinstance(self.scan, _Growing):
            self.scan.grow()

    def find(self, data: bytes) -> list[tuple[int, Told]]:
        """Every hit: where its last word ends, and what it tells."""
        told, edges = self.told, self.edges
        return [((hit >> SHIFT) - edges[hit & _NUMBER], told[hit & _NUMBER]) for hit in self.scan(data)]


def _engine(known: tuple[bytes, ...], engine: str) -> Scan:
    """The named engine, or one that starts at once and grows fast when there is much to scan."""
    if engine == "hyperscan":
        return _hyperscan(known)
    if engine == "ahocorasick":
        return _aho_corasick(known, Implementation.DFA)
    return _Growing(known)


class _Growing:
    """A small automaton for the first texts, the fast engine once it pays for its compilation. Same hits."""

    def __init__(self, known: tuple[bytes, ...]) -> None:
        self._known = known
        self._left = GROW_AFTER
        self._scan: Scan | None = None

    def __call__(self, data: bytes) -> list[int]:
        if self._scan is None:  # plain English never asks for the literals of other scripts
            self._scan = _aho_corasick(self._known, Implementation.ContiguousNFA)
        if self._left > 0:
            self._left -= len(data)
            if self._left <= 0:
                self.grow()
        return self._scan(data)

    def grow(self) -> None:
        """Go over to the fast engine now."""
        self._left = 0
        try:
            self._scan = _hyperscan(self._known)
        except ImportError:
            self._scan = _aho_corasick(self._known, Implementation.DFA)


def _is_capital(literal: bytes) -> bool:
    """Whether the literal is looked for in capitals only."""
    return literal != literal.lower()


def _aho_corasick(known: tuple[bytes, ...], implementation: Implementation) -> Scan:
    small: list[int] = []
    capital: list[int] = []
    for number, literal in enumerate(known):
        (capital if _is_capital(literal) else small).append(number)
    automaton = BytesAhoCorasick([known[number] for number in small], implementation=implementation)
    capitals = BytesAhoCorasick([known[number] for number in capital]) if capital else None

    def scan(data: bytes) -> list[int]:
        found = automaton.find_matches_as_indexes(data.lower(), overlapping=True)
        hits = [end << SHIFT | small[number] for number, _, end in found]
        if capitals is not None:
            found = capitals.find_matches_as_indexes(data, overlapping=True)
            hits += [end << SHIFT | capital[number] for number, _, end in found]
            hits.sort()
        return hits

    return scan


def _hyperscan(known: tuple[bytes, ...]) -> Scan:
    import hyperscan  # a wheel of its own: not on every platform

    database = hyperscan.Database()
    # One literal that cannot occur keeps the fast multi-literal matcher in play when others are short.
    expressions = [*known, b"\xff\xfe\xff"]
    database.compile(
        expressions=expressions,
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[0 if _is_capital(literal) else hyperscan.HS_FLAG_CASELESS for literal in expressions],
        literal=True,
    )
    own = threading.local()  # a scratch serves one thread at a time

    def scan(data: bytes) -> list[int]:
        hits: list[int] = []
        append = hits.append

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            append(end << SHIFT | number)

        if not hasattr(own, "scratch"):
            own.scratch = hyperscan.Scratch(database)
        database.scan(data, match_event_handler=on_match, scratch=own.scratch)
        return hits

    return scan


class _Heard:
    """Hits in order with what each tells where it stands, which for frequent words is worked out when asked."""

    def __init__(self, data: bytes, found: list[tuple[int, Told]]) -> None:
        self.data = data
        self.found = found
        self._known: dict[int, Told] = {}

    def told(self, number: int) -> Told:
        """What the hit tells, given the words around it."""
        end, told = self.found[number]
        if not told.needs:
            return told
        known = self._known.get(number)
        if known is None:
            around = self.data[max(0, end - AROUND) : end + AROUND].translate(FLAT).lower()
            known = self._known[number] = told.near(around)
        return known

    def is_mark(self, number: int) -> bool:
        """Whether the hit alone could make a notice."""
        end, told = self.found[number]
        if told.bits & MARK and self.told(number).bits & MARK:
            # A use in another language's words that English has too, in the midst of English, is none.
            foreign = told.acts and not told.acts & ENGLISH
            if not foreign or len(set(_ENGLISH.findall(self.data, max(0, end - 60), end + 60))) < 2:
                return True
        if told.acts & told.modes and (sure := self.told(number)).acts & sure.modes:
            return True
        return bool(told.bits & WORD) and _is_dated_or_first(self.data, end)

    def belong(self, number: int, other: int) -> bool:
        """Whether one forbids or allows what the other names, in one sentence as far as can be seen."""
        (end, told), (far, said) = self.found[number], self.found[other]
        if not (told.acts & said.modes or told.modes & said.acts):
            return False
        told, said = self.told(number), self.told(other)
        shared = told.acts & said.modes | told.modes & said.acts
        if not shared or (not shared & ENGLISH and len(set(_ENGLISH.findall(self.data, end, far))) >= 2):
            return False
        return not _parted(self.data, end, far) or bool(
            told.acts & said.modes and _replied(self.data, end, far)
        )

    def is_item(self, number: int, header: int) -> bool:
        """Whether an act stands in an item of a list below a header that ends at the byte offset."""
        end, told = self.found[number]
        if not told.acts or not 0 <= end - header <= FARTHEST or not self.told(number).acts:
            return False
        line = self.data.rfind(b"\n", max(0, end - AROUND), end) + 1
        return bool(line) and _ITEM.match(self.data, line) is not None


def _likely(data: bytes, found: list[tuple[int, Told]]) -> list[int]:
    """Byte offsets of likely places: marks, and acts near a word of their language that forbids or allows."""
    heard = _Heard(data, found)
    places: set[int] = set()
    header = -FARTHEST
    for number, (end, told) in enumerate(found):
        if heard.is_mark(number) or heard.is_item(number, header):
            places.add(end)
        if told.modes and _LEADING.match(data, end):
            header = end
        if not told.acts and not told.modes:
            continue
        for other in range(number + 1, min(len(found), number + 1 + RECENT)):
            far, said = found[other]
            if far - end > REACH:
                break
            if not (told.acts & said.modes or told.modes & said.acts) or (end in places and far in places):
                continue
            if heard.belong(number, other):
                places |= {end, far}
    return sorted(places)


def _is_dated_or_first(data: bytes, end: int) -> bool:
    """Whether a word such as "copyright" that ends there could make a notice.

    A year is near, in any calendar's digits, or what stands for one, another mark, or the word begins a line.
    """
    if _YEAR.search(data, max(0, end - 120), end + 160) or _FOR_YEAR.match(data, end):
        return True
    start = end
    while chr(data[start - 1]).isalnum():
        start -= 1
    before = data[max(0, start - 40) : start].rstrip(b" \t\r")
    return not before or before[-1] >= 0x80 or before[-1] in b"\n.|<[(>*/#\"'!-"


def _parted(data: bytes, start: int, end: int) -> bool:
    """Whether a sentence certainly ends between two hits, and no list is introduced there."""
    if any(data.find(colon, start, end) >= 0 for colon in _COLONS):
        return False
    return _STOP.search(data, start, end) is not None


def _replied(data: bytes, start: int, end: int) -> bool:
    """Whether the second hit stands in a short sentence right behind that of the first: "We do not allow it."."""
    stop = _STOP.search(data, start, end)
    if stop is None or end - stop.end() > REPLY or b"\n\n" in stop.group():
        return False
    return _STOP.search(data, stop.end(), end) is None


def _code_points(data: bytes, places: Iterable[int]) -> list[int]:
    """Byte offsets into `"\\n" + text` turned into code points of the text."""
    if data.isascii():
        return [max(0, place - 1) for place in places]
    points: list[int] = []
    done = count = 0
    for place in places:
        while place < len(data) and data[place] & 0xC0 == 0x80:  # within a letter
            place -= 1
        count += len(data[done:place].decode("utf-8", "surrogatepass"))
        done = place
        points.append(max(0, count - 1))
    return points


def _chunks(text: str, size: int = 1 << 20) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(len(text), start + size)
        if end < len(text):
            cut = text.rfind("\n", start + size // 2, end)
            end = cut if cut > 0 else end
        yield start, end
        start = end


__all__ = ["MAX_READ", "NOWHERE", "Regions", "Scanner", "Told", "folded_literals", "literals"]

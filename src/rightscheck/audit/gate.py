"""The gate: of many texts at once, which could say anything of their own use at all.

One buffer holds them all; two scans find every literal in it, and hits are laid to rows and paired without a Python
object per text. What passes is looked at by itself: the gate may let too much pass, never too little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rightscheck.notices.credit_scan import agencies, credit_words, may_hold_credits, same_letters
from rightscheck.notices.credits import find_credits
from rightscheck.notices.literals import DIRT, DOUBT, FLAT, MARK, WEAK, WORD, Told
from rightscheck.notices.loading import scanner
from rightscheck.notices.scan import NOWHERE, REACH, RECENT, SHIFT, Literals, Scanner, is_doubtful

HIDDEN = ("C2PA MANIFEST", "\U000e0133")
"""What announces a manifest inside a text: the second is the first byte that hides one (C2PA A.8)."""
NOTICE, CREDIT, HIDING = 1, 2, 4
_CREDIT, _HIDING = 64, 128
"""Class bits beside those of notices."""
_ENDING = 4
"""Letters of a word before a colon that are looked for."""
_DATELINE = (
    r"(?m)^[ \t【\[(（]{0,2}[^\n()（）=＝]+"
    r"(?:[(（][^()（）\n]{2,41}[)）] ?[-–—:]|/[^/\n]{2,30}/|[=＝][^\n=)）】]{2,24}[)）】])"
)
_APART = "[\u3040-\u30ff\u3400-\u9fff] [\u3040-\u30ff\u3400-\u9fff]"
_CJK_STOPS = tuple(sign.encode() for sign in "。、，")
_HEAD = 300
_LOW = (1 << WEAK) - 1
Bits = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passed:
    """One text that passed: why, its UTF-8 between two line breaks, and the hits of notices in it."""

    row: int
    why: int
    data: bytes
    found: list[tuple[int, Told]]


class Gate:
    """Sifts arrays of texts, with the literals of a scanner and those of credits."""

    def __init__(self, scanner: Scanner, engine: str = "") -> None:
        written = list(zip(scanner.written.names, scanner.written.told, strict=True))
        self._flat = _Table(scanner.flat)
        self.written = Literals([*written, *_own_literals(dict(written))], engine)
        self._written = _Table(self.written)

    def sift(self, texts: pa.LargeStringArray) -> Iterator[Passed]:
        """The texts that could say something, in order; none of them may be null."""
        if not len(texts):
            return
        data, starts = _joined(texts)
        flat = self._flat.find(data.translate(FLAT), starts)
        written = self._written.find(data, starts)
        why = np.zeros(len(texts), np.uint8)
        why[_notices(data, flat, written, len(texts))] |= NOTICE
        why[written.rows[written.bits & _CREDIT != 0]] |= CREDIT
        why[written.rows[written.bits & _HIDING != 0]] |= HIDING
        if any(stop in data for stop in _CJK_STOPS):
            why[pc.match_substring_regex(texts, _APART).to_numpy(zero_copy_only=False)] |= NOTICE
        heads = pc.utf8_slice_codeunits(texts, 0, _HEAD)
        why[pc.match_substring_regex(heads, _DATELINE).to_numpy(zero_copy_only=False)] |= CREDIT
        rows = np.flatnonzero(why)
        lows = starts[rows] - 1
        ends = np.append(starts[1:], len(data))[rows]
        found = _by_row((flat, written), rows, lows)
        for row, low, end, hits in zip(rows.tolist(), lows.tolist(), ends.tolist(), found, strict=True):
            yield Passed(row, int(why[row]), data[low:end], hits)


def _by_row(every: tuple[_Hits, ...], rows: Numbers, lows: Numbers) -> Iterator[list[tuple[int, Told]]]:
    """For each of the rows its hits in order, counted from where it begins, without those of credits alone."""
    kept = [np.flatnonzero(hits.of_notices()) for hits in every]
    at = np.concatenate([hits.rows[keep] for hits, keep in zip(every, kept, strict=True)])
    ends = np.concatenate([hits.ends[keep] for hits, keep in zip(every, kept, strict=True)])
    told = [hits.told[n] for hits, keep in zip(every, kept, strict=True) for n in hits.numbers[keep].tolist()]
    order = np.lexsort((ends, at))
    at, ends, places = at[order], ends[order].tolist(), order.tolist()
    first, last = np.searchsorted(at, rows).tolist(), np.searchsorted(at, rows, "right").tolist()
    for begin, end, low in zip(first, last, lows.tolist(), strict=True):
        yield [(ends[n] - low, told[places[n]]) for n in range(begin, end)]


@cache
def gate() -> Gate:
    """The gate over all languages; compiled once per process.

    Raises:
        PolicyError: the faults of all lexicons, as `file:key: reason`.
    """
    return Gate(scanner())


def is_silent(text: str) -> bool:
    """Whether the text certainly says nothing of its own use: the gate lets every other one pass."""
    if scanner().regions(text) is not NOWHERE:
        return False
    if may_hold_credits(text) and next(find_credits(text), None) is not None:
        return False
    return not any(mark in text for mark in HIDDEN)


def _joined(texts: pa.LargeStringArray) -> tuple[bytes, Numbers]:
    """The texts with a line break before and behind each, and where each begins."""
    lists = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts.cast(pa.string()))
    data = b"\n" + pc.binary_join(lists, "\n")[0].as_buffer().to_pybytes() + b"\n"
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    starts: Numbers = offsets[:-1] - offsets[0] + np.arange(1, len(texts) + 1)
    return data, starts


@dataclass(frozen=True, slots=True)
class _Hits:
    """Hits in order: rows, ends of words, and what each tells as columns."""

    rows: Numbers
    ends: Numbers
    bits: npt.NDArray[np.uint8]
    acts: tuple[Bits, Bits]
    modes: tuple[Bits, Bits]
    numbers: Numbers
    told: tuple[Told, ...]

    def of_notices(self) -> npt.NDArray[np.bool_]:
        """Which of them concern notices."""
        telling: npt.NDArray[np.bool_] = self.bits & (MARK | WORD | DIRT | DOUBT) != 0
        telling |= self.acts[0] | self.acts[1] | self.modes[0] | self.modes[1] != 0
        return telling


class _Table:
    """Literals with what they tell as columns, for hits by the thousand."""

    def __init__(self, literals: Literals) -> None:
        self._literals = literals
        self._lengths = np.array([len(name) for name in literals.names], np.int64)
        self._edges = np.array(literals.edges, np.int64)
        self._bits = np.array([told.bits for told in literals.told], np.uint8)
        self._acts = _halves([told.acts for told in literals.told])
        self._modes = _halves([told.modes for told in literals.told])

    def find(self, data: bytes, starts: Numbers) -> _Hits:
        """The hits that lie within one row, its line breaks included."""
        hits = np.array(self._literals.scan(data), np.int64)
        hits.sort()
        ends, numbers = hits >> SHIFT, hits & ((1 << SHIFT) - 1)
        rows = np.searchsorted(starts, ends - 1, "right") - 1
        inside = (rows >= 0) & (ends - self._lengths[numbers] >= starts[rows] - 1)
        rows, ends, numbers = rows[inside], ends[inside], numbers[inside]
        acts, modes = (tuple(half[numbers] for half in halves) for halves in (self._acts, self._modes))
        return _Hits(
            rows,
            ends - self._edges[numbers],
            self._bits[numbers],
            (acts[0], acts[1]),
            (modes[0], modes[1]),
            numbers,
            self._literals.told,
        )


def _halves(masks: list[int]) -> tuple[Bits, Bits]:
    return np.array([mask & _LOW for mask in masks], np.uint64), np.array(
        [mask >> WEAK for mask in masks], np.uint64
    )


def _notices(data: bytes, flat: _Hits, written: _Hits, count: int) -> npt.NDArray[np.bool_]:
    """Which rows may hold a notice: a mark, a sign that may break words, or an act near a mode of its language."""
    passed = np.zeros(count, np.bool_)
    for hits in (flat, written):
        passed[hits.rows[hits.bits & (MARK | WORD | DIRT) != 0]] = True
    doubtful = written.bits & DOUBT != 0
    for row, end in zip(written.rows[doubtful].tolist(), written.ends[doubtful].tolist(), strict=True):
        if not passed[row] and is_doubtful(data, end):
            passed[row] = True
    rows, ends = np.concatenate((flat.rows, written.rows)), np.concatenate((flat.ends, written.ends))
    acts = [np.concatenate(pair) for pair in zip(flat.acts, written.acts, strict=True)]
    modes = [np.concatenate(pair) for pair in zip(flat.modes, written.modes, strict=True)]
    left = (acts[0] | acts[1] | modes[0] | modes[1] != 0) & ~passed[rows]
    left &= _with_both(rows, acts, modes, left, count)[rows]
    order = np.flatnonzero(left)
    order = order[np.argsort(ends[order], kind="stable")]
    rows, ends = rows[order], ends[order]
    acts, modes = [half[order] for half in acts], [half[order] for half in modes]
    passed[rows[(acts[0] & modes[0]) | (acts[1] & modes[1]) != 0]] = True
    for step in range(1, min(RECENT, len(rows))):
        near = (ends[step:] - ends[:-step] <= REACH) & (rows[step:] == rows[:-step])
        if not near.any():
            break
        crossed = np.zeros(len(near), np.uint64)
        for act, mode in zip(acts, modes, strict=True):
            crossed |= (act[:-step] & mode[step:]) | (mode[:-step] & act[step:])
        passed[rows[:-step][near & (crossed != 0)]] = True
    return passed


def _with_both(
    rows: Numbers, acts: list[Bits], modes: list[Bits], left: npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.bool_]:
    """Which rows have an act and a mode of one language anywhere."""
    both = np.zeros(count, np.bool_)
    order = np.flatnonzero(left)
    order = order[np.argsort(rows[order], kind="stable")]
    if not len(order):
        return both
    known, first = np.unique(rows[order], return_index=True)
    for act, mode in zip(acts, modes, strict=True):
        shared = np.bitwise_or.reduceat(act[order], first) & np.bitwise_or.reduceat(mode[order], first)
        both[known[shared != 0]] = True
    return both


def _own_literals(known: dict[bytes, Told]) -> Iterator[tuple[bytes, Told]]:
    """The literals of credits and hidden manifests; none of them is one of notices."""
    for text in HIDDEN:
        yield text.lower().encode(), Told(_HIDING)
    found = {ending + sign for word in credit_words() for ending in _endings(word) for sign in _signs()}
    found |= {f"{opening}{name}{closing}" for name in agencies() for opening in "(（" for closing in ")）/"}
    for text in sorted({text.lower() if text.isascii() else text for text in found}):
        if text.encode() not in known:
            yield text.encode(), Told(_CREDIT)


def _signs() -> Iterator[str]:
    for gap in ("", " ", "\u00a0"):
        for sign in ":：=":
            yield gap + sign


def _endings(word: str) -> Iterator[str]:
    """The last letters of a word in every letter case that `re.IGNORECASE` takes for them."""
    choices = [
        [case for case in same_letters(char) if not (case.isascii() and case != case.lower())]
        for char in word[-_ENDING:]
    ]
    for letters in product(*choices):
        yield "".join(letters)

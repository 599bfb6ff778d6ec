"""The lexicons: one TOML file per language, checked, and joined into one automaton over all of them.

What the keys mean and how to write an entry is in docs/notices.md. Only the part of a file before its
examples is read at run time; the examples are the file's own tests.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from itertools import accumulate, chain
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick

from rightscheck.errors import PolicyError, Problem
from rightscheck.notices.fold import Folded, fold
from rightscheck.notices.pattern import Pattern, PatternError, parse

UNIVERSAL = "universal"
RESTRAINT = "restraint"
KINDS: Mapping[str, tuple[str, ...]] = {
    "deny": ("prohibit", "active", "refuse", "reserve", "require", "no", "none", "opening", "elliptic"),
    "permit": ("allow", "negated", "unneeded", "licence"),
    "uses": (
        "crawl", "bots", "automatic", "take", "search", "index", "tdm", "ai", "aim", "model", "train", "learning",
        "input", "reproduce", "redistribute", "commercial", "use", "none",
        "noncommercial",
    ),
    RESTRAINT: ("negation", "refusal", "request"),
    "exception": ("consent", "written", "licence", "law", "attribution", "except", "excepted"),
    "object": ("self", "house", "party", "content", "user", "output", "other", "software"),
    "frame": (
        "report", "hint", "tutorial", "commentary", "hypothetical", "past", "question", "promise", "adopt", "but",
        "purpose",
    ),
    "copyright": ("marker", "reserved", "owned", "not", "part", "stop"),
    "credit": ("source",),
}  # fmt: skip
_SETTINGS = {"code", "name", "window", "prefixes"}
_EXAMPLES = b"\n[[example]]"
_REACH = 160
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Hit(NamedTuple):
    """A cue found in folded text: half-open span, `group.kind`, language code."""

    start: int
    end: int
    kind: str
    language: str


class Cue(NamedTuple):
    """One lexicon entry."""

    kind: str
    language: str
    pattern: Pattern


class Run(NamedTuple):
    """One list of one file with the file's prefixes: its size, and the sources a line each, in order."""

    kind: str
    language: str
    prefixes: tuple[str, ...]
    size: int
    lines: str


class Cues:
    """The entries of all files, numbered in order; each is parsed when it is first asked for."""

    __slots__ = ("_first", "_made", "_sources", "runs")

    def __init__(self, runs: Iterable[Run], made: Iterable[Cue] = ()) -> None:
        self.runs = tuple(runs)
        self._first: list[int] = []
        self._sources: dict[int, list[str]] = {}
        total = 0
        for run in self.runs:
            self._first.append(total)
            total += run.size
        self._made: list[Cue | None] = list(made) or [None] * total

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, number: int) -> Cue:
        cue = self._made[number]
        if cue is None:
            place = bisect_right(self._first, number) - 1
            run = self.runs[place]
            sources = self._sources.get(place)
            if sources is None:
                sources = self._sources[place] = run.lines.split("\n")
            source = sources[number - self._first[place]]
            cue = self._made[number] = Cue(run.kind, run.language, parse(source, run.prefixes))
        return cue

    def __iter__(self) -> Iterator[Cue]:
        return (self[number] for number in range(len(self)))

    def of(self, kind: str, language: str) -> Iterator[Cue]:
        """The cues of one kind in one language, in order."""
        for first, run in zip(self._first, self.runs, strict=True):
            if (run.kind, run.language) == (kind, language):
                yield from (self[first + offset] for offset in range(run.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What one file says of itself. `window`: how many words (characters in unspaced scripts) a frame may span."""

    code: str
    name: str
    window: int


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """All languages with the folded anchors of all their cues.

    The cues of anchor i are `numbers[bounds[i]:bounds[i + 1]]`.
    """

    languages: Mapping[str, Language]
    cues: Cues
    anchors: Sequence[str] = field(repr=False)
    bounds: Sequence[int] = field(repr=False)
    numbers: Sequence[int] = field(repr=False)

    @cached_property
    def automaton(self) -> AhoCorasick:
        """The automaton over the anchors."""
        return AhoCorasick(list(self.anchors))

    @cached_property
    def _restraint(self) -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
        """The words of restraint of the languages that were asked about so far, one expression for each kind."""
        return {}

    def restraints(self, language: str, text: str, start: int, end: int) -> list[Hit]:
        """The words of restraint of one language in a part of folded text, in order.

        They are in every sentence, so nothing looks for them but who has a reason to.
        """
        known = self._restraint.get(language)
        if known is None:
            known = self._restraint[language] = tuple(self._joined_restraints(language))
        found = [
            Hit(match.start(), match.end(), kind, language)
            for kind, regex in known
            for match in regex.finditer(text, start, end)
        ]
        return sorted(found)

    def _joined_restraints(self, language: str) -> Iterator[tuple[str, re.Pattern[str]]]:
        for name in KINDS[RESTRAINT]:
            kind = f"{RESTRAINT}.{name}"
            sources = [cue.pattern.regex.pattern for cue in self.cues.of(kind, language)]
            if sources:
                yield kind, re.compile("|".join(f"(?:{source})" for source in sources))

    @cached_property
    def _met(self) -> dict[int, tuple[tuple[Cue, ...], tuple[int, ...]]]:
        """For the anchors that were met so far: their cues of one plain word, and the numbers of the others."""
        return {}

    def _cues_at(self, anchor: int) -> tuple[tuple[Cue, ...], tuple[int, ...]]:
        found = self._met.get(anchor)
        if found is None:
            numbers = self.numbers[self.bounds[anchor] : self.bounds[anchor + 1]]
            words = tuple(self.cues[n] for n in numbers if self.cues[n].pattern.word is not None)
            found = words, tuple(n for n in numbers if self.cues[n].pattern.word is None)
            self._met[anchor] = found
        return found

    def find(self, given: str, folded: Folded) -> list[Hit]:
        """Every cue of every language in the folded text of a given text, in order, without duplicates."""
        text = folded.text
        places: dict[int, list[tuple[int, int]]] = {}
        for anchor, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            places.setdefault(anchor, []).append((start, end))
        found: set[Hit] = set()
        reach: dict[int, list[tuple[int, int]]] = {}
        said = _Words(text)
        for anchor, spans in places.items():
            words, numbers = self._cues_at(anchor)
            outside = [span for span in spans if not _is_within(text, span[0])]
            for cue in words:
                for span in outside if cue.pattern.at_word else spans:
                    stop = _whole_word(text, *span, *cue.pattern.word) if cue.pattern.word else None
                    if stop and _stands(cue.pattern, given, folded, *stop):
                        found.add(Hit(stop[0], stop[1], cue.kind, cue.language))
            for number in numbers:
                pattern = self.cues[number].pattern
                held = outside if pattern.at_word else spans
                if held and said.has(pattern.needed):
                    reach.setdefault(number, []).extend(held)
        for number, spans in reach.items():
            found.update(self._verify(self.cues[number], given, folded, _merged(spans)))
        return sorted(found)

    def _verify(
        self, cue: Cue, given: str, folded: Folded, spans: Iterable[tuple[int, int]]
    ) -> Iterator[Hit]:
        """The matches of a cue's expression in the spans around its anchors."""
        needed = cue.pattern.needed
        for low, high in spans:
            if not _Words(folded.text[low:high]).has(needed):
                continue
            for match in cue.pattern.regex.finditer(folded.text, low, high):
                if match.end() == match.start():
                    continue
                if not _stands(cue.pattern, given, folded, *match.span()):
                    continue
                yield Hit(match.start(), match.end(), cue.kind, cue.language)


class _Words:
    """Which literals a text holds; each is looked for once."""

    __slots__ = ("_known", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[tuple[str, ...], bool] = {}

    def has(self, groups: tuple[tuple[str, ...], ...]) -> bool:
        """Whether it holds a literal of each group."""
        for group in groups:
            known = self._known.get(group)
            if known is None:
                text = self._text
                known = self._known[group] = any(literal in text for literal in group)
            if not known:
                return False
        return True


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is in reach of the spans, in order, without overlaps."""
    low = high = -1
    for start, end in sorted(spans):
        if low < 0:
            low, high = max(0, start - _REACH), end + _REACH
        elif start - _REACH <= high:
            high = max(high, end + _REACH)
        else:
            yield low, high
            low, high = start - _REACH, end + _REACH
    if low >= 0:
        yield low, high


def _is_within(text: str, start: int) -> bool:
    """Whether the position is inside a word of one script."""
    return start > 0 and _is_letter(text[start - 1]) and text[start - 1].isascii() == text[start].isascii()


def _whole_word(
    text: str, start: int, end: int, any_start: bool, any_end: bool, unspaced: bool
) -> tuple[int, int] | None:
    """The span of a plain word whose literal stands at [start, end), None when it is part of another word."""
    letter = _is_letter if not text[start].isascii() else _is_latin
    if unspaced and not text[start].isascii():
        pass
    elif any_start:
        limit = max(0, start - 16)
        while start > limit and letter(text[start - 1]):
            start -= 1
    elif start and (
        letter(text[start - 1]) or (text[start - 1] == "." and start > 1 and letter(text[start - 2]))
    ):
        return None
    letter = _is_letter if not text[end - 1].isascii() else _is_latin
    if unspaced and not text[end - 1].isascii():
        return start, end
    if any_end:
        limit = min(len(text), end + 24)
        while end < limit and letter(text[end]):
            end += 1
    elif end < len(text) and letter(text[end]):
        return None
    return start, end


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _stands(pattern: Pattern, given: str, folded: Folded, start: int, end: int) -> bool:
    """Whether a match is written as its pattern asks: at the start of a word, in capitals."""
    at = folded.starts[start]
    if pattern.bound and at and given[at - 1].isalnum():
        return False
    return not pattern.capital or not any(c.islower() for c in given[at : folded.ends[end - 1]])


def language_files() -> Iterator[tuple[str, str]]:
    """Every lexicon file that ships, as (file name, text), in order of name."""
    return ((name, body.decode("utf-8")) for name, body in _language_bytes())


def language_heads() -> Iterator[tuple[str, bytes]]:
    """Every lexicon file that ships without its examples, as (file name, UTF-8), in order of name."""
    return ((name, _head(body)) for name, body in _language_bytes())


def _language_bytes() -> Iterator[tuple[str, bytes]]:
    folder = files("rightscheck").joinpath("data/notices")
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            yield entry.name, entry.read_bytes().replace(b"\r\n", b"\n")


def _head(body: bytes) -> bytes:
    return body.partition(_EXAMPLES)[0]


def build(sources: Iterable[tuple[str, str]]) -> Lexicon:
    """A lexicon from (file name, TOML text) pairs, every pattern of it checked.

    Raises:
        PolicyError: the faults of all files, as `file:key: reason`.
    """
    problems: list[Problem] = []
    languages: dict[str, Language] = {}
    runs: list[Run] = []
    made: list[Cue] = []
    for name, text in sources:
        table = _read_table(name, text, problems)
        if table is None:
            continue
        code = str(table["code"])
        languages[code] = Language(code=code, name=str(table.get("name", code)), window=table["window"])
        for run in _read_runs(name, table, problems):
            runs.append(run)
            made += _parse_run(name, run, problems)
    if problems:
        raise PolicyError(problems)
    anchors: dict[str, list[int]] = {}
    for number, cue in enumerate(made):
        if cue.kind.startswith(RESTRAINT):
            continue
        for anchor in cue.pattern.anchors:
            anchors.setdefault(anchor, []).append(number)
    return Lexicon(
        languages=languages,
        cues=Cues(runs, made),
        anchors=tuple(anchors),
        bounds=tuple(accumulate((len(numbers) for numbers in anchors.values()), initial=0)),
        numbers=tuple(chain.from_iterable(anchors.values())),
    )


def _read_table(name: str, text: str, problems: list[Problem]) -> dict[str, Any] | None:
    """The TOML of one file without its examples, its settings checked; faults are added to `problems`."""
    import tomllib  # only where files are read anew

    try:
        table = tomllib.loads(_head(text.encode()).decode())
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(name, "", f"not valid TOML: {error}"))
        return None
    code = table.get("code")
    if not isinstance(code, str) or name != f"{code}.toml":
        problems.append(Problem(name, "code", "must be the file's name without .toml"))
        return None
    window = table.setdefault("window", 30)
    prefixes = table.setdefault("prefixes", [])
    if not isinstance(window, int) or not 5 <= window <= 200:
        problems.append(Problem(name, "window", "must be a number from 5 to 200"))
        return None
    if not isinstance(prefixes, list) or not all(isinstance(p, str) and p for p in prefixes):
        problems.append(Problem(name, "prefixes", "must be a list of strings"))
        return None
    return table


def _read_runs(name: str, table: Mapping[str, Any], problems: list[Problem]) -> Iterator[Run]:
    """The lists of one file, in order; what is no list of a known kind is added to `problems`."""
    for group, kinds in table.items():
        if group in _SETTINGS:
            continue
        if group not in KINDS or not isinstance(kinds, dict):
            problems.append(Problem(name, group, "unknown", f"groups: {', '.join(KINDS)}"))
            continue
        for kind, sources in kinds.items():
            key = f"{group}.{kind}"
            if kind not in KINDS[group]:
                problems.append(Problem(name, key, "unknown", f"kinds: {', '.join(KINDS[group])}"))
            elif not isinstance(sources, list) or not all(isinstance(s, str) for s in sources):
                problems.append(Problem(name, key, "must be a list of strings"))
            else:
                lines = [source for source in sources if _on_one_line(name, key, source, problems)]
                yield Run(key, table["code"], tuple(table["prefixes"]), len(lines), "\n".join(lines))


def _on_one_line(name: str, key: str, source: str, problems: list[Problem]) -> bool:
    if _CONTROL.search(source):
        problems.append(Problem(name, key, f"{source!a}: holds a line break, tab or control character"))
        return False
    return True


def _parse_run(name: str, run: Run, problems: list[Problem]) -> Iterator[Cue]:
    """The cues of one list; those that do not parse are added to `problems`."""
    for source in run.lines.split("\n") if run.size else ():
        try:
            yield Cue(run.kind, run.language, parse(source, run.prefixes))
        except PatternError as error:
            problems.append(Problem(name, run.kind, f"`{source}`: {error}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text of a lexicon file and what must be read in it."""

    language: str
    number: int
    text: str
    expect: Mapping[str, object]


def examples(name: str, text: str) -> list[Example]:
    """The match and ignore examples that a lexicon file carries."""
    import tomllib

    table = tomllib.loads(text)
    return [
        Example(
            language=name.removesuffix(".toml"),
            number=number,
            text=entry["text"],
            expect={key: value for key, value in entry.items() if key != "text"},
        )
        for number, entry in enumerate(table.get("example", []), 1)
    ]


def folded_names(names: Iterable[str]) -> frozenset[str]:
    """Names folded for comparison, empty ones left out."""
    return frozenset(folded for folded in map(fold, names) if folded)

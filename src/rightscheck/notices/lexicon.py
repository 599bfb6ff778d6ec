"""The lexicons: one TOML file per language, checked, and joined into one automaton over all of them.

What the keys mean and how to write an entry is in docs/notices.md. Only the part of a file before its
examples is read at run time; the examples are the file's own tests.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from rightscheck.errors import PolicyError, Problem
from rightscheck.notices.fold import Folded, fold
from rightscheck.notices.pattern import Pattern, PatternError, parse

UNIVERSAL = "universal"
KINDS: Mapping[str, tuple[str, ...]] = {
    "deny": ("prohibit", "active", "refuse", "reserve", "require", "no", "none"),
    "permit": ("allow", "negated", "unneeded", "licence"),
    "uses": (
        "crawl", "bots", "automatic", "take", "search", "index", "tdm", "ai", "aim", "model", "train", "learning",
        "input", "reproduce", "redistribute", "commercial", "use", "none",
    ),
    "exception": ("consent", "written", "licence", "law", "attribution"),
    "object": ("self", "house", "party", "content", "user", "output", "other", "software"),
    "frame": (
        "report", "hint", "tutorial", "commentary", "hypothetical", "past", "question", "promise", "adopt", "but",
        "purpose",
    ),
    "copyright": ("marker", "reserved", "owned", "not", "part", "stop"),
    "credit": ("source",),
}  # fmt: skip
_SETTINGS = {"code", "name", "window", "prefixes"}
_EXAMPLES = "\n[[example]]"
_REACH = 160


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One lexicon file. `window`: how many words (characters in unspaced scripts) one frame may span."""

    code: str
    name: str
    window: int
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All languages with the automaton over the folded anchors of all their cues."""

    languages: Mapping[str, Language]
    cues: tuple[Cue, ...]
    automaton: AhoCorasick
    by_anchor: tuple[tuple[int, ...], ...]
    lengths: tuple[int, ...] = field(repr=False)

    def find(self, given: str, folded: Folded) -> list[Hit]:
        """Every cue of every language in the folded text of a given text, in order, without duplicates."""
        text = folded.text
        reach: dict[int, list[int]] = {}
        found: set[Hit] = set()
        for anchor, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            within = (
                start > 0
                and _is_letter(text[start - 1])
                and text[start - 1].isascii() == text[start].isascii()
            )
            for number in self.by_anchor[anchor]:
                cue = self.cues[number]
                if within and cue.pattern.at_word:
                    continue
                if cue.pattern.word is not None:
                    stop = _whole_word(text, start, end, *cue.pattern.word)
                    if stop and _stands(cue.pattern, given, folded, *stop):
                        found.add(Hit(stop[0], stop[1], cue.kind, cue.language))
                    continue
                spans = reach.setdefault(number, [])
                low, high = max(0, start - _REACH), end + _REACH
                if spans and spans[-1] >= low:
                    spans[-1] = high
                else:
                    spans += (low, high)
        for number, spans in reach.items():
            found.update(self._verify(self.cues[number], given, folded, spans))
        return sorted(found)

    def _verify(self, cue: Cue, given: str, folded: Folded, spans: list[int]) -> Iterator[Hit]:
        """The matches of a cue's expression in the spans around its anchors."""
        regex = cue.pattern.regex
        for low, high in zip(spans[::2], spans[1::2], strict=True):
            for match in regex.finditer(folded.text, low, high):
                if match.end() == match.start():
                    continue
                if not _stands(cue.pattern, given, folded, *match.span()):
                    continue
                yield Hit(match.start(), match.end(), cue.kind, cue.language)


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
    folder = files("rightscheck").joinpath("data/notices")
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            yield entry.name, entry.read_text("utf-8")


@cache
def load() -> Lexicon:
    """The lexicon of all languages that ship. Read once per process.

    Raises:
        PolicyError: the faults of all files, as `file:key: reason`.
    """
    return build(language_files())


def build(sources: Iterable[tuple[str, str]]) -> Lexicon:
    """A lexicon from (file name, TOML text) pairs.

    Raises:
        PolicyError: the faults of all files, as `file:key: reason`.
    """
    problems: list[Problem] = []
    languages = {}
    for name, text in sources:
        language = read_language(name, text, problems)
        if language is not None:
            languages[language.code] = language
    if problems:
        raise PolicyError(problems)
    cues = tuple(cue for language in languages.values() for cue in language.cues)
    anchors: dict[str, list[int]] = {}
    for number, cue in enumerate(cues):
        for anchor in cue.pattern.anchors:
            anchors.setdefault(anchor, []).append(number)
    return Lexicon(
        languages=languages,
        cues=cues,
        automaton=AhoCorasick(list(anchors)),
        by_anchor=tuple(tuple(numbers) for numbers in anchors.values()),
        lengths=tuple(len(anchor) for anchor in anchors),
    )


def read_language(name: str, text: str, problems: list[Problem]) -> Language | None:
    """The language that one file describes, without its examples; faults are added to `problems`."""
    head, _, _ = text.partition(_EXAMPLES)
    try:
        table = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(name, "", f"not valid TOML: {error}"))
        return None
    code = table.get("code")
    if not isinstance(code, str) or name != f"{code}.toml":
        problems.append(Problem(name, "code", "must be the file's name without .toml"))
        return None
    window = table.get("window", 30)
    prefixes = table.get("prefixes", [])
    if not isinstance(window, int) or not 5 <= window <= 200:
        problems.append(Problem(name, "window", "must be a number from 5 to 200"))
        return None
    if not isinstance(prefixes, list) or not all(isinstance(p, str) and p for p in prefixes):
        problems.append(Problem(name, "prefixes", "must be a list of strings"))
        return None
    cues = tuple(_read_cues(name, code, table, tuple(prefixes), problems))
    return Language(code=code, name=str(table.get("name", code)), window=window, cues=cues)


def _read_cues(
    name: str, code: str, table: Mapping[str, object], prefixes: tuple[str, ...], problems: list[Problem]
) -> Iterator[Cue]:
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
                yield from _read_patterns(name, key, code, sources, prefixes, problems)


def _read_patterns(
    name: str, key: str, code: str, sources: list[str], prefixes: tuple[str, ...], problems: list[Problem]
) -> Iterator[Cue]:
    for source in sources:
        try:
            yield Cue(key, code, parse(source, prefixes))
        except PatternError as error:
            problems.append(Problem(name, key, f"`{source}`: {error}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text of a lexicon file and what must be read in it."""

    language: str
    number: int
    text: str
    expect: Mapping[str, object]


def examples(name: str, text: str) -> list[Example]:
    """The match and ignore examples that a lexicon file carries."""
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

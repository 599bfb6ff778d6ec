"""The lexicons: one TOML file per language, checked, and joined into one automaton over all of them.

What the keys mean and how to write an entry is in docs/notices.md. Only the part of a file before its
examples is read at run time; the examples are the file's own tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from itertools import accumulate, chain
from typing import Any

from rightscheck.errors import PolicyError, Problem
from rightscheck.notices.cues import Cue, Cues, Hit, Run
from rightscheck.notices.fold import Folded
from rightscheck.notices.pattern import Pattern, PatternError, parse
from rightscheck.notices.search import Search, is_matched

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
DECIDING, ACTS, GROUNDS, OTHERS = range(4)
"""The parts in which cues are searched: what no clause and no notice goes without, other uses,
content and exceptions, all else."""
_PART_OF = {"deny": DECIDING, "permit": DECIDING, "uses": ACTS, "exception": GROUNDS}
_GROUNDS = frozenset({"object.content", "object.self"})
_DECIDING = frozenset(
    {
        "copyright.marker", "copyright.owned", "copyright.reserved", "uses.noncommercial", "uses.learning",
        "uses.tdm", "uses.crawl", "uses.aim", "uses.input", "uses.ai", "uses.bots",
    }
)  # fmt: skip
_SETTINGS = {"code", "name", "window", "prefixes"}
_EXAMPLES = b"\n[[example]]"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


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
    def _parts(self) -> tuple[Search, ...]:
        """The search for the cues of each part; their automata are made when first asked for."""
        part_of = [_part_of(run.kind) for run in self.cues.runs for _ in range(run.size)]
        found: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {})
        for place, anchor in enumerate(self.anchors):
            for number in self.numbers[self.bounds[place] : self.bounds[place + 1]]:
                found[part_of[number]].setdefault(anchor, []).append(number)
        return tuple(Search(self.cues, anchors) for anchors in found)

    @cached_property
    def _restraint(self) -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
        """The words of restraint of the languages that were asked about so far, one expression for each kind."""
        return {}

    def restraints(self, language: str, text: str, start: int, end: int) -> list[Hit]:
        """The words of restraint of one language in a part of folded text, in order.

        They are in every sentence, so nothing looks for them but who has a reason to.
        """
        found = [
            Hit(match.start(), match.end(), kind, language)
            for kind, regex in self._restraints_of(language)
            for match in regex.finditer(text, start, end)
        ]
        return sorted(found)

    def is_restrained(self, language: str, text: str) -> bool:
        """Whether folded text holds a word of restraint of the language."""
        return any(is_matched(pattern, text) for pattern in self._restraining(language))

    @cached_property
    def _restraining_patterns(self) -> dict[str, tuple[Pattern, ...]]:
        return {}

    def _restraining(self, language: str) -> tuple[Pattern, ...]:
        known = self._restraining_patterns.get(language)
        if known is None:
            kinds = [f"{RESTRAINT}.{name}" for name in KINDS[RESTRAINT]]
            known = tuple(cue.pattern for kind in kinds for cue in self.cues.of(kind, language))
            self._restraining_patterns[language] = known
        return known

    def _restraints_of(self, language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        known = self._restraint.get(language)
        if known is None:
            known = self._restraint[language] = tuple(self._joined_restraints(language))
        return known

    def _joined_restraints(self, language: str) -> Iterator[tuple[str, re.Pattern[str]]]:
        for name in KINDS[RESTRAINT]:
            kind = f"{RESTRAINT}.{name}"
            sources = [cue.pattern.regex.pattern for cue in self.cues.of(kind, language)]
            if sources:
                yield kind, re.compile("|".join(f"(?:{source})" for source in sources))

    def find(self, given: str, folded: Folded) -> list[Hit]:
        """Every cue of every language in the folded text of a given text, in order, without duplicates."""
        found: set[Hit] = set()
        for part in self._parts:
            found |= part.find(given, folded)
        return sorted(found)

    def find_part(self, part: int, given: str, folded: Folded) -> set[Hit]:
        """The same for the cues of one part alone, in no order."""
        return self._parts[part].find(given, folded)


def _part_of(kind: str) -> int:
    if kind in _DECIDING:
        return DECIDING
    return GROUNDS if kind in _GROUNDS else _PART_OF.get(kind.partition(".")[0], OTHERS)


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


__all__ = [
    "ACTS", "DECIDING", "GROUNDS", "KINDS", "OTHERS", "RESTRAINT", "UNIVERSAL", "Cue", "Cues", "Example", "Hit",
    "Language", "Lexicon", "Run", "build", "examples", "language_files", "language_heads",
]  # fmt: skip

"""Cue patterns: the small language in which the lexicons are written (docs/notices.md).

A pattern is a row of words. `stem*` takes any ending, `*stem` any beginning, `(a|b c)` alternatives,
`[a|b]` optional ones, `...` up to three words between, `...8` up to eight, `{}` a name. In unspaced
scripts the parts stand side by side and gaps count characters; `^` in front asks for the start of a
written word there. `=` in front asks for capitals, to tell AI from a pronoun. All else is compared folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rightscheck.notices.fold import fold_word, is_unspaced

_CLOSING = {"(": ")", "[": "]"}
_GAPS = re.compile(r"\.\.\.\d{0,2}")
_GLUED = re.compile(r"(?<=\S)\{\}")
_GLUED_NAME = "{-}"
_NAMES = ("{}", _GLUED_NAME)
_INNER = re.compile(r"\*[\w(\[]")
_COMPLEX = re.compile(r"[()\[\]{}.]|\w\*\w")
_PLAIN = re.compile(r"\w+(?:[-'\u2019]\w+)*")
_BRACKETS = re.compile(r"[()\[\]{}]")
_GAP = r"(?:\w+[^\w\n.!?。;]{1,3}){0,%d}?"
_BETWEEN = r"[^\w\n.!?。;]{1,3}"
_UNSPACED_GAP = r"[^\n.!?。;]{0,%d}?"
_NAME = r"(?P<name>[^\n。;|]{2,80}?)"
GAP_WORDS = 3


class PatternError(ValueError):
    """A pattern that does not parse; the message says why."""


@dataclass(frozen=True)
class Pattern:
    """One pattern. `anchors`: folded literals, one of which is in every match; `raw` the same unfolded."""

    source: str
    prefixes: tuple[str, ...]
    anchors: tuple[str, ...]
    raw: tuple[str, ...]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression; on first use, since most patterns of most languages never meet a text."""
        tokens = _tokens(self.source)
        unspaced = is_unspaced(self.source)
        return re.compile(_unspaced(tokens) if unspaced else _spaced(tokens, self.prefixes))

    @cached_property
    def at_word(self) -> bool:
        """Whether an anchor always begins a word, so that one within a word need not be looked at."""
        return not self.prefixes and not is_unspaced(self.source) and not _INNER.search(self.source)

    @cached_property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """For each word that must be there, folded literals one of which every match holds.

        What is asked before the expression is tried: it is slow where many of its words are frequent.
        """
        unspaced = is_unspaced(self.source)
        groups = []
        for token in spellings(self.source):
            if token and token[0]:
                group = {_longest_literal(spelling, unspaced) for spelling in token}
                groups.append(tuple(sorted(group)))
        return tuple(group for group in groups if all(group))

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Folded literals with one of which every match begins; none where that cannot be told."""
        if self.prefixes:
            return ()
        first = spellings(self.source)[0]
        unspaced = is_unspaced(self.source)
        heads = {_head(spelling, unspaced) for spelling in first}
        return () if "" in heads else tuple(sorted(heads))

    @property
    def bound(self) -> bool:
        """Whether a match must begin a written word, in scripts that are matched without spaces."""
        return self.source.startswith("^")

    @property
    def capital(self) -> bool:
        """Whether a match must be written in capitals."""
        return self.source.startswith("=")

    @cached_property
    def word(self) -> tuple[bool, bool, bool] | None:
        """For a pattern of one plain word: any beginning allowed, any ending allowed, unspaced; else None."""
        source = self.source.lstrip("^=")
        plain = source.strip("*")
        if self.prefixes or not plain or not _PLAIN.fullmatch(plain):
            return None
        return source.startswith("*"), source.endswith("*"), is_unspaced(source)

    @property
    def named(self) -> bool:
        """Whether the pattern holds a name."""
        return "{}" in self.source


def parse(source: str, prefixes: tuple[str, ...] = ()) -> Pattern:
    """The pattern that the source stands for. `prefixes` are clitics that may be glued before any word.

    Raises:
        PatternError: no literal of two letters (one in unspaced scripts) to look for, or unbalanced brackets.
    """
    plain = source.strip("*^=")
    if plain.isalpha() and len(plain) > 1:
        return Pattern(source, prefixes, (fold_word(plain),), (plain,))
    unspaced = is_unspaced(source)
    if not _COMPLEX.search(source):  # most entries are rows of plain words
        longest = max((word.strip("*^=") for word in source.split()), key=len, default="")
        if longest.isalpha() and len(longest) >= (2 if unspaced else 5):
            return Pattern(source, prefixes, (fold_word(longest),), (longest,))
    raw = _anchors(_tokens(source), unspaced)
    anchors = tuple(dict.fromkeys(fold_word(anchor) for anchor in raw))
    shortest = min((len(anchor) for anchor in anchors), default=0)
    if shortest < (1 if unspaced else 2):
        raise PatternError("needs a fixed word of at least two letters to look for")
    return Pattern(source, prefixes, anchors, raw)


def _tokens(source: str) -> list[str]:
    source = source.lstrip("^=")
    if "..." in source:
        source = _GAPS.sub(r" \g<0> ", source)
    if not _BRACKETS.search(source):
        return source.split()
    return _split(_GLUED.sub(" {-} ", source).replace("{}", " {} "), " ")


def _split(source: str, separator: str) -> list[str]:
    """The source cut at a separator outside brackets, empty pieces left out.

    Raises:
        PatternError: brackets that do not pair.
    """
    pieces, piece, closing = [], "", ""
    for char in source.strip():
        if char in _CLOSING:
            closing += _CLOSING[char]
        elif char in ")]":
            if not closing.endswith(char):
                raise PatternError("unbalanced brackets")
            closing = closing[:-1]
        if not closing and (char == separator or (separator == " " and char.isspace())):
            pieces.append(piece)
            piece = ""
        else:
            piece += char
    if closing:
        raise PatternError("unbalanced brackets")
    return [p for p in (*pieces, piece) if p]


def _is_optional(token: str) -> bool:
    """Whether the whole token is one `[...]`."""
    return token[0] == "[" and token[-1] == "]" and len(_parts(token)) == 1


def _parts(token: str) -> list[str]:
    """A token cut into literals and bracketed groups."""
    if not _BRACKETS.search(token):
        return [token]
    parts: list[str] = []
    depth, piece = 0, ""
    for char in token:
        if char in _CLOSING:
            if depth == 0 and piece:
                parts.append(piece)
                piece = ""
            depth += 1
        piece += char
        if char in ")]":
            depth -= 1
            if depth == 0:
                parts.append(piece)
                piece = ""
    return [*parts, piece] if piece else parts


def _word(word: str, prefixes: tuple[str, ...]) -> str:
    """A word or short phrase with stars, as an expression."""
    pieces = []
    for single in word.split():
        start, end = single.startswith("*"), single.endswith("*")
        folded = fold_word(single.strip("*"))
        # Latin words may touch letters of unspaced scripts: AIのため, robots.txt에.
        letter = "[a-z0-9]" if folded.isascii() else r"\w"
        body = re.escape(folded).replace(r"\*", letter + "{0,12}").replace(r"\ ", r"[^\w\n]{1,3}")
        glued = (
            "(?:" + "|".join(re.escape(fold_word(p)) for p in prefixes) + "){0,2}"
            if prefixes and not start
            else ""
        )
        left = letter + "{0,16}" if start else glued
        first = f"(?<!{letter})(?<!{letter}\\.)" if body[:1].isalnum() or start else ""
        last = letter + "{0,24}" if end else f"(?!{letter})" if body[-1:].isalnum() else ""
        pieces.append(f"{first}{left}{body}{last}")
    return _BETWEEN.join(pieces)


def _compound(token: str, prefixes: tuple[str, ...]) -> str:
    """A token in which brackets may stand beside letters: `scrap(e|ing)`, `licen(c|s)e*`."""
    variants = _expand(token)
    return (
        "(?:" + "|".join(_word(v, prefixes) for v in variants) + ")"
        if len(variants) > 1
        else _word(variants[0], prefixes)
    )


def _expand(token: str) -> list[str]:
    """The literal spellings of one token, brackets multiplied out."""
    if not _BRACKETS.search(token):
        return [token]
    variants = [""]
    for part in _parts(token):
        choices = [part]
        if part[0] in _CLOSING:
            choices = [spelling for piece in _split(part[1:-1], "|") for spelling in _expand(piece.strip())]
            if part[0] == "[":
                choices.insert(0, "")
        variants = [v + c for v in variants for c in choices]
        if len(variants) > 400:
            raise PatternError("more than 400 spellings of one word: write several patterns")
    return variants


def _spaced(tokens: list[str], prefixes: tuple[str, ...]) -> str:
    expression, glue = "", ""
    for token in tokens:
        gap = re.fullmatch(r"\.\.\.(\d*)", token)
        if gap:
            expression += glue + _GAP % int(gap.group(1) or GAP_WORDS)
            glue = ""
        elif token in _NAMES:
            if token == _GLUED_NAME:  # the name is glued to the word before
                expression = expression.removesuffix(r"(?!\w)").removesuffix("(?![a-z0-9])")
                glue = ""
            expression += glue + _NAME
            glue = _BETWEEN.replace("1,3", "0,3")
        elif _is_optional(token):
            inner = "|".join(_word(a, prefixes) for a in _expand(token) if a)
            expression += glue + f"(?:(?:{inner}){_BETWEEN})?"
            glue = ""
        else:
            expression += glue + _compound(token, prefixes)
            glue = _BETWEEN
    return expression


def _unspaced(tokens: list[str]) -> str:
    expression = ""
    for token in tokens:
        gap = re.fullmatch(r"\.\.\.(\d*)", token)
        if gap:
            expression += _UNSPACED_GAP % int(gap.group(1) or 6)
        elif token in _NAMES:
            expression += _NAME
        elif _is_optional(token):
            expression += "(?:" + "|".join(_plain(a) for a in _expand(token) if a) + ")?"
        else:
            variants = _expand(token)
            expression += "(?:" + "|".join(_plain(v) for v in variants) + ")"
    return expression


def _plain(word: str) -> str:
    """A literal of an unspaced script. Latin letters at its edge keep their word boundary."""
    folded = fold_word(word.replace("*", ""))
    left = (
        r"(?<![a-z0-9])" if folded[:1].isascii() and folded[:1].isalnum() and not word.startswith("*") else ""
    )
    right = (
        r"(?![a-z0-9])" if folded[-1:].isascii() and folded[-1:].isalnum() and not word.endswith("*") else ""
    )
    return left + re.escape(folded) + right


def _anchors(tokens: list[str], unspaced: bool) -> tuple[str, ...]:
    """The literals to look for: of the tokens that must be there, the one whose shortest spelling is longest."""
    best: tuple[str, ...] = ()
    best_length = 0
    for index, token in enumerate(tokens):
        if token.startswith("...") or token in _NAMES or _is_optional(token):
            continue
        spellings = tuple(dict.fromkeys(_longest_part(v) for v in _expand(token)))
        length = min(len(s) for s in spellings)
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if (
            not unspaced
            and length < 5
            and len(spellings) == 1
            and "*" not in token
            and following
            and following[0] not in "[.{("
        ):
            joined = f"{spellings[0]} {_longest_start(following)}"
            if len(joined) > best_length and _longest_start(following):
                best, best_length = (joined,), len(joined)
                continue
        if length > best_length or (length == best_length and len(spellings) < len(best)):
            best, best_length = spellings, length
    return best


def _longest_part(word: str) -> str:
    """The longest literal of one spelling: stars and inner spaces cut it."""
    if word.isalpha():
        return word
    return max(re.split(r"[*\s]+", word), key=len, default="")


def _longest_start(token: str) -> str:
    """The literal with which a plain token begins, empty when it begins with a star or a bracket."""
    return re.split(r"[*(\[]", token)[0]


def _longest_literal(spelling: str, unspaced: bool) -> str:
    """The longest literal in what a spelling is matched by, as `_plain` and `_word` fold it."""
    if unspaced:
        return fold_word(spelling.replace("*", ""))
    pieces = [piece for word in spelling.split() for piece in fold_word(word.strip("*")).split("*")]
    return max(pieces, key=len, default="")


def _head(spelling: str, unspaced: bool) -> str:
    """The literal with which a spelling begins, as `_plain` and `_word` fold it; empty when it begins otherwise."""
    if unspaced:
        return fold_word(spelling.replace("*", ""))
    if not spelling or spelling.startswith("*"):
        return ""
    return fold_word(spelling.split()[0].strip("*")).split("*")[0]


def spellings(source: str) -> list[tuple[str, ...]]:
    """The spellings of each token, stars included; none for a gap or a name, first an empty one where it may lack."""
    found: list[tuple[str, ...]] = []
    for token in _tokens(source):
        if token.startswith("...") or token in _NAMES:
            found.append(())
        elif _is_optional(token):
            found.append(("", *(spelling for spelling in _expand(token) if spelling)))
        else:
            found.append(tuple(_expand(token)))
    return found

"""Years as copyright notices print them: ranges and lists, eras of Asia, the Persian calendar, Roman numerals."""

from __future__ import annotations

import re

YEAR = r"(?:(?:1[5-9]|20|2[45])\d\d)"
_SOLAR = re.compile(r"((?:13[5-9]|14[0-2])\d)(?=[ ,.)–-]{1,3}[\u0600-\u06ff]|[ .]?(?:\n|$))")
"""A year of the Persian calendar, before words in its script."""
_ERA = r"(?:(?:民国|民國|令和|平成|昭和) ?(?:\d{1,3}|元)(?: ?年)?)"
_YEARS = re.compile(
    rf"(?<!\d)(?:{YEAR}|{_ERA})(?!\d)[.年]?"
    rf"(?:\s?(?:-|/|,|&|to|bis|a|au|al|до|по|и|and|und|et|y|e) ?(?:{YEAR}|{_ERA}|\d\d(?![\d:]))(?!\d)[.年]?){{0,12}}"
    rf"(?: ?(?:г|гг|р|рр|оны|год|roku|г\.|р\.)(?!\w)\.?)?"
)
_ONE_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)|{_ERA}")
_ROMAN = re.compile(
    r"(?<!\w)m{1,3}(?:cm|d)?c{0,3}x{0,3}(?:ix|iv|v?i{0,3})(?!\w)"
    r"|\{+ ?(?:current_?)?year ?\}+|<\?=?[^>]{0,40}\?>|\[year\]"
)
_GAP = re.compile(r"[\s:,.|/\-–(（\[•·]*")
_ERAS = {"民国": 1911, "令和": 2018, "平成": 1988, "昭和": 1925}


def skip(text: str, position: int) -> int:
    match = _GAP.match(text, position)
    end = match.end() if match else position
    return position if "\n" in text[position:end] else end


def take_years(text: str, position: int) -> tuple[list[tuple[int, int]], int]:
    """The years that begin at the position and where they end."""
    roman = _ROMAN.match(text, position)
    if roman and roman.group():
        return [], skip(text, roman.end())
    match = _YEARS.match(text, position)
    if match is None:
        solar = _SOLAR.match(text, position)
        return ([solar.span(1)], solar.end()) if solar else ([], position)
    years = [m.span() for m in _ONE_YEAR.finditer(text, match.start(), match.end())]
    closing = re.compile(r"[)）\]]?").match(text, match.end())
    return years, closing.end() if closing else match.end()


def years_in(text: str, start: int, end: int) -> tuple[list[tuple[int, int]], int]:
    years = [m.span() for m in _ONE_YEAR.finditer(text, start, end)]
    return years, years[-1][1] if years else start


def year_number(printed: str) -> int | None:
    """The number of a printed year; eras of up to three digits become Gregorian years."""
    for era, base in _ERAS.items():
        if printed.startswith(era):
            digits = re.sub(r"\D", "", printed)
            return base + (int(digits) if digits else 1)
    digits = re.sub(r"\D", "", printed)
    return int(digits) if len(digits) == 4 else None

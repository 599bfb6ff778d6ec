"""Precision and recall of the notices engine per language, on labelled texts that are not part of the project.

    python bench/notices_quality.py LABELLED.jsonl [--write]

A line holds `text`, `lang` and `expect` with copyright, reservation, denied, permitted, optional, exception,
exception_alt. `--write` puts the table into docs/notices_quality.md, from where README.md takes it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from rightscheck import read_notices

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "notices_quality.md"


@dataclass
class Tally:
    """True and false answers of one question."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, wanted: bool, got: bool) -> None:
        self.tp += wanted and got
        self.fp += got and not wanted
        self.fn += wanted and not got

    @property
    def precision(self) -> float:
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 1.0

    @property
    def recall(self) -> float:
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass
class Figures:
    """What was measured for one language."""

    texts: int = 0
    reservation: Tally = field(default_factory=Tally)
    copyright: Tally = field(default_factory=Tally)
    uses: Tally = field(default_factory=Tally)
    routes: list[bool] = field(default_factory=list)


def measure(lines: Iterable[str]) -> dict[str, Figures]:
    """The figures by language, and of all under `all`."""
    found: dict[str, Figures] = defaultdict(Figures)
    for line in lines:
        item: dict[str, Any] = json.loads(line)
        answer = read_notices(item["text"])
        for figures in (found[item["lang"]], found["all"]):
            _add(figures, item["expect"], dict(answer))
    return found


def _add(figures: Figures, wanted: dict[str, Any], got: dict[str, Any]) -> None:
    figures.texts += 1
    figures.reservation.add(wanted["reservation"], got["reservation"])
    figures.copyright.add(wanted["copyright"], got["copyright"])
    optional = set(wanted.get("optional", ()))
    for side in ("denied", "permitted"):
        asked, said = set(wanted[side]), set(got[side])
        for use in asked | (said - optional):
            figures.uses.add(use in asked, use in said)
    if wanted["denied"]:
        accepted = {wanted["exception"], *wanted.get("exception_alt", ())}
        figures.routes.append(got["exception"] in accepted)


def table(found: dict[str, Figures]) -> str:
    """The figures as a Markdown table, the languages by their names."""
    lines = [
        "| language | texts | reservation precision | recall | copyright F1 | uses F1 | exception |",
        "|---|---|---|---|---|---|---|",
    ]
    names = {code: _name(code) for code in found if code != "all"}
    for code in [*sorted(names, key=names.__getitem__), "all"]:
        f = found[code]
        route = sum(f.routes) / len(f.routes) if f.routes else 1.0
        lines.append(
            f"| {names.get(code, '**all**')} | {f.texts} | {f.reservation.precision:.3f} | {f.reservation.recall:.3f} "
            f"| {f.copyright.f1:.3f} | {f.uses.f1:.3f} | {route:.3f} |"
        )
    return "\n".join(lines) + "\n"


def _name(code: str) -> str:
    if code == "zh-Hant":
        return "Chinese, traditional"
    path = files("rightscheck").joinpath(f"data/notices/{code}.toml")
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("name = "):
            return line.partition('"')[2].partition('"')[0]
    return code


def main() -> None:
    """Print the table, or write it."""
    path = Path(sys.argv[1])
    with path.open(encoding="utf-8") as stream:
        text = table(measure(line for line in stream if line.strip()))
    if "--write" in sys.argv:
        TARGET.write_text(
            "# Measured on labelled texts\n\nWritten by `bench/notices_quality.py` on the texts that the engine was "
            "developed with, which are not part of the project. Texts that it has not seen score lower: "
            "notices.md says what it read in them at first sight. "
            "What it misses goes to the profile's "
            "answer to silence, so treat silence with care where a text matters.\n\n" + text,
            encoding="utf-8",
        )
    print(text, end="")


if __name__ == "__main__":
    main()

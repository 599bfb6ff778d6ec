"""How often a reservation is right, by the confidence that the engine gives it, on labelled texts.

    bench/notices_calibration.py LABELLED.jsonl... [--archives DIR] [--write]

A reservation counts as right when the text refuses one of the automated uses that the sentence was read to refuse.
`high` and `medium` are the document's own words; `unclear` are words of unclear ownership, which only ask for review.
`--archives` adds the judged terms documents of `terms_quality.py`. `--write` puts the tables into
docs/notices_confidence.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rightscheck.notices import Ownership, Polarity, read
from rightscheck.notices.reading import AUTOMATED, Clause

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "notices_confidence.md"
JUDGEMENTS = ROOT / "bench" / "terms_judgements.jsonl"
STATED = {"high": 0.97, "medium": 0.6}
"""The precision that each band of own reservations reaches at least on the project's own texts."""
BANDS = ("high", "medium", "unclear")


@dataclass
class Bands:
    """Right and wrong reservations by band."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def precision(self, band: str) -> float | None:
        """The part of a band that is right, None when it is empty."""
        read_ = self.right[band] + self.wrong[band]
        return self.right[band] / read_ if read_ else None


def band_of(clause: Clause) -> str:
    """The band of a reservation: its confidence when it is the document's own, else `unclear`."""
    return clause.confidence.value if clause.ownership is Ownership.OWN else "unclear"


def measure(texts: Iterable[tuple[str, str, frozenset[str]]]) -> dict[str, Bands]:
    """The bands by language, and of all under `all`. Texts are (language, text, automated uses refused)."""
    found: dict[str, Bands] = {"all": Bands()}
    for language, text, refused in texts:
        for clause in read(text, credits=False).clauses:
            uses = {use.value for use in clause.uses & AUTOMATED}
            if clause.polarity is not Polarity.DENY or clause.ownership is Ownership.MENTION or not uses:
                continue
            for bands in (found["all"], found.setdefault(language, Bands())):
                (bands.right if uses & refused else bands.wrong)[band_of(clause)] += 1
    return found


def labelled(paths: Iterable[Path]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The texts of labelled files with the uses that they refuse, those that may be named or not included."""
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                row: dict[str, Any] = json.loads(line)
                expect = row["expect"]
                uses = {*expect["denied"], *expect.get("optional", ())} if expect["reservation"] else set()
                yield row["lang"], row["text"], frozenset(uses)


def judged(archives: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The judged terms documents that the archives hold."""
    for line in JUDGEMENTS.read_text("utf-8").splitlines():
        row = json.loads(line)
        clone = archives / row["repo"].replace("/", "+")
        directory = clone / "repo" if (clone / "repo").is_dir() else clone
        command = ["git", "-C", str(directory), "show", f"{row['commit']}:{row['path']}"]
        shown = subprocess.run(command, capture_output=True, check=False)
        if not shown.returncode:
            yield "terms", shown.stdout.decode("utf-8", "replace"), frozenset(row["denied"])


def table(found: dict[str, Bands]) -> str:
    """The bands as a Markdown table, a row for each language."""
    lines = [
        "| language | high | right | medium | right | unclear | right |",
        "|---|---|---|---|---|---|---|",
    ]
    for code in [*sorted(code for code in found if code != "all"), "all"]:
        cells = []
        for band in BANDS:
            precision = found[code].precision(band)
            count = found[code].right[band] + found[code].wrong[band]
            cells += [str(count), "" if precision is None else f"{precision:.3f}"]
        lines.append(f"| {code} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the tables, or write them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", nargs="+", type=Path)
    parser.add_argument("--archives", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = table(measure(labelled(options.labelled)))
    if options.archives:
        text += "\nReal terms documents:\n\n" + table(measure(judged(options.archives)))
    if options.write:
        stated = ", ".join(f"{band} {figure:.2f}" for band, figure in STATED.items())
        TARGET.write_text(
            "# Confidence of reservations\n\nWritten by `bench/notices_calibration.py`: how many sentences were read "
            "as reservations in each band, and which part of them is right. The texts are those that the engine was "
            f"developed with; on unseen texts expect less. At least this much holds on them: {stated}. `unclear` "
            "are words of unclear ownership, which only ask for review.\n\n" + text,
            encoding="utf-8",
        )
    print(text, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

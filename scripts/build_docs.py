"""Writes the generated parts of README.md and of pages in docs/. `--check` only says whether they are fresh.

Generated parts stand between an HTML comment (`<!-- output: ARGUMENTS -->`, `<!-- table: NAME -->`) and the
next blank line after their block, so that what the documents show is what the program does.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from rightscheck.cli.app import run
from rightscheck.registry import load_profile, profile_names
from rightscheck.signals import all_signals
from rightscheck.situations import rows
from rightscheck.vocab import AI_ALL, AI_TRAIN, Use

ROOT = Path(__file__).resolve().parent.parent
_PART = re.compile(r"(<!-- (output|table): ([^\n]*?) -->\n)(?:```text\n.*?```\n|(?:\|[^\n]*\n)*)", re.DOTALL)


def output_of(arguments: str) -> str:
    """What the command prints, as a fenced block."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="utf-8", write_through=True)
    with redirect_stdout(stream):
        run(arguments.split())
    stream.flush()
    return f"```text\n{buffer.getvalue().decode()}```\n"


def signals_table(_: str) -> str:
    """Every signal with its specification and what it can say."""
    lines = ["| signal | specification | where | says |", "|---|---|---|---|"]
    for signal in all_signals():
        specification = f"[{signal.specification}]({signal.url}) {signal.version}, {signal.status}"
        lines.append(
            f"| `{signal.id}`: {signal.title} | {specification} | {', '.join(signal.carriers)} "
            f"| {', '.join(signal.says)} |"
        )
    return "\n".join(lines) + "\n"


def languages_table(_: str) -> str:
    """The measured figures per language, written by bench/notices_quality.py."""
    path = ROOT / "docs" / "notices_quality.md"
    if not path.exists():
        return ""
    return "".join(line + "\n" for line in path.read_text("utf-8").splitlines() if line.startswith("|"))


def decisions_table(_: str) -> str:
    """Each row of the decision table with the outcome of every profile."""
    names = list(profile_names())
    profiles = [load_profile(name) for name in names]
    lines = ["| situation | meaning | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for situation, row in rows().items():
        cells = [_outcomes({use: p.outcome(situation, use, True).value for use in Use}) for p in profiles]
        lines.append(f"| `{situation}` | {row['title']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _outcomes(by_use: dict[Use, str]) -> str:
    """The outcomes of one row, the common one last as "other"."""
    values = list(by_use.values())
    common = max(dict.fromkeys(values), key=values.count)
    if all(value == common for value in values):
        return common
    parts: list[str] = []
    left = [use for use in Use if by_use[use] != common]
    for value in dict.fromkeys(by_use[use] for use in left):
        uses = {use for use in left if by_use[use] == value}
        named = ["ai-*"] if uses >= AI_ALL else ["ai-train"] if uses >= AI_TRAIN else []
        covered = AI_ALL if named == ["ai-*"] else AI_TRAIN if named else frozenset()
        named += [use.value for use in Use if use in uses - covered]
        parts.append(f"{', '.join(named)}: {value}")
    return "; ".join([*parts, f"other: {common}"])


def law_table(_: str) -> str:
    """The legal facts that the profiles rest on, each with the profile that brings it in."""
    lines = ["| where | fact | what the rows make of it | profile | checked |", "|---|---|---|---|---|"]
    seen: set[str] = set()
    for profile in sorted(map(load_profile, profile_names()), key=lambda one: (len(one.lineage), one.id)):
        for fact in profile.law:
            if fact.title not in seen:
                seen.add(fact.title)
                lines.append(
                    f"| {fact.jurisdiction} | [{fact.title}]({fact.source}) | {fact.effect} "
                    f"| {profile.id} | {fact.checked.isoformat()} |"
                )
    return "\n".join(lines) + "\n"


def first_sight_table(_: str) -> str:
    """What the engine read in each batch of written texts before anybody looked at them."""
    lines = [
        "| round | languages | texts | reservation precision | recall | copyright F1 | uses F1 | exception | holder |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    rows = (ROOT / "bench" / "written" / "first_sight.jsonl").read_text("utf-8").splitlines()
    for row in sorted(map(json.loads, rows), key=lambda row: (row["round"], row["group"])):
        figures = [
            row.get(key)
            for key in (
                "reservation_precision",
                "reservation_recall",
                "copyright_f1",
                "uses_f1",
                "exception",
                "holder",
            )
        ]
        cells = " | ".join("–" if figure is None else f"{figure:.2f}" for figure in figures)
        lines.append(f"| {row['round']} | {' '.join(row['languages'])} | {row['texts']} | {cells} |")
    return "\n".join(lines) + "\n"


PARTS: dict[tuple[str, str], Callable[[str], str]] = {
    ("table", "signals"): signals_table,
    ("table", "languages"): languages_table,
    ("table", "decisions"): decisions_table,
    ("table", "law"): law_table,
    ("table", "first-sight"): first_sight_table,
}


def fresh(text: str) -> str:
    """The document with its generated parts written anew."""

    def part(match: re.Match[str]) -> str:
        kind, name = match[2], match[3]
        make = output_of if kind == "output" else PARTS[kind, name]
        return match[1] + make(name)

    return _PART.sub(part, text)


def main() -> int:
    """0 when all is fresh or was written, 1 when `--check` finds something stale."""
    stale = []
    for name in ("README.md", "docs/decisions.md", "docs/notices.md", "docs/profiles.md"):
        path = ROOT / name
        before = path.read_text("utf-8")
        after = fresh(before)
        if before != after:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(after, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'stale' if '--check' in sys.argv else 'written'}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())

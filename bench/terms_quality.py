#!/usr/bin/env python3
"""How well the notices engine reads real documents: precision and recall against judgements by people.

    bench/terms_quality.py --archives DIR [--judgements bench/terms_judgements.jsonl] [--show]

A judgement names a terms document, or a saved page (`bench/page_judgements.jsonl`), in a public archive by
repository, commit and path, and says whether it reserves an automated use and which; no text is kept here.
`--archives` holds a clone of each repository as `owner+name` (a git directory, or one with `repo` in it).
`--show` names the documents read otherwise.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rightscheck import read_notices
from rightscheck.syntax.html import HtmlDocument

JUDGEMENTS = Path(__file__).resolve().parent / "terms_judgements.jsonl"
RESERVATION = "reservation"


@dataclass(frozen=True)
class Judged:
    """One document: where it is, what people found in it, and what the engine reads."""

    place: str
    expected: frozenset[str]
    found: frozenset[str]


def read_documents(judgements: Path, archives: Path) -> list[Judged]:
    """Every judged document that the archives hold, read by the engine."""
    judged = []
    for line in judgements.read_text("utf-8").splitlines():
        row = json.loads(line)
        clone = archives / row["repo"].replace("/", "+")
        directory = clone / "repo" if (clone / "repo").is_dir() else clone
        command = ["git", "-C", str(directory), "show", f"{row['commit']}:{row['path']}"]
        shown = subprocess.run(command, capture_output=True, check=False)
        if shown.returncode:
            continue
        answer = read_notices(_text(row["path"], shown.stdout))
        place = f"{row['repo']}:{row['path']}"
        expected = _labels(row["reservation"], row["denied"])
        judged.append(Judged(place, expected, _labels(bool(answer["reservation"]), answer["denied"])))
    return judged


def _text(path: str, body: bytes) -> str:
    """The words of a terms document, or what a reader sees of a page."""
    plain = gzip.decompress(body) if path.endswith(".gz") else body
    return HtmlDocument(plain).visible_text() if ".html" in path else plain.decode("utf-8", "replace")


def _labels(reservation: bool, denied: list[str]) -> frozenset[str]:
    automated = {"crawl", "search", "tdm", "ai-train", "ai-input"}
    return frozenset({RESERVATION} if reservation else ()) | (automated & set(denied))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--judgements", type=Path, default=JUDGEMENTS)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    judged = read_documents(options.judgements, options.archives)
    right: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for document in judged:
        right.update(document.expected & document.found)
        false.update(document.found - document.expected)
        missed.update(document.expected - document.found)
        if options.show and document.expected != document.found:
            wrong = [f"+{label}" for label in sorted(document.found - document.expected)]
            wrong += [f"-{label}" for label in sorted(document.expected - document.found)]
            print(f"{' '.join(wrong):40}  {document.place}")
    print(f"{len(judged)} documents, {sum(RESERVATION in one.expected for one in judged)} reserve a use")
    for label in (RESERVATION, "crawl", "search", "tdm", "ai-train", "ai-input"):
        read, known = right[label] + false[label], right[label] + missed[label]
        precision = f"{right[label] / read:.3f}" if read else "-"
        recall = f"{right[label] / known:.3f}" if known else "-"
        print(f"{label:12} precision {precision:6} recall {recall:6} ({known} judged, {read} read)")
    return 0 if judged else 1


if __name__ == "__main__":
    raise SystemExit(main())

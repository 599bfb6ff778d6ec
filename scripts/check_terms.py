#!/usr/bin/env python3
"""Check a random sample of the statements from terms documents against the archived documents themselves.

    scripts/check_terms.py --archives DIR [--sample 20] [--seed 1] [--policies policies]

It reads the entries, not the file they were built from: commit and path must lead to bytes of the recorded
digest, the archive must have recorded them on the recorded day, the cited lines must exist and must name
each use that the entry says is denied, in the document's own language. Fails when one does not agree.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from rightscheck.errors import Problem
from rightscheck.registry.policies_dir import policies_dir
from rightscheck.registry.publishers import Layer, PublisherPolicy, RecordedStatement, read_layer
from rightscheck.registry.store import Registry
from rightscheck.vocab import AI_TRAIN, Carrier, Use

CITED = re.compile(r"github:(?P<repository>[^@]+)@(?P<commit>[0-9a-f]{40}):(?P<path>.+)")
LINES = re.compile(r"line:(\d+)(?:-(\d+))?")
_AI = r"artificial|machine.learning|language.model|\bAI\b|learning|chatbot|apprentissage"
# What a clause that denies the use has to mention; the statement says which way.
WORDS = {
    Use.CRAWL: r"crawl|scrap|spider|robot|\bbots?\b|automat|extract|collect|moissonn|data min|mine\b|extra[cç]|těž",
    Use.TDM: r"min(?:e|es|ed|ing|ería)\b|fouille|analys|extract|vytěž",
    Use.SEARCH: r"index|search|zoeken|indexeren",
    Use.AI_INPUT: _AI,
    Use.ARCHIVE: r"archiv",
    Use.REPRODUCE: r"cop(?:y|ied)|reproduc|used other",
    Use.REDISTRIBUTE: r"distribut|transmit|publish",
    **dict.fromkeys(AI_TRAIN, _AI),
}


def faults(statement: RecordedStatement, archives: Path) -> Iterator[str]:
    """What of the statement does not agree with the archive; nothing when all of it does."""
    cited = CITED.fullmatch(statement.archive)
    if cited is None:
        yield f"`{statement.archive}` names no commit and path"
        return
    clone = archives / cited["repository"].replace("/", "+")
    directory = clone / "repo" if (clone / "repo").is_dir() else clone
    shown = _git(directory, "show", f"{cited['commit']}:{cited['path']}")
    if sha256(shown).hexdigest() != statement.sha256:
        yield "the digest differs"
    arguments = ("log", "-1", "--format=%cs", cited["commit"], "--", f":(literal){cited['path']}")
    recorded = _git(directory, *arguments).decode().strip()
    if recorded != statement.observed.isoformat():
        yield f"recorded on {recorded}, not on {statement.observed}"
    yield from _missing_words(statement, shown.decode("utf-8", "replace").split("\n"))


def _missing_words(statement: RecordedStatement, lines: list[str]) -> Iterator[str]:
    place = LINES.fullmatch(statement.locator)
    last = int(place[2] or place[1]) if place else 0
    if place is None or last > len(lines):
        yield f"no such lines: {statement.locator}"
        return
    clause = "\n".join(lines[int(place[1]) - 1 : last])
    for use in sorted(statement.uses):
        if not re.search(WORDS[use], clause, re.IGNORECASE):
            yield f"{statement.locator} does not speak of {use}"


def _git(directory: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def from_terms(registry: Registry) -> list[tuple[PublisherPolicy, RecordedStatement]]:
    """Every statement read in an archived terms document, with its publisher, in the order of the ids."""
    return [
        (policy, statement)
        for policy in registry.publishers
        for statement in policy.statements
        if statement.carrier is Carrier.TERMS and statement.archive
    ]


def read_entries(policies: Path) -> Layer:
    """The entries of one folder, without the shipped ones below them."""
    problems: list[Problem] = []
    layer = read_layer(policies, str(policies), problems)
    if problems:
        raise SystemExit("\n".join(map(str, problems)))
    return layer


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", type=Path, default=policies_dir())
    options = parser.parse_args()
    known = from_terms(Registry.of([read_entries(options.policies)]))
    chosen = random.Random(options.seed).sample(known, min(options.sample, len(known)))  # noqa: S311 - a sample
    wrong = 0
    for policy, statement in chosen:
        found = list(faults(statement, options.archives))
        wrong += bool(found)
        print(f"{policy.id}: {statement.locator}: {'; '.join(found) or 'agrees'}")
    print(f"{len(chosen) - wrong} of {len(chosen)} agree; {len(known)} statements are from terms documents")
    return 1 if wrong or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main())

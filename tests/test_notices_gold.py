"""The labelled texts: scores must not fall below what was reached. They are kept outside the project."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rightscheck.notices import read_notices
from rightscheck.notices.lexicon import UNIVERSAL
from rightscheck.notices.loading import load

GOLD = Path(__file__).parent.parent.parent / "shared" / "gold"
TEXTS = GOLD / "notices-dev.jsonl"
pytestmark = pytest.mark.skipif(
    not TEXTS.exists(), reason="the labelled texts are not beside the project (../shared/gold)"
)
KNOWN = {"zh": ("zh", "zh-Hant")}
FLOORS = {
    "en": (0.985, 0.95), "id": (0.985, 0.93), "de": (0.985, 0.97), "fr": (0.985, 0.95), "ru": (0.985, 0.98),
    "zh": (0.985, 0.98), "zh-Hant": (0.985, 0.98), "ja": (0.985, 0.94), "ko": (0.985, 0.98), "ar": (0.985, 0.98),
    "tr": (0.985, 0.98),
}  # fmt: skip
"""Per language: F1 of reservation, micro F1 of uses."""


@pytest.fixture(scope="module")
def texts() -> list[dict[str, Any]]:
    known = {tag for code in load().languages if code != UNIVERSAL for tag in KNOWN.get(code, (code,))}
    lines = TEXTS.read_text("utf-8").splitlines()
    return [text for text in map(json.loads, lines) if text["lang"] in known]


@pytest.fixture(scope="module")
def scores(texts: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("gold")
    gold, answers = folder / "gold.jsonl", folder / "answers.jsonl"
    gold.write_text("".join(json.dumps(t) + "\n" for t in texts), "utf-8")
    answers.write_text(
        "".join(json.dumps({"id": t["id"], **read_notices(t["text"])}) + "\n" for t in texts), "utf-8"
    )
    return _score(gold, answers)


def _score(gold: Path, answers: Path) -> dict[str, Any]:
    import contextlib
    import io

    spec = importlib.util.spec_from_file_location("score", GOLD / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        module.main([str(answers), "--gold", str(gold), "--json"])
    result: dict[str, Any] = json.loads(printed.getvalue())
    return result


def test_totals(scores: dict[str, Any]) -> None:
    assert scores["reservation"]["p"] >= 0.99
    assert scores["reservation"]["r"] >= 0.985
    assert scores["copyright"]["f1"] >= 0.985
    assert scores["uses_micro"]["f1"] >= 0.96
    right, asked = scores["exception_lenient"]
    assert right / asked >= 0.96
    right, asked = scores["holder_lenient"]
    assert right / asked >= 0.96
    right, asked = scores["years"]
    assert right / asked >= 0.95


@pytest.mark.parametrize("code", FLOORS)
def test_languages(code: str, scores: dict[str, Any]) -> None:
    reservation, _, uses = scores["by_language"][code]
    assert (reservation["f1"] >= FLOORS[code][0], uses["f1"] >= FLOORS[code][1]) == (True, True), (
        reservation,
        uses,
    )


@pytest.mark.parametrize(
    "category", ["neg-quote", "neg-article", "neg-privacy-user-data", "neg-news", "neg-tutorial"]
)
def test_what_only_mentions_reserves_nothing(category: str, scores: dict[str, Any]) -> None:
    reservation, _, _ = scores["by_category"][category]
    assert reservation["fp"] <= 0.02 * (reservation["fp"] + reservation["tn"])


def test_spans_are_the_clause(texts: list[dict[str, Any]]) -> None:
    found = list(_overlaps(texts))
    assert sum(share >= 0.8 for share in found) / len(found) >= 0.9


def _overlaps(texts: list[dict[str, Any]]) -> Iterator[float]:
    """For each labelled reservation, copyright and permission span its best overlap with a span of the kind."""
    for text in texts:
        spans = read_notices(text["text"])["spans"]
        for wanted in text["spans"]:
            if wanted["kind"] not in ("reservation", "copyright", "permission"):
                continue
            a, b = wanted["start"], wanted["end"]
            shares = [
                max(0, min(b, s["end"]) - max(a, s["start"])) / (max(b, s["end"]) - min(a, s["start"]))
                for s in spans
                if s["kind"] == wanted["kind"]
            ]
            yield max(shares, default=0.0)

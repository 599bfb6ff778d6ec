"""The kernel decides every document as `check_text` does, whatever shortcut it takes."""

from __future__ import annotations

import json
import re
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CLAUSE, SHARED
from rightscheck.audit.gate import is_silent
from rightscheck.audit.kernel import Kernel
from rightscheck.audit.outcomes import outcome_of
from rightscheck.checker import Checker
from rightscheck.errors import UsageError
from rightscheck.notices.credit_scan import _WORDS, may_hold_credits
from rightscheck.notices.credits import find_credits
from rightscheck.readers.records import schema
from rightscheck.signals.c2pa import _HEADER

PLAIN = [
    "Rain fell on the hill all morning, and the market opened late.",
    "",
    "Hujan turun di bukit sepanjang pagi. Pasar dibuka terlambat.",
    "雨が丘に降り、市場は遅く開いた。",
]
SAYING = [
    CLAUSE,
    "© 2024 Harbour Gazette. All rights reserved.",
    "Copyright (c) 2019 Reuters",
    "No part of this text may be used to train AI models.",
    "You may copy and redistribute this text for any purpose.",
    "Source: Anadolu",
    "(Reuters) rain fell.",
    "NORTHPORT (Kestrel News) - Rain fell on the hill.",
    "Foto: Mira Lindqvist",
    "Text and data mining is re\u00adserved by the publisher.",
    f"The site says: \u201c{CLAUSE}\u201d, a reader noted.",
    f"{_HEADER}\ufe01",
    "-----BEGIN C2PA MANIFEST-----\nabc\n-----END C2PA MANIFEST-----",
]
URLS = [
    None,
    "https://www.harbourgazette.example/a",
    "https://www.harbourgazette.example/b?c=d#e",
    "http://other.example:8080/",
    "https://www.antaranews.com/berita/1",
    "https://www.reuters.com/world/x",
    "https://www.nytimes.com/2026/x.html",
    "https://EXAMPLE.org",
    "https://пример.example/путь",
    "https://a.example/путь",
    "ftp://files.example/a",
    "https://user:word@a.example/",
    "https://a.example:22/",
    "https://[broken/",
    "https://a..example/x",
    " https://a.example/x ",
    "https://a.example/\x07",
    "no url at all://",
    "https://a.example/" + "x" * 20_000,
]
texts = st.lists(st.sampled_from(PLAIN + SAYING), min_size=1, max_size=3).map("\n\n".join)
GRANT = """
[[grant]]
id = "gazette-2026"
grantor = "harbourgazette.example"
grantee = "Acme AI"
uses = ["ai-train", "reproduce"]
hosts = ["www.harbourgazette.example"]
PATHS
valid_from = 2026-01-01
"""
HOUSE = """
id = "ours"
title = "Ours"
inherits = "text-only"
[[house]]
action = "block"
hosts = ["other.example"]
reason = "own choice"
"""


def batch(pairs: list[tuple[str, str | None]]) -> pa.RecordBatch:
    rows = [{"row": n, "text": text, "url": url} for n, (text, url) in enumerate(pairs)]
    return pa.RecordBatch.from_pylist(rows, schema=schema())


def expected(checker: Checker, text: str, url: str | None):
    try:
        return outcome_of(checker.check_text(text, url))
    except UsageError:
        return outcome_of(checker.check_text(text))


def differing(checker: Checker, pairs: list[tuple[str, str | None]]) -> list[object]:
    kernel = Kernel(checker)
    said = kernel.judge(batch(pairs), "f").to_pylist()
    assert len(said) == len(pairs)
    wrong = []
    for (text, url), row in zip(pairs, said, strict=True):
        wanted = expected(checker, text, url)
        got = (
            row["verdict"],
            tuple(row["rules"]),
            tuple(row["reasons"]),
            row["quote"],
            row["start"],
            row["end"],
        )
        want = (wanted.verdict, wanted.rules, wanted.reasons, wanted.quote, wanted.start, wanted.end)
        by_use = tuple(row[f"verdict_{use.replace('-', '_')}"] for use in kernel.uses)
        rest = (row["layer"], tuple(row["gaps"]), tuple(row["situations"]), tuple(row["conditions"]), by_use)
        rest_wanted = (wanted.layer, wanted.gaps, wanted.situations, wanted.conditions, wanted.by_use)
        evidence = tuple(tuple(item.values()) for item in row["evidence"])
        if (got, rest, evidence) != (want, rest_wanted, wanted.evidence):
            wrong.append((text, url, got, want, rest, rest_wanted))
    return wrong


def checkers(folder) -> dict[str, Checker]:
    (folder / "whole.toml").write_text(GRANT.replace("PATHS", ""))
    (folder / "paths.toml").write_text(GRANT.replace("PATHS", 'paths = ["/a"]'))
    (folder / "ours.toml").write_text(HOUSE)
    usual = {"on": "2026-11-24", "use": ("ai-train", "search", "reproduce", "crawl")}
    granted = {**usual, "profile": "text-only", "grantee": "Acme AI"}
    return {
        "text-only": Checker(profile="text-only", **usual),
        "standard": Checker(profile="standard", **usual),
        "strict": Checker(profile="strict", **usual),
        "grant": Checker(grants=folder / "whole.toml", **granted),
        "grant-paths": Checker(grants=folder / "paths.toml", **granted),
        "house": Checker(profile=str(folder / "ours.toml"), on="2026-11-24", use="ai-train"),
    }


@pytest.fixture(scope="module")
def all_checkers(tmp_path_factory):
    return checkers(tmp_path_factory.mktemp("policies"))


@pytest.mark.parametrize("name", ["text-only", "standard", "strict", "grant", "grant-paths", "house"])
def test_every_kind_of_url_with_every_kind_of_text(all_checkers, name):
    pairs = [(text, url) for text in (PLAIN[0], PLAIN[2], CLAUSE, SAYING[1], SAYING[5]) for url in URLS]

    assert differing(all_checkers[name], pairs + pairs[::-1]) == []


@settings(max_examples=25, deadline=None)
@given(pairs=st.lists(st.tuples(texts, st.sampled_from(URLS)), min_size=1, max_size=12))
def test_any_mixture_of_documents(all_checkers, pairs):
    assert differing(all_checkers["text-only"], pairs) == []


def test_texts_that_say_something_are_never_taken_for_silent():
    assert [is_silent(text) for text in PLAIN] == [True] * len(PLAIN)
    assert [text for text in SAYING if is_silent(text)] == []


def test_the_gold_texts():
    path = SHARED / "gold" / "notices-dev.jsonl"
    if not path.exists():
        pytest.skip("the gold texts are not here")
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    pairs = [(row["text"], URLS[1 + n % 6]) for n, row in enumerate(rows)][::12]

    assert differing(Checker(profile="text-only", use="ai-train", on="2026-11-24"), pairs) == []
    silent = Counter(
        any(find_credits(text)) for text in (row["text"] for row in rows) if not may_hold_credits(text)
    )
    assert silent[True] == 0
    assert silent[False] > 1000


def same_letters(letter: str) -> list[str]:
    """The letters that ignoring case makes equal, by the regular expression engine's own reckoning."""
    return [
        c
        for c in {letter, letter.upper(), "ſ", "K", "İ", "ı", "ς"}
        if len(c) == 1 and re.match(re.escape(letter), c, re.I)
    ]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_spelling_of_a_credit_escapes_the_filter(data):
    word = "".join(data.draw(st.sampled_from(same_letters(c))) for c in data.draw(st.sampled_from(_WORDS)))
    before = data.draw(st.sampled_from(["", "Rain.\n", "Rain fell. ", "Rain。", "x" * 5000 + "\n", " ("]))
    sign = data.draw(st.sampled_from([":", " :", "\u00a0：", "="]))
    text = f"{before}{word}{sign} Kestrel News\n" + data.draw(st.sampled_from(["", "y" * 3000, "y" * 9000]))

    if any(find_credits(text)):
        assert may_hold_credits(text)

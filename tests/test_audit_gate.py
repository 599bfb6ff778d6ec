"""The gate sees every text that the one-document path sees, with either engine, wherever the text stands in a batch."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.audit.gate import NOTICE, Gate, is_silent
from rightscheck.audit.kernel import Kernel
from rightscheck.audit.outcomes import outcome_of
from rightscheck.checker import Checker
from rightscheck.notices.credit_scan import _WORDS, may_hold_credits, same_letters
from rightscheck.notices.lexicon import build, examples, language_files
from rightscheck.notices.literals import folded_literals, literals
from rightscheck.notices.scan import NOWHERE, Scanner
from rightscheck.readers.records import schema

EXAMPLES = [example.text for name, text in language_files() for example in examples(name, text)]
LEXICON = build(language_files())
PLAIN = (
    "Rain fell on the hill all morning, and the market opened late.",
    "Nobody had counted the sheep that came over with the ferry.",
    "雨が丘に降り、市場は遅く開いた。",
    "Дождь шёл всё утро, и рынок открылся поздно.",
)
SAYING = (
    "© 2026 Harbour Gazette. All rights reserved.",
    "Scraping of this site and training AI on its texts are forbidden without written permission of Kestrel News.",
    "Source: Anadolu",
    "Photo: Mira Lindqvist",
    "NORTHPORT (Kestrel News) - Rain fell on the hill.",
    "(Reuters) rain fell.",
    "The site says: \u201cNo part of this text may be used to train AI models\u201d, a reader noted.",
    "Scra-\nping of our articles is forbidden.",
    "&copy; 2024 Tarn Herald",
    "You may copy and redistribute this text for any purpose.",
)
ENGINES = ("ahocorasick", "hyperscan")


def gate_of(engine: str) -> tuple[Gate, Scanner]:
    scanner = Scanner(literals(LEXICON), lambda: folded_literals(LEXICON), engine)
    return Gate(scanner, engine), scanner


@pytest.fixture(scope="module")
def gates() -> dict[str, tuple[Gate, Scanner]]:
    pytest.importorskip("hyperscan")
    return {engine: gate_of(engine) for engine in ENGINES}


def missed(gate: Gate, scanner: Scanner, texts: list[str]) -> list[str]:
    """The texts that the gate holds back although they say something, or reads otherwise than alone."""
    passed = {one.row: one for one in gate.sift(pa.array(texts, pa.large_string()))}
    wrong = []
    for row, text in enumerate(texts):
        alone = scanner.regions(text)
        one = passed.get(row)
        if one is None or not one.why & NOTICE:
            right = alone is NOWHERE and (one is not None or is_silent(text))
        else:
            right = scanner.regions_of(text, one.data, one.found) == alone
        if not right:
            wrong.append(text)
    return wrong


@pytest.mark.parametrize("engine", ENGINES)
def test_every_lexicon_example_in_one_batch(gates: dict[str, tuple[Gate, Scanner]], engine: str) -> None:
    assert missed(*gates[engine], EXAMPLES + [text.upper() for text in EXAMPLES[::7]]) == []


WORDS = st.sampled_from(sorted({word for text in EXAMPLES for word in text.split()}))
MIXED = st.lists(st.sampled_from(PLAIN + SAYING) | WORDS | st.text(max_size=5), max_size=12)
TEXTS = st.lists(st.tuples(MIXED, st.sampled_from([" ", "\n", "\n\n", "\n    ", ""])), max_size=8)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None)
@given(parts=TEXTS)
def test_any_batch(
    gates: dict[str, tuple[Gate, Scanner]], engine: str, parts: list[tuple[list[str], str]]
) -> None:
    texts = [between.join(said) for said, between in parts]

    assert missed(*gates[engine], [text.encode("utf-8", "replace").decode() for text in texts]) == []


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_spelling_of_a_credit_escapes_the_gate(
    gates: dict[str, tuple[Gate, Scanner]], data: st.DataObject
) -> None:
    word = "".join(data.draw(st.sampled_from(same_letters(c))) for c in data.draw(st.sampled_from(_WORDS)))
    text = f"Rain.\n{word}{data.draw(st.sampled_from([':', ' :', chr(0xA0) + '：', '=']))} Kestrel News"
    if may_hold_credits(text):
        for gate, _ in gates.values():
            assert [one.row for one in gate.sift(pa.array([PLAIN[0], text], pa.large_string()))] == [1]


CHECKER = Checker(profile="text-only", use=("ai-train", "reproduce", "search"), on="2026-11-24")
PARAGRAPHS = st.lists(st.sampled_from(PLAIN + SAYING + tuple(EXAMPLES)), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(said=PARAGRAPHS, before=st.lists(st.lists(st.sampled_from(PLAIN), max_size=3), min_size=2, max_size=4))
def test_what_is_said_elsewhere_again_is_decided_as_if_alone(
    said: list[str], before: list[list[str]]
) -> None:
    texts = ["\n\n".join((*plain, *said)) for plain in before]
    rows = [{"row": n, "text": text} for n, text in enumerate(texts)]
    judged = Kernel(CHECKER).judge(pa.RecordBatch.from_pylist(rows, schema=schema())).to_pylist()
    for text, row in zip(texts, judged, strict=True):
        wanted = outcome_of(CHECKER.check_text(text))
        assert (row["verdict"], row["quote"], row["start"], row["end"]) == (
            wanted.verdict,
            wanted.quote,
            wanted.start,
            wanted.end,
        )
        assert [tuple(item.values()) for item in row["evidence"]] == list(wanted.evidence)
        assert (row["rules"], row["reasons"]) == (list(wanted.rules), list(wanted.reasons))

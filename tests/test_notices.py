"""What `rightscheck.notices` reads: the seed, whole texts, places in the text, and what must not matter."""

from __future__ import annotations

import html
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.notices import NoticeUse, Ownership, Polarity, explain, read, read_notices
from rightscheck.notices.lexicon import examples, language_files
from rightscheck.vocab import Confidence, ExceptionRoute

SEED = Path(__file__).parent.parent / "seeds" / "000_bbda12ee46ec3871.txt"
NOTICE = (
    "© 2026 Tarn Valley Herald. Crawling, text and data mining and AI training are forbidden without the "
    "written permission of Tarn Valley Herald."
)
PROSE = {
    "en": "The ferry left the harbour at dawn with forty sheep on board. Nobody had expected so many. ",
    "id": "Kapal itu berangkat pagi hari dengan empat puluh ekor domba. Tidak ada yang menyangka. ",
    "de": "Die Fähre legte bei Tagesanbruch mit vierzig Schafen ab. Niemand hatte so viele erwartet. ",
    "ru": "Паром отошёл на рассвете, на борту было сорок овец. Никто не ждал, что их будет столько. ",
    "zh": "渡轮在黎明离港，船上有四十只羊。谁也没料到会有这么多。",
}
# Own statements of several languages, each with the uses that it refuses.
OWN = [
    (code, example.text)
    for name, text in language_files()
    for code in [name.removesuffix(".toml")]
    for example in examples(name, text)
    if example.expect.get("denied")
    and not example.expect.get("permitted")
    and "known_failure" not in example.expect
    if code in ("en", "id", "de", "fr", "ru", "tr")
]
UNSPACED = [
    example.text
    for name, text in language_files()
    if name in ("zh.toml", "ja.toml", "ko.toml")
    for example in examples(name, text)
    if example.expect.get("denied") and "known_failure" not in example.expect
]


def core(text: str) -> tuple[object, ...]:
    """The answer without places and names."""
    answer = read_notices(text)
    keys = ("copyright", "reservation", "denied", "permitted", "exception", "years")
    return tuple(answer[key] for key in keys)  # type: ignore[literal-required]  # keys of the TypedDict


def test_the_seed_reserves_crawling_and_ai() -> None:
    text = SEED.read_text("utf-8")
    reading = read(text)
    (clause,) = [c for c in reading.clauses if c.ownership is not Ownership.MENTION]
    assert text[clause.start : clause.end] == text.rstrip().splitlines()[-1]
    assert (clause.polarity, clause.ownership, clause.confidence) == (
        Polarity.DENY,
        Ownership.OWN,
        Confidence.HIGH,
    )
    assert clause.uses == {NoticeUse.CRAWL, NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
    assert clause.purpose == {NoticeUse.AI_TRAIN, NoticeUse.AI_INPUT}
    assert clause.exception is ExceptionRoute.WRITTEN_PERMISSION
    assert clause.language == "id"
    (notice,) = reading.copyrights
    assert (notice.holder, notice.years) == ("ANTARA", (2025,))
    assert [(c.kind, c.holder) for c in reading.credits] == [("dateline", "ANTARA"), ("source", "Anadolu")]


def test_the_seed_as_one_record() -> None:
    text = SEED.read_text("utf-8")
    answer = read_notices(text)
    spans = {span["kind"]: text[span["start"] : span["end"]] for span in answer.pop("spans")}
    assert answer == {
        "copyright": True,
        "holder": "ANTARA",
        "years": [2025],
        "reservation": True,
        "denied": ["crawl", "ai-train", "ai-input"],
        "permitted": [],
        "exception": "written-permission",
        "languages": ["id"],
    }
    assert spans["copyright"] == "Copyright © ANTARA 2025"
    assert spans["holder"] == "ANTARA"
    assert spans["year"] == "2025"
    assert spans["exception"] == "tanpa izin tertulis dari Kantor Berita ANTARA"


def test_a_text_that_says_nothing() -> None:
    assert read_notices(PROSE["en"] * 20) == {
        "copyright": False,
        "holder": None,
        "years": [],
        "reservation": False,
        "denied": [],
        "permitted": [],
        "exception": "none",
        "spans": [],
        "languages": [],
    }


@pytest.mark.parametrize("code", PROSE)
def test_a_notice_is_found_wherever_it_stands(code: str) -> None:
    alone = core(NOTICE)
    words = PROSE[code] * (2000 // len(PROSE[code].split()) if code != "zh" else 200)
    assert alone[2] == ["crawl", "tdm", "ai-train"]
    assert core(f"{words}\n\n{NOTICE}") == alone
    assert core(f"{NOTICE}\n\n{words}") == alone
    assert core(f"{words}\n\n{NOTICE}\n\n{words}") == alone


@pytest.mark.parametrize(("code", "text"), OWN, ids=lambda value: str(value)[:24])
def test_layout_and_encoding_do_not_matter(code: str, text: str) -> None:
    plain = core(text)
    words = text.split(" ")
    assert core("  ".join(words)) == plain
    assert core("\u00a0".join(words)) == plain
    assert core(unicodedata.normalize("NFD", text)) == plain
    assert core(html.escape(text).encode("ascii", "xmlcharrefreplace").decode()) == plain
    assert core("".join(f"{c}\u200b" if c.isalpha() else c for c in text)) == plain
    upper = text.replace("i", "İ").upper() if code == "tr" else text.upper()
    assert core(upper)[1:3] == plain[1:3]


@pytest.mark.parametrize("text", UNSPACED, ids=lambda value: str(value)[:16])
def test_spaces_between_letters_do_not_matter(text: str) -> None:
    letters = "".join(f"{c} " if c >= "\u3040" and i % 2 else c for i, c in enumerate(text))
    assert core(letters)[1:3] == core(text)[1:3]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('According to a media blog, the footer has read since Monday: "', '" The company did not comment.'),
        ("The complaint says that a banner told visitors: “", "” A hearing is set for June."),
        ('Sample clause for your own terms: "', '" Ask a lawyer first.'),
        ("<p>The paper wrote:</p><blockquote>", "</blockquote><p>said its editor.</p>"),
    ],
)
def test_quoted_and_attributed_words_are_a_mention(before: str, after: str) -> None:
    clause = "Crawling and AI training are forbidden without our written permission."
    assert read_notices(clause)["reservation"]
    text = before + clause + after
    assert not read_notices(text)["denied"]
    assert {c.ownership for c in read(text).clauses if c.uses & {NoticeUse.CRAWL}} == {Ownership.MENTION}


def test_an_adopted_quotation_is_own() -> None:
    text = 'The following notice applies to all pages: "© 2026 Tarn Herald. Scraping is forbidden."'
    assert read_notices(text)["denied"] == ["crawl"]


def test_regions_known_as_quotations_are_mentions() -> None:
    clause = "Crawling of this site is forbidden."
    text = f"Their page says\n\n{clause}\n\nand so on."
    start = text.index(clause)
    quoted = read(text, quoted=[(start, start + len(clause))])
    assert [c.ownership for c in read(text).clauses] == [Ownership.OWN]
    assert [c.ownership for c in quoted.clauses] == [Ownership.MENTION]


@pytest.mark.parametrize(
    "name", ["Øster Blad ApS", "N. R. Quill & Sons Ltd", "The Grey Post", "青石社", "Mercúrio S.A."]
)
def test_another_holder_changes_the_holder_only(name: str) -> None:
    text = "© 2026 Tarn Herald. Scraping is forbidden without written permission."
    answer = read_notices(text.replace("Tarn Herald", name))
    before = read_notices(text)
    assert answer["holder"] in (name, name.rstrip("."))
    assert {k: v for k, v in answer.items() if k not in ("holder", "spans")} == {
        k: v for k, v in before.items() if k not in ("holder", "spans")
    }


def test_every_span_lies_in_the_text_and_starts_and_ends_on_words() -> None:
    for _, text in OWN:
        padded = f"\u200b{text}\n"
        for span in read_notices(padded)["spans"]:
            quote = padded[span["start"] : span["end"]]
            assert quote == quote.strip()
            assert quote


def test_readings_explain_themselves() -> None:
    explanation = explain("Please do not scrape this site.")
    (clause,) = explanation.clauses
    assert clause.quote == "Please do not scrape this site."
    assert sum(reason.weight for reason in clause.reasons) == pytest.approx(clause.clause.score)
    assert ("uses.crawl", "scrape") in clause.cues
    assert "refuses crawl" in clause.decided


@pytest.mark.parametrize(
    "text",
    [
        "not " * 250_000,
        "may not copy " * 20_000,
        "© 2026 Tarn Herald\n" * 10_000,
        '"' * 300_000 + NOTICE,
        "«" * 100_000,
        "\ud800 © \udfff scraping is forbidden " * 2_000,
        "a" * 5_000_000,
        "(" * 100_000 + "c)" * 50_000,
        "&amp;" * 100_000 + NOTICE,
        "<" * 200_000 + NOTICE,
        "\u0301" * 200_000,
        "AI " * 30_000 + "forbidden",
        "\u200b" * 100_000 + NOTICE,
        "- scraping is forbidden\n" * 4_000,
        "1" * 1_000_000 + "©" + "2" * 1_000_000,
        "禁止抓取" * 10_000,
        "\n" * 300_000 + NOTICE,
    ],
    ids=range(17),
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    read(text)


def test_more_than_is_read_is_told() -> None:
    assert read("Scraping is forbidden. " * 40_000).capped
    assert not read(NOTICE).capped


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    reading = read(text + " © scraping forbidden " + text)
    for clause in reading.clauses:
        assert 0 <= clause.start < clause.end <= 2 * len(text) + 23

"""The prefilter: two engines with the same hits, and no text with something to say is passed over."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.notices import read
from rightscheck.notices.fold import fold, fold_text
from rightscheck.notices.lexicon import build, examples, language_files
from rightscheck.notices.literals import Told, folded_literals, literals
from rightscheck.notices.loading import scanner
from rightscheck.notices.pattern import PatternError, parse
from rightscheck.notices.scan import MAX_READ, NOWHERE, Scanner

pytest.importorskip("hyperscan")
TEXTS = [e.text for name, text in language_files() for e in examples(name, text)]
LEXICON = build(language_files())


def scanner_of(engine: str = "") -> Scanner:
    return Scanner(literals(LEXICON), lambda: folded_literals(LEXICON), engine)


FAST = scanner_of("hyperscan")
PORTABLE = scanner_of("ahocorasick")


def hits(engine: Scanner, text: str) -> list[tuple[int, Told]]:
    return sorted(engine.scan(f"\n{text}\n".encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_both_engines_hit_the_same(text: str) -> None:
    assert hits(FAST, text) == hits(PORTABLE, text)
    assert FAST.regions(text) == PORTABLE.regions(text)


def test_the_engine_that_grows_hits_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightscheck.notices.scan.GROW_AFTER", 300)
    growing = scanner_of()
    for text in TEXTS[:60]:
        assert hits(growing, text) == hits(PORTABLE, text)


def test_scanning_from_several_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = TEXTS[:100] * 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(FAST.regions, texts)) == [PORTABLE.regions(text) for text in texts]


WORDS = st.sampled_from(sorted({word for text in TEXTS for word in text.split()}))


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS | st.text(max_size=4), max_size=30).map(" ".join))
def test_both_engines_hit_the_same_in_any_text(text: str) -> None:
    assert hits(FAST, text) == hits(PORTABLE, text)


def test_texts_that_say_something_have_a_likely_place() -> None:
    for name, source in language_files():
        for example in examples(name, source):
            if (
                example.expect.get("denied")
                or example.expect.get("permitted")
                or example.expect.get("copyright")
            ):
                for text in (example.text, example.text.upper(), f"x\n{example.text}"):
                    assert scanner().regions(text) is not NOWHERE, (example.language, text)


def test_plain_prose_has_none() -> None:
    assert scanner().regions("The ferry left at dawn. Nobody saw the sheep come aboard.\n" * 50) is NOWHERE


def test_regions_are_bounded_and_in_order() -> None:
    regions = scanner().regions("Scraping is forbidden here, and the sea is wide.\n" * 20_000)
    assert regions.capped
    assert sum(end - start for start, end in regions.spans) <= MAX_READ + 20_000
    assert all(a[1] <= b[0] for a, b in zip(regions.spans, regions.spans[1:], strict=False))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_folding_maps_back_into_the_text(text: str) -> None:
    folded = fold_text(text, 0, len(text))
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))


@pytest.mark.parametrize(
    ("given_text", "folded"),
    [
        ("Ｃｏｐｙｒｉｇｈｔ", "copyright"),
        ("Prohibición", "prohibicion"),
        ("İZİNSİZ Kopyalanamaz", "izinsiz kopyalanamaz"),
        ("ΑΠΑΓΟΡΕΎΕΤΑΙ ς", "απαγορευεται σ"),
        ("يُحظَر أإآ", "يحظر ااا"),
        ("می\u200cشود", "ميشود"),
        ("轉載 許可", "转载许可"),
        ("禁 止", "禁止"),
        ("무단 전재", "무단전재"),
        ("gro&szlig; &amp;copy; &#169;", "gross © ©"),
        ("Copy-\nright", "copyright"),
        ("cra<b>wl</b>ing", "crawling"),
        ("Ã©crit â€œaâ€\x9d", 'ecrit "a"'),
        ("scra\u200bp\u00ading", "scraping"),
        ("ⓒ Ⓒ ™", "© © "),
        ("٢٠٢٥ २०२४", "2025 2024"),
        ("c\u0327a va\u0308r", "ca var"),
    ],
)
def test_folding(given_text: str, folded: str) -> None:
    assert fold(given_text) == folded.strip()


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("scrap(e|ing)", "we scrape it", True),
        ("scrap(e|ing)", "we scraped it", False),
        ("licen(c|s)e*", "two licences", True),
        ("no [text|data] mining", "no mining", True),
        ("no [text|data] mining", "no text mining", True),
        ("reserve* ...3 right", "reserves to itself every right", True),
        ("reserve* ...3 right", "reserves to itself and its heirs every right", False),
        ("*lamaz", "kopyalanamaz alamaz", True),
        ("不得...4转载", "不得以任何转载", True),
        ("不得...4转载", "不得以任何形式之转载", False),
        ("ai学习", "AI学习", True),
    ],
)
def test_patterns(pattern: str, text: str, found: bool) -> None:
    assert (parse(pattern).regex.search(fold(text)) is not None) is found


@pytest.mark.parametrize("pattern", ["(open", "[a|b", "a)b", "*", "...", "x", "[maybe]"])
def test_patterns_that_cannot_be(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern)


def test_clitics_may_be_glued_before_words() -> None:
    pattern = parse("كتاب", ("و", "ال"))
    assert pattern.regex.search(fold("والكتاب"))
    assert not pattern.regex.search(fold("مكتاب"))


def test_a_region_is_read_like_the_whole_text() -> None:
    clause = "Scraping of this site is forbidden."
    long = "The sea is wide. " * 2000 + f"\n\n{clause}\n\n" + "The sea is deep. " * 2000
    (found,) = read(long).clauses
    assert long[found.start : found.end] == clause

"""Exceptions, elliptic refusals, verdicts in the next sentence, names made of cue words."""

from __future__ import annotations

import pytest

from rightscheck.notices import read_notices

EXCEPTED = {
    "en": "Robots may not crawl our pages, with the exception of public search engines.",
    "en, numbered": "You must not use robots to access our site except (1) through our interface, (2) in the case of "
    "public search engines, in line with robots.txt, or (3) with our written permission.",
    "en, bracket": "You may not use spiders to copy this site (except that public search engines may index it).",
    "de": "Ausgenommen Suchmaschinen ist das Scraping unserer Seiten verboten.",
    "fr": "Le scraping de ce site est interdit, sauf aux moteurs de recherche.",
    "es": "Se prohíbe el scraping de este sitio, salvo a los motores de búsqueda.",
    "ru": "Сбор данных роботами с нашего сайта запрещён, за исключением поисковых систем.",
    "ja": "検索エンジンを除き、本サイトのクロールを禁止します。",
    "zh": "除搜索引擎外，禁止抓取本网站内容。",
}


@pytest.mark.parametrize("text", EXCEPTED.values(), ids=EXCEPTED)
def test_search_engines_that_are_excepted_are_not_refused(text: str) -> None:
    denied = read_notices(text)["denied"]
    assert "crawl" in denied
    assert "search" not in denied


CONSENT = {
    "de": "Außer mit unserer Zustimmung ist das Scraping dieser Seite verboten.",
    "nl": "Behalve met onze toestemming is het verboden onze site te scrapen.",
    "sv": "Med undantag för skriftligt avtal är det förbjudet att skrapa sajten.",
    "en": "Except with our consent, crawling this site is forbidden.",
}


@pytest.mark.parametrize("text", CONSENT.values(), ids=CONSENT)
def test_a_fronted_exception_for_consent_takes_no_use_away(text: str) -> None:
    assert "crawl" in read_notices(text)["denied"]


def test_what_a_permission_excepts_is_refused() -> None:
    answer = read_notices("You may copy our articles, except for AI training.")
    assert (answer["denied"], answer["permitted"]) == (["ai-train"], ["reproduce"])


ELLIPTIC = {
    "en": ("Search engines may index this site; training AI is not.", "ai-train"),
    "en, two": (
        "General search crawlers are welcome. GPTBot and every collector of AI training data are not.",
        "crawl",
    ),
    "es": (
        "Los rastreadores de buscadores tienen permiso para indexar este sitio; el entrenamiento de IA, no.",
        "ai-train",
    ),
}


@pytest.mark.parametrize(("text", "use"), ELLIPTIC.values(), ids=ELLIPTIC)
def test_a_bare_not_behind_a_permission_refuses(text: str, use: str) -> None:
    assert use in read_notices(text)["denied"]


VERDICTS = {
    "question": ("Do you want to train your model on our articles? Ask us first.", "ai-train", "permission"),
    "statement": ("Bots scrape our recipes and feed them to AI models. We do not allow it.", "crawl", "none"),
    "exception": (
        "Crawling of our site is forbidden. Exceptions need our written consent.",
        "crawl",
        "written-permission",
    ),
}


@pytest.mark.parametrize(("text", "use", "exception"), VERDICTS.values(), ids=VERDICTS)
def test_a_sentence_may_refuse_what_the_one_before_names(text: str, use: str, exception: str) -> None:
    answer = read_notices(text)
    assert use in answer["denied"]
    assert answer["exception"] == exception


def test_a_licence_that_leaves_mining_out_refuses_it() -> None:
    text = (
        "This licence does not include any resale of our service; any use of product lists; any copying of account "
        "data for others; or any use of data mining, robots, or similar data gathering and extraction tools."
    )
    assert {"crawl", "tdm"} <= set(read_notices(text)["denied"])


NAMES = {
    "index": "We at Kite Index like letters. Please do not hesitate to write to Kite Index. A failure of Kite Index to "
    "act shall not be a waiver.",
    "ai": "You may only object to Pellworm AI's new partner within ten days. The audit shall not slow down the work of "
    "Pellworm AI in any way.",
    "address": "Messages that are spam are not allowed (see [policy](https://quay.example/spam/index.htm)).",
    "made by ai": "You agree that we shall not be treated as the publisher of AI-generated content.",
}


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_names_and_addresses_made_of_cue_words_refuse_nothing(text: str) -> None:
    assert not read_notices(text)["reservation"]


def test_inline_code_is_a_sample() -> None:
    assert not read_notices("Put `Crawling of our site is forbidden.` into the footer.")["reservation"]


@pytest.mark.parametrize(
    "text",
    [
        "Our pages may not be copied, posted, mirrored, scraped or mined without our consent.",
        "You agree not to collect our content via robots, spiders or any equivalent (e.g. by hand).",
        "Scraping of users' data from our pages by robots is forbidden.",
    ],
)
def test_words_of_reports_and_advice_mean_something_else_among_acts(text: str) -> None:
    assert "crawl" in read_notices(text)["denied"]

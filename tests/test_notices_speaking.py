"""Passages that a few cues tell to say nothing are those of which reading makes nothing, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.notices.engine import _read_passage
from rightscheck.notices.fold import fold_text
from rightscheck.notices.lexicon import examples, language_files
from rightscheck.notices.loading import load, scanner, speaking
from rightscheck.notices.passage import read_passage
from rightscheck.notices.pattern import parse
from rightscheck.notices.scan import NOWHERE, Regions
from rightscheck.notices.search import Search, _matches

EXAMPLES = [example.text for name, text in language_files() for example in examples(name, text)]
HALVES = [
    "All machines of the mill are our own and",
    "You may",
    "AI companies may not.",
    "No.",
    "The Herald 2024",
    "you agree:\n- not to",
    "The following is forbidden:\n\n(a) whistling;\n(b)",
    "\u201cso he said",
    "<code>robots</code>",
    "not train",
    "does anybody?",
]


def unheard(text: str) -> list[tuple[int, int]]:
    """The passages that are left out although reading them yields something."""
    regions = scanner().regions(text)
    if regions is NOWHERE:
        return []
    kept = speaking().sift(text, regions).spans
    wrong = []
    for span in regions.spans:
        passage = read_passage(text, *span, load()) if span not in kept else None
        if passage is not None and any(_read_passage(passage, load())):
            wrong.append(span)
    return wrong


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_lexicon_example(text: str) -> None:
    assert unheard(text) == []
    assert unheard(f"Rain fell.\n\n{text}\n\nThe ferry left.") == []


WORDS = st.sampled_from(sorted({word for text in EXAMPLES for word in text.split()}))
SENTENCES = st.sampled_from([part for text in EXAMPLES for part in text.split(". ")])
MIXED = st.lists(SENTENCES | WORDS | st.sampled_from(HALVES), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(
    parts=st.lists(
        st.tuples(MIXED, st.sampled_from([" ", ". ", "\n", "\n\n", ";\n- "])), min_size=1, max_size=4
    )
)
def test_any_mixture_of_them(parts: list[tuple[list[str], str]]) -> None:
    assert unheard("\n".join(between.join(said) for said, between in parts)) == []


def test_passages_that_speak_of_something_else_are_left_out() -> None:
    text = "The cook copied the recipe.\n\nScraping of this site is forbidden."
    regions = Regions(((0, 27), (29, len(text))))

    assert speaking().sift(text, regions).spans == ((29, len(text)),)
    assert speaking().sift(text, Regions(((0, 27),))) is NOWHERE
    assert speaking().sift(text, Regions(((0, 27),), capped=True)) == Regions((), capped=True)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_expressions_match_where_they_are_tried(data: st.DataObject) -> None:
    cues = load().cues
    pattern = cues[data.draw(st.integers(0, len(cues) - 1))].pattern
    near = " ".join(data.draw(st.lists(st.sampled_from(pattern.anchors) | WORDS, max_size=6)))
    example = data.draw(st.sampled_from(EXAMPLES))
    text = fold_text(f"{near} {example} {near}", 0, len(near) * 2 + len(example) + 2).text
    low = data.draw(st.integers(0, len(text)))

    found = [m.span() for m in pattern.regex.finditer(text, low, len(text)) if m.end() > m.start()]
    assert list(_matches(pattern, text, low, len(text))) == found


@pytest.mark.parametrize(
    ("source", "heads"),
    [
        ("scrap(e|ing) data", ("scrape", "scraping")),
        ("licen(c|s)e* fee", ("licence", "license")),
        ("[text|data] mining", ()),
        ("*lamaz kopya", ()),
        ("不得...4转载", ("不得",)),
        ("all... rights", ("all",)),
    ],
)
def test_with_what_a_match_begins(source: str, heads: tuple[str, ...]) -> None:
    assert parse(source).heads == heads


def test_parts_of_the_lexicon_find_together_what_it_finds() -> None:
    lexicon = load()
    whole = Search(
        lexicon.cues,
        {
            anchor: lexicon.numbers[lexicon.bounds[place] : lexicon.bounds[place + 1]]
            for place, anchor in enumerate(lexicon.anchors)
        },
    )
    for text in EXAMPLES[::5]:
        folded = fold_text(text, 0, len(text))
        assert lexicon.find(text, folded) == sorted(whole.find(text, folded))

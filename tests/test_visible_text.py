"""The text read from the serialised tree is the text that a walk over the tree reads, for any page."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.syntax import visible_text as fast
from rightscheck.syntax.html import HtmlDocument
from rightscheck.syntax.text_walk import KNOWN, QUOTING, walk_text
from rightscheck.syntax.visible_text import visible_text

CASES = Path(__file__).parent / "cases"
PAGES = sorted((*CASES.glob("signals/*/*.toml"), *CASES.glob("sites/*.toml")))
# Pages that try to be read in two ways.
CUNNING = [
    "<script><!--<script></script>EVIL--></script>after",
    "<script><!--<script></script>EVIL<script>--></script>after",
    "<script>if (a<b && c>d) document.write('<p>x</p>')</script>after",
    "<svg><style>&lt;/style>&lt;/svg>EVIL&lt;svg>&lt;style></style></svg>after",
    "<svg><script>&lt;/script>&lt;/svg>EVIL</script></svg>after",
    "<svg><style>.a{fill:red}</style><title>no</title></svg>after",
    "<svg><svg></svg>in</svg>after<svg/>end",
    "<object><svg></object></svg>after<object><object>x</object>y</object>z",
    "<math><annotation-xml encoding='text/html'><p>no</p></annotation-xml></math>after",
    "<template><p>x<template>y</template></template>z",
    "<p title='a>b<c&quot;d'>x &lt;b&gt; &amp;lt; y&nbsp; z</p>",
    '<p foo"bar baz=1 <q>t</q>',
    "<p<svg>shown</p<svg>after",
    "<p a<svg >shown<svg>not</svg>",
    "<p<script>shown</p<script>after<script>x</script>",
    "<p<!-- x>shown<!-- not -->",
    "<a&b c&d e&lt;f g>t</a&b>",
    "<this is a sentence>glued <o:p a b c d>x</o:p>",
    "<x-y a b c d>t</x-y><sentence of=3 words here x>t",
    "<=x>text <p =x y=z>more",
    "a<?php echo 'a>b' ?>c</?b>d</-->e<!foo-->f<!-->g<!--->h<!-- a -- b --!>i",
    "\x01\x0b&#13;&#0;\x00a\x1c\u2028\u3000\u00a0 b",
    "a&#10;b&#9;c<pre>\n\n d  e </pre>f",
    "<xmp><b>literal</b></xmp>after",
    "x<plaintext>a<b>c",
    "<noscript><p>a &lt; b</p></noscript><noframes>a<b></noframes>c",
    "<textarea>a<b>&lt;</textarea><title>second</title>",
    "<frameset><frame></frameset>",
    "<title> a \n b &lt;</title>c",
    "<title>a</title><svg><title>b</title></svg>",
    "a <q> b <code> c </code></q> d <blockquote><p>e</p></blockquote> <blockquote> </blockquote>f",
    "<q><q>a</q></q><q></q> <q> </q>b<pre>c\n</pre>",
    "<blockquote>a<blockquote>b</blockquote></blockquote>" + "plain words " * 9,
    "<select><option>a<b>c</select><image src=x>d",
]


def pages(path: Path) -> list[str]:
    data = tomllib.loads(path.read_text("utf-8"))
    tables = [data.get("page", {}), *data.get("document", ()), *data.get("route", ())]
    return [table["body"] for table in tables if isinstance(table.get("body"), str) and table["body"]]


@pytest.mark.parametrize("markup", CUNNING)
def test_cunning_pages_read_alike(markup):
    tree = HtmlDocument(markup).tree

    assert visible_text(tree) == walk_text(tree)


def test_the_pages_of_all_cases_read_alike():
    bodies = [body for path in PAGES for body in pages(path)]

    assert len(bodies) > 800
    for body in bodies:
        tree = HtmlDocument(body).tree
        assert visible_text(tree) == walk_text(tree), body


names = st.sampled_from([*sorted(KNOWN), *sorted(QUOTING) * 3, "x-y", "o:p", "p<b", 'foo"', "a&b", "이름"])
attribute = st.sampled_from(
    ["class=a", "title='<b>'", "a", "b", "c", "hidden", 'x"y', "=z", "d<e", "q='&quot;>'", "e=''", "f&lt;g"]
)
words = st.text(
    alphabet=st.sampled_from("ab \n\t\r\f\x00\x01\x0b<>/&;!-?\"'=\u00a0\u2028\u3000é中\U0001f600"),
    max_size=12,
)
pieces = st.one_of(
    words,
    words,
    st.sampled_from(
        ["&lt;", "&gt;", "&amp;lt;", "&nbsp;", "&#10;", "&copy", "<br>", "</p>", "</a", "<!--", "-->"]
    ),
    st.sampled_from(
        ["<![CDATA[x]]>", "<?pi a?>", "</script>", "</svg>", "<script>", "<svg>", "</style>", "</q>"]
    ),
    names.map(lambda name: f"</{name}>"),
    st.builds(lambda name, rest: f"<{' '.join((name, *rest))}>", names, st.lists(attribute, max_size=5)),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=40).map("".join))
def test_any_page_reads_alike(markup):
    tree = HtmlDocument(markup).tree

    assert visible_text(tree) == walk_text(tree)


@given(st.binary(max_size=60).map(lambda raw: b"<p>" + raw))
def test_any_bytes_read_alike(raw):
    tree = HtmlDocument(raw).tree

    assert visible_text(tree) == walk_text(tree)


def test_ordinary_pages_are_not_walked(monkeypatch):
    monkeypatch.setattr(fast, "walk_text", None)
    markup = (
        "<title>T</title><script>if (a<b) x('<p>')</script><style>p>a{}</style><!-- c --><svg><path></svg>"
        "<blockquote>q</blockquote><p a='<'>x &lt; y <my-card>z</my-card><o:p>w</o:p>"
    )

    assert HtmlDocument(markup).visible_text() == "T\nq\nx < y\nz\nw"

"""Every lexicon file is checked by its own examples: what it must read, and what it must leave alone."""

from __future__ import annotations

import pytest

from rightscheck.errors import PolicyError
from rightscheck.notices import read_notices
from rightscheck.notices.lexicon import UNIVERSAL, Example, build, examples, language_files

EXAMPLES = [example for name, text in language_files() for example in examples(name, text)]
KEYS = {"copyright", "holder", "years", "denied", "permitted", "exception", "known_failure"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.language}-{e.number}")
def test_a_lexicon_reads_its_example(example: Example) -> None:
    assert set(example.expect) <= KEYS
    answer = dict(read_notices(example.text))
    wanted = {"copyright": False, "denied": [], "permitted": [], **example.expect}
    reason = wanted.pop("known_failure", None)
    same = {key: answer[key] for key in wanted} == wanted
    if reason:
        assert not same, "this example passes now: remove known_failure"
        pytest.xfail(str(reason))
    assert {key: answer[key] for key in wanted} == wanted


@pytest.mark.parametrize("code", [name.removesuffix(".toml") for name, _ in language_files()])
def test_a_lexicon_carries_matches_and_ignores(code: str) -> None:
    if code == UNIVERSAL:
        pytest.skip("what is common to all languages is tested by each of them")
    own = [example for example in EXAMPLES if example.language == code]
    matches = [e for e in own if e.expect.get("denied") or e.expect.get("permitted")]
    ignores = [e for e in own if not e.expect]
    assert len(matches) >= 5
    assert len(ignores) >= 5


def test_faults_are_told_all_at_once() -> None:
    files = [
        ("xx.toml", 'code = "xx"\nwindow = 3\n'),
        ("yy.toml", 'code = "zz"\n'),
        ("zz.toml", 'code = "zz"\n[deny]\nprohibit = ["(open"]\nunheard = ["word"]\n[uses]\ncrawl = ["*"]\n'),
        ("ww.toml", "code = \n"),
    ]
    with pytest.raises(PolicyError) as raised:
        build(files)
    faults = [(problem.file, problem.key) for problem in raised.value.problems]
    assert faults == [
        ("xx.toml", "window"),
        ("yy.toml", "code"),
        ("zz.toml", "deny.prohibit"),
        ("zz.toml", "deny.unheard"),
        ("zz.toml", "uses.crawl"),
        ("ww.toml", ""),
    ]

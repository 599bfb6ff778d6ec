"""Laws of the signals in robots.txt: nothing raises, and one more refusal never loosens."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.signals import all_signals
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Mode, Preference, Standing, Use

SIGNALS = ("content-usage", "content-signal", "ai-training-lines", "agents", "robots-comments")
READ = {signal.id: signal.read for signal in all_signals() if signal.id in SIGNALS}
URL = "https://news.example/news/1?a=b"


def sources(robots: bytes, headers: tuple[tuple[str, str], ...] = (), url: str | None = URL) -> Sources:
    page = Document(carrier=Carrier.HTML, url=URL, headers=headers, status=200)
    return Sources(
        asset=Asset(uri=url, source=URL, text=None, media_type="text/html", mode=Mode.HELD, page=page),
        request=Request(uses=("ai-train",), on=date(2026, 11, 24), agents=("MyBot",)),
        documents={
            Carrier.ROBOTS_TXT: (
                Document(carrier=Carrier.ROBOTS_TXT, url="https://news.example/robots.txt", body=robots),
            )
        },
    )


def findings(signal: str, robots: str, headers: tuple[tuple[str, str], ...] = ()) -> list[Finding]:
    read = READ[signal](sources(robots.encode("utf-8", "surrogatepass"), headers))
    return [item for item in read if isinstance(item, Finding)]


def strictness(found: list[Finding]) -> dict[Use, int]:
    """Per use: 3 denied outright, 1 denied in some lesser way, 0 nothing to rely on, -1 plainly allowed."""
    strict: dict[Use, int] = {}
    for use in Use:
        standings = {
            (statement.preference, statement.standing)
            for finding in found
            if (statement := finding.statement) is not None and use in statement.uses
        }
        if standings & {(Preference.DISALLOW, Standing.EFFECTIVE), (Preference.DISALLOW, Standing.RETIRED)}:
            strict[use] = 3
        elif any(preference is Preference.DISALLOW for preference, _ in standings):
            strict[use] = 1
        else:
            strict[use] = -1 if (Preference.ALLOW, Standing.EFFECTIVE) in standings else 0
    return strict


def looser(before: list[Finding], after: list[Finding]) -> set[Use]:
    was, now = strictness(before), strictness(after)
    return {use for use in Use if now[use] < was[use]}


odd = st.sampled_from([*'\n\r\t\0\x0b:=,;#/*$"()% \ufeff\u2028\u2011é', "\r\n", "%2F", "@9", "?0", "use="])
words = st.sampled_from(
    (
        "User-agent: Disallow: Allow: Content-Usage: Content-Signal: DisallowAITraining: AllowAITraining: "
        "TDM-Reservation: AI: GPTBot CCBot ClaudeBot GoogleExtended MyBot train-ai ai-use search tdm bots "
        "ai-output ai-train ai-input exceptions=cc-cr n y no yes 1 reference"
    ).split()
)
jumble = st.lists(st.one_of(odd, words, st.text(max_size=4)), max_size=40).map("".join)


@pytest.mark.parametrize("signal", sorted(READ))
@settings(deadline=None)  # the first call loads the languages
@given(body=st.one_of(st.binary(max_size=300), jumble.map(lambda text: text.encode("utf-8", "replace"))))
def test_no_bytes_make_a_signal_raise(signal: str, body: bytes) -> None:
    for url in (URL, None):
        assert list(READ[signal](sources(body, url=url))) == list(READ[signal](sources(body, url=url)))


@pytest.mark.parametrize("signal", ["content-usage", "content-signal"])
@given(values=st.lists(st.one_of(jumble, st.text(max_size=60)), min_size=1, max_size=3))
def test_no_header_makes_a_signal_raise(signal: str, values: list[str]) -> None:
    headers = tuple(("Content-Usage" if signal == "content-usage" else "Content-Signal", v) for v in values)
    found = findings(signal, "", headers)
    assert all(finding.evidence.locator.startswith("header:") for finding in found)


usage = st.sampled_from(
    (
        "train-ai=n|train-ai=y|search=y|ai-use=n, search=n|ai=n|bots=n, search=y|train-ai=no|Train-AI=n|"
        "ai-output=n|train-ai=y, ai-use=y, search=y||train-ai|tdm=n;exceptions=cc-cr"
    ).split("|")
)
signals = st.sampled_from(
    (
        "ai-train=no|ai-train=yes|search=yes,ai-train=no,use=reference|ai-input=no|use=full||use=immediate|"
        "search=yes ai-train=no|ai-train=maybe|search=no, ai-input=yes|ai-train=n"
    ).split("|")
)
training = st.sampled_from(["/", "/news/", "/news/1", "/other/", "/*?a", "*", "", "yes", "/news/1?a=b$"])
paths = st.sampled_from(["", "/ ", "/news/ ", "/other/ ", "/*/1 ", "/news/1?a=b$ "])
lines = st.one_of(
    st.builds("Content-Usage: {}{}".format, paths, usage),
    st.builds("Content-Signal: {}{}".format, paths, signals),
    st.builds("DisallowAITraining: {}".format, training),
    st.builds("AllowAITraining: {}".format, training),
    st.sampled_from(["Disallow: /x", "Allow: /", "AI: no", "User-agent: GPTBot", "User-agent: *", ""]),
)
files = st.lists(lines, max_size=10).map(
    lambda ls: "\n".join(["User-agent: MyBot", "Allow: /", *ls, "User-agent: MyBot", "Allow: /", ""])
)
REFUSALS = [
    ("content-usage", "Content-Usage: train-ai=n"),
    ("content-usage", "Content-Usage: search=n, ai-use=n"),
    ("content-usage", "Content-Usage: tdm=n"),
    ("content-usage", "Content-Usage: Train-AI=n"),
    ("content-signal", "Content-Signal: ai-train=no"),
    ("content-signal", "Content-Signal: search=no, ai-input=no"),
    ("content-signal", "Content-Signal: use=immediate"),
    ("content-signal", "Content-Signal: ai-train: no"),
    ("ai-training-lines", "DisallowAITraining: /"),
    ("ai-training-lines", "DisallowAITraining: /news/"),
    ("ai-training-lines", "TDM-Reservation: 1"),
    ("ai-training-lines", "AI: no"),
]


@pytest.mark.parametrize(("signal", "refusal"), REFUSALS)
@given(robots=files)
def test_one_more_refusal_never_loosens(signal: str, refusal: str, robots: str) -> None:
    assert not looser(findings(signal, robots), findings(signal, robots + refusal))


@pytest.mark.parametrize("signal", ["content-usage", "content-signal", "ai-training-lines"])
@given(robots=files, closing=st.sampled_from(["Disallow: /", "Disallow: /news/", "Disallow: /*?"]))
def test_one_more_disallow_never_loosens(signal: str, robots: str, closing: str) -> None:
    assert not looser(findings(signal, robots), findings(signal, robots + closing))


@given(robots=files, path=paths, value=st.sampled_from(["train-ai=n", "search=n", "ai-use=n", "tdm=n"]))
def test_a_narrower_refusal_hides_no_other_one(robots: str, path: str, value: str) -> None:
    before = strictness(findings("content-usage", robots))
    after = strictness(findings("content-usage", f"{robots}Content-Usage: {path}{value}"))
    assert all(after[use] >= 1 for use in Use if before[use] >= 1)


tokens = st.lists(
    st.sampled_from(["GPTBot", "CCBot", "ClaudeBot", "GoogleExtended", "YouBot", "*"]), max_size=5
)


@given(groups=st.lists(st.tuples(tokens, st.sampled_from(["/", "/x", "", "/*"])), max_size=4), more=tokens)
def test_one_more_closed_agent_never_silences_the_stance(
    groups: list[tuple[list[str], str]], more: list[str]
) -> None:
    def write(closed: list[tuple[list[str], str]]) -> str:
        return "".join(
            "".join(f"User-agent: {name}\n" for name in names) + f"Disallow: {path}\n"
            for names, path in closed
        )

    def rules(robots: str) -> set[str]:
        return {finding.rule for finding in findings("agents", "User-agent: Other\nAllow: /\n" + robots)}

    named = [name for name in more if name != "*"]
    assert rules(write(groups)) <= rules(write([*groups, (named, "/")])) if named else True


def test_a_preference_of_a_long_list_is_read_once() -> None:
    robots = (
        "User-agent: *\n" + "Content-Usage: /news/ train-ai=n, ai-use=n\nContent-Signal: ai-train=no\n" * 5000
    )
    for signal in ("content-usage", "content-signal"):
        assert len(findings(signal, robots)) <= 4


def test_comments_beyond_measure_are_a_gap_and_not_silence() -> None:
    lines = (
        f"# Text and data mining of part {n} is prohibited without written permission.\n\n"
        for n in range(300)
    )
    found = list(READ["robots-comments"](sources(("User-agent: *\nAllow: /\n" + "".join(lines)).encode())))
    assert isinstance(found[-1], Gap)
    assert found[-1].carrier is Carrier.ROBOTS_TXT
    assert 100 <= len(found) < 130

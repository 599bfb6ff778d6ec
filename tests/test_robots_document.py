"""What a parsed robots.txt tells beside its decisions."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rightscheck.robots import MAX_BYTES, CommentBlock, RobotsTxt, product_token

BODY = b"""\
# Kabar Pagi
#  - no text and data mining
#
License: https://kabar.example/licence.xml
Sitemap: https://kabar.example/map.xml   # daily

User-agent: OneBot
User-Agent: TwoBot/2
Crawl-delay: 2.5
Disallow: /a   # drafts
Content-Usage: /b train-ai=n

#
User-agent: *
Content-Signal : ai-train=no  # see above
Disallow:
Crawl-delay: soon
Sitemap: https://kabar.example/map.xml
User-agent: OneBot
Crawl-delay: 4
Allow: /a/b
"""


@pytest.fixture
def robots() -> RobotsTxt:
    return RobotsTxt.parse(BODY)


def test_groups_are_as_written(robots: RobotsTxt) -> None:
    assert [group.agents for group in robots.groups] == [("OneBot", "TwoBot/2"), ("*",), ("OneBot",)]
    assert [group.first_line for group in robots.groups] == [7, 14, 19]
    first = robots.groups[0]
    assert [(rule.number, rule.allow, rule.path, rule.text) for rule in first.rules] == [
        (10, False, "/a", "Disallow: /a   # drafts")
    ]
    assert [(line.number, line.key, line.value) for line in first.lines] == [
        (9, "crawl-delay", "2.5"),
        (11, "content-usage", "/b train-ai=n"),
    ]


def test_lines_of_the_merged_group(robots: RobotsTxt) -> None:
    assert [(line.number, line.group) for line in robots.lines("Crawl-Delay", "onebot")] == [(9, 0), (20, 2)]
    assert [line.number for line in robots.lines("content-usage", "TwoBot")] == [11]
    signal = robots.lines("content-signal", "Somebody")
    assert [(line.key, line.value, line.text) for line in signal] == [
        ("content-signal", "ai-train=no", "Content-Signal : ai-train=no  # see above")
    ]
    assert robots.lines("content-signal", "OneBot") == ()


def test_lines_of_nobody(robots: RobotsTxt) -> None:
    assert [line.number for line in robots.lines("license")] == [4]
    assert [line.number for line in robots.lines("sitemap")] == [5, 18]
    assert robots.lines("content-signal") == ()
    assert robots.sitemaps == ("https://kabar.example/map.xml",)


def test_a_line_under_a_faulty_agent_line_reaches_the_agent() -> None:
    robots = RobotsTxt.parse(b"Useragent: *\nContent-Signal: ai-train=no\nDisallow: /x\n")
    assert [line.number for line in robots.lines("content-signal", "MyBot")] == [2]


@pytest.mark.parametrize(
    ("agent", "seconds"), [("OneBot", 4.0), ("TwoBot", 2.5), ("ThreeBot", None)], ids=lambda value: str(value)
)
def test_the_longest_crawl_delay_counts(robots: RobotsTxt, agent: str, seconds: float | None) -> None:
    assert robots.crawl_delay(agent) == seconds


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "", "1e999", "five"])
def test_an_impossible_crawl_delay_is_none(value: str) -> None:
    assert RobotsTxt.parse(f"User-agent: *\nCrawl-delay: {value}\n".encode()).crawl_delay("MyBot") is None


def test_comments_come_in_blocks(robots: RobotsTxt) -> None:
    assert robots.comments == (
        CommentBlock(1, 3, "Kabar Pagi\n- no text and data mining"),
        CommentBlock(5, 5, "daily"),
        CommentBlock(10, 10, "drafts"),
        CommentBlock(15, 15, "see above"),
    )


def test_a_comment_at_the_end_and_its_paragraphs() -> None:
    robots = RobotsTxt.parse(b"User-agent: *\n### One ###\n#\n# two\xe9")
    assert robots.comments == (CommentBlock(2, 4, "One ###\n\ntwo\ufffd"),)


def test_the_ruling_names_group_and_line(robots: RobotsTxt) -> None:
    ruling = robots.decide("OneBot", "https://kabar.example/a/x")
    assert (ruling.allowed, ruling.line, ruling.text) == (False, 10, "Disallow: /a   # drafts")
    assert ruling.group == ("OneBot", "TwoBot/2")
    assert robots.decide("OneBot", "/a/b/c").line == 21
    assert robots.decide("ThreeBot", "/a").group == ("*",)
    assert RobotsTxt.parse(b"").decide("ThreeBot", "/a").group == ()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (b"\xef\xbb\xbfUser-agent: *\n", [(1, "bom")]),
        ("User-agent: *\n".encode("utf-16-le"), [(None, "utf-16")]),
        (b"User-agent: *\nDisallow: /\0x\n", [(2, "nul"), (2, "invisible")]),
        (b"User-agent: *\nDisallow: /caf\xe9\n", [(2, "not-utf-8")]),
        (b"User-agent: *\n\nDissallow: /x\nDisallow /y\n", [(3, "misspelt"), (4, "missing-colon")]),
        (
            b"Disallow: /x\nUser-agent: a,b\nDisallow: x\n",
            [(2, "agent-list"), (3, "no-slash"), (1, "outside-group")],
        ),
        ("User\u2011agent: *\n".encode(), [(1, "invisible")]),
        (b"User-agent: *\nDisallow: /\nX-Robots: 1\nDisallowAITraining: /\n", []),
        ("# café\nUser-agent: *\nDisallow: /café\n".encode(), []),
    ],
    ids=["bom", "utf-16", "nul", "latin-1", "typos", "structure", "hyphen", "none", "none-in-utf-8"],
)
def test_every_repair_is_listed(body: bytes, faults: list[tuple[int | None, str]]) -> None:
    repairs = RobotsTxt.parse(body).repairs
    assert [(repair.line, repair.rule_id_suffix) for repair in repairs] == faults
    assert all(repair.message for repair in repairs)


def test_repairs_are_bounded() -> None:
    assert len(RobotsTxt.parse(b"User-agent: *\n" + b"Dissallow: /x\n" * 5_000).repairs) == 1_000


def test_a_long_file_is_cut_at_its_last_complete_line() -> None:
    head = b"User-agent: *\nDisallow: /first\n"
    rest = b"Disallow: /" + b"z" * 1000 + b"\n"
    body = head + rest * (MAX_BYTES // len(rest) + 1) + b"Allow: /first/open\n"
    robots = RobotsTxt.parse(body)
    assert robots.truncated
    assert not robots.decide("MyBot", "/first/open").allowed
    assert [repair.rule_id_suffix for repair in robots.repairs] == ["truncated"]
    exact = RobotsTxt.parse(body[:MAX_BYTES])
    assert not exact.truncated


def test_a_single_endless_line_says_nothing() -> None:
    robots = RobotsTxt.parse(b"User-agent: *\nDisallow: /" + b"a" * MAX_BYTES)
    assert robots.truncated
    assert robots.decide("MyBot", "/aaa").allowed


@pytest.mark.parametrize(
    ("body", "is_html"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", True),
        (b"\n\n  <html lang=id>\nUser-agent: *\nDisallow: /\n</html>", True),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", True),
        (b"<h1>It works!</h1>", True),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + bytes(range(256)), True),
        (b"<br />\nUser-agent: *\nDisallow: /x\n", False),
        (b"User-agent: *\n<br />\nDisallow: /x\n", False),
        (b"# <html> is closed\nUser-agent: *\nDisallow: /x\n", False),
        (b"Not found", False),
        (b"", False),
    ],
    ids=[
        "page",
        "page-with-rules",
        "xml",
        "heading",
        "gzip",
        "stray-tag",
        "tag-within",
        "comment",
        "words",
        "empty",
    ],
)
def test_pages_and_noise_are_no_robots_txt(body: bytes, is_html: bool) -> None:
    assert RobotsTxt.parse(body).is_html is is_html


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("GPTBot", "gptbot"),
        ("AI2Bot-Dolma/1.0", "ai2bot-dolma"),
        ("*", ""),
        ("", ""),
        ("My_Bot (beta)", "my_bot"),
        ("köbot", "k"),
    ],
)
def test_a_product_token(value: str, token: str) -> None:
    assert product_token(value) == token


def test_many_agents_do_not_pile_up() -> None:
    robots = RobotsTxt.parse(b"User-agent: *\nDisallow: /x\n")
    for number in range(3_000):
        robots.decide(f"Bot{number}", "/x")
    assert len(robots._asked) <= 1_024


def test_the_engine_is_cheap_to_import() -> None:
    heavy = "{'httpx', 'typer', 'pydantic', 'pyarrow', 'selectolax', 'rightscheck.model', 'urllib.request'}"
    script = f"import sys, rightscheck.robots; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")

"""`rightscheck robots`: decisions with their lines, a digest without URLs, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rightscheck.cli.app import run

BODY = """\
# Kabar Pagi: no text and data mining
User-agent: *
Disallow: /
Allow: /berita/
Content-Signal: ai-train=no
Crawl-delay: 3

User-agent: GPTBot
User-agent: CCBot
Dissallow: /arsip/
Disallow: /
DisallowAITraining: /
Sitemap: https://kabar.example/map.xml
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "robots.txt"
    path.write_text(BODY, "utf-8")
    return str(path)


def test_an_allowed_url_passes(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["robots", file, "--agent", "MyBot", "https://kabar.example/berita/1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "allowed    https://kabar.example/berita/1  (MyBot)",
        "           line 4: Allow: /berita/",
        "           parsers of the 1996 draft: disallowed",
    ]


def test_a_disallowed_url_fails(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["robots", file, "-a", "MyBot", "https://kabar.example/berita/1", "/arsip/1"]) == 1
    assert "disallowed /arsip/1  (MyBot)\n           line 3: Disallow: /\n" in capsys.readouterr().out


def test_several_agents_and_json(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["robots", file, "-a", "MyBot", "-a", "GPTBot", "-f", "json", "/berita/1"]) == 1
    answers = json.loads(capsys.readouterr().out)
    assert [(answer["agent"], answer["allowed"], answer["line"]) for answer in answers] == [
        ("MyBot", True, 4),
        ("GPTBot", False, 11),
    ]
    assert answers[1]["group"] == ["GPTBot", "CCBot"]


def test_without_an_agent_it_asks_for_its_own(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["robots", file, "/x"]) == 1
    assert "(rightscheck)" in capsys.readouterr().out


def test_a_digest_without_urls(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["robots", file]) == 0
    out = capsys.readouterr().out
    for part in (
        "2 groups",
        "GPTBot",
        "closed at /",
        "AI training agents closed at /",
        "line 5: Content-Signal: ai-train=no",
        "line 12: DisallowAITraining: /",
        "lines 1-1: Kabar Pagi: no text and data mining",
        "line 10: misspelt:",
        "https://kabar.example/map.xml",
    ):
        assert part in out


def test_a_digest_as_json(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["robots", file, "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [agent["agent"] for agent in found["agents"]] == ["*", "GPTBot", "CCBot"]
    assert [agent["purpose"] for agent in found["agents"]][1] == "training"
    assert found["crawl_delays"] == [[6, "Crawl-delay: 3"]]
    assert found["repairs"][0][:2] == [10, "misspelt"]


@pytest.mark.parametrize(
    "arguments",
    [["robots"], ["robots", "no-such-file"], ["robots", "https://kabar.example/robots.txt"]],
    ids=["nothing", "missing", "url"],
)
def test_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_an_unknown_format(file: str) -> None:
    assert run(["robots", file, "-f", "yaml"]) == 2


def test_standard_input_and_lines_that_steer_a_terminal() -> None:
    body = b"User-agent: *\nDisallow: /x\x1b[2J\xe9\n# \x1b]0;title\x07\n"
    command = [sys.executable, "-m", "rightscheck", "robots", "-"]
    for more, code in (([], 0), (["/x%1B[2J%E9"], 1)):
        found = subprocess.run([*command, *more], input=body, capture_output=True, check=False)
        assert found.returncode == code, found.stderr
        assert b"\x1b" not in found.stdout
        assert b"\x07" not in found.stdout

"""Known crawlers: the data file holds, and odd spellings in real files are recognised."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.agents import Purpose, agents_for, agents_named, known_agent, recognise

ROOT = Path(__file__).parent.parent
DATA = files("rightscheck").joinpath("data/agents.toml").read_text("utf-8")


def test_every_line_of_the_file_is_the_agent_that_is_returned() -> None:
    whole = tomllib.loads(DATA)
    for token, (purpose, operator, robots, docs, _) in whole["agents"].items():
        agent = known_agent(token)
        assert agent is not None
        assert (agent.token, agent.purpose, agent.operator) == (token, Purpose(purpose), operator)
        assert (agent.robots, agent.docs, agent.checked) == (robots, docs, whole["checked"])
        assert {registry for registry, _ in agent.says} <= set(whole["sources"])


def test_contradicting_registries_are_all_kept() -> None:
    amazon = known_agent("amazonbot")
    assert amazon is not None
    assert dict(amazon.says)["canicrawl"] == "training"
    assert dict(amazon.says)["ai-crawler-index"] == "ai-search"
    assert amazon.purpose is Purpose.TRAINING


@pytest.mark.parametrize(
    ("token", "purpose"),
    [
        ("GPTBot", Purpose.TRAINING),
        ("CCBot", Purpose.TRAINING),
        ("Google-Extended", Purpose.TRAINING),
        ("anthropic-ai", Purpose.TRAINING),
        ("ClaudeBot", Purpose.TRAINING),
        ("Bytespider", Purpose.TRAINING),
        ("Applebot-Extended", Purpose.TRAINING),
        ("meta-externalagent", Purpose.TRAINING),
        ("LAIONDownloader", Purpose.TRAINING),
        ("ChatGPT-User", Purpose.USER_FETCH),
        ("OAI-SearchBot", Purpose.SEARCH),
        ("PerplexityBot", Purpose.SEARCH),
        ("Googlebot", Purpose.SEARCH),
        ("bingbot", Purpose.SEARCH),
        ("Devin", Purpose.AGENT),
        ("archive.org_bot", Purpose.ARCHIVE),
        ("AhrefsBot", Purpose.OTHER),
        ("panscient.com", Purpose.OTHER),
    ],
)
def test_purposes(token: str, purpose: Purpose) -> None:
    agent = known_agent(token)
    assert agent is not None
    assert agent.purpose is purpose


@pytest.mark.parametrize(
    ("spelling", "tokens"),
    [
        ("GPTBot", ["GPTBot"]),
        ("gptbot", ["GPTBot"]),
        ("GoogleExtended", ["Google-Extended"]),
        ("chatgpt_user", ["ChatGPT-User"]),
        ("metaexternalagent", ["meta-externalagent"]),
        ("Google\u2011Extended", ["Google-Extended"]),
        ("Applebot\u2013Extended", ["Applebot-Extended"]),
        ("GPTBot\u200b", ["GPTBot"]),
        ("GPT\u00adBot", ["GPTBot"]),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", ["CCBot"]),
        ("GPTBot*", ["GPTBot"]),
        ("anthropic-aiBytespider", ["anthropic-ai", "Bytespider"]),
        ("GPTBot, CCBot,ClaudeBot", ["GPTBot", "CCBot", "ClaudeBot"]),
        ("*", []),
        ("", []),
        ("bot", []),
        ("UnheardOfBot", []),
        ("MyGPTBotReader", []),
        ("x" * 100_000, []),
    ],
)
def test_spellings(spelling: str, tokens: list[str]) -> None:
    named = agents_named(spelling)
    assert [agent.token for agent, _ in named] == tokens
    assert recognise(spelling) == (named[0] if named else None)
    odd = bool(tokens) and spelling.lower() != tokens[0].lower()
    assert all(bool(note) is odd for _, note in named)


def test_agents_for_a_purpose_are_all_of_it() -> None:
    whole = tomllib.loads(DATA)["agents"]
    for purpose in Purpose:
        wanted = [token for token, fields in whole.items() if fields[0] == purpose]
        assert [agent.token for agent in agents_for(purpose)] == wanted


@given(st.text(max_size=60))
def test_any_text_is_a_spelling_or_none(spelling: str) -> None:
    named = agents_named(spelling)
    assert all(known_agent(agent.token) is agent for agent, _ in named)


def test_the_script_gives_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = [
        {"token": "B-Bot", "purpose": "train", "purpose_by": {}, "robots_by": {"ai.robots.txt": "no"}},
        {
            "token": "abot",
            "operator": "A, a company that makes things",
            "purpose": "dataset",
            "purpose_by": {"ai-crawler-index": "dataset", "arcjet": "ai,tool"},
            "robots_by": {},
            "docs": "https://a.example/bot",
        },
        {
            "token": "Cbot",
            "purpose": "dataset",
            "purpose_by": {"ai-crawler-index": "dataset"},
            "robots_by": {},
        },
    ]

    def build(order: list[dict[str, object]]) -> str:
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in order), "utf-8")
        command = [sys.executable, ROOT / "scripts/build_agents.py", path, "--checked", "2026-11-24"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    built = build(rows)
    assert build(rows[::-1]) == built
    agents = tomllib.loads(built)["agents"]
    assert list(agents) == ["abot", "B-Bot", "Cbot"]
    assert agents["abot"][:4] == ["training", "A", "unknown", "https://a.example/bot"]
    assert agents["B-Bot"][0] == "training"
    assert agents["B-Bot"][2] == "ignored"
    assert agents["Cbot"][0] == "other"

"""The main job: ANTARA's article says no-go while ANTARA's robots.txt says go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import CLAUSE, SEED, SHARED
from rightscheck import Checker, Verdict

URL = "https://www.antaranews.com/berita/1"
GRANT = """\
[[grant]]
id = "{id}"
grantor = "{grantor}"
grantee = "{grantee}"
uses = ["ai-train", "crawl"]
hosts = ["www.antaranews.com"]
valid_from = 2026-01-01
valid_until = {until}
"""


def grant(grantor: str, *, grantee: str = "Acme AI", until: str = "2026-12-31") -> str:
    return GRANT.format(id=f"{grantor.lower()}-2026", grantor=grantor, grantee=grantee, until=until)


@pytest.fixture
def report(cli, antara_robots):
    def ask(*more: object, target: Path = SEED, use: str = "ai-train") -> tuple[int, dict]:
        ran = cli(
            "check", target, "--url", URL, "--robots", antara_robots, "--use", use, "--agent", "MyBot",
            "--offline", "--as-of", "2026-11-24", "-f", "json", *more,
        )  # fmt: skip
        return ran.code, json.loads(ran.out)

    return ask


def test_training_is_a_no_go_by_the_articles_own_sentence(report):
    code, whole = report()
    (asset,) = whole["assets"]

    assert code == 1
    assert whole["verdict"] == asset["verdict"] == "no-go"
    (clause,) = [f for f in asset["findings"] if f["rule"] == "notice/reservation"]
    assert (clause["kind"], clause["quote"], clause["deciding"]) == ("reservation", CLAUSE, True)
    start, end = map(int, clause["locator"].removeprefix("char:").split("-"))
    assert SEED.read_text("utf-8")[start:end] == CLAUSE
    assert clause["statement"]["uses"] == ["crawl", "ai-input", "ai-train"] or set(
        clause["statement"]["uses"]
    ) >= {
        "crawl",
        "ai-input",
        "ai-train",
    }
    assert clause["statement"]["exception"] == "written-permission"


def test_the_report_names_holder_years_and_the_agency_behind_the_story(report):
    _, whole = report()
    (asset,) = whole["assets"]

    assert asset["publisher"]["name"] == "ANTARA"
    assert [holder["name"].split()[0] for holder in asset["third_parties"]] == ["Anadolu"]
    (credit,) = [f for f in asset["findings"] if f["rule"] == "notice/source-credit"]
    assert (credit["holder"], credit["party"], credit["quote"]) == (
        "Anadolu",
        "third-party",
        "Sumber: Anadolu",
    )
    assert asset["notices"]["holder"] == "ANTARA"
    assert asset["notices"]["years"] == [2025]
    assert asset["notices"]["denied"] == ["crawl", "ai-train", "ai-input"]
    (notice,) = [f for f in asset["findings"] if f["rule"] == "notice/copyright"]
    assert (notice["holder"], notice["years"]) == ("ANTARA", [2025])


def test_robots_txt_was_read_and_leaves_the_agent_open_and_the_conflict_is_named(report):
    _, whole = report()
    (asset,) = whole["assets"]

    assert "read" in [line["status"] for line in asset["examined"] if line["carrier"] == "robots-txt"]
    assert not any(f["rule"] == "robots-txt/disallow" for f in asset["findings"])
    assert any("robots.txt leaves this URL open to MyBot" in reason for reason in asset["reasons"])
    assert "registry/disallow" in asset["determining"]


def test_search_is_for_a_person_because_the_clause_speaks_of_indexing_for_ai(report):
    code, whole = report(use="search")
    (asset,) = whole["assets"]

    assert code == 0
    assert asset["verdict"] == "review"
    assert "sentence/no-crawl-for-other-purpose" in asset["situations"]


def test_crawling_itself_is_a_no_go(report):
    code, whole = report(use="crawl")

    assert (code, whole["verdict"]) == (1, "no-go")


GRANTS = [
    ("ANTARA's grant does not cover Anadolu", [grant("ANTARA")], "Acme AI", "review", 0),
    ("grants of both holders cover the page", [grant("ANTARA"), grant("Anadolu")], "Acme AI", "go", 0),
    ("Anadolu's grant alone lifts nothing of ANTARA's", [grant("Anadolu")], "Acme AI", "no-go", 1),
    (
        "an expired grant is none",
        [grant("ANTARA", until="2026-11-23"), grant("Anadolu")],
        "Acme AI",
        "no-go",
        1,
    ),
    (
        "a grant for another grantee is none",
        [grant("ANTARA", grantee="Other"), grant("Anadolu")],
        "Acme AI",
        "no-go",
        1,
    ),
    ("a grant needs to know who asks", [grant("ANTARA"), grant("Anadolu")], None, "no-go", 1),
]


@pytest.mark.parametrize(
    ("title", "grants", "grantee", "verdict", "code"), GRANTS, ids=[case[0] for case in GRANTS]
)
def test_grants(report, tmp_path, title, grants, grantee, verdict, code):
    path = tmp_path / "grants.toml"
    path.write_text("\n".join(grants))

    got, whole = report("--grants", path, *(("--grantee", grantee) if grantee else ()))

    assert (whole["verdict"], got) == (verdict, code)
    if verdict == "go":
        assert whole["assets"][0]["grants"] == ["anadolu-2026", "antara-2026"]
        assert whole["assets"][0]["layer"] == "grant"
    if verdict == "review":
        assert any("Anadolu" in reason for reason in whole["assets"][0]["reasons"])
    if verdict == "no-go":
        assert any("does not apply" in r for r in whole["assets"][0]["reasons"]) or "anadolu" in title.lower()


def test_a_copy_without_its_last_line_is_decided_by_the_registry(report, tmp_path):
    stripped = tmp_path / "stripped.txt"
    stripped.write_text("\n".join(SEED.read_text("utf-8").splitlines()[:-1]), encoding="utf-8")

    code, whole = report(target=stripped)
    (asset,) = whole["assets"]

    assert (code, asset["verdict"]) == (1, "no-go")
    assert asset["determining"] == ["registry/disallow"]
    assert any("missing from this copy" in reason for reason in asset["reasons"])


def test_equal_inputs_give_equal_bytes(cli, antara_robots):
    arguments = (
        "check",
        SEED,
        "--url",
        URL,
        "--robots",
        antara_robots,
        "--as-of",
        "2026-11-24",
        "-f",
        "json",
    )

    assert cli(*arguments).out == cli(*arguments).out


def test_the_library_answers_as_the_command_does(antara_robots):
    checker = Checker(use="ai-train", agent="MyBot", on="2026-11-24")

    decision = checker.check_text(SEED.read_text("utf-8"), URL, robots=antara_robots.read_bytes())

    assert decision.verdict is Verdict.NO_GO
    assert not decision.ok
    assert not decision
    assert "notice/reservation" in decision.determining
    assert decision.situations
    assert decision.contacts


def test_the_real_robots_txt_of_that_day(cli):
    robots = SHARED / "gold" / "antaranews.com-2025-06-19.robots.txt"
    if not robots.exists():
        pytest.skip("needs ../shared/gold, which is not here")

    ran = cli(
        "check",
        SEED,
        "--url",
        URL,
        "--robots",
        robots,
        "--use",
        "ai-train",
        "--agent",
        "MyBot",
        "--offline",
        "-f",
        "json",
    )

    assert ran.code == 1
    assert not any(f["rule"] == "robots-txt/disallow" for f in json.loads(ran.out)["assets"][0]["findings"])

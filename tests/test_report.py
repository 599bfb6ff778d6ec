"""The report that travels: its published schema, and one golden report."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema

from conftest import ROOT, SEED
from rightscheck.report import json_schema

GOLDEN = Path(__file__).parent / "golden"
REGEN = bool(os.environ.get("RIGHTSCHECK_REGEN"))


def same_as_file(path: Path, text: str) -> bool:
    if REGEN:
        path.write_text(text, encoding="utf-8")
    return path.read_text("utf-8") == text


def test_the_published_schema_is_the_reports_own():
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"

    assert same_as_file(ROOT / "policies" / "schema" / "report.json", text), (
        "set RIGHTSCHECK_REGEN=1 to rewrite"
    )


def test_the_golden_report(cli, antara_robots):
    ran = cli(
        "check", SEED, "--url", "https://www.antaranews.com/berita/1", "--robots", antara_robots,
        "--agent", "MyBot", "--as-of", "2026-11-24", "-f", "json",
    )  # fmt: skip
    report = json.loads(ran.out)
    # What changes with every edit of a policy file is no part of the shape.
    report["tool"] |= {"version": "0", "registry_sha256": "", "profile_sha256": ""}
    for asset in report["assets"]:
        asset["target"] = "seed"
        for item in [*asset["findings"], *asset["examined"], *asset["gaps"]]:
            item["source"] = item["source"].replace(str(SEED), "seed")

    jsonschema.validate(report, json_schema())
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    assert same_as_file(GOLDEN / "report.json", text), (
        "set RIGHTSCHECK_REGEN=1 to rewrite, then read the difference"
    )


def test_a_kept_report_is_rendered_again_with_its_exit_code(cli, tmp_path):
    kept = cli("check", SEED, "-u", "ai-train", "-f", "json")
    (tmp_path / "report.json").write_bytes(kept.out)

    assert cli("report", tmp_path / "report.json", "-f", "json").out == kept.out
    again = cli("report", tmp_path / "report.json")
    assert (again.code, again.text) == (1, cli("check", SEED, "-u", "ai-train").text)


def test_another_file_is_no_report(cli, tmp_path):
    (tmp_path / "other.json").write_text('{"schema": "x", "passed": 5}')

    ran = cli("report", tmp_path / "other.json")

    assert ran.code == 2
    assert "other.json:tool" in ran.err


def test_a_replay_gives_the_same_answer_or_says_what_changed(cli, tmp_path, antara_robots):
    page = tmp_path / "page.txt"
    page.write_text(SEED.read_text("utf-8"), encoding="utf-8")
    url = "https://www.antaranews.com/berita/1"
    kept = cli(
        "check",
        page,
        "--url",
        url,
        "--robots",
        antara_robots,
        "--agent",
        "MyBot",
        "-u",
        "ai-train",
        "-f",
        "json",
    )
    report = tmp_path / "report.json"
    report.write_bytes(kept.out)

    same = cli("replay", report, "--robots", antara_robots)
    assert (same.code, same.text) == (0, f"{page}: the same\n")

    other = cli("replay", report, "--robots", antara_robots, "-p", "text-only")
    assert other.code == 0, "the same answer"
    assert "the profile is another one" in other.text

    stricter = json.loads(kept.out)
    stricter["assets"][0]["uses"][0]["verdict"] = "go"
    report.write_text(json.dumps(stricter))
    assert cli("replay", report, "--robots", antara_robots).code == 1

    page.write_text("changed")
    assert cli("replay", report).code == 3

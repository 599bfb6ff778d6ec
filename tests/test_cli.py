"""The command line: formats, exit codes, and a clear message for every way to ask wrongly."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest

from conftest import CLAUSE, SEED
from rightscheck.formats import names
from rightscheck.report import json_schema

URL = "https://www.antaranews.com/berita/1"


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.txt"
    path.write_text("Rain fell on the hill all morning, and the market opened late.")
    return path


@pytest.mark.parametrize("fmt", names())
def test_exit_codes_are_the_same_in_every_format(cli, clean, fmt):
    assert cli("check", SEED, "--url", URL, "-f", fmt, "-u", "ai-train").code == 1
    assert cli("check", clean, "-f", fmt, "-u", "ai-train", "-p", "text-only").code == 0
    assert cli("check", clean, "-f", fmt, "-u", "ai-train").code == 0, "review passes by default"
    assert cli("check", clean, "-f", fmt, "-u", "ai-train", "--fail-on", "review").code == 1
    assert cli("check", SEED, "-f", fmt, "-u", "ai-train", "--fail-on", "never").code == 0
    assert cli("check", "-", "-f", fmt).code == 3


def test_json_follows_the_published_schema(cli, clean):
    report = json.loads(cli("check", SEED, clean, "-f", "json").out)

    jsonschema.validate(report, json_schema())
    assert [asset["target"] for asset in report["assets"]] == [str(SEED), str(clean)]


def test_jsonl_has_one_line_per_target(cli, clean):
    lines = cli("check", SEED, clean, "-f", "jsonl").out.splitlines()

    assert [json.loads(line)["verdict"] for line in lines] == ["no-go", "review"]


def test_text_names_verdict_clause_place_and_next_step(cli, antara_robots):
    text = cli(
        "check", SEED, "--url", URL, "--robots", antara_robots, "-u", "ai-train", "--agent", "MyBot"
    ).text

    assert text.startswith("NO-GO")
    assert CLAUSE in " ".join(text.replace("“", "").replace("”", "").split())
    assert "char:2382-2533" in text
    assert "Anadolu Ajansı (third party)" in text
    assert "Not read" in text
    assert "written permission from ANTARA" in " ".join(text.split())
    assert "\x1b[" not in text, "no colour where there is no terminal"


def test_html_is_read_from_its_bytes(cli):
    page = f"<!doctype html><p>Hujan turun.</p><footer>Copyright © ANTARA 2025<br>{CLAUSE}</footer>".encode()

    report = json.loads(cli("check", "-", "-u", "ai-train", "-f", "json", stdin=page).out)

    (asset,) = report["assets"]
    assert (asset["verdict"], asset["media_type"]) == ("no-go", "text/html")
    assert any(f["quote"] == CLAUSE and f["locator"].startswith("text:") for f in asset["findings"])


def test_output_goes_to_a_file(cli, tmp_path):
    ran = cli("check", SEED, "-f", "json", "-o", tmp_path / "report.json")

    assert ran.out == b""
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "no-go"


WRONG = [
    (["check", "missing.txt"], 2, "`missing.txt` does not exist"),
    (["check", "."], 2, "`.` is a directory"),
    (["check", "missing.txt", "."], 2, "`missing.txt` does not exist; `.` is a directory"),
    (["check", "www.hill.example/a"], 2, "https://www.hill.example/a"),
    (["check", "gopher://hill.example/a"], 2, "scheme"),
    (["check", "https://user:secret@hill.example/"], 2, "password"),
    (["check", str(SEED), "-u", "feeding"], 2, "unknown use `feeding`"),
    (["check", str(SEED), "-p", "lenient"], 2, "lenient"),
    (["check", str(SEED), "-f", "yaml"], 2, "unknown format `yaml`"),
    (["check", str(SEED), "--as-of", "yesterday"], 2, "no date: `yesterday`"),
    (["check", str(SEED), "--agent", "My Bot/1.0"], 2, "no product token: `My Bot/1.0`"),
    (["check", str(SEED), str(SEED), "--url", URL], 2, "--url"),
    (["check", str(SEED), "--robots", "missing.robots"], 2, "missing.robots"),
    (["check", str(SEED), "--grants", "missing.grants"], 2, "missing.grants"),
    (["check", str(SEED), "--policies", "missing.policies"], 2, "missing.policies"),
    (["check"], 2, "TARGET"),
    (["chekc"], 2, "chekc"),
    (["check", str(SEED), "--nonsense"], 2, "nonsense"),
    (["filter", "missing.jsonl"], 2, "`missing.jsonl` does not exist"),
    (["schema", "poem"], 2, "unknown schema `poem`"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), WRONG, ids=[" ".join(case[0])[:60] for case in WRONG]
)
def test_a_wrong_request_gets_one_clear_message(cli, arguments, code, message):
    ran = cli(*arguments)

    assert (ran.code, ran.out) == (code, b"")
    assert message in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("body", "reason"), [(b"", "empty"), (b" \n\t", "empty"), (b"\x7fELF\x00\x00\x00", "binary")]
)
def test_what_is_no_text_is_incomplete(cli, tmp_path, body, reason):
    path = tmp_path / "file"
    path.write_bytes(body)

    ran = cli("check", path, "-f", "json")

    assert ran.code == 3
    assert reason in ran.err
    assert json.loads(ran.out)["unread"][0]["target"] == str(path)
    assert json.loads(ran.out)["verdict"] is None


def test_a_failure_outranks_incompleteness(cli, tmp_path):
    (tmp_path / "empty").write_bytes(b"")

    assert cli("check", SEED, tmp_path / "empty").code == 1


def test_a_malformed_policy_reports_all_its_problems_at_once(cli, tmp_path):
    folder = tmp_path / "policies" / "publishers" / "zz"
    folder.mkdir(parents=True)
    (folder / "hill.toml").write_text('id = "hall"\nname = 5\nhostss = ["x"]\n')

    ran = cli("check", SEED, "--policies", tmp_path / "policies")

    assert ran.code == 2
    assert ran.err.count("hill.toml:") >= 3
    assert ran.out == b""


def test_an_unresolvable_host_is_a_closed_door_not_a_crash(cli):
    ran = cli("check", "https://no-such-host.invalid/a", "-u", "ai-train")

    assert ran.code == 1
    assert "unreachable" in ran.text


def test_signals_and_schemas_are_listed(cli):
    assert {s["id"] for s in json.loads(cli("signals", "-f", "json").out)} >= {
        "robots-txt",
        "notice",
        "tdmrep",
    }
    assert b"robots-txt" in cli("signals").out
    assert json.loads(cli("schema").out) == json_schema()


def test_help_and_version_answer_without_work(cli):
    assert cli("--version").text.startswith("rightscheck ")
    assert cli("--help").code == 0
    assert cli("check", "--help").code == 0


def test_the_module_runs_as_a_program(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "rightscheck", "check", str(SEED), "-u", "ai-train", "-f", "json"],
        capture_output=True,
        check=False,
    )

    assert ran.returncode == 1
    assert json.loads(ran.stdout)["verdict"] == "no-go"


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, rightscheck\n"
        "print([m for m in ('httpx', 'typer', 'pyarrow', 'pydantic', 'rich') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert ran.stdout.strip() == "[]"


def test_checking_a_text_loads_no_http_client():
    code = (
        "import sys, rightscheck\n"
        "rightscheck.Checker(profile='text-only', use='ai-train').check_text('x', 'https://hill.example/a')\n"
        "print([m for m in ('httpx', 'typer', 'pyarrow', 'rich') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert ran.stdout.strip() == "[]"

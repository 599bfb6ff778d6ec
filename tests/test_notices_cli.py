"""`rightscheck notices` and `rightscheck explain`, as a shell sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from rightscheck.notices import read_notices

NOTICE = "© 2026 Tarn Herald. Scraping is forbidden without written permission."


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "rightscheck", *arguments],
        input=given.encode(),
        capture_output=True,
        check=False,
    )


def test_one_line_in_one_line_out_in_order(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    records = [{"id": "b", "text": NOTICE}, {"id": 7, "text": "The sea is wide."}, {"text": "禁止抓取本站。"}]
    source.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    result = run("notices", str(source), "-o", str(target))
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    lines = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["b", 7, None]
    assert lines[0] == {"id": "b", **read_notices(NOTICE)}
    assert set(lines[0]) == {
        "id", "copyright", "holder", "years", "reservation", "denied", "permitted", "exception", "spans", "languages",
    }  # fmt: skip
    assert lines[2]["denied"] == ["crawl"]


def test_standard_input_and_output() -> None:
    result = run("notices", "-", given=json.dumps({"id": 1, "text": NOTICE}) + "\n")
    assert result.returncode == 0
    assert json.loads(result.stdout)["holder"] == "Tarn Herald"


def test_lines_that_cannot_be_read_keep_their_place() -> None:
    lines = ['{"id": 1, "text": "x"}', "not json", '{"id": 3}', "", '{"id": 4, "text": 5}', '["a"]']
    result = run("notices", given="\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 3
    assert [answer["id"] for answer in answers] == [1, None, 3, 4, None]
    assert ["error" in answer for answer in answers] == [False, True, True, True, True]
    assert b"4 of 5 lines" in result.stderr


def test_nothing_to_read_is_incomplete() -> None:
    assert run("notices", given="\n").returncode == 3


def test_a_missing_file_and_one_file_for_both() -> None:
    assert run("notices", "no-such.jsonl").returncode == 2
    assert run("explain", "no-such.txt").returncode == 2


def test_input_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 1, "text": "x"}\n', "utf-8")
    assert run("notices", str(source), "-o", str(source)).returncode == 2
    assert source.read_text("utf-8") == '{"id": 1, "text": "x"}\n'


def test_explain_shows_what_decided(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        f"<html><body><p>{NOTICE}</p><blockquote>AI training is forbidden.</blockquote></body></html>",
        "utf-8",
    )
    shown = run("explain", str(page)).stdout.decode()
    assert "Tarn Herald 2026" in shown
    assert "refuses crawl, unless by written-permission" in shown
    assert "mentioned only" in shown
    assert "stands in quotation marks or in a quoting element" in shown
    assert "uses.crawl: Scraping" in shown


def test_explain_says_when_there_is_nothing() -> None:
    assert b"nothing in 16 characters" in run("explain", "-", given="The sea is wide.").stdout

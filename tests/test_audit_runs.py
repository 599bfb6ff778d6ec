"""Finished runs: compared over time, turned into block lists, written as attributes beside documents."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpora import CLAUSE, CLEAN, jsonl
from rightscheck.audit import compare as comparing

CLOSED = f"{CLEAN}\n{CLAUSE}"
ASKED = ("--use", "ai-train", "--use", "search", "--profile", "text-only", "--as-of")


def document(name: str, host: str, text: str = CLEAN) -> dict[str, object]:
    return {"id": name, "url": f"https://{host}/{name}", "text": text}


BEFORE = [
    document("a", "hill.example"),
    document("b", "hill.example"),
    document("c", "dale.example", CLOSED),
    document("d", "dale.example"),
    document("gone", "dale.example"),
    {"id": "e", "text": CLEAN},
    document("twice", "moor.example"),
    document("twice", "moor.example"),
]
AFTER = [
    document("new", "dale.example", CLOSED),
    document("d", "dale.example"),
    document("c", "dale.example"),
    document("b", "hill.example", CLOSED),
    document("a", "hill.example", CLOSED),
    {"id": "e", "text": CLOSED},
    document("twice", "moor.example"),
    document("twice", "moor.example", CLOSED),
]


@pytest.fixture
def runs(cli, tmp_path):
    """Two finished runs over the same sites, half a year apart."""
    for name, rows, day in (("before", BEFORE, "2026-05-24"), ("after", AFTER, "2026-11-24")):
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(rows))
        cli("audit", tmp_path / f"{name}.jsonl", "--out", tmp_path / name, *ASKED, day)
    return tmp_path / "before", tmp_path / "after"


@pytest.mark.parametrize("partition", [comparing.PARTITION, 4], ids=["memory", "partitions"])
def test_who_opted_out_since(cli, runs, monkeypatch, partition):
    monkeypatch.setattr(comparing, "PARTITION", partition)

    ran = cli("audit", "diff", *runs, "--format", "json")

    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["differing"] == ["as_of"]
    assert told["documents"] == {"matched": 7, "gone": 1, "new": 1, "unnamed": 0}
    assert told["uses"] == {
        "ai-train": [
            {"before": "go", "after": "no-go", "documents": 4},
            {"before": "no-go", "after": "go", "documents": 1},
        ],
        "search": [],
    }
    assert [(h["host"], h["closed"], h["opened"], h["documents"]) for h in told["hosts"]] == [
        ("hill.example", 2, 0, 2),
        ("", 1, 0, 1),
        ("moor.example", 1, 0, 2),
        ("dale.example", 0, 1, 2),
    ]
    assert told["hosts"][0]["rules"] == ["notice/reservation"]
    assert told["hosts"][0]["example"] == "b", "the first one in the later run"


def test_every_changed_document_on_a_line(cli, runs):
    ran = cli("audit", "diff", *runs, "--format", "jsonl")

    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [(line["id"], line["before"], line["after"], line["row"]) for line in lines] == [
        ("c", "no-go", "go", 3),
        ("b", "go", "no-go", 4),
        ("a", "go", "no-go", 5),
        ("e", "go", "no-go", 6),
        ("twice", "go", "no-go", 8),
    ]
    assert {line["use"] for line in lines} == {"ai-train"}
    assert lines[1]["quote"] == CLAUSE
    assert lines[1]["rule_after"] == "notice/reservation"


def test_the_text_names_hosts_and_counts(cli, runs):
    ran = cli("audit", "diff", *runs)

    assert "7 documents in both, 1 gone, 1 new\n" in ran.text
    assert "the runs also differ in: as_of\n" in ran.text
    assert "ai-train: go -> no-go  4 documents\n" in ran.text
    assert "  hill.example  2 of 2 documents  notice/reservation\n" in ran.text
    assert "opened since, by host:\n  dale.example  1 of 2 documents\n" in ran.text
    assert "no verdict changed\n" in cli("audit", "diff", runs[0], runs[0]).text


def test_documents_are_matched_by_url_where_ids_are_made_anew(cli, runs, tmp_path):
    rows = [{**row, "id": f"x-{number}"} for number, row in enumerate(AFTER)]
    (tmp_path / "renamed.jsonl").write_bytes(jsonl(rows))
    cli("audit", tmp_path / "renamed.jsonl", "--out", tmp_path / "renamed", *ASKED, "2026-11-24")

    by_id = json.loads(cli("audit", "diff", runs[0], tmp_path / "renamed", "--format", "json").out)
    by_url = json.loads(
        cli("audit", "diff", runs[0], tmp_path / "renamed", "--format", "json", "--by", "url").out
    )

    assert by_id["documents"]["matched"] == 0
    assert by_url["documents"] == {"matched": 6, "gone": 1, "new": 1, "unnamed": 2}
    assert by_url["uses"]["ai-train"][0] == {"before": "go", "after": "no-go", "documents": 3}


@pytest.mark.parametrize("partition", [comparing.PARTITION, 3], ids=["memory", "partitions"])
@pytest.mark.parametrize("same", range(9))
def test_runs_that_begin_alike(cli, tmp_path, monkeypatch, partition, same):
    """However many documents both have at their beginning, and wherever they part."""
    monkeypatch.setattr(comparing, "PARTITION", partition)
    after = [*BEFORE[:same], *reversed(BEFORE[same:]), document("more", "hill.example")]
    after[0] = {**after[0], "text": CLOSED}
    found = []
    for name, rows in (("one", BEFORE), ("two", after), ("three", BEFORE)):
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(rows))
        cli("audit", tmp_path / f"{name}.jsonl", "--out", tmp_path / name, *ASKED, "2026-11-24")
    for run in ("two", "three"):
        found.append(
            json.loads(cli("audit", "diff", tmp_path / "one", tmp_path / run, "--format", "json").out)
        )

    assert found[0]["documents"] == {"matched": 8, "gone": 0, "new": 1, "unnamed": 0}
    assert found[0]["uses"]["ai-train"] == [{"before": "go", "after": "no-go", "documents": 1}]
    assert found[1]["documents"] == {"matched": 8, "gone": 0, "new": 0, "unnamed": 0}
    assert found[1]["hosts"] == []


def test_runs_that_cannot_be_compared(cli, runs, tmp_path):
    assert "holds no finished run" in cli("audit", "diff", runs[0], tmp_path / "none").err
    assert "unknown format `xml`" in cli("audit", "diff", *runs, "--format", "xml").err
    assert cli("audit", "diff", *runs, "--by", "text").code == 2
    (tmp_path / "a.jsonl").write_bytes(jsonl(BEFORE))
    cli("audit", tmp_path / "a.jsonl", "--out", tmp_path / "crawl", "--use", "crawl")
    ran = cli("audit", "diff", runs[0], tmp_path / "crawl")
    assert ran.code == 2
    assert "the runs share no use" in ran.err


def test_a_run_without_documents_is_compared_too(cli, runs, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"")
    cli("audit", tmp_path / "a.jsonl", "--out", tmp_path / "empty", *ASKED, "2026-11-24")

    told = json.loads(cli("audit", "diff", tmp_path / "empty", runs[1], "--format", "json").out)

    assert told["documents"] == {"matched": 0, "gone": 0, "new": 8, "unnamed": 0}
    assert told["hosts"] == []


def test_block_lists_by_host(cli, runs):
    ran = cli("audit", "blocklist", runs[1])

    assert ran.code == 0
    assert ran.text.split() == ["dale.example", "hill.example", "moor.example"]
    assert "1 documents are of no known host" in ran.err
    assert cli("audit", "blocklist", runs[1], "--share", "60").text.split() == ["hill.example"]
    assert cli("audit", "blocklist", runs[1], "--use", "search").text == ""
    rows = list(csv.DictReader(io.StringIO(cli("audit", "blocklist", runs[1], "--format", "csv").text)))
    assert rows[0] == {
        "host": "dale.example",
        "documents": "3",
        "no_go": "1",
        "review": "0",
        "share": "0.3333",
        "rule": "notice/reservation",
    }
    lines = cli("audit", "blocklist", runs[1], "--format", "jsonl").text.splitlines()
    assert json.loads(lines[1])["host"] == "hill.example"
    assert "the run did not ask for `crawl`" in cli("audit", "blocklist", runs[1], "--use", "crawl").err


def test_documents_to_review_count_when_asked(cli, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl([document("a", "hill.example")]))
    cli(
        "audit", tmp_path / "a.jsonl", "--out", tmp_path / "out", "--use", "ai-train", "--profile", "standard"
    )

    assert cli("audit", "blocklist", tmp_path / "out").text == ""
    assert cli("audit", "blocklist", tmp_path / "out", "--review").text == "hill.example\n"


def attributes(path: Path) -> list[dict[str, object]]:
    body = path.read_bytes()
    return [
        json.loads(line) for line in (gzip.decompress(body) if path.suffix == ".gz" else body).splitlines()
    ]


def test_attributes_beside_the_documents(cli, tmp_path):
    folder = tmp_path / "documents"
    (folder / "sub").mkdir(parents=True)
    rows = [document("a", "hill.example", f"é {CLOSED}"), {"id": 7}, {"text": CLEAN}]
    (folder / "sub" / "a.jsonl.gz").write_bytes(gzip.compress(jsonl(rows)))
    (folder / "b.jsonl").write_bytes(b"\n" + jsonl(rows[:1]) + b"{broken\n" + jsonl(rows[2:]))
    pq.write_table(pa.Table.from_pylist([document("p", "hill.example")]), folder / "c.parquet")
    out = tmp_path / "attributes" / "rightscheck"

    ran = cli(
        "audit", folder, "--out", tmp_path / "out", *ASKED, "2026-11-24", "--attributes", out, "--fail-on", "never"
    )  # fmt: skip

    assert ran.code == 3, "some rows cannot be read"
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == [
        "b.jsonl",
        "c.parquet.jsonl.gz",
        "sub/a.jsonl.gz",
    ]
    text = f"é {CLOSED}"
    start = text.index(CLAUSE)
    first = {
        "id": "a",
        "attributes": {
            "rightscheck__no-go__ai-train": [[0, len(text), 1.0]],
            "rightscheck__go__search": [[0, len(text), 1.0]],
            "rightscheck__passage": [[start, start + len(CLAUSE), 1.0]],
        },
    }
    lines = attributes(out / "sub" / "a.jsonl.gz")
    assert lines[0] == first
    assert lines[1] == {"id": None, "attributes": {"rightscheck__unreadable": [[0, 0, 1.0]]}}
    assert lines[2]["id"] == f"{folder / 'sub' / 'a.jsonl.gz'}:3"
    assert lines[2]["attributes"]["rightscheck__go__ai-train"] == [[0, len(CLEAN), 1.0]]
    assert [list(line["attributes"]) for line in attributes(out / "b.jsonl")][1] == [
        "rightscheck__unreadable"
    ]
    assert attributes(out / "c.parquet.jsonl.gz")[0]["id"] == "p"


def test_attributes_are_written_for_a_finished_run_as_well(cli, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl(BEFORE))
    arguments = ["audit", tmp_path / "a.jsonl", "--out", tmp_path / "out", *ASKED, "2026-11-24"]
    cli(*arguments)

    cli(*arguments, "--resume", "--attributes", tmp_path / "beside")

    assert [line["id"] for line in attributes(tmp_path / "beside" / "a.jsonl")] == [r["id"] for r in BEFORE]
    (tmp_path / "a.jsonl").write_bytes(jsonl(BEFORE[:2]))
    ran = cli(*arguments, "--resume", "--attributes", tmp_path / "other")
    assert ran.code == 3
    assert "holds 2 documents, and 8 were judged" in ran.err

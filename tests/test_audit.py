"""Corpus runs: every document accounted for, the verdicts of `check_text`, faults told and survived."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpora import CLAUSE, CLEAN, jsonl
from policy_stores import robots_store
from rightscheck.checker import Checker

RESERVED = f"Rain fell on the hill.\n{CLAUSE}"
ASKED = ("--use", "ai-train", "--use", "search", "--profile", "text-only", "--as-of", "2026-11-24")


@pytest.fixture
def audit(cli, tmp_path):
    """Runs `rightscheck audit` into a folder of its own."""

    def call(*arguments: object, out: Path = tmp_path / "out"):
        return cli("audit", *arguments, "--out", out, *ASKED)

    return call


def records(count: int, every: int = 5) -> list[dict[str, object]]:
    return [
        {
            "id": f"doc-{number}",
            "text": f"{RESERVED if number % every == 0 else CLEAN} Number {number}.",
            "url": f"https://www.h{number % 3}.example/{number}",
        }
        for number in range(count)
    ]


def decisions(folder: Path) -> list[dict[str, object]]:
    return pq.read_table(folder / "decisions.parquet").to_pylist()


def report(folder: Path) -> dict[str, object]:
    return json.loads((folder / "report.json").read_bytes())


def test_every_document_has_the_decision_of_check_text(audit, tmp_path):
    rows = records(23)
    (tmp_path / "a.jsonl").write_bytes(jsonl(rows))

    ran = audit(tmp_path / "a.jsonl")

    checker = Checker(profile="text-only", use=("ai-train", "search"), on="2026-11-24")
    assert ran.code == 1
    assert ran.out == b""
    found = decisions(tmp_path / "out")
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    for row, said in zip(rows, found, strict=True):
        decision = checker.check_text(row["text"], row["url"])
        assert said["verdict"] == decision.verdict.value
        assert [said["verdict_ai_train"], said["verdict_search"]] == [
            use.verdict.value for use in decision.uses
        ]
        assert said["rules"] == list(decision.determining)
        assert said["reasons"] == list(decision.reasons)
        assert said["gaps"] == [gap.carrier.value for gap in decision.gaps]
        if said["quote"]:
            assert row["text"][said["start"] : said["end"]] == said["quote"] == CLAUSE
    assert {row["host"] for row in found} == {"www.h0.example", "www.h1.example", "www.h2.example"}
    assert [row["row"] for row in found] == list(range(1, 24))


def test_the_report_adds_up_and_names_what_was_said(audit, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl(records(10)) + b"{broken\n\n" + jsonl([{"id": 7}]))

    audit(tmp_path / "a.jsonl")

    told = report(tmp_path / "out")
    assert told["rows"] == {"in": 12, "decided": 10, "unreadable": 2}
    assert told["verdicts"] == {"go": 8, "review": 0, "no-go": 2}
    assert told["uses"]["search"] == {"go": 10, "review": 0, "no-go": 0}
    assert {"rule": "notice/reservation", "verdict": "no-go", "documents": 2} in told["rules"]
    assert told["clauses"][0]["quote"] == CLAUSE
    assert told["clauses"][0]["documents"] == 2
    assert sum(host["no-go"] for host in told["hosts"]) == 2
    assert [(item["row"], item["reason"]) for item in told["unreadable_rows"]] == [
        (11, "not JSON"),
        (12, "no `text` with a string; its keys are id"),
    ]
    assert told["sites"] == [], "a text's own words are no site's"
    page = (tmp_path / "out" / "report.html").read_text()
    assert CLAUSE in page
    assert "12 documents in 1 files = 10 decided + 2 unreadable" in page
    assert "<script" not in page


def test_the_manifest_says_what_was_judged_and_by_what(audit, tmp_path):
    body = jsonl(records(3))
    (tmp_path / "a.jsonl").write_bytes(body)

    audit(tmp_path / "a.jsonl")

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["inputs"] == [
        {
            "path": str(tmp_path / "a.jsonl"),
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "rows": 3,
            "decided": 3,
        }
    ]
    assert manifest["options"]["profile"] == "text-only"
    assert all(
        len(manifest["tool"][name]) == 64 for name in ("rules_sha256", "registry_sha256", "profile_sha256")
    )
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "decisions.parquet",
        "manifest.json",
        "report.html",
        "report.json",
    ]


def test_a_page_shows_hostile_text_as_text(audit, tmp_path):
    hostile = "<img src=x onerror=alert(1)>"
    (tmp_path / "a.jsonl").write_bytes(jsonl([{"text": RESERVED, "id": hostile}]))

    audit(tmp_path / "a.jsonl")

    page = (tmp_path / "out" / "report.html").read_text()
    assert hostile not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("rows", "code"),
    [([{"text": CLEAN}], 0), ([{"text": RESERVED}], 1), ([{"text": CLEAN}, {"id": 1}], 3), ([], 3)],
    ids=["clean", "reserved", "incomplete", "empty"],
)
def test_exit_codes(audit, tmp_path, rows, code):
    (tmp_path / "a.jsonl").write_bytes(jsonl(rows))

    assert audit(tmp_path / "a.jsonl").code == code


def test_what_cannot_begin_is_a_usage_error_that_names_everything(audit, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl([{"title": "x", "words": "y"}]))
    (tmp_path / "a.doc").write_bytes(b"")

    ran = audit(tmp_path / "gone.jsonl", tmp_path / "a.doc")
    assert ran.code == 2
    assert "gone.jsonl` does not exist; no reader for" in ran.err

    ran = audit(tmp_path / "a.jsonl")
    assert ran.code == 2
    assert "no text column; its columns are `title`, `words`" in ran.err
    assert "--map" in ran.err

    assert audit(tmp_path / "a.jsonl", "--map", "text=words").code == 0
    assert audit(tmp_path / "a.jsonl", "--map", "text=words").code == 2, "the folder holds a run already"


def test_a_folder_is_read_in_order_and_hidden_files_are_left_out(audit, tmp_path):
    folder = tmp_path / "corpus"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "b.jsonl.gz").write_bytes(gzip.compress(jsonl(records(2))))
    pq.write_table(pa.Table.from_pylist(records(3)), folder / "a.parquet")
    (folder / "_SUCCESS.json").write_bytes(b"")
    (folder / "readme.md").write_bytes(b"")

    assert audit(folder).code == 1

    assert [(Path(row["file"]).name, row["row"]) for row in decisions(tmp_path / "out")] == [
        ("a.parquet", 1),
        ("a.parquet", 2),
        ("a.parquet", 3),
        ("b.jsonl.gz", 1),
        ("b.jsonl.gz", 2),
    ]


def test_a_saved_dataset_is_read_by_its_state(audit, tmp_path):
    """As Hugging Face datasets lay it out: splits in folders, shards that the state names, caches beside."""
    for split, shards in (("train", 2), ("test", 1)):
        folder = tmp_path / "saved" / split
        folder.mkdir(parents=True)
        names = [f"data-{number:05d}-of-{shards:05d}.arrow" for number in range(shards)]
        for name in [*names, "cache-0123456789abcdef.arrow"]:
            table = pa.Table.from_pylist(records(2))
            with pa.ipc.new_stream(folder / name, table.schema) as writer:
                writer.write_table(table)
        state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "x"}
        (folder / "state.json").write_text(json.dumps(state))
        (folder / "dataset_info.json").write_text("{}")
    (tmp_path / "saved" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')

    assert audit(tmp_path / "saved").code == 1

    read = {
        Path(row["file"]).relative_to(tmp_path / "saved").as_posix() for row in decisions(tmp_path / "out")
    }
    assert read == {
        "test/data-00000-of-00001.arrow",
        "train/data-00000-of-00002.arrow",
        "train/data-00001-of-00002.arrow",
    }


def test_split_gives_every_row_back_in_the_file_of_its_verdict(audit, tmp_path):
    folder = tmp_path / "corpus"
    (folder / "sub").mkdir(parents=True)
    lines = jsonl(records(10)).splitlines(keepends=True)
    body = (
        b"\n"
        + b"".join(lines[:4])
        + b"{broken\n"
        + b"".join(line.replace(b'", "', b'" ,  "') for line in lines[4:])
    )
    (folder / "a.jsonl").write_bytes(body.rstrip(b"\n"))
    (folder / "sub" / "a.jsonl.gz").write_bytes(gzip.compress(b"".join(lines)))
    table = pa.Table.from_pylist([{**row, "extra": {"n": [1, n]}} for n, row in enumerate(records(10))])
    pq.write_table(table, folder / "b.parquet", row_group_size=3)

    assert audit(folder, "--split").code == 1

    split = tmp_path / "out" / "split"
    kept = {verdict: (split / verdict / "a.jsonl").read_bytes() for verdict in ("go", "review", "no-go")}
    assert kept["no-go"].splitlines() == [body.splitlines()[1], body.splitlines()[7]]
    assert kept["review"] == b""
    assert sorted(line for body in kept.values() for line in body.splitlines()) == sorted(
        line.strip() for line in body.splitlines() if line and line != b"{broken"
    )
    packed = gzip.decompress((split / "no-go" / "sub" / "a.jsonl.gz").read_bytes())
    assert packed == lines[0] + lines[5]
    no_go = pq.read_table(split / "no-go" / "b.parquet")
    assert no_go.schema == table.schema
    assert no_go.to_pylist() == table.take([0, 5]).to_pylist()
    assert pq.read_table(split / "go" / "b.parquet").num_rows == 8

    (folder / "c.csv").write_bytes(b"text\nx\n")
    ran = audit(folder, "--split", out=tmp_path / "other")
    assert ran.code == 2
    assert "--split cannot divide" in ran.err


@pytest.mark.parametrize("written", ["./a.jsonl", "x/../a.jsonl", "./*.jsonl", "."])
def test_split_finds_files_however_they_are_written(audit, tmp_path, monkeypatch, written):
    folder = tmp_path / "corpus"
    (folder / "x").mkdir(parents=True)
    (folder / "a.jsonl").write_bytes(jsonl(records(10)))
    monkeypatch.chdir(folder)

    assert audit(written, "--split").code == 1

    (no_go,) = (tmp_path / "out" / "split" / "no-go").rglob("*.jsonl")
    assert len(no_go.read_bytes().splitlines()) == 2


def test_pages_are_judged_by_all_that_was_kept_of_them(audit, tmp_path):
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: https://a.example/x\r\n"
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Robots-Tag: noai\r\n\r\n<p>{CLEAN}</p>".encode()
    record = f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"
    (tmp_path / "a.warc.gz").write_bytes(
        gzip.compress(record) + gzip.compress(record.replace(b"noai", b"none"))
    )
    (tmp_path / "b.html").write_text(f'<meta name="tdm-reservation" content="1"><p>{CLEAN}')

    audit(tmp_path / "a.warc.gz", tmp_path / "b.html")

    found = decisions(tmp_path / "out")
    assert [row["verdict_ai_train"] for row in found] == ["no-go", "go", "no-go"]
    assert [row["rule"] for row in found][::2] == ["x-robots-tag/noai", "tdmrep/disallow"]


def test_a_wat_file_speaks_by_fields_and_metas_and_its_words_are_unread(audit, tmp_path):
    def envelope(name: str, fields: dict[str, str], metas: list[dict[str, str]]) -> bytes:
        answer = {"Response-Message": {"Status": "200"}, "Headers": {"Content-Type": "text/html", **fields}}
        answer["HTML-Metadata"] = {"Head": {"Metas": metas}}
        about = {"WARC-Type": "response", "WARC-Record-ID": name, "WARC-Target-URI": "https://a.example/x"}
        payload = {"HTTP-Response-Metadata": answer}
        block = json.dumps(
            {"Envelope": {"WARC-Header-Metadata": about, "Payload-Metadata": payload}}
        ).encode()
        return (
            f"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: {len(block)}\r\n\r\n".encode()
            + block
            + b"\r\n\r\n"
        )

    (tmp_path / "a.warc.wat").write_bytes(
        envelope("field", {"X-Robots-Tag": "noai"}, [])
        + envelope("meta", {}, [{"name": "tdm-reservation", "content": "1"}])
        + envelope("silent", {}, [])
    )

    audit(tmp_path / "a.warc.wat")

    found = {row["id"]: row for row in decisions(tmp_path / "out")}
    assert found["field"]["verdict_ai_train"] == "no-go"
    assert found["field"]["rule"] == "x-robots-tag/noai"
    assert found["meta"]["verdict_ai_train"] == "no-go"
    assert found["silent"]["verdict_ai_train"] == "review", "silence of what was not read is no consent"
    assert "text" in found["silent"]["gaps"]


OPEN = b"User-agent: *\nDisallow: /cart\n"
CLOSED = b"User-agent: *\nDisallow: /a/\n\nUser-agent: MyBot\nContent-Usage: train-ai=n\nAllow: /\n"


@pytest.fixture
def archive(tmp_path):
    """A store in which a host was open until June 2025 and then refused training to MyBot."""
    versions = [(datetime(2025, 1, 1, tzinfo=UTC), OPEN), (datetime(2025, 6, 1, tzinfo=UTC), CLOSED)]
    return robots_store(tmp_path / "policies.sqlite", "https://hill.example/robots.txt", versions)


DATED = [
    {"id": "before", "text": CLEAN, "url": "https://hill.example/x", "date": "2025-01-05T10:00:00Z"},
    {"id": "after", "text": CLEAN, "url": "https://hill.example/x", "date": "20250605100000"},
    {"id": "undated", "text": CLEAN, "url": "https://hill.example/x"},
    {"id": "elsewhere", "text": CLEAN, "url": "https://dale.example/x", "date": "2025-06-05"},
]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("as-crawled", ["go", "no-go", "go", "go"]),
        ("latest", ["no-go", "no-go", "no-go", "go"]),
        ("2025-01-20", ["go", "go", "go", "go"]),
        ("2025-06-01", ["no-go", "no-go", "no-go", "go"]),
        ("union", ["no-go", "no-go", "no-go", "go"]),
    ],
)
def test_robots_files_of_the_time_that_was_chosen(audit, archive, tmp_path, time, expected):
    (tmp_path / "a.jsonl").write_bytes(jsonl(DATED))

    audit(tmp_path / "a.jsonl", "--robots-archive", archive, "--policy-time", time, "--agent", "MyBot")

    found = decisions(tmp_path / "out")
    assert [row["verdict_ai_train"] for row in found] == expected
    unread = ["robots-txt" in row["gaps"] for row in found]
    if time == "as-crawled":
        assert unread == [False, False, True, True], "no time of retrieval, no policy of that time"
    if time == "2025-01-20":
        assert unread == [False, False, False, True]
    if time == "latest":
        assert unread == [True, True, True, True], "a copy of half a year ago may have changed"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["options"]["policy_time"] == time
    assert len(manifest["tool"]["robots_archive_sha256"]) == 64


def test_counts_that_leave_the_rarest_out_are_told(audit, archive, tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").write_bytes(jsonl([*DATED, {"id": "said", "text": RESERVED}]))
    chosen = ("--robots-archive", archive, "--agent", "MyBot")
    names = ("clauses_are_lower_bounds", "sites_are_lower_bounds")

    audit(tmp_path / "a.jsonl", *chosen)
    assert [report(tmp_path / "out")[name] for name in names] == [False, False]

    monkeypatch.setattr("rightscheck.audit.summary._KEPT", 0)
    monkeypatch.setattr("rightscheck.audit.site_findings._KEPT", 0)
    audit(tmp_path / "a.jsonl", *chosen, out=tmp_path / "cut")
    assert [report(tmp_path / "cut")[name] for name in names] == [True, True]
    assert (tmp_path / "cut" / "report.html").read_text("utf-8").count("lower bounds") == 1


SHUT = b"User-agent: *\nDisallow: /\n"
MOMENTS = [
    {"id": "open", "text": CLEAN, "url": "https://moor.example/x", "date": "2025-01-05T10:00:00Z"},
    {"id": "shut", "text": CLEAN, "url": "https://moor.example/x", "date": "2025-06-05T10:00:00Z"},
    {"id": "open-again", "text": CLEAN, "url": "https://moor.example/x", "date": "2025-09-05"},
    {"id": "undated", "text": CLEAN, "url": "https://moor.example/x"},
]


@pytest.mark.parametrize(
    ("time", "closed"),
    [
        ("as-crawled", ["shut"]),
        ("latest", []),
        ("2025-06-20", ["open", "shut", "open-again", "undated"]),
        ("2025-09-20", []),
        ("union", ["open", "shut", "open-again", "undated"]),
    ],
)
def test_a_host_that_was_closed_for_a_time(audit, tmp_path, time, closed):
    """robots.txt closed every agent out in summer: which documents does it hold back, by whose summer?"""
    url = "https://moor.example/robots.txt"
    versions = [
        (datetime(2025, month, 1, tzinfo=UTC), body) for month, body in ((1, OPEN), (6, SHUT), (9, OPEN))
    ]
    store = robots_store(tmp_path / "policies.sqlite", url, versions)
    (tmp_path / "a.jsonl").write_bytes(jsonl(MOMENTS))

    audit(tmp_path / "a.jsonl", "--robots-archive", store, "--policy-time", time)

    found = {row["id"]: row for row in decisions(tmp_path / "out")}
    assert [name for name, row in found.items() if "robots/closed-held" in row["situations"]] == closed
    for name, row in found.items():
        assert row["verdict_ai_train"] == ("review" if name in closed else "go")
        said = [each for each in row["evidence"] if each["rule"] == "robots-txt/disallow"]
        assert [each["quote"] for each in said] == (["Disallow: /"] if name in closed else [])
    assert report(tmp_path / "out")["sites"] == [
        {
            "host": "moor.example",
            "rule": "robots-txt/disallow",
            "source": url,
            "quote": "Disallow: /",
            "documents": len(closed),
        }
    ] * bool(closed), "once per host"
    unread = {name for name, row in found.items() if "robots-txt" in row["gaps"]}
    if time == "as-crawled":
        assert unread == {"undated"}
    elif time in ("2025-06-20", "2025-09-20"):
        assert unread == set(), "a copy of that month counts"
    else:
        assert unread == set(found), "the last copy is more than a year old"


def test_a_policy_time_that_is_none_is_a_usage_error(audit, archive, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl(DATED))

    ran = audit(tmp_path / "a.jsonl", "--robots-archive", archive, "--policy-time", "yesterday")
    assert ran.code == 2
    assert "as-crawled, latest, union, or a day" in ran.err
    assert audit(tmp_path / "a.jsonl", "--robots-archive", tmp_path / "none").code == 2
    assert not (tmp_path / "out").exists()


def test_a_finished_run_is_only_taken_up_as_it_was_asked(audit, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl(records(3)))
    assert audit(tmp_path / "a.jsonl").code == 1
    before = (tmp_path / "out" / "decisions.parquet").read_bytes()

    assert audit(tmp_path / "a.jsonl", "--resume").code == 1
    assert audit(tmp_path / "a.jsonl", "--resume", "--fail-on", "never").code == 0
    ran = audit(tmp_path / "a.jsonl", "--resume", "--use", "crawl", "--map", "text=id")
    assert ran.code == 2
    assert "begun otherwise: uses, mapping differ" in ran.err
    assert (tmp_path / "out" / "decisions.parquet").read_bytes() == before

"""Runs that are killed, go on, run in several processes, or meet damaged files: nothing lost, nothing twice."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpora import CLAUSE, CLEAN, corrupt_page, jsonl

KILLS = int(os.environ.get("RIGHTSCHECK_AUDIT_KILLS", "3"))
"""How often the run is killed."""
ASKED = ("--use", "ai-train", "--profile", "text-only", "--as-of", "2026-11-24")
OUTPUTS = ("decisions.parquet", "report.json", "report.html", "manifest.json")


def start(*arguments: object, program: Sequence[str] = ("-m", "rightscheck")) -> subprocess.Popen[bytes]:
    command = [sys.executable, *program, "audit", *map(str, arguments), *ASKED]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(*arguments: object, program: Sequence[str] = ("-m", "rightscheck")) -> tuple[int, str]:
    with start(*arguments, program=program) as process:
        _, err = process.communicate(timeout=300)
        return process.returncode, err.decode()


def rows(count: int, name: str) -> list[dict[str, object]]:
    return [
        {
            "id": f"{name}-{number}",
            "url": f"https://h{number % 5}.example/{number}",
            "text": f"{CLEAN} Number {number}.\n" + (CLAUSE if number % 7 == 0 else ""),
        }
        for number in range(count)
    ]


def corpus(folder: Path, files: int, documents: int) -> Path:
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:03d}.jsonl").write_bytes(jsonl(rows(documents, str(number))) + b"{broken\n")
    return folder


def digests(folder: Path) -> dict[str, str]:
    assert sorted(path.name for path in folder.iterdir()) == sorted(OUTPUTS), "nothing else is left"
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in OUTPUTS}


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path):
    files = corpus(tmp_path / "corpus", 200 if KILLS > 10 else 60, 3)
    code, _ = finished(files, "--out", tmp_path / "undisturbed")
    assert code == 1

    seed = random.randrange(2**32)  # noqa: S311 - not a secret
    dice = random.Random(seed)  # noqa: S311
    killed, seen = 0, []
    out = tmp_path / "killed"
    while killed < KILLS:
        with start(files, "--out", out, *(("--resume",) if killed else ())) as process:
            # From the first part on: before it, there is nothing to lose.
            done = len(list((out / "parts").glob("*.json"))) if out.exists() else 0
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline and process.poll() is None:
                if len(list((out / "parts").glob("*.json"))) > done:
                    break
                time.sleep(0.005)
            time.sleep(dice.random() * 0.05)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        killed += 1
        seen.append(len(list((out / "parts").glob("*.json"))) if (out / "parts").exists() else -1)
    code, err = finished(files, "--out", out, "--resume")

    assert code == 1, err
    assert digests(out) == digests(tmp_path / "undisturbed"), f"seed {seed}, parts done at each kill {seen}"
    ids = pq.read_table(out / "decisions.parquet").column("id").to_pylist()
    assert len(ids) == len(set(ids)) == 3 * len(list(files.iterdir()))


def test_several_workers_give_the_same_bytes_and_die_with_their_parent(tmp_path):
    files = corpus(tmp_path / "corpus", 6, 3)
    finished(files, "--out", tmp_path / "one")
    out = tmp_path / "two"
    with start(files, "--out", out, "--workers", 2) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not list((out / "parts").glob("*.json")):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        # The pipe closes when the last process that holds it is gone.
        process.communicate(timeout=60)

    code, err = finished(files, "--out", out, "--workers", 2, "--resume")

    assert code == 1, err
    assert digests(out) == digests(tmp_path / "one")


def test_a_run_goes_on_only_as_it_began(tmp_path):
    files = corpus(tmp_path / "corpus", 2, 2)
    out = tmp_path / "out"
    finished(files, "--out", out)
    (out / "manifest.json").unlink()
    assert finished(files, "--out", out, "--resume")[0] == 1, "its plan is gone: it starts anew"
    before = digests(out)
    assert finished(files, "--out", out, "--resume")[0] == 1
    assert digests(out) == before, "a finished run is left alone"
    (out / "manifest.json").unlink()
    (out / "plan.json").write_text("{}")
    code, err = finished(files, "--out", out, "--resume")
    assert code == 2
    assert "is not a plan of this release" in err


def damaged(path: Path, name: str) -> None:
    """Damage of every kind, each in a file of its own, among two sound files."""
    good = jsonl(rows(4, name))
    (path / "0-sound.jsonl").write_bytes(good)
    (path / "1-cut.jsonl.gz").write_bytes(gzip.compress(jsonl(rows(400, "cut")), 1)[:-700])
    broken = good.splitlines(keepends=True)
    lines = [
        broken[0],
        b"{broken\n",
        b'{"text": null}\n',
        b'"text"\n',
        b'{"text": "\xff"}\n',
        b"[" * 5000 + b"\n",
        broken[1],
    ]
    (path / "2-lines.jsonl").write_bytes(b"".join(lines))
    table = pa.table({"id": ["same", "same", None, "x"], "text": [CLEAN, None, CLEAN, CLAUSE]})
    pq.write_table(table, path / "3-nulls.parquet")
    corrupt_page(path / "4-page.parquet", rows(30, "page"))
    (path / "5-none.parquet").write_bytes(b"PAR1 this is not one PAR1")
    (path / "6-empty.jsonl").write_bytes(b"")
    (path / "7-other.jsonl").write_bytes(b'{"title": "no text"}\n')
    (path / "8-sound.jsonl").write_bytes(good)


def test_damage_stops_nothing_and_is_all_told(tmp_path):
    files = tmp_path / "corpus"
    files.mkdir()
    damaged(files, "d")

    code, err = finished(files, "--out", tmp_path / "out", "--fail-on", "never")

    assert code == 3
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    count = report["rows"]
    assert (
        count["in"]
        == count["decided"] + count["unreadable"]
        == sum(report["verdicts"].values()) + count["unreadable"]
    )
    by_file: dict[str, int] = {}
    for row in pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist():
        name = Path(row["file"]).name
        by_file[name] = by_file.get(name, 0) + 1
    cut = by_file.pop("1-cut.jsonl.gz")
    assert 0 < cut < 400
    assert by_file == {
        "0-sound.jsonl": 4,
        "2-lines.jsonl": 2,
        "3-nulls.parquet": 3,
        "4-page.parquet": 20,
        "8-sound.jsonl": 4,
    }
    faults = {Path(item["file"]).name: item["reason"] for item in report["unreadable_files"]}
    assert "ends before its end mark" in faults["1-cut.jsonl.gz"]
    assert "no readable Parquet file" in faults["5-none.parquet"]
    assert set(faults) == {"1-cut.jsonl.gz", "5-none.parquet"}
    told = {(Path(i["file"]).name, i["row"]): (i["rows"], i["reason"]) for i in report["unreadable_rows"]}
    assert told["2-lines.jsonl", 2] == (1, "not JSON")
    assert told["2-lines.jsonl", 5] == (1, "not UTF-8")
    assert told["2-lines.jsonl", 6] == (1, "nested too deeply")
    assert told["3-nulls.parquet", 2] == (1, "the text is null")
    assert told["4-page.parquet", 11][0] == 10
    assert told["4-page.parquet", 11][1].startswith("row group 1 is damaged")
    assert "`text`" in told["7-other.jsonl", 1][1]
    assert "1-cut.jsonl.gz" in err


def test_a_file_that_vanishes_or_changes_after_the_plan_is_told(tmp_path):
    files = corpus(tmp_path / "corpus", 3, 2)
    out = tmp_path / "out"
    with start(files, "--out", out) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (out / "plan.json").exists():
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for part in (out / "parts").iterdir():
        part.unlink()
    (files / "001.jsonl").unlink()
    (files / "002.jsonl").write_bytes(b"")

    code, _ = finished(files, "--out", out, "--resume", "--fail-on", "never")

    assert code == 3
    report = json.loads((out / "report.json").read_bytes())
    assert [item["reason"] for item in report["unreadable_files"]] == [
        "cannot be read: No such file or directory",
        "changed since the run began",
    ]
    assert report["rows"]["decided"] == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    files = corpus(tmp_path / "corpus", 1, 1)
    (tmp_path / "file").write_bytes(b"")

    code, err = finished(files, "--out", tmp_path / "file" / "out")

    assert code == 3
    assert "cannot be written: Not a directory" in err


LIMITED = """
import resource
from rightscheck.cli.app import main

resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
main()
"""


def test_a_full_disk_loses_nothing(tmp_path):
    """A file may grow to 6,000 bytes only: the first results fit, putting them together does not."""
    files = corpus(tmp_path / "corpus", 5, 2)
    finished(files, "--out", tmp_path / "undisturbed")

    code, err = finished(files, "--out", tmp_path / "out", program=("-c", LIMITED))

    assert code == 3
    assert "cannot be written: " in err
    assert "--resume" in err
    assert not list((tmp_path / "out").rglob("*.partial-*"))
    assert finished(files, "--out", tmp_path / "out", "--resume")[0] == 1
    assert digests(tmp_path / "out") == digests(tmp_path / "undisturbed")

"""Every fault that a corpus or a disk can have: told in a line, exit code 3, and all that is readable decided."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpora import CLAUSE, CLEAN, corrupt_page, jsonl
from rightscheck.audit import run as running

ASKED = ("--use", "ai-train", "--profile", "text-only", "--as-of", "2026-11-24", "--fail-on", "never")
SOUND = 5


def rows(count: int, name: str = "d") -> list[dict[str, object]]:
    return [
        {
            "id": f"{name}-{number}",
            "url": f"https://h{number % 3}.example/{number}",
            "text": f"{CLEAN} Number {number}." + (f" {CLAUSE}" if number % 4 == 0 else ""),
        }
        for number in range(count)
    ]


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(jsonl(rows(500)), 1)[:-900])


def flipped_gzip(path: Path) -> None:
    body = bytearray(gzip.compress(jsonl(rows(5000)), 1))
    body[len(body) * 3 // 4] ^= 255
    path.write_bytes(body)


def corrupt_row_group(path: Path) -> None:
    corrupt_page(path, rows(30))


def cut_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(rows(30)), path)
    path.write_bytes(path.read_bytes()[:-20])


def broken_warc(path: Path) -> None:
    good = [record(str(number)) for number in range(5)]
    length = f"Content-Length: {len(CLEAN)}".encode()
    path.write_bytes(
        good[0]
        + good[1].replace(length, b"Content-Length: 7")
        + good[2].replace(length, b"Content-Length: many")
        + good[3]
        + good[4].replace(length, b"Content-Length: 999999")
        + good[0]
    )


def record(name: str) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://h.example/{name}\r\n"
    return f"{head}Content-Length: {len(CLEAN)}\r\n\r\n{CLEAN}\r\n\r\n".encode()


def broken_lines(path: Path) -> None:
    good = jsonl(rows(3)).splitlines(keepends=True)
    bad = [b"{broken\n", b'{"text": "\xff"}\n', b"[1]\n", b"[" * 5000 + b"\n", b"\0\0\0\n", b'{"text": "cut']
    path.write_bytes(
        good[0] + bad[0] + bad[1] + good[1] + b"\n" + bad[2] + bad[3] + good[2] + bad[4] + bad[5]
    )


def nulls(path: Path) -> None:
    texts = [CLEAN, None, CLEAN, None]
    pq.write_table(pa.table({"id": ["a", None, None, "d"], "text": texts, "url": pa.nulls(4)}), path)


def null_lines(path: Path) -> None:
    path.write_bytes(
        b'{"text": null}\n{"id": "a"}\nnull\n' + jsonl([{"id": None, "url": None, "text": CLEAN}])
    )


def hundred_megabytes(path: Path) -> None:
    line = f"{CLEAN} Number {{}}.\\n"
    with path.open("w") as file:
        file.write('{"id": "long", "text": "')
        written = 0
        while written < 100_000_000:
            written += file.write("".join(line.format(number) for number in range(10_000)))
        file.write(f'{CLAUSE}"}}\n')
    with path.open("ab") as file:
        file.write(jsonl(rows(2)))


def duplicate_ids(path: Path) -> None:
    path.write_bytes(jsonl([{"id": "same", "text": CLEAN}, {"id": "same", "text": CLAUSE}] * 2))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_archive(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 this is none")


@dataclass(frozen=True)
class Case:
    """A faulty file: how many of its documents are decided at least, how many unreadable, what is told.

    `file` tells whether the fault ends the file, rather than costing single rows.
    """

    name: str
    make: Callable[[Path], None]
    decided: int
    unreadable: int
    told: str
    file: bool = False
    code: int = 3


CASES = [
    Case("a.jsonl.gz", cut_gzip, 100, 0, "gz data ends before its end mark", file=True),
    Case("b.jsonl.gz", flipped_gzip, 100, 0, "damaged gz data", file=True),
    Case("a.parquet", corrupt_row_group, 20, 10, "row group 1 is damaged"),
    Case("b.parquet", cut_parquet, 0, 0, "no readable Parquet file", file=True),
    Case("a.wet", broken_warc, 3, 3, "Content-Length"),
    Case("a.jsonl", broken_lines, 3, 6, "not JSON"),
    Case("c.parquet", nulls, 2, 2, "the text is null"),
    Case("b.jsonl", null_lines, 1, 3, "no `text` with a string"),
    Case("c.jsonl", hundred_megabytes, 3, 0, "", code=0),
    Case("d.jsonl", duplicate_ids, 4, 0, "", code=0),
    Case("e.jsonl", empty, 0, 0, "", code=0),
    Case("a.zip", no_archive, 0, 0, "archive", file=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
def test_faults_of_files(cli, tmp_path, case):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "0-sound.jsonl").write_bytes(jsonl(rows(SOUND)))
    case.make(corpus / case.name)
    (corpus / "z-sound.jsonl").write_bytes(jsonl(rows(SOUND)))

    ran = cli("audit", corpus, "--out", tmp_path / "out", *ASKED)

    assert ran.code == case.code, ran.err
    assert "internal error" not in ran.err
    assert "Traceback" not in ran.err
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    decided = pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()
    names = [path.name for path in corpus.iterdir()]
    by_file = {name: [r for r in decided if Path(r["file"]).name == name] for name in names}
    assert len(by_file["0-sound.jsonl"]) == len(by_file["z-sound.jsonl"]) == SOUND
    assert len(by_file[case.name]) >= case.decided
    unreadable = report["rows"]["unreadable"]
    if case.file:  # damage may garble what comes right before it is seen
        assert unreadable >= case.unreadable
    else:
        assert (len(by_file[case.name]), unreadable) == (case.decided, case.unreadable)
    assert report["rows"]["in"] == len(decided) + unreadable
    reasons = [item["reason"] for item in report["unreadable_files" if case.file else "unreadable_rows"]]
    assert not case.told or any(case.told in reason for reason in reasons), reasons
    assert bool(reasons) == (case.code == 3)
    assert not case.file or f"`{corpus / case.name}`: " in ran.err
    if case.make is hundred_megabytes:
        long = by_file[case.name][0]
        assert (long["verdict"], long["quote"]) == ("no-go", CLAUSE)
        assert long["start"] > 99_000_000, "code points"


def test_a_file_that_vanishes(cli, tmp_path, monkeypatch):
    """Two files are there when the run begins and are not when they are to be read."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(3):
        (corpus / f"{number}.jsonl").write_bytes(jsonl(rows(SOUND)))
    kernel = running.kernel_for

    def vanish(*arguments: object) -> object:
        (corpus / "0.jsonl").unlink()
        (corpus / "2.jsonl").write_bytes(jsonl(rows(1)))
        return kernel(*arguments)

    monkeypatch.setattr(running, "kernel_for", vanish)

    ran = cli("audit", corpus, "--out", tmp_path / "out", *ASKED)

    assert ran.code == 3
    assert "0.jsonl`: cannot be read: No such file or directory" in ran.err
    assert "2.jsonl`: changed since the run began" in ran.err
    assert pq.read_table(tmp_path / "out" / "decisions.parquet").num_rows == SOUND


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system in memory at the folder."""
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a file system")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def test_a_disk_that_fills_up(cli, tmp_path):
    """Results that fit are kept; with more room the run goes on to the bytes of an undisturbed one."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(12):
        (corpus / f"{number}.jsonl").write_bytes(jsonl(rows(40, str(number))))
    cli("audit", corpus, "--out", tmp_path / "undisturbed", *ASKED)
    with mounted(tmp_path / "disk", "size=96k"):
        out = tmp_path / "disk" / "out"
        ran = cli("audit", corpus, "--out", out, *ASKED)
        assert ran.code == 3
        assert "cannot be written: No space left on device" in ran.err
        assert "--resume" in ran.err
        assert "internal error" not in ran.err
        assert not list(out.rglob("*.partial-*"))
        done = len(list((out / "parts").glob("*.json")))
        assert 0 < done < 12
        subprocess.run(["mount", "-o", "remount,size=4m", str(tmp_path / "disk")], check=True)
        assert cli("audit", corpus, "--out", out, "--resume", *ASKED).code == 0
        for name in ("decisions.parquet", "report.json", "manifest.json"):
            assert (out / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()


def test_an_output_that_may_not_be_written(cli, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(jsonl(rows(SOUND)))
    with mounted(tmp_path / "disk", "ro"):
        ran = cli("audit", tmp_path / "a.jsonl", "--out", tmp_path / "disk" / "out", *ASKED)
    assert ran.code == 3
    assert "cannot be written: Read-only file system" in ran.err
    assert ran.err.count("\n") == 2, "a line, and a hint"


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_is_one_line_and_the_run_goes_on_afterwards(tmp_path, workers):
    """As Ctrl-C does it: the signal reaches every process of the terminal."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(40):
        (corpus / f"{number:02d}.jsonl").write_bytes(jsonl(rows(200, str(number))))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "rightscheck", "audit", str(corpus), "--out", str(out), *ASKED]
    command += ["--workers", str(workers)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None and not list(out.glob("parts/*.json")):
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err.decode() == "rightscheck: interrupted\n"
    assert (out / "plan.json").exists()
    ran = subprocess.run([*command, "--resume"], check=False, capture_output=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert pq.read_table(out / "decisions.parquet").num_rows == 40 * 200

"""What an audit costs beside reading the corpus: ratios from one run, on text of this machine.

usage: corpus.py [--size MB | --full] [--keep DIR]

The text is prose that Debian and Python packages bring (/usr/share/doc, /usr/share/perl, the documentation of
installed packages), cut into documents of some kilobytes; own notices are put into three of a hundred. It is built
anew into a temporary folder and removed. `--full` takes 1,000 MB, with repetition where the machine has less.
Every measure reads the same documents in one process; the peers are run in the same minutes.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rightscheck.audit.folder import Folder
from rightscheck.audit.gate import gate, is_silent
from rightscheck.audit.kernel import Kernel
from rightscheck.audit.request import AuditRequest
from rightscheck.audit.run import audit
from rightscheck.notices.credit_scan import may_hold_credits
from rightscheck.notices.loading import scanner
from rightscheck.readers import open_source

ROOTS = (
    "/usr/share/doc",
    "/usr/share/perl",
    "/usr/lib/python3",
    "/usr/share/info",
    "/usr/share/common-licenses",
)
SUFFIXES = (".txt", ".rst", ".md", ".html", ".gz", ".pod", "README", "NEWS", "changelog", "")
NOTICES = (
    "No part of this page may be crawled, mined or used to train AI systems without written permission of {}.",
    "Dilarang menyalin atau menggunakan isi laman ini untuk melatih kecerdasan buatan tanpa izin tertulis {}.",
    "{} behält sich Text- und Data-Mining im Sinne von § 44b UrhG ausdrücklich vor.",
    "© 2026 {}. All rights reserved.",
)
HOLDERS = ("Harbour Gazette", "Kestrel News", "Mill Lane Press", "Dagbok Forlag")
REQUEST = AuditRequest(uses=("ai-train",), profile="text-only", on=date(2026, 11, 24))


def texts() -> Iterator[str]:
    """Documents of this machine, between one and eight kilobytes, endlessly."""
    files = sorted(
        path
        for root in (*ROOTS, *(entry for entry in sys.path if entry.endswith("site-packages")))
        for path in Path(root).rglob("*")
        if path.is_file() and path.name.endswith(SUFFIXES) and "copyright" not in path.name
    )
    lengths = itertools.cycle((1200, 2700, 800, 4100, 2200, 7900, 3000))
    while True:
        for path in files:
            try:
                opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115 - closed below
                with opened as stream:
                    text = stream.read(400_000).decode()
            except (OSError, EOFError, UnicodeDecodeError, gzip.BadGzipFile):
                continue
            place = 0
            while place < len(text):
                length = next(lengths)
                yield text[place : place + length]
                place += length


def build(folder: Path, size: int) -> tuple[int, int]:
    """Write the corpus as Parquet, JSON lines and WET.gz; its documents and bytes of text."""
    rows, total = [], 0
    for number, text in enumerate(texts()):
        if number % 33 == 0:
            text += "\n\n" + NOTICES[number // 33 % 4].format(HOLDERS[number // 7 % 4]) + "\n"
        rows.append({"id": str(number), "url": f"https://www.h{number % 997}.example/{number}", "text": text})
        total += len(text.encode())
        if total >= size:
            break
    pq.write_table(
        pa.Table.from_pylist(rows), folder / "a.parquet", compression="zstd", row_group_size=20_000
    )
    with (folder / "a.jsonl").open("wb") as out, gzip.open(folder / "a.warc.wet.gz", "wb", 6) as wet:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            block = row["text"].encode()
            head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: {row['url']}\r\n"
            wet.write(f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n")
    return len(rows), total


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process and its children."""
    before = _used()
    work()
    return max(1e-6, _used() - before)


def _used() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def inflate(path: Path) -> None:
    from isal import igzip

    with igzip.open(path) as stream:
        while stream.read(1 << 20):
            pass


def decode_json(path: Path) -> None:
    import polars

    polars.read_ndjson(path)


def drain(path: Path) -> None:
    for _ in open_source(path):
        pass


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=20, metavar="MB")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="rightscheck-bench-"))
    folder.mkdir(exist_ok=True)
    try:
        count, size = build(folder, (1000 if options.full else options.size) * 1_000_000)
        print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
        print(f"{count:,} documents, {size / 1e6:,.1f} MB of text; MB/s of one core's processor time")
        measure(folder, size)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(folder: Path, size: int) -> None:
    kernel = Kernel(REQUEST.checker())
    batches = list(open_source(folder / "a.parquet"))
    for literals in (scanner().flat, scanner().written, gate().written):
        literals.grow()  # corpora pay for the fast engine's compilation once
    kernel.judge(batches[0].slice(0, 20))
    speeds: dict[str, float] = {}

    def row(name: str, seconds: float, against: str = "", part: int = size) -> None:
        speeds[name] = part / seconds / 1e6
        ratio = f"{speeds[name] / speeds[against]:10.3f} of {against}" if against else ""
        print(f"{name:<34}{speeds[name]:10.1f}{ratio}")

    documents = [text.as_py() for batch in batches for text in batch.column("text")]
    row("pyarrow read (zstd)", timed(lambda: pq.read_table(folder / "a.parquet", columns=["url", "text"])))
    row("Parquet reader", timed(lambda: drain(folder / "a.parquet")), "pyarrow read (zstd)")
    row("polars JSON lines", timed(lambda: decode_json(folder / "a.jsonl")))
    row("JSON lines reader", timed(lambda: drain(folder / "a.jsonl")), "polars JSON lines")
    row("isal inflate", timed(lambda: inflate(folder / "a.warc.wet.gz")))
    row("WET.gz reader", timed(lambda: drain(folder / "a.warc.wet.gz")), "isal inflate")
    row(
        "literal scan",
        timed(lambda: [scanner().scan(f"\n{text}\n".encode()) for text in documents]),
        "pyarrow read (zstd)",
    )
    texts_at_hand = pa.chunked_array([batch.column("text") for batch in batches]).combine_chunks()
    row("gate, whole buffer", timed(lambda: list(gate().sift(texts_at_hand))), "pyarrow read (zstd)")
    row("regions", timed(lambda: [scanner().regions(text) for text in documents]), "pyarrow read (zstd)")
    row("credit filter", timed(lambda: [may_hold_credits(text) for text in documents]), "pyarrow read (zstd)")
    silent = [text for text in documents if is_silent(text)]
    print(f"{'silent documents':<34}{100 * len(silent) / len(documents):9.1f} %")
    if silent:
        alone = pa.RecordBatch.from_pylist(
            [{"row": n, "text": text} for n, text in enumerate(silent)], schema=batches[0].schema
        )
        bytes_alone = sum(len(text.encode()) for text in silent)
        row(
            "kernel, silent documents alone",
            timed(lambda: kernel.judge(alone)),
            "pyarrow read (zstd)",
            bytes_alone,
        )
    row("kernel in memory", timed(lambda: [kernel.judge(batch) for batch in batches]), "pyarrow read (zstd)")
    row(
        "the same texts again",
        timed(lambda: [kernel.judge(batch) for batch in batches]),
        "pyarrow read (zstd)",
    )
    alternation(row, documents)
    ripgrep(row, folder)
    out = Folder(folder / "out")
    row(
        "whole audit of Parquet",
        timed(lambda: audit([str(folder / "a.parquet")], out, REQUEST)),
        "pyarrow read (zstd)",
    )
    print(f"{'peak memory':<34}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:10.0f} MB")


def alternation(row: Callable[..., None], documents: list[str]) -> None:
    """What a pipeline of regular expressions does: one alternation over a hundred of the same words."""
    words = (
        "reserved",
        "permission",
        "prohibited",
        "training",
        "mining",
        "crawl",
        "scrap",
        "copyright",
        "licen",
        "reproduc",
    )
    pattern = re.compile("|".join(f"{a}.{{0,80}}{b}" for a in words for b in words), re.IGNORECASE)
    some = documents[:200]
    row("re alternation", timed(lambda: [pattern.search(text) for text in some]), part=sum(map(len, some)))


def ripgrep(row: Callable[..., None], folder: Path) -> None:
    program = shutil.which("rg")
    if program is None:
        print("ripgrep is not installed")
        return
    words = folder / "words"
    words.write_text(
        "\n".join(("reserved", "permission", "prohibited", "training", "mining", "crawl", "scrape"))
    )
    command = [program, "-F", "-i", "-c", "-f", str(words), str(folder / "a.jsonl")]
    row("ripgrep, seven words", timed(lambda: subprocess.run(command, check=False, capture_output=True)))


if __name__ == "__main__":
    sys.exit(main())

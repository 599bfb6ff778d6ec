"""Inputs that fsspec reaches: the same decisions as of local files, and their faults told as those are."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpora import CLAUSE, CLEAN, jsonl
from rightscheck.readers import ReadError, open_source

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")

ASKED = ("--use", "ai-train", "--profile", "text-only", "--as-of", "2026-11-24")
ROWS = [
    {"id": "a", "url": "https://hill.example/a", "text": CLEAN},
    {"id": "b", "url": "https://hill.example/b", "text": f"{CLEAN} {CLAUSE}"},
    {"id": "c", "url": "https://dale.example/c", "text": CLEAN},
]


def files(folder: Path) -> Path:
    """A corpus of four files in two folders, with names that are none of data."""
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jsonl").write_bytes(jsonl(ROWS))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(jsonl(ROWS), mtime=0))
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "sub" / "c.parquet", row_group_size=2)
    (folder / "sub" / "d.html").write_text(f"<p>{CLAUSE}</p>")
    (folder / "README.md").write_text("no data")
    (folder / "_SUCCESS.json").write_text("")
    return folder


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, with answers that go wrong on demand."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.startswith("/cut") or (
            self.path.startswith("/shaky") and self.server.asked.count(self.path) < 3
        ):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"text": "')
            self.close_connection = True
            return
        self.path = self.path.replace("/shaky", "/a")
        super().do_GET()

    def do_HEAD(self) -> None:
        self.path = self.path.replace("/shaky", "/a").replace("/cut", "/a")
        super().do_HEAD()


@pytest.fixture
def site(tmp_path) -> Iterator[str]:
    """The corpus behind a real server on this machine."""
    handler = functools.partial(Handler, directory=files(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(5)


@pytest.fixture
def memory(tmp_path) -> Iterator[str]:
    """The corpus in fsspec's storage in memory."""
    system = fsspec.filesystem("memory")
    folder = files(tmp_path / "memory")
    for path in folder.rglob("*"):
        if path.is_file():
            system.pipe_file(f"/corpus/{path.relative_to(folder).as_posix()}", path.read_bytes())
    yield "memory://corpus"
    system.rm("/corpus", recursive=True)


def decisions(folder: Path) -> list[dict[str, object]]:
    return pq.read_table(folder / "decisions.parquet").to_pylist()


def manifest(folder: Path) -> dict[str, object]:
    return json.loads((folder / "manifest.json").read_bytes())


def test_a_folder_of_a_storage_is_judged_as_a_local_one(cli, memory, tmp_path):
    local = files(tmp_path / "local")
    assert cli("audit", local, "--out", tmp_path / "one", *ASKED).code == 1
    assert cli("audit", memory, "--out", tmp_path / "two", *ASKED).code == 1

    one, two = decisions(tmp_path / "one"), decisions(tmp_path / "two")
    same = [name for name in one[0] if name not in ("file", "id", "evidence")]
    assert [[row[name] for name in same] for row in two] == [[row[name] for name in same] for row in one]
    assert [row["file"] for row in two[:3]] == ["memory:///corpus/a.jsonl"] * 3
    assert two[-1]["id"] == "memory:///corpus/sub/d.html"
    inputs = manifest(tmp_path / "two")["inputs"]
    assert [item["sha256"] for item in inputs] == [
        hashlib.sha256((local / name).read_bytes()).hexdigest()
        for name in ("a.jsonl", "b.jsonl.gz", "sub/c.parquet", "sub/d.html")
    ]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("/*.jsonl*", ["a.jsonl", "b.jsonl.gz"]),
        ("/**/*.parquet", ["c.parquet"]),
        ("/sub/c.parquet", ["c.parquet"]),
        ("/sub", ["c.parquet", "d.html"]),
    ],
)
def test_globs_and_single_files(cli, memory, tmp_path, pattern, names):
    cli("audit", memory + pattern, "--out", tmp_path / "out", *ASKED)

    assert [Path(item["path"]).name for item in manifest(tmp_path / "out")["inputs"]] == names


def test_files_of_a_web_server(cli, site, tmp_path):
    ran = cli(
        "audit",
        f"{site}/b.jsonl.gz?download=true",
        f"{site}/sub/c.parquet",
        "--out",
        tmp_path / "out",
        *ASKED,
    )

    assert ran.code == 1, ran.err
    assert [row["verdict"] for row in decisions(tmp_path / "out")] == ["go", "no-go", "go"] * 2
    cli("audit", f"{site}/*.jsonl", "--out", tmp_path / "glob", *ASKED)
    assert [item["path"] for item in manifest(tmp_path / "glob")["inputs"]] == [f"{site}/a.jsonl"]


def test_workers_copy_what_they_judge(cli, site, tmp_path):
    paths = [f"{site}/a.jsonl", f"{site}/b.jsonl.gz", f"{site}/sub/c.parquet"]
    cli("audit", *paths, "--out", tmp_path / "one", *ASKED)
    cli("audit", *paths, "--out", tmp_path / "two", "--workers", 2, *ASKED)

    one, two = ((tmp_path / name / "decisions.parquet").read_bytes() for name in ("one", "two"))
    assert one == two


def test_what_is_not_there_is_a_usage_error(cli, site, memory, tmp_path):
    out = ("--out", tmp_path / "out", *ASKED)
    assert "names no file that a reader knows" in cli("audit", f"{site}/none.jsonl", *out).err
    assert "names no file that a reader knows" in cli("audit", f"{memory}/*.csv", *out).err
    assert "no reader for" in cli("audit", f"{site}/README.md", *out).err
    assert "fsspec knows" in cli("audit", "nowhere://x/a.jsonl", *out).err
    assert not (tmp_path / "out").exists()


def test_columns_are_looked_at_before_the_run(cli, site, memory, tmp_path):
    table = pa.table({"title": ["x"], "words": ["y"]})
    pq.write_table(table, tmp_path / "site" / "other.parquet")
    (tmp_path / "site" / "other.jsonl.gz").write_bytes(gzip.compress(b'{"title": "x", "words": "y"}\n'))

    for name in ("other.parquet", "other.jsonl.gz"):
        ran = cli("audit", f"{site}/{name}", "--out", tmp_path / "out", *ASKED)
        assert ran.code == 2
        assert "no text column; its columns are `title`, `words`" in ran.err
    ran = cli("audit", f"{site}/other.parquet", "--map", "text=words", "--out", tmp_path / "out", *ASKED)
    assert ran.code == 0


def test_a_shaky_connection_is_tried_again_and_a_broken_one_told(cli, site, tmp_path, monkeypatch):
    monkeypatch.setattr("rightscheck.readers.remote.time.sleep", lambda _: None)

    batches = list(open_source(f"{site}/shaky.jsonl"))
    assert [row["text"] for batch in batches for row in batch.to_pylist()] == [row["text"] for row in ROWS]
    with pytest.raises(ReadError, match="cannot be read: "):
        list(open_source(f"{site}/cut.jsonl"))

    ran = cli(
        "audit",
        f"{site}/cut.jsonl",
        f"{site}/a.jsonl",
        "--out",
        tmp_path / "out",
        "--fail-on",
        "never",
        *ASKED,
    )
    assert ran.code == 3
    assert len(decisions(tmp_path / "out")) == 3
    assert f"`{site}/cut.jsonl`: cannot be read: " in ran.err


def test_what_vanishes_or_changes_on_the_way_is_told(cli, memory, tmp_path, monkeypatch):
    system = fsspec.filesystem("memory")
    from rightscheck.audit import run

    def disturb(*arguments: object) -> object:
        system.rm("/corpus/a.jsonl")
        system.pipe_file("/corpus/b.jsonl.gz", gzip.compress(jsonl(ROWS[:1])))
        return kernel(*arguments)

    kernel = run.kernel_for
    monkeypatch.setattr(run, "kernel_for", disturb)

    ran = cli("audit", memory, "--out", tmp_path / "out", "--fail-on", "never", *ASKED)

    assert ran.code == 3
    assert "a.jsonl`: cannot be read: no such file" in ran.err
    assert "b.jsonl.gz`: changed since the run began" in ran.err
    assert {Path(row["file"]).name for row in decisions(tmp_path / "out")} == {"c.parquet", "d.html"}


def test_attributes_lie_under_the_names_of_the_urls(cli, memory, tmp_path):
    cli("audit", memory, "--out", tmp_path / "out", "--attributes", tmp_path / "beside", *ASKED)

    found = sorted(p.relative_to(tmp_path / "beside").as_posix() for p in (tmp_path / "beside").rglob("*.*"))
    assert found == ["a.jsonl", "b.jsonl.gz", "sub/c.parquet.jsonl.gz", "sub/d.html.jsonl.gz"]
    assert "on this machine" in cli("audit", memory, "--split", "--out", tmp_path / "split", *ASKED).err

"""The kernel in engines: the same decisions as the local run. The programs are those of docs/engines.md.

`RIGHTSCHECK_ENGINE_DOCUMENTS` says on how many documents; engines that are not installed are skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from conftest import ROOT
from corpora import CLAUSE, CLEAN
from rightscheck.audit.folder import Folder
from rightscheck.audit.request import AuditRequest
from rightscheck.audit.run import audit
from rightscheck.errors import UsageError
from rightscheck.integrations.arrow import ArrowChecker
from rightscheck.readers import Mapping

REQUEST = AuditRequest(uses=("ai-train",), profile="text-only", on=date(2026, 11, 24))
COUNT = int(os.environ.get("RIGHTSCHECK_ENGINE_DOCUMENTS", "600"))
TIMEOUT = 240 + COUNT // 100
"""Seconds for a program; a loaded machine takes its time to start an engine."""
PROGRAMS = dict(
    re.findall(r"```python\n# ([a-z-]+)\n(.*?)```", (ROOT / "docs" / "engines.md").read_text(), re.DOTALL)
)
QUIET = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_ADDRESS": "local",
    "HF_HUB_OFFLINE": "1",
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": "127.0.0.1",
}
Said = dict[str, tuple[object, ...]]


def rows(count: int = COUNT) -> list[dict[str, object]]:
    return [
        {
            "id": str(number),
            "text": None
            if number % 50 == 49
            else f"{CLEAN} {CLAUSE}"
            if number % 50 == 0
            else f"{CLEAN} Number {number}.",
            "url": f"https://h{number % 3}.example/{number}",
        }
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder with `corpus/` in it."""
    folder = tmp_path_factory.mktemp("engines")
    (folder / "corpus").mkdir()
    table = pa.Table.from_pylist(rows())
    for part in range(4):
        size = COUNT // 4
        pq.write_table(table.slice(part * size, size), folder / "corpus" / f"{part}.parquet")
    return folder


@pytest.fixture(scope="module")
def local(corpus):
    """What the local run says: verdict, the use's verdict, the words, by id."""
    audit([str(corpus / "corpus")], Folder(corpus / "local"), REQUEST)
    said = pq.read_table(corpus / "local" / "decisions.parquet").to_pylist()
    assert len(said) == COUNT - COUNT // 50
    return {row["id"]: (row["verdict"], row["verdict_ai_train"], row["quote"]) for row in said}


@pytest.fixture
def program(corpus, tmp_path):
    """Runs a program of the documentation beside the corpus, and gives the folder it ran in."""

    def run(name: str) -> Path:
        (tmp_path / "corpus").symlink_to(corpus / "corpus")
        (tmp_path / "judged").mkdir(exist_ok=name in ("polars", "duckdb", "datasets"))
        if name not in ("polars", "duckdb", "datasets"):
            (tmp_path / "judged").rmdir()
        (tmp_path / "program.py").write_text(PROGRAMS[name])
        ran = subprocess.run(
            [sys.executable, "program.py"],
            cwd=tmp_path,
            env={**os.environ, **QUIET, "HF_HOME": str(tmp_path / "hf")},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
        assert ran.returncode == 0, ran.stderr[-4000:]
        return tmp_path

    return run


def judged(folder: Path) -> pa.Table:
    return pyarrow.dataset.dataset(folder / "judged", format="parquet").to_table()


def verdicts(table: pa.Table) -> Said:
    names = ("id", "rights_verdict", "rights_verdict_ai_train", "rights_quote")
    found = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return {name: tuple(rest) for name, *rest in found if rest[0] is not None}


def kept(said: Said) -> Said:
    return {name: each for name, each in said.items() if each[0] == "go"}


def needs(*modules: str) -> None:
    for module in modules:
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed")


def test_arrow_tables(local):
    table = pa.Table.from_pylist(rows())
    checker = pickle.loads(pickle.dumps(ArrowChecker(REQUEST)))  # noqa: S301 - our own

    said = checker(table)

    assert said.select(table.column_names) == table
    assert verdicts(said) == local
    assert said.column("rights_problem").to_pylist()[49] == "the text is null"
    assert said.column("rights_verdict").null_count == COUNT // 50
    # Chunks, another type of string, other names, no rows.
    cut = pa.concat_tables([table.slice(0, 7), table.slice(7)]).rename_columns(["id", "body_", "link"])
    other = cut.cast(
        pa.schema([("id", pa.string()), ("body_", pa.large_string()), ("link", pa.string_view())])
    )
    mapped = ArrowChecker(AuditRequest(**{**fields(), "mapping": Mapping(text="body_", url="link")}))
    assert verdicts(mapped(other)) == local
    assert mapped(other.slice(0, 0)).schema.names == mapped(other).schema.names
    with pytest.raises(UsageError, match="no text column; its columns are `body_`, `id`, `link`"):
        checker(other)


def fields() -> dict[str, object]:
    return {name: getattr(REQUEST, name) for name in ("uses", "profile", "on")}


def test_every_program_of_the_documentation_is_run():
    named = {"ray", "datatrove", "datatrove-annotator", "spark", "datasets", "polars", "duckdb"}
    assert set(PROGRAMS) == named
    assert len(re.findall(r"```python\n", (ROOT / "docs" / "engines.md").read_text())) == len(named)


@pytest.mark.engines
@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_engines_that_filter(name, program, local):
    needs(name)

    table = judged(program(name))

    assert verdicts(table) == kept(local)


@pytest.mark.engines
@pytest.mark.parametrize(("name", "module"), [("datasets", "datasets"), ("ray", "ray")])
def test_engines_that_add_columns(name, module, program, local):
    needs(module)

    table = judged(program(name))

    assert table.num_rows == COUNT
    assert verdicts(table) == local
    assert table.column("rights_problem").null_count == COUNT - COUNT // 50


@pytest.mark.engines
def test_what_datasets_saves_is_read_as_it_is_laid_out(corpus, local, tmp_path, cli):
    needs("datasets")
    script = "import datasets, sys; d = datasets.load_dataset('parquet', data_files=sys.argv[1]);"
    script += "d['train'] = d['train'].filter(lambda row: True); d.save_to_disk(sys.argv[2], num_shards={'train': 3})"
    files = str(corpus / "corpus" / "*.parquet")
    environment = {**os.environ, **QUIET, "HF_HOME": str(tmp_path / "hf")}
    subprocess.run(
        [sys.executable, "-c", script, files, str(tmp_path / "saved")],
        env=environment, check=True, timeout=TIMEOUT, capture_output=True,
    )  # fmt: skip

    cli(
        "audit", tmp_path / "saved", "--out", tmp_path / "out",
        "--use", "ai-train", "--profile", "text-only", "--as-of", "2026-11-24",
    )  # fmt: skip

    found = pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()
    assert {row["id"]: (row["verdict"], row["verdict_ai_train"], row["quote"]) for row in found} == local
    assert len({row["file"] for row in found}) == 3


@pytest.mark.engines
def test_spark(program, local):
    needs("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not installed")

    folder = program("spark")

    table = judged(folder)
    assert table.num_rows == COUNT
    assert verdicts(table) == local
    by_sql = pyarrow.dataset.dataset(folder / "verdicts", format="parquet").to_table().to_pylist()
    assert {row["id"]: row["verdict"] for row in by_sql if row["verdict"]} == {
        name: said[0] for name, said in local.items()
    }


@pytest.mark.engines
def test_datatrove_drops_what_is_not_go_and_lists_it(program, local):
    needs("datatrove", "orjson")

    folder = program("datatrove")

    assert set(judged(folder).column("id").to_pylist()) == set(kept(local))
    dropped = pyarrow.dataset.dataset(folder / "dropped", format="parquet").to_table()
    assert verdicts(dropped) == {name: said for name, said in local.items() if said[0] != "go"}
    assert "text" not in dropped.column_names
    stats = json.loads((folder / "logs" / "stats.json").read_text())
    filtered = next(step["stats"] for step in stats if "rightscheck" in step["name"])
    assert filtered["dropped_no-go notice/reservation"] == dropped.num_rows
    assert filtered["verdict_go"] == len(kept(local))


@pytest.mark.engines
def test_datatrove_annotates_and_divides_by_verdict(program, local):
    needs("datatrove", "orjson")
    import gzip

    folder = program("datatrove-annotator")

    said = {}
    for path in (folder / "judged").rglob("*.jsonl.gz"):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            row = json.loads(line)
            assert row["metadata"]["rights_verdict"] == path.parent.name
            quote = row["metadata"]["rights_quote"] or None
            start, end = row["metadata"]["rights_start"], row["metadata"]["rights_end"]
            assert quote is None or row["text"][start:end] == quote
            said[row["id"]] = (path.parent.name, row["metadata"]["rights_verdict_ai_train"], quote)
    assert said == local


@contextmanager
def cluster() -> Iterator[dict[str, str]]:
    """A Ray of one node that somebody else started, and how it is named to a run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", f"--port={port}", "--num-cpus=2"]
    ports = ["--node-ip-address=127.0.0.1", "--min-worker-port=0", "--max-worker-port=0"]
    with (
        # A short name: sockets are kept there. What says where the newest Ray is stays there too.
        tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            [*start, *ports, "--include-dashboard=false", f"--temp-dir={folder}", "--block"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **token},
        ) as node,
    ):
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline and node.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.2)
            if node.poll() is not None:
                pytest.skip(f"no Ray can be started here: {node.communicate()[0].decode()[-300:]}")
            yield {**token, "RAY_ADDRESS": f"127.0.0.1:{port}"}
        finally:
            node.terminate()
            node.communicate(timeout=60)


@pytest.mark.engines
@pytest.mark.parametrize("where", ["started", "given"])
def test_ray_writes_the_bytes_of_the_local_run(tmp_path, where):
    """On a Ray that the run starts itself, and on one that is there already."""
    needs("ray")
    files = tmp_path / "corpus"
    files.mkdir()
    for number in range(4):
        body = b"".join(json.dumps(row).encode() + b"\n" for row in rows(COUNT // 4))
        (files / f"{number}.jsonl").write_bytes(body)
    digests = []
    with cluster() if where == "given" else nullcontext({}) as environment:
        for engine in ("local", "ray"):
            out = tmp_path / engine
            command = [sys.executable, "-m", "rightscheck", "audit", files, "--out", out, "--engine", engine]
            asked = ["--workers", "2", "--use", "ai-train", "--profile", "text-only", "--as-of", "2026-11-24"]
            ran = subprocess.run(
                [*map(str, command), *asked],
                capture_output=True,
                check=False,
                timeout=TIMEOUT,
                env={**os.environ, **QUIET, **environment},
            )
            assert ran.returncode == 1, ran.stderr.decode()
            names = ("decisions.parquet", "report.json")
            digests.append([hashlib.sha256((out / name).read_bytes()).hexdigest() for name in names])
    assert digests[0] == digests[1]

"""The kernel in engines: the same decisions as the local run. Engines that are not installed are skipped."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rightscheck.audit.folder import Folder
from rightscheck.audit.request import AuditRequest
from rightscheck.audit.run import audit
from rightscheck.errors import UsageError
from rightscheck.integrations.arrow import ArrowChecker
from rightscheck.readers import Mapping

CLAUSE = "No part of this page may be used to train AI models without our written permission."
CLEAN = "Rain fell on the hill all morning, and the market opened late."
REQUEST = AuditRequest(uses=("ai-train", "search"), profile="text-only", on=date(2026, 11, 24))
COUNT = int(os.environ.get("RIGHTSCHECK_ENGINE_DOCUMENTS", "600"))


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
def local(tmp_path_factory):
    """The local run: verdicts by id."""
    folder = tmp_path_factory.mktemp("local")
    pq.write_table(pa.Table.from_pylist(rows()), folder / "a.parquet")
    audit([str(folder / "a.parquet")], Folder(folder / "out"), REQUEST)
    said = pq.read_table(folder / "out" / "decisions.parquet").to_pylist()
    return {row["id"]: (row["verdict"], row["verdict_search"], row["quote"]) for row in said}


def verdicts(table: pa.Table) -> dict[str, tuple[object, ...]]:
    names = ("id", "rights_verdict", "rights_verdict_search", "rights_quote")
    found = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return {name: tuple(rest) for name, *rest in found if rest[0] is not None}


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


def test_polars(local):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(rows())

    said = polars.from_arrow(ArrowChecker(REQUEST)(frame.to_arrow()))

    kept = said.filter(polars.col("rights_verdict") == "go")
    assert set(kept["id"]) == {name for name, (verdict, *_) in local.items() if verdict == "go"}


def test_duckdb(local):
    duckdb = pytest.importorskip("duckdb")
    table = pa.Table.from_pylist(rows())
    with duckdb.connect() as connection:
        connection.register("corpus", table)
        said = ArrowChecker(REQUEST)(connection.sql("SELECT * FROM corpus").to_arrow_table())
        connection.register("said", said)
        counted = connection.sql("SELECT rights_verdict, count(*) FROM said GROUP BY ALL").fetchall()

    assert table.num_rows == sum(count for _, count in counted)
    assert dict(counted)["no-go"] == sum(verdict == "no-go" for verdict, *_ in local.values())


def test_hugging_face_datasets(local, tmp_path):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset(pa.Table.from_pylist(rows())).with_format("arrow")

    said = data.map(ArrowChecker(REQUEST), batched=True, batch_size=128)

    assert verdicts(said.with_format("arrow")[:]) == local


def test_ray_writes_the_bytes_of_the_local_run(tmp_path):
    pytest.importorskip("ray")
    files = tmp_path / "corpus"
    files.mkdir()
    for number in range(4):
        body = b"".join(json.dumps(row).encode() + b"\n" for row in rows(60))
        (files / f"{number}.jsonl").write_bytes(body)
    digests = []
    for engine in ("local", "ray"):
        out = tmp_path / engine
        command = [sys.executable, "-m", "rightscheck", "audit", files, "--out", out, "--engine", engine]
        asked = ["--workers", "2", "--use", "ai-train", "--profile", "text-only", "--as-of", "2026-11-24"]
        ran = subprocess.run([*map(str, command), *asked], capture_output=True, check=False, timeout=300)
        assert ran.returncode == 1, ran.stderr.decode()
        digests.append(
            [
                hashlib.sha256((Path(out) / name).read_bytes()).hexdigest()
                for name in ("decisions.parquet", "report.json")
            ]
        )
    assert digests[0] == digests[1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ray's own, about its defaults
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_ray_data(local):
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        data = ray.data.from_arrow(pa.Table.from_pylist(rows()))
        said = data.map_batches(
            ArrowChecker,
            fn_constructor_args=(REQUEST,),
            batch_format="pyarrow",
            batch_size=256,
            compute=ray.data.ActorPoolStrategy(size=1),
        )
        found = pa.concat_tables(ray.get(said.to_arrow_refs()), promote_options="permissive")
        assert verdicts(found) == local
    finally:
        ray.shutdown()

"""Small corpora for audits: a text that says nothing, a clause that refuses, and files of documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CLAUSE = "No part of this page may be used to train AI models without our written permission."
CLEAN = "Rain fell on the hill all morning, and the market opened late."


def jsonl(rows: Iterable[object]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def corrupt_page(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """A Parquet file of three row groups, of which the second holds a damaged page of texts."""
    size = len(rows) // 3
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, path, row_group_size=size, compression="zstd", write_page_checksum=True)
    body = bytearray(path.read_bytes())
    group = pq.ParquetFile(path).metadata.row_group(1).column(table.column_names.index("text"))
    place = (group.dictionary_page_offset or group.data_page_offset) + group.total_compressed_size // 2
    body[place : place + 20] = bytes(20)
    path.write_bytes(body)

"""Corpus files divided by verdict, in their own format, rows untouched: for JSON lines and Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rightscheck.readers.formats import format_of
from rightscheck.readers.records import MAX_BYTES, MAX_ROWS, ReadError, load_arrow
from rightscheck.readers.streams import chunks, compression_of, lines, open_file, packed

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Verdicts = Callable[[int], Sequence[str | None]]
"""Gives the verdicts of the next so many rows of the file, None for rows that could not be read."""
DIVISIBLE = frozenset({"jsonl", "parquet"})


def is_divisible(path: Path) -> bool:
    """Whether a file of that name can be divided."""
    known = format_of(path)
    return known is not None and known.name in DIVISIBLE and compression_of(path) in ("", "gz", "zst")


def divide(path: Path, verdicts: Verdicts, targets: Mapping[str, Path]) -> None:
    """Write each row of the file to the target of its verdict; rows without a verdict go nowhere.

    Raises:
        ReadError: the file cannot be read, or not to its end, after all rows that could.
    """
    known = format_of(path)
    if known is not None and known.name == "parquet":
        _divide_parquet(path, verdicts, targets)
    else:
        _divide_lines(path, verdicts, targets)


def _divide_lines(path: Path, verdicts: Verdicts, targets: Mapping[str, Path]) -> None:
    compression = compression_of(path)
    with ExitStack() as stack:
        outputs = {v: stack.enter_context(packed(target, compression)) for v, target in targets.items()}
        stream = stack.enter_context(open_file(path))
        first = True
        for length, line in lines(chunks(stream, compression)):
            line = line.removeprefix(b"\xef\xbb\xbf") if first else line
            first = False
            if not line or line.isspace():
                continue
            (verdict,) = verdicts(1)
            if verdict is not None:
                outputs[verdict].write(line + b"\n" if length > len(line) else line)


def _divide_parquet(path: Path, verdicts: Verdicts, targets: Mapping[str, Path]) -> None:
    arrow = load_arrow()
    import pyarrow.parquet

    with ExitStack() as stack:
        try:
            file = stack.enter_context(pyarrow.parquet.ParquetFile(path, page_checksum_verification=True))
        except (arrow.ArrowException, OSError) as error:
            raise ReadError(f"no readable Parquet file: {error}") from error
        kinds = file.schema_arrow
        outputs = {
            v: stack.enter_context(pyarrow.parquet.ParquetWriter(target, kinds, compression="zstd"))
            for v, target in targets.items()
        }
        for group in range(file.metadata.num_row_groups):
            for batch in _batches(file, group, verdicts):
                said = verdicts(batch.num_rows)
                for verdict, output in outputs.items():
                    chosen = batch.filter(arrow.array([each == verdict for each in said], arrow.bool_()))
                    if chosen.num_rows:
                        output.write_batch(chosen)


def _batches(file: pq.ParquetFile, group: int, verdicts: Verdicts) -> Iterator[pa.RecordBatch]:
    """The rows of the group; those that are damaged are passed over, with their verdicts."""
    arrow = load_arrow()
    meta = file.metadata.row_group(group)
    size = max(1, min(MAX_ROWS, MAX_BYTES * max(1, meta.num_rows) // max(1, meta.total_byte_size)))
    done = 0
    try:
        for batch in file.iter_batches(batch_size=size, row_groups=[group]):
            done += batch.num_rows
            yield batch
    except (arrow.ArrowException, OSError):
        verdicts(meta.num_rows - done)

"""Arrow tables of any origin brought into the shape of `records.schema()`: strings of every Arrow type,
fields inside structs, dictionaries, times; a row whose text is null or no UTF-8 becomes a problem row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rightscheck.readers.columns import NAMES, Mapping, first_text
from rightscheck.readers.records import load_arrow, page_type, schema

if TYPE_CHECKING:
    import pyarrow as pa


_OBJECTS = ("metadata", "meta")
"""Columns that some corpora keep as the text of a JSON object."""


def field_names(kinds: pa.Schema) -> Iterator[str]:
    """The dotted names of all columns, of the fields inside structs, and of those that JSON texts may hold."""
    arrow = load_arrow()

    def walk(field: pa.Field, before: str) -> Iterator[str]:
        yield before + field.name
        if arrow.types.is_struct(field.type):
            for inner in field.type:
                yield from walk(inner, f"{before}{field.name}.")

    for field in kinds:
        yield from walk(field, "")
        if field.name in _OBJECTS and _is_stringlike(field.type):
            within = f"{field.name}."
            yield from {name for names in NAMES.values() for name in names if name.startswith(within)}


def top_level(found: Mapping, kinds: pa.Schema) -> list[str]:
    """The columns of the file that hold what is mapped: a whole name, or the struct that begins a dotted one."""
    return list(
        dict.fromkeys(name if name in kinds.names else name.partition(".")[0] for name in found.names)
    )


def conform(batch: pa.RecordBatch, found: Mapping, row: int) -> pa.RecordBatch:
    """The documents of the batch, numbered from `row`."""
    arrow = load_arrow()
    count = batch.num_rows
    text, problem = _text(_column(batch, found.text, count))
    url = _strings(_column(batch, found.url, count))
    if url.null_count < count:
        compute = _compute()
        url = compute.if_else(compute.match_substring(url, "://"), url, arrow.scalar(None, arrow.string()))
    columns = [
        arrow.array(range(row, row + count), arrow.int64()),
        _strings(_column(batch, found.id, count)),
        text,
        url,
        _strings(_column(batch, found.date, count)),
        _strings(_column(batch, found.dump, count)),
        arrow.nulls(count, page_type()),
        problem,
    ]
    return arrow.RecordBatch.from_arrays(columns, schema=schema())


def _compute() -> pa.compute:
    import pyarrow.compute

    return pyarrow.compute


def _column(batch: pa.RecordBatch, name: str, count: int) -> pa.Array:
    """The column, a field inside a struct included; nulls when there is none."""
    arrow = load_arrow()
    if not name:
        return arrow.nulls(count, arrow.string())
    if name in batch.schema.names:
        return batch.column(name)
    head, *inside = name.split(".")
    column = batch.column(head)
    if head in _OBJECTS and _is_stringlike(column.type):
        return _from_json(column, head, name)
    for part in inside:
        column = _compute().struct_field(column, part)
    return column


def _from_json(column: pa.Array, head: str, name: str) -> pa.Array:
    """What the objects in the texts hold under the name, or else under another that means the same."""
    meaning = next(names for names in (*NAMES.values(), (name,)) if name in names)
    names = (name, *(other for other in meaning if other.startswith(f"{head}.")))
    values = [first_text({head: value}, names, scalar=True) for value in _strings(column).to_pylist()]
    return load_arrow().array(values, load_arrow().string())


def _text(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The text as large strings, and why a row has none."""
    arrow = load_arrow()
    kind = column.type
    if arrow.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if not _is_stringlike(kind):
        reason = f"the text column holds {kind}"
        return arrow.nulls(len(column), arrow.large_string()), arrow.array(
            [reason] * len(column), arrow.string()
        )
    try:
        text = column.cast(arrow.large_string())
        text.validate(full=True)
    except arrow.ArrowInvalid:
        return _repaired(column)
    if not text.null_count:
        return text, arrow.nulls(len(text), arrow.string())
    problem = _compute().if_else(text.is_null(), "the text is null", arrow.scalar(None, arrow.string()))
    return text, problem


def _repaired(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The same where some rows are not UTF-8, one by one."""
    arrow = load_arrow()
    texts: list[str | None] = []
    problems: list[str | None] = []
    for value in column.cast(arrow.large_binary()).to_pylist():
        try:
            texts.append(None if value is None else value.decode())
            problems.append("the text is null" if value is None else None)
        except UnicodeDecodeError:
            texts.append(None)
            problems.append("not UTF-8")
    return arrow.array(texts, arrow.large_string()), arrow.array(problems, arrow.string())


def _is_stringlike(kind: pa.DataType) -> bool:
    types = load_arrow().types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
    )


def _strings(column: pa.Array) -> pa.Array:
    """The column as strings: what cannot be written as one is null."""
    arrow = load_arrow()
    if arrow.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        cast = column.cast(arrow.string())
        cast.validate(full=True)
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError):
        return arrow.array([_string(value) for value in column.to_pylist()], arrow.string())
    return cast


def _string(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None

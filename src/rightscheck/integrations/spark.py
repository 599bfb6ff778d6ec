"""Spark: a DataFrame with what is decided of each row, and a function for SQL.

Both hand Arrow batches to `ArrowChecker` in the Python processes of the executors, which need rightscheck
installed (or shipped with `--archives`); rules are loaded there once per process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from rightscheck.audit.outcomes import verdict_column
from rightscheck.errors import MissingExtraError
from rightscheck.integrations.arrow import ADDED, ArrowChecker
from rightscheck.readers.columns import Mapping

try:
    from pyspark.sql.functions import arrow_udf
    from pyspark.sql.types import ArrayType, LongType, StringType, StructField, StructType
except ImportError as error:
    raise MissingExtraError(
        f"Spark 4.1 or later cannot be imported: {error}", hint="pip install 'rightscheck[spark]'"
    ) from error

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from rightscheck.audit.request import AuditRequest

_NUMBERS = frozenset({"start", "end"})
_LISTS = frozenset({"rules", "reasons", "gaps"})
Batches = Iterator[pa.RecordBatch]


def judge(frame: DataFrame, request: AuditRequest) -> DataFrame:
    """The frame with the columns that `ArrowChecker` adds; rows keep their partitions and order."""
    schema = StructType([*frame.schema.fields, *(_field(f"rights_{name}") for name in _added(request))])
    return frame.mapInArrow(judge_batches(request), schema)


def judge_batches(request: AuditRequest) -> Callable[[Batches], Batches]:
    """The function for `mapInArrow`."""
    checker = ArrowChecker(request)

    def judged(batches: Batches) -> Batches:
        for batch in batches:
            yield from checker(pa.Table.from_batches([batch])).combine_chunks().to_batches()

    return judged


def register(spark: SparkSession, request: AuditRequest, name: str = "rights") -> None:
    """Makes `name(text, url)` known to SQL: a struct of `verdict`, `verdict_USE`, `rule`, `quote` and the rest.

    The documents' dates are not known to it: judge by policies as crawled with `judge`.
    """
    checker = ArrowChecker(replace(request, mapping=Mapping()))
    names = _added(request)

    def rights(text: pa.Array, url: pa.Array) -> pa.Array:
        said = checker(pa.table({"text": text, "url": url}))
        return pa.StructArray.from_arrays(
            [_whole(said.column(f"rights_{column}")) for column in names], names=list(names)
        )

    kind = StructType([_field(column) for column in names])
    spark.udf.register(name, arrow_udf(rights, returnType=kind))


def _added(request: AuditRequest) -> tuple[str, ...]:
    """The columns that are added, in the order of `ArrowChecker`, without their prefix."""
    return (*ADDED, *map(verdict_column, request.uses), "problem")


def _field(name: str) -> StructField:
    plain = name.removeprefix("rights_")
    if plain in _LISTS:
        return StructField(name, ArrayType(StringType()))
    return StructField(name, LongType() if plain in _NUMBERS else StringType())


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)

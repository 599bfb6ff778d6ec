"""The audit's kernel as a function on Arrow tables, for every engine that hands those over.

Ray Data, Hugging Face datasets, polars, DuckDB and Spark do; docs/engines.md shows each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rightscheck.errors import UsageError
from rightscheck.readers.columns import resolve
from rightscheck.readers.records import MAX_ROWS, load_arrow
from rightscheck.readers.tables import conform, field_names

if TYPE_CHECKING:
    import pyarrow as pa

    from rightscheck.audit.kernel import Kernel
    from rightscheck.audit.request import AuditRequest

ADDED = ("verdict", "rule", "quote", "start", "end", "rules", "reasons", "gaps")


@dataclass(slots=True)
class ArrowChecker:
    """Adds what is decided of each row to a table, in columns that begin with `rights_`.

    `rights_verdict` is null where a row has no text that can be read, so that a filter on `go` leaves it out;
    `rights_problem` says why. Can be pickled: rules are loaded where the first table arrives.
    """

    request: AuditRequest
    _kernel: Kernel | None = field(default=None, init=False, repr=False, compare=False)

    def __call__(self, table: pa.Table) -> pa.Table:
        """The table with the columns added; rows and their order stay.

        Raises:
            UsageError: it has no text column, or the mapping does not fit.
        """
        arrow = load_arrow()
        found = resolve(frozenset(field_names(table.schema)), self.request.mapping)
        if isinstance(found, str):
            raise UsageError(found, hint="name the columns: mapping=Mapping(text=..., url=...)")
        kernel = self._loaded()
        parts = [
            self._added(conform(batch, found, 0), kernel)
            for batch in table.to_batches(max_chunksize=MAX_ROWS)
            if batch.num_rows
        ]
        if not parts:
            parts = [self._added(conform(_empty(table), found, 0), kernel)]
        added = arrow.concat_tables(parts)
        for name in added.column_names:
            table = table.append_column(name, added.column(name))
        return table

    def __getstate__(self) -> Any:  # the pickle protocol's own type
        return self.request

    def __setstate__(self, request: AuditRequest) -> None:
        self.request = request
        self._kernel = None

    def _loaded(self) -> Kernel:
        if self._kernel is None:
            from rightscheck.audit.request import kernel_for

            self._kernel = kernel_for(self.request)
        return self._kernel

    def _added(self, documents: pa.RecordBatch, kernel: Kernel) -> pa.Table:
        arrow = load_arrow()
        import pyarrow.compute as pc

        readable = pc.is_null(documents.column("problem"))
        decided = arrow.Table.from_batches([kernel.judge(documents.filter(readable))])
        # The place of each row among those that were decided; null for the others.
        counted = pc.subtract(pc.cumulative_sum(readable.cast(arrow.int64())), 1)
        places = pc.if_else(readable, counted, arrow.scalar(None, arrow.int64()))
        verdicts = [name for name in decided.column_names if name.startswith("verdict_")]
        columns = {f"rights_{name}": decided.column(name).take(places) for name in (*ADDED, *verdicts)}
        columns["rights_problem"] = arrow.chunked_array([documents.column("problem")])
        return arrow.table(columns)


def _empty(table: pa.Table) -> pa.RecordBatch:
    arrow = load_arrow()
    return arrow.RecordBatch.from_arrays(
        [arrow.array([], kind) for kind in table.schema.types], schema=table.schema
    )

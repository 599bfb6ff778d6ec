"""Two runs compared: which documents' verdicts changed, for which use, on which hosts.

Documents are matched by id or by URL; the n-th of one name with the n-th of that name. As long as both runs
have the same documents in the same order they are compared as they come; what follows is divided by name into
partitions that are joined one after the other, so that memory is bounded.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc

from rightscheck.audit.finished import FinishedRun
from rightscheck.audit.outcomes import verdict_column
from rightscheck.errors import UsageError
from rightscheck.vocab import Verdict

PARTITION = 2_000_000
"""Documents of both runs that are joined at a time."""
NAMES = ("id", "url")
_TOLD = ("id", "url", "host", "rule", "quote", "file", "row")
_SIDES = ("before", "after")
_SEVERITY = {verdict.value: verdict.severity for verdict in Verdict}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A document whose verdict for a use is another one now; what else is told of it is from the later run."""

    id: str
    url: str | None
    host: str | None
    file: str
    row: int
    use: str
    before: str
    after: str
    rule_before: str | None
    rule_after: str | None
    quote: str | None

    @property
    def closed(self) -> bool:
        """Whether less is allowed than before."""
        return _SEVERITY[self.after] > _SEVERITY[self.before]


@dataclass(slots=True, kw_only=True)
class HostChanges:
    """What changed on a host, in documents: `documents` are those in both runs."""

    host: str
    documents: int = 0
    closed: int = 0
    opened: int = 0
    uses: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    example: str = ""


@dataclass(slots=True, kw_only=True)
class Comparison:
    """All that changed. `differing` names the options and digests in which the runs are not alike.

    Attributes:
        matched, gone, new: documents in both runs, in the earlier one only, in the later one only.
        unnamed: documents without a URL, which cannot be matched by it.
        uses: documents by use, verdict before and verdict after; only changes.
        hosts: those with changes, most closed documents first.
        changed: every change, in the order of the later run.
    """

    uses_compared: tuple[str, ...]
    differing: tuple[str, ...]
    matched: int = 0
    gone: int = 0
    new: int = 0
    unnamed: int = 0
    uses: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    hosts: list[HostChanges] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)


def compare(before: FinishedRun, after: FinishedRun, by: str = "id") -> Comparison:
    """What changed from one run to the other, documents being matched by `id` or `url`.

    Raises:
        UsageError: the runs share no use, or their decisions cannot be read.
    """
    uses = tuple(use for use in after.request.uses if use in before.request.uses)
    if not uses:
        raise UsageError(
            "the runs share no use",
            hint=f"asked: {', '.join(before.request.uses)}; then: {', '.join(after.request.uses)}",
        )
    found = Comparison(uses_compared=uses, differing=_differing(before, after))
    documents: Counter[str] = Counter()
    rows: list[pa.Table] = []
    with tempfile.TemporaryDirectory(prefix="rightscheck-") as scratch:
        sides = [
            _Side(run, by, uses, Path(scratch) / str(place)) for place, run in enumerate((before, after))
        ]
        for both in _matched(sides, found):
            for host, number in _by_host(both):
                documents[host] += number
            rows.append(both.select(sorted(both.column_names)).filter(_is_changed(both, uses)))
        found.unnamed = sum(side.unnamed for side in sides)
    _list_changes(found, pa.concat_tables(rows).sort_by("after_position"))
    _list_hosts(found, documents)
    return found


def _matched(sides: Sequence[_Side], found: Comparison) -> Iterator[pa.Table]:
    """The documents in both runs, with the columns of both; those in one only are counted."""
    for both in _in_step(*sides):
        found.matched += both.num_rows
        yield both
    count = max(1, -(-sum(side.run.rows - side.taken for side in sides) // PARTITION))
    for side in sides:
        side.divide(count)
    for partition in range(count):
        yield _count(found, _join(*(side.partition(partition) for side in sides)))


def _in_step(before: _Side, after: _Side) -> Iterator[pa.Table]:
    """The documents at the beginning of both runs, as long as the names are the same."""
    while True:
        first, second = before.next(), after.next()
        rows = min(first.num_rows, second.num_rows) if first is not None and second is not None else 0
        heads = [table.slice(0, rows) for table in (first, second) if table is not None]
        if not rows or not heads[0].column("name").equals(heads[1].column("name")):
            before.put_back(first)
            after.put_back(second)
            return
        before.take(first, rows)
        after.take(second, rows)
        columns = {
            f"{side}_{name}": head.column(name)
            for side, head in zip(_SIDES, heads, strict=True)
            for name in head.column_names
            if name != "name"
        }
        yield pa.table({"name": heads[0].column("name"), "nth": pa.nulls(rows, pa.int64()), **columns})


def _differing(before: FinishedRun, after: FinishedRun) -> tuple[str, ...]:
    """The options and digests that are not the same: what may have changed verdicts beside publishers."""
    options = [dict(run.request.as_json()) for run in (before, after)]
    names = [name for name in options[0] if name != "split" and options[0][name] != options[1][name]]
    keys = sorted({*before.digests, *after.digests})
    names += [key for key in keys if before.digests.get(key) != after.digests.get(key)]
    return tuple("as_of" if name == "on" else name for name in names)


class _Side:
    """One run's documents: taken in their order, then divided by name. A single partition stays in memory."""

    def __init__(self, run: FinishedRun, by: str, uses: Sequence[str], scratch: Path) -> None:
        self.run = run
        self.unnamed = 0
        self.taken = 0
        self._by = by
        self._columns = [*_TOLD, *map(verdict_column, uses)]
        self._scratch = scratch
        self._held: list[pa.Table] = []
        self._rest = self._slim()
        self._back: pa.Table | None = None

    def next(self) -> pa.Table | None:
        """The next documents, None at the end."""
        table, self._back = self._back, None
        while table is None or not table.num_rows:
            table = next(self._rest, None)
            if table is None:
                return None
        return table

    def take(self, table: pa.Table, rows: int) -> None:
        """Leave so many of the documents behind; the others are next."""
        self.taken += rows
        self._back = table.slice(rows)

    def put_back(self, table: pa.Table | None) -> None:
        """Have these documents next."""
        self._back = table

    def _left(self) -> Iterator[pa.Table]:
        while (table := self.next()) is not None:
            yield table

    def divide(self, count: int) -> None:
        if count == 1:
            self._held = list(self._left())
            return
        self._scratch.mkdir()
        with ExitStack() as stack:
            writers: dict[int, pa.ipc.RecordBatchFileWriter] = {}
            for table in self._left():
                names = table.column("name").to_pylist()
                places = pa.array([crc32(name.encode()) % count for name in names], pa.int32())
                for place in pc.unique(places).to_pylist():
                    if place not in writers:
                        sink = pa.ipc.new_file(str(self._scratch / str(place)), table.schema)
                        writers[place] = stack.enter_context(sink)
                    writers[place].write_table(table.filter(pc.equal(places, place)))

    def partition(self, place: int) -> pa.Table:
        """The documents of the partition, each with the number of its occurrence among those of its name."""
        path = self._scratch / str(place)
        if not path.exists():
            return _numbered(pa.concat_tables(self._held) if self._held else self._empty())
        with pa.OSFile(str(path)) as file:
            return _numbered(pa.ipc.open_file(file).read_all())

    def _empty(self) -> pa.Table:
        kinds = [("name", pa.string()), ("position", pa.int64())]
        kinds += [(name, pa.int64() if name == "row" else pa.string()) for name in self._columns]
        return pa.schema(kinds).empty_table()

    def _slim(self) -> Iterator[pa.Table]:
        position = 0
        for batch in self.run.decisions(self._columns):
            table = pa.Table.from_batches([batch]).select(self._columns)
            table = table.add_column(0, "position", [pa.array(range(position, position + batch.num_rows))])
            position += batch.num_rows
            table = table.add_column(0, "name", table.column(self._by))
            named = table.filter(pc.is_valid(table.column("name")))
            self.unnamed += table.num_rows - named.num_rows
            yield named


def _numbered(table: pa.Table) -> pa.Table:
    names = table.column("name")
    if pc.count_distinct(names).as_py() == len(names):
        return table.append_column("nth", [pa.array([0] * len(names), pa.int64())])
    seen: Counter[str] = Counter()
    numbers = []
    for name in names.to_pylist():
        numbers.append(seen[name])
        seen[name] += 1
    return table.append_column("nth", [pa.array(numbers, pa.int64())])


def _join(before: pa.Table, after: pa.Table) -> pa.Table:
    keys = ["name", "nth"]
    sides = [
        table.rename_columns([name if name in keys else f"{side}_{name}" for name in table.column_names])
        for side, table in zip(_SIDES, (before, after), strict=True)
    ]
    return sides[0].join(sides[1], keys=keys, join_type="full outer")


def _count(found: Comparison, joined: pa.Table) -> pa.Table:
    """The documents in both runs; those in one only are counted."""
    was, is_ = (pc.is_valid(joined.column(f"{side}_position")) for side in _SIDES)
    both = joined.filter(pc.and_(was, is_))
    found.matched += both.num_rows
    found.gone += pc.sum(was).as_py() - both.num_rows if joined.num_rows else 0
    found.new += pc.sum(is_).as_py() - both.num_rows if joined.num_rows else 0
    return both


def _by_host(both: pa.Table) -> Iterator[tuple[str, int]]:
    for item in both.column("after_host").value_counts().to_pylist():
        yield item["values"] or "", item["counts"]


def _is_changed(both: pa.Table, uses: Sequence[str]) -> pa.ChunkedArray:
    changed = None
    for column in map(verdict_column, uses):
        differs = pc.not_equal(both.column(f"before_{column}"), both.column(f"after_{column}"))
        changed = differs if changed is None else pc.or_(changed, differs)
    return changed


def _list_changes(found: Comparison, rows: pa.Table) -> None:
    for row in rows.to_pylist():
        for use in found.uses_compared:
            before, after = (row[f"{side}_{verdict_column(use)}"] for side in _SIDES)
            if before == after:
                continue
            found.uses[use, before, after] += 1
            found.changed.append(
                Changed(
                    use=use,
                    before=before,
                    after=after,
                    rule_before=row["before_rule"],
                    rule_after=row["after_rule"],
                    quote=row["after_quote"],
                    **{name: row[f"after_{name}"] for name in ("id", "url", "host", "file", "row")},
                )
            )


def _list_hosts(found: Comparison, documents: Counter[str]) -> None:
    hosts: dict[str, HostChanges] = {}
    told: dict[tuple[str, bool], set[tuple[str, int]]] = defaultdict(set)
    for change in found.changed:
        name = change.host or ""
        host = hosts.setdefault(name, HostChanges(host=name, documents=documents[name], example=change.id))
        host.uses[change.use, change.before, change.after] += 1
        place = (change.file, change.row)
        if place not in told[name, change.closed]:
            told[name, change.closed].add(place)
            host.rules[change.rule_after or ""] += change.closed
            host.closed += change.closed
            host.opened += not change.closed
    found.hosts = sorted(hosts.values(), key=lambda host: (-host.closed, -host.opened, host.host))

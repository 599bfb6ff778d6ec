"""The shape in which every reader hands over documents, and the faults of files.

A batch has a row per document: `row` (its number in the file part, from 0), `id`, `text`, `url`, `date`,
`dump`, `page` and `problem`. `page` holds what a server sent (status, headers, body) or the bytes of an HTML
file, and `text` is null then; `problem` is null unless the row cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from rightscheck.errors import MissingExtraError, RightscheckError
from rightscheck.readers.columns import Mapping

if TYPE_CHECKING:
    import pyarrow as pa

Item = TypeVar("Item")
COLUMNS = ("row", "id", "text", "url", "date", "dump", "page", "problem")
MAX_ROWS = 8192
MAX_BYTES = 16 * 1024 * 1024
"""Rows and bytes of text of one batch, about: a longer document is a batch of its own."""


class ReadError(RightscheckError):
    """A file cannot be read, or not to its end; what came before it counts."""

    exit_code = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file, or a part of one, to read: `start` and `end` are in the units of its format.

    `name` is what the file is called, where it is not called so at `path`: a member of an archive, or the
    URL that `path` is a copy of.
    """

    path: Path
    name: str = ""
    mapping: Mapping = field(default_factory=Mapping)
    start: int = 0
    end: int | None = None

    @property
    def named(self) -> PurePath:
        """The name that tells the format and the compression."""
        if "://" in self.name:
            return PurePosixPath(urlsplit(self.name).path)
        return Path(self.name) if self.name else self.path

    @property
    def title(self) -> str:
        """What the file is called in full: the id of its document, where it is one."""
        return self.name or str(self.path)


@cache
def schema() -> pa.Schema:
    """The Arrow schema of every batch."""
    arrow = load_arrow()
    return arrow.schema(
        [
            arrow.field("row", arrow.int64(), nullable=False),
            arrow.field("id", arrow.string()),
            arrow.field("text", arrow.large_string()),
            arrow.field("url", arrow.string()),
            arrow.field("date", arrow.string()),
            arrow.field("dump", arrow.string()),
            arrow.field("page", page_type()),
            arrow.field("problem", arrow.string()),
        ]
    )


@cache
def page_type() -> pa.DataType:
    """The Arrow type of `page`; a file that came over no network has no status and no headers.

    `partial` says that the body is not all that was sent: its words are not at hand.
    """
    arrow = load_arrow()
    header = arrow.struct([("name", arrow.string()), ("value", arrow.string())])
    return arrow.struct(
        [
            ("status", arrow.int32()),
            ("headers", arrow.list_(header)),
            ("body", arrow.large_binary()),
            ("partial", arrow.bool_()),
        ]
    )


def load_arrow() -> pa:
    """The pyarrow module.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError(
            "corpora are read with pyarrow, which is not installed",
            hint="pip install 'rightscheck[corpus]'",
        ) from error
    return pyarrow


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent, or the bytes of a file; `partial` where its words are not at hand."""

    body: bytes
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    partial: bool = False


@dataclass(slots=True)
class Gatherer:
    """Gathers documents one by one into batches; `full` says when to take one."""

    row: int = 0
    size: int = 0
    columns: dict[str, list[object]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    def add(self, text: str, *, url: str | None, id: str | None, date: str | None, dump: str | None) -> None:  # noqa: A002 - the column's name
        """Add a document."""
        self._append((self.row, id, text, url, date, dump, None, None))
        self.size += len(text)

    def add_page(self, page: Page, *, url: str | None, id: str | None, date: str | None) -> None:  # noqa: A002 - the column's name
        """Add a document as a server sent it."""
        headers = [{"name": name, "value": value} for name, value in page.headers]
        sent = {"status": page.status, "headers": headers, "body": page.body, "partial": page.partial}
        self._append((self.row, id, None, url, date, None, sent, None))
        self.size += len(page.body)

    def add_problem(self, reason: str) -> None:
        """Add a row that cannot be read."""
        self._append((self.row, None, None, None, None, None, None, reason))

    def _append(self, values: Sequence[object]) -> None:
        for column, value in zip(self.columns.values(), values, strict=True):
            column.append(value)
        self.row += 1

    @property
    def full(self) -> bool:
        """Whether the batch has reached its size."""
        return self.size >= MAX_BYTES or len(self.columns["row"]) >= MAX_ROWS

    def take(self) -> pa.RecordBatch:
        """The rows so far, as a batch; the gatherer is empty afterwards and goes on counting."""
        arrow = load_arrow()
        kinds = schema()
        arrays = []
        for name, column in self.columns.items():
            try:
                arrays.append(arrow.array(column, kinds.field(name).type))
            except UnicodeEncodeError:
                arrays.append(arrow.array([_valid(value) for value in column], kinds.field(name).type))
        self.columns = {name: [] for name in COLUMNS}
        self.size = 0
        return arrow.RecordBatch.from_arrays(arrays, schema=kinds)

    def __len__(self) -> int:
        return len(self.columns["row"])


def batches(items: Iterable[Item], add: Callable[[Gatherer, Item], None]) -> Iterator[pa.RecordBatch]:
    """The batches of the rows that `add` makes of the items.

    Raises:
        ReadError: as the items do, after all rows before it.
    """
    gathered = Gatherer()
    try:
        for item in items:
            add(gathered, item)
            if gathered.full:
                yield gathered.take()
    except ReadError:
        if len(gathered):
            yield gathered.take()
        raise
    if len(gathered):
        yield gathered.take()


def _valid(value: object) -> object:
    """Text without lone surrogates, which JSON can write and UTF-8 cannot; no offset moves."""
    if isinstance(value, dict):
        return {key: _valid(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_valid(item) for item in value]
    if not isinstance(value, str):
        return value
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in value)

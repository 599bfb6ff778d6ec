"""Blocks for datatrove pipelines: a filter that keeps what may be used, and an annotator that keeps everything.

Both judge batches of documents with `ArrowChecker`; rules are loaded in the worker that runs the block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from rightscheck.audit.outcomes import verdict_column
from rightscheck.errors import MissingExtraError, UsageError
from rightscheck.integrations.arrow import ArrowChecker
from rightscheck.readers.columns import Mapping, first_text
from rightscheck.readers.jsonl import Names
from rightscheck.readers.records import Gatherer, load_arrow
from rightscheck.vocab import Verdict

try:
    from datatrove.data import Document
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.pipeline.writers.parquet import ParquetWriter
except ImportError as error:
    raise MissingExtraError(
        f"datatrove cannot be imported: {error}", hint="pip install 'rightscheck[datatrove]'"
    ) from error

if TYPE_CHECKING:
    from rightscheck.audit.request import AuditRequest

BATCH = 1024
"""Documents that are judged together."""
Said = dict[str, Any]  # one row of the columns that ArrowChecker adds


class RightsFilter(BaseFilter):  # type: ignore[misc]  # datatrove is not imported by the type checker
    """Keeps the documents whose verdict is among `keep`.

    Dropped ones go to the exclusion writer with the metadata that `RightsAnnotator` adds; the reason is the
    verdict with its rule. Statistics count `verdict_go`, `verdict_review` and `verdict_no-go`.
    """

    name = "rightscheck"

    def __init__(
        self,
        request: AuditRequest,
        *,
        use: str | None = None,
        keep: Iterable[str] = (Verdict.GO.value,),
        exclusion_writer: Any = None,  # a DiskWriter
        batch_size: int = BATCH,
    ) -> None:
        """A filter for the request; `use` names the use that counts, None the strictest of all.

        Raises:
            UsageError: the request does not ask for the use, or `keep` names no verdict.
        """
        super().__init__(exclusion_writer, batch_size)
        self.keep = frozenset(Verdict(verdict).value for verdict in keep)
        self.column = _column(request, use)
        self.judge = _Judge(request)

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        """Whether the document is kept, with the reason if not."""
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: list[Document]) -> list[bool | tuple[bool, str]]:
        """The same for each of the documents."""
        return [self._kept(doc, said) for doc, said in zip(batch, self.judge(batch), strict=True)]

    def _kept(self, doc: Document, said: Said) -> bool | tuple[bool, str]:
        verdict = str(said[self.column])
        self.stat_update(f"verdict_{verdict}")
        if verdict in self.keep:
            return True
        doc.metadata.update(said)
        return False, f"{verdict} {said['rights_rule']}".strip()


class RightsAnnotator(PipelineStep):  # type: ignore[misc]  # datatrove is not imported by the type checker
    """Adds what is decided to the metadata of every document, and drops none.

    `rights_verdict`, `rights_verdict_USE`, `rights_rule`, `rights_quote`, `rights_start`, `rights_end`: texts
    and numbers, empty or 0 where nothing is to be said, so that columns have one type in every file.
    """

    name = "rightscheck"
    type = "⚖ - ANNOTATOR"

    def __init__(self, request: AuditRequest, *, batch_size: int = BATCH) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.judge = _Judge(request)

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:  # noqa: ARG002 - datatrove's signature
        """The documents, in their order."""
        rest = iter(data)
        while batch := list(islice(rest, self.batch_size)):
            with self.track_time("batch"):
                judged = self.judge(batch)
            for doc, said in zip(batch, judged, strict=True):
                doc.metadata.update(said)
                self.stat_update("total", f"verdict_{said['rights_verdict']}")
                self.update_doc_stats(doc)
                yield doc


def exclusion_writer(
    output_folder: Any, request: AuditRequest
) -> Any:  # datatrove's DataFolderLike, DiskWriter
    """A writer of Parquet files that list what a `RightsFilter` dropped: id, URL, verdicts, rule, words.

    No texts: a list of ids that later pipelines can drop without judging again.
    """
    arrow = load_arrow()
    names = ["id", "url", *_texts(request), "rights_start", "rights_end"]
    numbers = ("rights_start", "rights_end")
    schema = arrow.schema([(n, arrow.int64() if n in numbers else arrow.string()) for n in names])

    def listed(_writer: object, document: Document) -> dict[str, object]:
        known = {"id": document.id, **document.metadata}
        return {name: known.get(name) for name in names}

    return ParquetWriter(output_folder, adapter=listed, schema=schema)


def _column(request: AuditRequest, use: str | None) -> str:
    if use is None:
        return "rights_verdict"
    if use not in request.uses:
        raise UsageError(
            f"the request does not ask for `{use}`", hint=f"it asks for {', '.join(request.uses)}"
        )
    return f"rights_{verdict_column(use)}"


def _texts(request: AuditRequest) -> tuple[str, ...]:
    uses = (_column(request, use) for use in request.uses)
    return ("rights_verdict", *uses, "rights_rule", "rights_quote")


class _Judge:
    """Judges documents in batches."""

    def __init__(self, request: AuditRequest) -> None:
        self.checker = ArrowChecker(replace(request, mapping=Mapping()))
        self.names = Names(request.mapping)
        self.texts = _texts(request)

    def __call__(self, documents: Sequence[Document]) -> list[Said]:
        """What is decided of each, in their order."""
        gathered = Gatherer()
        for document in documents:
            record = {
                "id": document.id,
                "text": document.text,
                **document.metadata,
                "metadata": document.metadata,
            }
            gathered.add(
                document.text,
                url=first_text(record, self.names.url, wanted="://"),
                id=document.id,
                date=first_text(record, self.names.date, scalar=True),
                dump=None,
            )
        table = self.checker(load_arrow().Table.from_batches([gathered.take()]))
        rows = table.select([*self.texts, "rights_start", "rights_end"]).to_pylist()
        return [{name: row[name] or (0 if name not in self.texts else "") for name in row} for row in rows]

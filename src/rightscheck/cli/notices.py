"""`rightscheck notices`: what texts say in words, one JSON line each. `rightscheck explain`: and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.text import Text

from rightscheck.errors import UsageError
from rightscheck.notices import ExplainedClause, Explanation, Ownership, explain, read_notices


def notices_command(
    source: Annotated[
        str, typer.Argument(metavar="INPUT.jsonl|-", help="One JSON object a line with `text` and `id`.")
    ] = "-",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="OUT.jsonl|-", help="Where the answers go.")
    ] = "-",
) -> int:
    """Say for each text what it claims, reserves and permits: one JSON line in, one out, in order."""
    if source != "-" and not Path(source).is_file():
        raise UsageError(f"no such file: {source}", hint="give a JSONL file, or - for standard input")
    if source != "-" and output != "-" and Path(output).exists() and Path(source).samefile(output):
        raise UsageError("input and output are the same file", hint="choose another -o")
    unreadable = read = 0
    with ExitStack() as stack:
        lines: BinaryIO = sys.stdin.buffer if source == "-" else stack.enter_context(Path(source).open("rb"))
        target = sys.stdout.buffer if output == "-" else stack.enter_context(Path(output).open("wb"))
        for answer in answers(lines):
            read += 1
            unreadable += "error" in answer
            line = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            target.write(line.encode("utf-8", "backslashreplace") + b"\n")
    if unreadable:
        sys.stderr.write(f"rightscheck notices: {unreadable} of {read} lines could not be read\n")
    return 3 if unreadable or not read else 0


def answers(lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
    """The answer to each line that is not blank; `id` and `error` for a line that cannot be read."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield {"id": None, "error": f"line {number}: not JSON: {error}"}
            continue
        text = record.get("text") if isinstance(record, dict) else None
        if not isinstance(text, str):
            known = record.get("id") if isinstance(record, dict) else None
            yield {"id": known, "error": f"line {number}: no string under `text`"}
            continue
        yield {"id": record.get("id"), **read_notices(text)}


def explain_command(
    source: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A text or HTML file, or - for standard input.")
    ],
) -> int:
    """Show what was read in one text, which words decided it and why, so that a person can argue with it."""
    if source != "-" and not Path(source).is_file():
        raise UsageError(f"no such file: {source}", hint="give a text or HTML file, or - for standard input")
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    text, quoted = _text_of(data)
    _show(explain(text, quoted=quoted), text)
    return 0


def _text_of(data: bytes) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of the file and its quoted regions: the visible text where it is HTML."""
    head = data[:2000].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        from rightscheck.syntax.html import HtmlDocument  # only when there is HTML

        document = HtmlDocument(data)
        return document.visible_text(), document.quoted_regions
    return data.decode("utf-8", "replace"), ()


_COLOURS = {Ownership.OWN: "bold red", Ownership.UNCLEAR: "bold yellow", Ownership.MENTION: "dim"}


def _show(explanation: Explanation, text: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    reading = explanation.reading
    for notice in reading.copyrights:
        years = ", ".join(map(str, notice.years))
        line = Text(f"{notice.start}-{notice.end} ", style="dim")
        line.append("copyright ", style="bold cyan")
        line.append(f"{notice.holder or 'nobody named'} {years}".strip())
        line.append(f" · {notice.ownership.value}" + (" · of a part" if notice.part else ""), style="dim")
        console.print(line)
    for credit in reading.credits:
        line = Text(f"{credit.start}-{credit.end} ", style="dim")
        line.append(f"{credit.kind} credit ", style="bold cyan")
        line.append(credit.holder)
        console.print(line)
    for clause in explanation.clauses:
        _show_clause(console.print, clause)
    if reading.capped:
        console.print(Text("more passages than are read: the rest needs a person", style="bold yellow"))
    if not (reading.copyrights or reading.clauses or reading.credits):
        console.print(Text(f"nothing in {len(text):,} characters speaks of copyright, crawling or AI use"))


def _show_clause(draw: Callable[[Text], None], explained: ExplainedClause) -> None:
    clause = explained.clause
    quote = Text(f"{clause.start}-{clause.end} ", style="dim")
    quote.append(" ".join(explained.quote.split()), style=_COLOURS[clause.ownership])
    draw(quote)
    draw(Text(f"    {explained.decided} [{clause.confidence.value} confidence, {clause.language}]"))
    for reason in explained.reasons:
        line = Text(f"    {reason.weight:+5.1f}  ", style="green" if reason.weight > 0 else "magenta")
        line.append(reason.why, style="default")
        if reason.words:
            line.append(f"  {reason.words}", style="italic")
        draw(line)
    words: dict[str, list[str]] = {}
    for kind, found in explained.cues:
        words.setdefault(kind, [])
        if found not in words[kind]:
            words[kind].append(found)
    for kind, found_words in words.items():
        line = Text(f"           {kind}: ", style="dim")
        line.append(", ".join(found_words), style="dim italic")
        draw(line)

"""The report for a terminal: verdict, the words that decided, what else was read, what to do next."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rightscheck.report import AssetReport, FindingReport, Report, waiver_line

_STYLES = {"go": "bold green", "review": "bold yellow", "no-go": "bold red"}
_MAX_QUOTES = 4


def render(report: Report) -> Iterator[str]:
    """The report as text, in colour when standard output is a terminal that wants it."""
    for asset in report.assets:
        console = _console()
        _asset(console, asset, report)
        yield _written(console)
    console = _console()
    for unread in report.unread:
        console.print(Text.assemble(("UNREAD ", "bold magenta"), unread.target))
        console.print(Padding(Text(unread.reason), (0, 0, 1, 2)))
    _list(console, "Waivers", tuple(map(waiver_line, report.waivers)))
    _summary(console, report)
    yield _written(console)


def _console() -> Console:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = min(shutil.get_terminal_size().columns, 110) if sys.stdout.isatty() else 100
    return Console(
        file=StringIO(),
        force_terminal=colour,
        no_color=not colour,
        width=width,
        highlight=False,
        soft_wrap=False,
        legacy_windows=False,
    )


def _written(console: Console) -> str:
    text = console.file.getvalue() if isinstance(console.file, StringIO) else ""
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def _asset(console: Console, asset: AssetReport, report: Report) -> None:
    console.print(
        Text.assemble(
            (asset.verdict.upper(), _STYLES[asset.verdict]),
            f"  {asset.target}  ",
            (f"for {', '.join(report.request.uses)}", "bold"),
        )
    )
    if asset.uri and asset.uri != asset.target:
        console.print(Padding(Text(asset.uri, style="dim"), (0, 0, 0, 2)))
    console.print()
    for finding in _quotable(asset)[:_MAX_QUOTES]:
        console.print(Padding(Text(f"“{finding.quote.strip()}”", style="italic"), (0, 0, 0, 2)))
        where = f"{finding.locator} in {finding.source}, {finding.rule}, confidence {finding.confidence}"
        console.print(Padding(Text(where, style="dim"), (0, 0, 1, 2)))
    _list(console, "Why", asset.reasons)
    if len(asset.uses) > 1:
        _uses(console, asset)
    _list(console, "Duties" if asset.verdict == "go" else "Conditions", asset.conditions)
    _holders(console, asset)
    _carriers(console, asset)
    _next(console, asset)


def _quotable(asset: AssetReport) -> list[FindingReport]:
    """The findings whose words decided, the asset's own first, each quote once."""
    deciding = [finding for finding in asset.findings if finding.deciding and finding.quote]
    deciding.sort(key=lambda finding: finding.rule.startswith("registry/"))
    return list({finding.quote.strip(): finding for finding in reversed(deciding)}.values())[::-1]


def _list(console: Console, title: str, lines: tuple[str, ...]) -> None:
    if not lines:
        return
    console.print(Text(f"  {title}", style="bold"))
    for line in lines:
        console.print(Padding(Text(f"- {line}"), (0, 0, 0, 4)))
    console.print()


def _uses(console: Console, asset: AssetReport) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("  Use", "Verdict", "Decided by"):
        table.add_column(column)
    for answer in asset.uses:
        table.add_row(
            f"  {answer.use}",
            Text(answer.verdict, style=_STYLES[answer.verdict]),
            ", ".join(answer.determining),
        )
    console.print(table)
    console.print()


def _holders(console: Console, asset: AssetReport) -> None:
    if asset.publisher is None and not asset.third_parties:
        return
    names = [asset.publisher.name] if asset.publisher else []
    names += [f"{holder.name} (third party)" for holder in asset.third_parties]
    _row(console, "Holders", ", ".join(names))


def _carriers(console: Console, asset: AssetReport) -> None:
    read = [
        f"{line.carrier} ({line.detail})" if line.detail not in ("", "not read") else line.carrier
        for line in asset.examined
    ]
    by_status: dict[str, list[str]] = {}
    for line, label in zip(asset.examined, read, strict=True):
        by_status.setdefault(line.status, []).append(label)
    for status, title in (("read", "Read"), ("absent", "Absent"), ("unread", "Not read")):
        if status in by_status:
            _row(console, title, "; ".join(dict.fromkeys(by_status[status])))


def _next(console: Console, asset: AssetReport) -> None:
    if asset.verdict == "go":
        console.print()
        return
    lines = []
    asked = [line for line in asset.conditions if line.endswith(tuple(asset.contacts)) or "from " in line]
    if asset.contacts:
        wanted = asked[0] if asked else "permission"
        lines.append(f"ask for {wanted}: {', '.join(asset.contacts)}")
    elif asked:
        lines.append(f"get {asked[0]}")
    if asked or asset.contacts:
        lines.append("record what you get in a grants file and name it with --grants")
    if asset.gaps and "gap" in asset.situations:
        lines.append(
            "give what was not read (--url, --robots, or check the URL itself), or use --profile text-only"
        )
    for index, line in enumerate(lines):
        _row(console, "Next" if index == 0 else "", line)
    console.print()


def _row(console: Console, title: str, text: str) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=10)
    grid.add_column()
    grid.add_row(Text(f"  {title}", style="bold"), Text(text))
    console.print(grid)


def _summary(console: Console, report: Report) -> None:
    counts = dict.fromkeys(_STYLES, 0)
    for asset in report.assets:
        counts[asset.verdict] += 1
    parts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    if report.unread:
        parts.append(f"{len(report.unread)} unread")
    gate = "passed" if report.passed else "failed" if report.exit_code == 1 else "incomplete"
    line = (
        f"{', '.join(parts) or 'nothing to check'}. Gate {gate} (exit {report.exit_code}). "
        f"Profile {report.profile}, as of {report.as_of.isoformat()}. Not legal advice."
    )
    console.print(Text(line, style="dim"))

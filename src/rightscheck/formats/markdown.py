"""A report for a pull request or a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.report import AssetReport, Report, waiver_line


def render(report: Report) -> Iterator[str]:
    """The report as Markdown: a summary table, then each asset with its evidence."""
    verdict = report.verdict or "nothing checked"
    yield f"# rightscheck: {verdict}\n\n"
    yield (
        f"Uses: {', '.join(report.request.uses)}. Profile: {report.profile}. "
        f"As of {report.as_of.isoformat()}. rightscheck {report.tool.version}. Not legal advice.\n\n"
    )
    yield "| target | " + " | ".join(report.request.uses) + " |\n"
    yield "|---|" + "---|" * len(report.request.uses) + "\n"
    for asset in report.assets:
        cells = [answer.verdict for answer in asset.uses]
        yield f"| {_cell(asset.target)} | " + " | ".join(cells) + " |\n"
    for asset in report.assets:
        yield from _asset(asset)
    for unread in report.unread:
        yield f"\n- not checked: {_cell(unread.target)}: {unread.reason}\n"
    for waiver in report.waivers:
        yield f"\n- waiver {_cell(waiver_line(waiver))}\n"


def _asset(asset: AssetReport) -> Iterator[str]:
    yield f"\n## {_cell(asset.target)}: {asset.verdict}\n\n"
    if asset.uri and asset.uri != asset.target:
        yield f"<{asset.uri}>\n\n"
    for reason in asset.reasons:
        yield f"- {_cell(reason)}\n"
    for condition in asset.conditions:
        yield f"- condition: {_cell(condition)}\n"
    for contact in asset.contacts:
        yield f"- ask for permission: {_cell(contact)}\n"
    deciding = [finding for finding in asset.findings if finding.deciding and finding.quote]
    for finding in deciding:
        quoted = "\n> ".join(finding.quote.splitlines())
        yield f"\n> {quoted}\n\n`{finding.rule}` at `{finding.locator}` in {finding.source}\n"
    if asset.gaps:
        yield "\nNot read: " + "; ".join(f"{gap.carrier} ({gap.reason})" for gap in asset.gaps) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

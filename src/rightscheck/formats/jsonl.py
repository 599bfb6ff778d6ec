"""One line of JSON per asset, for pipelines: the same object as in the report's `assets`."""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.report import Report, asset_to_json


def render(report: Report) -> Iterator[str]:
    """One line per asset in the order asked."""
    for asset in report.assets:
        yield asset_to_json(asset).decode("utf-8")
        yield "\n"

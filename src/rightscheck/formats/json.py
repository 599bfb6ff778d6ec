"""The whole report as one JSON document (schema: `rightscheck schema report`)."""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.report import Report, to_json


def render(report: Report) -> Iterator[str]:
    """The report as indented JSON."""
    yield to_json(report).decode("utf-8")
    yield "\n"

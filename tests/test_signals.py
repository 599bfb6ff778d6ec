"""Each signal against its cases: tests/cases/signals/<signal>/<case>.toml."""

from __future__ import annotations

import base64
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.signals import all_signals
from rightscheck.sources import Sources, digest
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode, use_names

CASES = Path(__file__).parent / "cases" / "signals"
SIGNALS = {signal.id: signal for signal in all_signals()}
PATHS = sorted(CASES.glob("*/*.toml"))
RETRIEVED = datetime(2026, 11, 24, 12, tzinfo=UTC)


def body_of(table: dict[str, Any], case: Path) -> bytes:
    if "body_file" in table:
        return (case.parent / table["body_file"]).read_bytes()
    if "body_base64" in table:
        return base64.b64decode(table["body_base64"])
    body: str = table.get("body", "")
    return body.encode("utf-8", "surrogatepass")


def document_of(table: dict[str, Any], carrier: Carrier, url: str, case: Path) -> Document:
    body = body_of(table, case)
    return Document(
        carrier=carrier,
        url=table.get("url", url),
        final_url=table.get("final_url", table.get("url", url)),
        body=body,
        sha256=digest(body),
        status=table.get("status"),
        headers=tuple((name, value) for name, value in table.get("headers", ())),
        redirects=tuple(table.get("redirects", ())),
        failure=table.get("failure", ""),
        truncated=table.get("truncated", False),
        catch_all=table.get("catch_all", False),
        retrieved_at=RETRIEVED,
    )


def sources_of(data: dict[str, Any], case: Path) -> Sources:
    url = data.get("url", "https://news.example/a")
    mode = Mode(data.get("mode", "held"))
    page_table = data.get("page")
    page = document_of(page_table, Carrier.HTML, url, case) if page_table is not None else None
    media_type = page_table.get("media_type", "text/html") if page_table else "text/plain"
    text = None
    html = None
    if page is not None and media_type == "text/html":
        html = HtmlDocument(page.body)
        text = html.visible_text() if hasattr(html, "visible_text") else None
    elif page is not None and media_type.startswith("text/"):
        text = page.body.decode("utf-8", "replace")
    documents: dict[Carrier, tuple[Document, ...]] = {}
    for table in data.get("document", ()):
        carrier = Carrier(table["carrier"])
        documents[carrier] = (*documents.get(carrier, ()), document_of(table, carrier, url, case))
    asset = Asset(
        uri=data.get("url", "https://news.example/a") or None,
        source=url,
        text=text,
        media_type=media_type,
        mode=mode,
        page=page,
        sha256=page.sha256 if page else "",
        retrieved_at=RETRIEVED,
    )
    request = Request(
        uses=("ai-train",),
        on=data.get("on", date(2026, 11, 24)),
        agents=(data.get("agent", "MyBot"),),
        commercial=data.get("commercial", True),
    )
    return Sources(asset=asset, request=request, documents=documents, html=html)


def seen(finding: Finding, wanted: dict[str, Any]) -> dict[str, Any]:
    """The finding reduced to the keys that the case names."""
    statement = finding.statement
    everything: dict[str, Any] = {
        "rule": finding.rule,
        "kind": finding.kind.value,
        "locator": finding.evidence.locator,
        "quote": finding.evidence.quote,
        "source": finding.evidence.source,
        "message": finding.message,
        "situation": finding.situation,
        "confidence": finding.confidence.value,
        "holder": finding.holder,
        "years": list(finding.years),
        "contact": finding.contact,
        "preference": statement.preference.value if statement else None,
        "uses": list(use_names(statement.uses if statement else finding.uses)),
        "standing": statement.standing.value if statement else None,
        "scope": statement.scope.value if statement else None,
        "purpose": list(use_names(statement.purpose)) if statement else None,
        "exception": statement.exception.value if statement else None,
        "conditions": list(statement.conditions) if statement else None,
        "non_commercial": statement.non_commercial if statement else None,
        "statement_holder": statement.holder if statement else None,
    }
    return {key: everything[key] for key in wanted}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_signal_reads_its_case(path: Path) -> None:
    data = tomllib.loads(path.read_text("utf-8"))
    results = list(SIGNALS[path.parent.name].read(sources_of(data, path)))
    findings = [item for item in results if isinstance(item, Finding)]
    gaps = [item for item in results if isinstance(item, Gap)]
    wanted = data.get("finding", [])
    wanted_gaps = data.get("gap", [])

    got = [seen(f, w) for f, w in zip(findings, wanted, strict=False)]
    got += [{"rule": extra.rule, "message": extra.message} for extra in findings[len(wanted) :]]
    got_gaps = [
        {"carrier": g.carrier.value, **({"reason": g.reason} if "reason" in w else {})}
        for g, w in zip(gaps, wanted_gaps, strict=False)
    ]
    got_gaps += [{"carrier": g.carrier.value, "reason": g.reason} for g in gaps[len(wanted_gaps) :]]
    same = got == wanted and got_gaps == wanted_gaps
    if "known_failure" in data:
        assert not same, "this case passes now: remove known_failure"
        pytest.xfail(data["known_failure"])
    assert got == wanted
    assert got_gaps == wanted_gaps


def test_signals_data_code_and_cases_agree() -> None:
    import rightscheck.signals

    package = Path(rightscheck.signals.__file__).parent
    code = {path.stem.replace("_", "-") for path in package.glob("*.py") if path.stem != "__init__"}
    assert code == set(SIGNALS)
    assert {path.name for path in CASES.iterdir() if path.is_dir()} == set(SIGNALS)


def test_rules_stay_in_their_families_and_situations_exist() -> None:
    from importlib.resources import files

    situations = set(tomllib.loads(files("rightscheck").joinpath("data/situations.toml").read_text("utf-8")))
    for path in PATHS:
        data = tomllib.loads(path.read_text("utf-8"))
        signal = SIGNALS[path.parent.name]
        for item in signal.read(sources_of(data, path)):
            if isinstance(item, Finding):
                assert item.rule.split("/")[0] in signal.families, path
                assert item.situation == "" or item.situation in situations, path

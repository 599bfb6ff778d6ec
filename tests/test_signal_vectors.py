"""Vectors for the signals' grammars, each a value and its reading, kept beside the repository.

A vector names the strict reading of its own specification. What we report beyond it (malformed refusals,
retired labels, ceilings) has other standings and is left out of the comparison.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from rightscheck.model import Asset, Document, Finding, Request
from rightscheck.robots import RobotsTxt
from rightscheck.signals import all_signals
from rightscheck.sources import Sources, digest
from rightscheck.vocab import Carrier, Mode, Preference, Standing, use_names

FILE = Path(__file__).parents[2] / "shared" / "reference" / "signal_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else []
HOST = "https://news.example"
LABELS = {"ai-train-gen": "train-ai", "ai-train": "ai-train", "ai-input": "ai-use", "search": "search"}


def sources_for(
    path: str, *, agent: str = "rightscheck", carrier: Carrier | None = None, body: str = "", header: str = ""
) -> Sources:
    """An asset at the path, with one document beside it or one header on it."""

    def document(kind: Carrier, url: str, content: bytes, headers: tuple[tuple[str, str], ...]) -> Document:
        return Document(
            carrier=kind,
            url=url,
            final_url=url,
            body=content,
            sha256=digest(content),
            status=200,
            headers=headers,
        )

    page = document(Carrier.HTML, HOST + path, b"<p>", (("Content-Usage", header),))
    asset = Asset(
        uri=HOST + path, source=HOST + path, text=None, media_type="text/html", mode=Mode.HELD, page=page
    )
    name = {Carrier.ROBOTS_TXT: "/robots.txt", Carrier.TDMREP: "/.well-known/tdmrep.json"}
    given = {carrier: (document(carrier, HOST + name[carrier], body.encode(), ()),)} if carrier else {}
    request = Request(uses=("ai-train",), on=date(2026, 11, 24), agents=(agent,))
    return Sources(asset=asset, request=request, documents=given)


def findings(signal: str, sources: Sources) -> list[Finding]:
    read = next(entry.read for entry in all_signals() if entry.id == signal)
    return [item for item in read(sources) if isinstance(item, Finding)]


def stated(found: list[Finding]) -> Iterator[tuple[str, str]]:
    """Each use that is stated with full standing: denied, or allowed where nothing denies it."""
    for preference, word in ((Preference.ALLOW, "allow"), (Preference.DISALLOW, "deny")):
        for finding in found:
            statement = finding.statement
            if statement and statement.preference is preference and statement.standing is Standing.EFFECTIVE:
                yield from ((name, word) for name in use_names(statement.uses))


def usage(found: list[Finding]) -> dict[str, str]:
    return dict.fromkeys(("train-ai", "ai-use", "search"), "unknown") | {
        LABELS[name]: word for name, word in stated(found)
    }


def check_robots(vector: dict[str, Any]) -> None:
    ruling = RobotsTxt.parse(vector["body"].encode()).decide(vector["token"], vector["path"])
    assert ruling.allowed is vector["expect"]


def check_usage_header(vector: dict[str, Any]) -> None:
    found = findings("content-usage", sources_for("/a", header=vector["value"]))
    assert usage(found) == vector["expect"]
    # Every value of the file that does not parse refuses something, so that its fault is reported.
    malformed = any("not a valid Dictionary" in finding.message for finding in found)
    assert malformed is (vector["status"] == "malformed")


def check_usage_robots(vector: dict[str, Any]) -> None:
    sources = sources_for(
        vector["path"], agent=vector["token"], carrier=Carrier.ROBOTS_TXT, body=vector["body"]
    )
    found = findings("content-usage", sources)
    assert usage(found) == vector["expect"]
    standings = {finding.statement.standing for finding in found if finding.statement}
    if "shadowed" in vector["note"]:
        assert Standing.SHADOWED in standings
    if "malformed" in vector["note"]:
        assert Standing.MALFORMED in standings


def check_content_signal(vector: dict[str, Any]) -> None:
    sources = sources_for(
        vector["path"], agent=vector["token"], carrier=Carrier.ROBOTS_TXT, body=vector["body"]
    )
    found = findings("content-signal", sources)
    wanted = dict(vector["expect"])
    ceiling = wanted.pop("use")
    assert dict.fromkeys(wanted, "unstated") | dict(stated(found)) == wanted
    [seen] = [f.message.split("`")[1] for f in found if f.rule == "content-signal/use"] or [None]
    assert seen == (f"use={ceiling}" if ceiling else None)
    if "conflict" in vector["note"]:
        assert any(finding.rule == "content-signal/conflict" for finding in found)
    if "malformed note, review" in vector["note"]:
        assert any(f.statement and f.statement.standing is Standing.MALFORMED for f in found)


def check_tdmrep(vector: dict[str, Any]) -> None:
    found = findings("tdmrep", sources_for(vector["path"], carrier=Carrier.TDMREP, body=vector["doc"]))
    said = {word for name, word in stated(found) if name == "tdm"}
    malformed = any(finding.rule == "tdmrep/malformed" for finding in found)
    wanted = {"reserved": {"deny"}, "not-reserved": {"allow"}}
    assert said == wanted.get(vector["expect"], set())
    assert malformed or (vector["expect"] != "malformed" and "review" not in vector["note"])


KINDS: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "robots": ("rightscheck.robots", check_robots),
    "usage-header": ("rightscheck.signals.content_usage", check_usage_header),
    "usage-robots": ("rightscheck.signals.content_usage", check_usage_robots),
    "content-signal": ("rightscheck.signals.content_signal", check_content_signal),
    "tdmrep-file": ("rightscheck.signals.tdmrep", check_tdmrep),
}


@pytest.mark.skipif(not VECTORS, reason=f"{FILE.name} is not beside the repository")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_reads_as_its_specification_says(vector: dict[str, Any]) -> None:
    module, check = KINDS[vector["kind"]]
    if find_spec(module) is None:
        pytest.skip(f"{module} does not exist")
    check(vector)

"""The shared vectors for tdmrep.json, where they are at hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from rightscheck.model import Asset, Document, Finding, Request
from rightscheck.signals.tdmrep import read
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Mode

VECTORS = Path(__file__).parents[2] / "shared" / "reference" / "signal_vectors.json"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not at hand")

READINGS = {
    "reserved": ("disallow", "effective"),
    "not-reserved": ("allow", "effective"),
    "malformed": ("disallow", "malformed"),
}


def vectors() -> list[dict[str, str]]:
    if not VECTORS.exists():
        return []
    return [item for item in json.loads(VECTORS.read_text("utf-8")) if item["kind"] == "tdmrep-file"]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_a_vector_is_read(vector: dict[str, str]) -> None:
    url = "https://news.example"
    document = Document(
        carrier=Carrier.TDMREP, url=f"{url}/.well-known/tdmrep.json", body=vector["doc"].encode(), status=200
    )
    asset = Asset(uri=url + vector["path"], source=url, text="", media_type="text/plain", mode=Mode.HELD)
    sources = Sources(
        asset=asset,
        request=Request(uses=("tdm",), on=date(2026, 11, 24)),
        documents={Carrier.TDMREP: (document,)},
    )
    statements = [item.statement for item in read(sources) if isinstance(item, Finding) and item.statement]
    found = {(statement.preference.value, statement.standing.value) for statement in statements}
    if vector["expect"] in READINGS:
        assert found == {READINGS[vector["expect"]]}
    else:  # unset or not implemented: nothing effective, at most a malformed value for review
        assert found <= {READINGS["malformed"]}

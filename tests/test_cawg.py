"""Training and data mining assertions, as CAWG 1.1 writes them and as they occur."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.model import Evidence, Finding
from rightscheck.vocab import Scope, use_names
from rightscheck.vocabularies.cawg import Signature, read_training_mining

WHERE = Evidence(source="https://news.example/a.jpg", sha256="0" * 64, locator="jumbf:cawg.training-mining")


def findings(text: str, signature: Signature = Signature.TRUSTED, *, active: bool = True) -> list[Finding]:
    return list(read_training_mining(json.loads(text), where=WHERE, signature=signature, active=active))


def said(finding: Finding) -> tuple[str, str, list[str], str]:
    statement = finding.statement
    if statement is None:
        return (finding.rule, "", [], "")
    uses = list(use_names(statement.uses))
    return (finding.rule, statement.preference.value, uses, statement.standing.value)


def entry(key: str, use: str, **more: str) -> str:
    return json.dumps({"entries": {key: {"use": use, **more}}})


@pytest.mark.parametrize(
    ("key", "uses"),
    [
        ("cawg.data_mining", ["ai-index", "tdm"]),
        ("cawg.ai_inference", ["ai-index", "ai-input"]),
        ("cawg.ai_training", ["ai-train-other"]),
        ("cawg.ai_generative_training", ["ai-train-gen"]),
        ("c2pa.ai_generative_training", ["ai-train-gen"]),
    ],
)
def test_each_key_refuses_its_own_uses_and_no_others(key: str, uses: list[str]) -> None:
    [finding] = findings(entry(key, "notAllowed"))
    assert said(finding) == ("c2pa/disallow", "disallow", uses, "effective")


@pytest.mark.parametrize("signature", list(Signature))
def test_a_refusal_counts_whatever_its_signature(signature: Signature) -> None:
    [finding] = findings(entry("cawg.data_mining", "notAllowed"), signature)
    assert said(finding)[1:] == ("disallow", ["ai-index", "tdm"], "effective")


@pytest.mark.parametrize("signature", list(Signature))
def test_a_permission_counts_only_when_trusted(signature: Signature) -> None:
    [finding] = findings(entry("cawg.ai_generative_training", "allowed"), signature)
    standing = "effective" if signature is Signature.TRUSTED else "weak"
    assert said(finding) == ("c2pa/allow", "allow", ["ai-train-gen"], standing)


def test_constrained_with_information_is_a_condition() -> None:
    for name in ("constraint_info", "constraints_info"):
        [finding] = findings(entry("cawg.data_mining", "constrained", **{name: "https://news.example/tdm"}))
        assert said(finding) == ("c2pa/conditional", "conditional", ["ai-index", "tdm"], "effective")
        assert finding.statement is not None
        assert finding.statement.conditions == ("https://news.example/tdm",)
        assert finding.contact == "https://news.example/tdm"


def test_constrained_without_information_is_not_allowed() -> None:
    [finding] = findings(entry("cawg.data_mining", "constrained"))
    assert said(finding) == ("c2pa/disallow", "disallow", ["ai-index", "tdm"], "effective")


@pytest.mark.parametrize("use", ["notallowed", "not allowed", "NOT_ALLOWED", "no", "maybe", ""])
def test_a_value_of_nobody_is_a_malformed_refusal(use: str) -> None:
    [finding] = findings(entry("cawg.data_mining", use))
    assert said(finding) == ("c2pa/disallow", "disallow", ["ai-index", "tdm"], "malformed")


def test_a_permission_written_wrongly_is_weak() -> None:
    [finding] = findings(entry("cawg.data_mining", "Allowed"))
    assert said(finding)[3] == "weak"


def test_entries_outside_entries_are_read_and_flagged() -> None:
    note, finding = findings('{"cawg.data_mining": {"use": "notAllowed"}}')
    assert said(note)[0] == "c2pa/note"
    assert said(finding)[1] == "disallow"


def test_a_key_of_the_publishers_own_is_a_note() -> None:
    [finding] = findings(entry("com.example.dubbing", "notAllowed"))
    assert said(finding) == ("c2pa/note", "", [], "")


def test_only_the_active_manifest_speaks() -> None:
    assert findings(entry("cawg.data_mining", "notAllowed"), active=False) == []


def test_the_scope_is_the_callers() -> None:
    [finding] = read_training_mining(
        {"cawg.ai_training": {"use": "notAllowed"}, "entries": {"cawg.ai_training": {"use": "notAllowed"}}},
        where=WHERE,
        signature=Signature.ABSENT,
        scope=Scope.MEDIA,
    )
    assert finding.statement is not None
    assert finding.statement.scope is Scope.MEDIA


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["entries", "cawg.data_mining", "cawg.ai_training", "use", "constraint_info"]
) | st.text(max_size=10)


@given(st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=4), max_size=5))
def test_no_assertion_raises_and_none_permits_by_accident(assertion: dict[str, object]) -> None:
    text = json.dumps(assertion)
    for finding in findings(text, Signature.ABSENT):
        if finding.statement is not None and finding.statement.preference.value == "allow":
            assert finding.statement.standing.value == "weak"

"""Permission objects of others: read as evidence, never taken as permission."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck import Checker
from rightscheck.errors import PolicyError
from rightscheck.registry import load_grants
from rightscheck.registry.permissions import Form, Standing, read_permission

ON = date(2026, 6, 1)
CREDENTIAL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential", "UsageGrant"],
    "issuer": {"id": "did:web:gazette.example"},
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2026-12-31T23:59:59Z",
    "credentialSubject": {
        "id": "did:web:lab.example",
        "grant": {"category": "train-ai", "asset": ["a", "b"]},
    },
    "credentialStatus": {"id": "https://gazette.example/status#4"},
    "proof": {"type": "DataIntegrityProof", "proofValue": "zAbc"},
}


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jws(payload: object, head: object = None, signature: str = "c2ln") -> str:
    return f"{part(head or {'alg': 'ES256'})}.{part(payload)}.{signature}"


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in CREDENTIAL.items() if name != key}


CLAIMS = {"iss": "https://licences.example", "sub": "Lab", "exp": 1_800_000_000, "scope": "ai-train"}


@pytest.mark.parametrize(
    ("body", "form", "standing", "says"),
    [
        (CREDENTIAL, "credential", "review", "whether it was revoked was not asked"),
        (without("credentialStatus"), "credential", "review", "the signature was not checked"),
        (without("validUntil"), "credential", "review", "it names no end"),
        (without("proof"), "credential", "void", "it is not signed"),
        (without("credentialSubject"), "credential", "void", "nothing of a subject"),
        (CREDENTIAL | {"validUntil": "2026-05-31T00:00:00Z"}, "credential", "void", "expired on 2026-05-31"),
        (CREDENTIAL | {"validFrom": "2026-06-02T00:00:00Z"}, "credential", "void", "not valid before 2026-06-02"),
        (CREDENTIAL | {"validUntil": "soon"}, "credential", "void", "`soon` is no date"),
        (CREDENTIAL | {"type": "Diploma"}, "unknown", "void", "a kind that is not known"),
        (jws(CLAIMS), "token", "review", "the signature was not checked"),
        (jws(CLAIMS | {"exp": 1_700_000_000}), "token", "void", "expired on 2023-11-14"),
        (jws(CLAIMS | {"exp": 1e300}), "token", "void", "is no date"),
        (jws(CLAIMS, {"alg": "none"}), "token", "void", "it is not signed"),
        (jws(CLAIMS, signature=""), "token", "void", "it is not signed"),
        (jws({"vc": without("proof")}), "credential", "review", "the signature was not checked"),
        (f"Authorization: License {jws(CLAIMS)}", "token", "review", "the signature was not checked"),
        ("License 7b1c-opaque", "token", "review", "the token is opaque"),
        ({"access_token": "7b1c", "token_type": "License", "expires_in": 60}, "token", "review", "opaque"),
        ({"access_token": "7b1c", "token_type": "Bearer"}, "unknown", "void", "a kind that is not known"),
        ("crawler-charged: USD 0.01", "receipt", "review", "licenses no further use"),
        ("crawler-charged: a lot", "unknown", "void", "neither a credential, a token nor a receipt"),
        ("[]", "unknown", "void", "not an object"),
        ("", "unknown", "void", "neither a credential"),
        ("x" * 1_100_000, "unknown", "void", "longer than"),
    ],
)  # fmt: skip
def test_what_a_permission_object_is_worth(body: object, form: str, standing: str, says: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)

    found = read_permission(text.encode(), ON)

    assert (found.form, found.standing) == (form, standing)
    assert any(says in line for line in (*found.faults, *found.unverified)), found


def test_a_credential_is_read_whole() -> None:
    found = read_permission(json.dumps(CREDENTIAL).encode(), ON)

    assert found.issuer == "did:web:gazette.example"
    assert found.holder == "did:web:lab.example"
    assert (found.valid_from, found.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert found.claims == (("grant.category", "train-ai"), ("grant.asset", "a"), ("grant.asset", "b"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_are_a_permission_or_an_error(body: bytes) -> None:
    assert read_permission(body, ON).standing in {Standing.VOID, Standing.REVIEW}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*CREDENTIAL, "exp", "nbf", "iss", "vc"]), JSON))
def test_credentials_and_tokens_of_any_shape_are_read(data: dict[str, Any]) -> None:
    credential = json.dumps(data | {"type": "VerifiableCredential"})

    assert read_permission(credential.encode(), ON).form is Form.CREDENTIAL
    assert read_permission(jws(data).encode(), ON).form in {Form.TOKEN, Form.CREDENTIAL}


@pytest.mark.parametrize(("day", "code"), [("2026-06-01", 1), ("2027-06-01", 2)])
def test_inspecting_says_what_is_left_to_check(tmp_path: Path, day: str, code: int) -> None:
    path = tmp_path / "grant.json"
    path.write_text(json.dumps(CREDENTIAL), "utf-8")
    command = [sys.executable, "-m", "rightscheck", "grants", "inspect", str(path), "--as-of", day]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == code, done.stderr
    assert "unverified" in done.stdout
    assert ("void" in done.stdout) == (code == 2)


def book(folder: Path, credential: str, **extra: str) -> Path:
    """A grant of ai-train that rests on the object."""
    (folder / "object.jwt").write_text(credential, "utf-8")
    lines = {"id": "g", "grantor": "Vale Courier", "grantee": "Lab", "credential": "object.jwt"}
    text = "[[grant]]\nuses = ['ai-train']\nhosts = ['*']\nvalid_from = 2026-01-01\n"
    text += "".join(f"{key} = '{value}'\n" for key, value in lines.items())
    path = folder / "grants.toml"
    path.write_text(text + "".join(f"{key} = {value}\n" for key, value in extra.items()), "utf-8")
    return path


DENIED = "© 2026 Vale Courier. The use of this article for AI training is prohibited."
VERIFIED = {"verified_by": "'the licensing desk'", "verified_on": "2026-02-01"}


@pytest.mark.parametrize(
    ("credential", "extra", "verdict", "says"),
    [
        (jws(CLAIMS), {}, "review", "grant g of Vale Courier is not verified: "),
        (jws(CLAIMS), VERIFIED, "go", "grant g of Vale Courier covers this use"),
        ("crawler-charged: USD 0.01", {}, "review", "licenses no further use"),
        (jws(CLAIMS, signature=""), {}, "no-go", "void: credential: it is not signed"),
        (jws(CLAIMS, signature=""), VERIFIED, "no-go", "void: credential: it is not signed"),
        (jws(CLAIMS | {"exp": 1_700_000_000}), VERIFIED, "no-go", "expired on 2023-11-14"),
        (jws(CLAIMS | {"nbf": 1_790_000_000}), VERIFIED, "no-go", "not valid before 2026-09-21"),
        ("", {}, "no-go", "neither a credential"),
    ],
)  # fmt: skip
def test_a_grant_on_a_signed_object_waits_for_whoever_checks_it(
    tmp_path: Path, credential: str, extra: dict[str, str], verdict: str, says: str
) -> None:
    grants = book(tmp_path, credential, **extra)
    checker = Checker(grants=grants, grantee="Lab", use="ai-train", on="2026-06-01")

    decision = checker.check_text(DENIED)

    assert decision.verdict.value == verdict, decision.reasons
    assert any(says in reason for reason in decision.reasons), decision.reasons


def test_a_missing_object_makes_its_grant_void(tmp_path: Path) -> None:
    grants = book(tmp_path, "")
    (tmp_path / "object.jwt").unlink()

    (grant,) = load_grants(grants)

    assert grant.void.startswith("credential `object.jwt` beside the grants cannot be read")


def test_who_verified_and_when_belong_together(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="belong together"):
        load_grants(book(tmp_path, jws(CLAIMS), verified_by="'somebody'"))

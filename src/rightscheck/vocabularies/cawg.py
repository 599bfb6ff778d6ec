"""Training and data mining assertions of a C2PA manifest, as findings.

CAWG Training and Data Mining Assertion 1.1 (`cawg.training-mining`) and its predecessor in C2PA up to
1.4 (`c2pa.training-mining`). Only the active manifest speaks. A refusal counts whatever its signature;
a permission only when the signature is valid and trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from rightscheck.model import Evidence, Finding, Statement
from rightscheck.syntax.json_text import JsonValue
from rightscheck.vocab import Confidence, ExceptionRoute, Kind, Preference, Scope, Standing, Use

MAX_ENTRIES = 200

USES: Mapping[str, frozenset[Use]] = {
    "data_mining": frozenset({Use.TDM, Use.AI_INDEX}),
    "ai_inference": frozenset({Use.AI_INPUT, Use.AI_INDEX}),
    "ai_training": frozenset({Use.AI_TRAIN_OTHER}),
    "ai_generative_training": frozenset({Use.AI_TRAIN_GEN}),
}
"""What each key speaks of. The keys are flat: none includes another (section 2)."""


class Signature(StrEnum):
    """What is known of the signature over the manifest."""

    TRUSTED = "trusted"
    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"


def read_training_mining(
    assertion: Mapping[str, JsonValue],
    *,
    where: Evidence,
    signature: Signature,
    active: bool = True,
    scope: Scope = Scope.ASSET,
) -> Iterator[Finding]:
    """What the assertion says, one finding per entry.

    Takes the assertion's data with or without the `entries` that version 1.0 forgot. Nothing comes from a
    manifest that is not the active one.
    """
    if not active:
        return
    wrapped = assertion.get("entries")
    entries = wrapped if isinstance(wrapped, dict) else assertion
    if entries is assertion and any(_short(key) in USES for key in assertion):
        yield _note("the entries of the assertion stand outside `entries`", where)
    for key, entry in list(entries.items())[:MAX_ENTRIES]:
        if isinstance(entry, dict):
            yield from _entry(key, entry, where, signature, scope)


def _short(key: str) -> str:
    return key.strip().lower().removeprefix("cawg.").removeprefix("c2pa.")


def _note(message: str, where: Evidence) -> Finding:
    return Finding(rule="c2pa/note", kind=Kind.NOTE, message=message, evidence=where)


def _entry(
    key: str, entry: Mapping[str, JsonValue], where: Evidence, signature: Signature, scope: Scope
) -> Iterator[Finding]:
    uses = USES.get(_short(key))
    raw = entry.get("use")
    word = raw.strip() if isinstance(raw, str) else str(raw)
    if uses is None:
        yield _note(f"`{key[:80]}` is an entry of the publisher's own: {word[:80]}", where)
        return
    plain = "".join(character for character in word.lower() if character.isalpha())
    exact = word in ("allowed", "notAllowed", "constrained")
    if plain == "allowed":
        yield _allowed(key, uses, where, trusted=exact and signature is Signature.TRUSTED, scope=scope)
    elif plain == "constrained" and (info := _info(entry)):
        yield _constrained(key, uses, info, where, scope)
    else:
        known = exact and plain in ("notallowed", "constrained")
        yield _denied(key, uses, word, where, Standing.EFFECTIVE if known else Standing.MALFORMED, scope)


def _info(entry: Mapping[str, JsonValue]) -> str:
    """The constraint, under the key of the schema or the one that the prose writes."""
    for key in ("constraint_info", "constraints_info"):
        info = entry.get(key)
        if isinstance(info, str) and info.strip():
            return info.strip()[:500]
    return ""


def _allowed(key: str, uses: frozenset[Use], where: Evidence, *, trusted: bool, scope: Scope) -> Finding:
    return Finding(
        rule="c2pa/allow",
        kind=Kind.PERMISSION,
        message=f"{key} is allowed" + ("" if trusted else ", under a signature that nobody vouches for"),
        evidence=where,
        statement=Statement(
            preference=Preference.ALLOW,
            uses=uses,
            standing=Standing.EFFECTIVE if trusted else Standing.WEAK,
            scope=scope,
        ),
    )


def _constrained(key: str, uses: frozenset[Use], info: str, where: Evidence, scope: Scope) -> Finding:
    return Finding(
        rule="c2pa/conditional",
        kind=Kind.RESERVATION,
        message=f"{key} is constrained: {info[:200]}",
        evidence=where,
        statement=Statement(
            preference=Preference.CONDITIONAL,
            uses=uses,
            scope=scope,
            exception=ExceptionRoute.LICENCE,
            conditions=(info,),
        ),
        contact=info if info.startswith(("http://", "https://")) else "",
    )


def _denied(
    key: str, uses: frozenset[Use], word: str, where: Evidence, standing: Standing, scope: Scope
) -> Finding:
    return Finding(
        rule="c2pa/disallow",
        kind=Kind.RESERVATION,
        message=f"{key} is {word[:80]}"
        if standing is Standing.EFFECTIVE
        else f"{key} has no valid use: {word[:80]}",
        evidence=where,
        confidence=Confidence.HIGH if standing is Standing.EFFECTIVE else Confidence.MEDIUM,
        statement=Statement(preference=Preference.DISALLOW, uses=uses, standing=standing, scope=scope),
    )

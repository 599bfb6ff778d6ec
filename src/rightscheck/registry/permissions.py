"""Permission objects that others hand out, read as evidence: signed credentials, licence tokens, receipts.

W3C Verifiable Credentials 2.0 (which draft-wallace-aipref-grant-binding builds on), JWS compact tokens
(RFC 7515, RFC 7519), RSL's licence tokens, and `crawler-charged`. A signature, a revocation list and an
opaque token can only be checked with keys or an answer from the issuer, so none of these permits by itself.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256

from rightscheck.syntax.json_text import JsonValue, decode_json, parse_json

MAX_BYTES = 1024 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*")
_CHARGED = re.compile(r"crawler-charged\s*:\s*([A-Za-z]{3}) (\d+(?:\.\d+)?)", re.IGNORECASE)
_LICENCE = re.compile(r"(?:authorization\s*:\s*)?license\s+([!-~]+)", re.IGNORECASE)
_UNCHECKED = "the signature was not checked: that needs the issuer's key"
_NOT_YET, _OVER = "not valid before", "expired on"


class Form(StrEnum):
    """What kind of object it is."""

    CREDENTIAL = "credential"
    TOKEN = "token"  # noqa: S105 - a kind of permission, no secret
    RECEIPT = "receipt"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """What it is worth offline: nothing, or a person's look. Nothing here is ever a permission."""

    VOID = "void"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedPermission:
    """A permission object as read on a day.

    Attributes:
        claims: what it says of its subject and scope, as (name, value) in the order it was written.
        faults: why it is worth nothing, whoever signed it.
        unverified: what a person, or a question to the issuer, has yet to settle.
        sha256: digest of the bytes as given.
    """

    form: Form
    issuer: str
    holder: str
    valid_from: date | None
    valid_until: date | None
    claims: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]
    unverified: tuple[str, ...]
    sha256: str

    @property
    def standing(self) -> Standing:
        """`void` when it has a fault, else `review`."""
        return Standing.VOID if self.faults else Standing.REVIEW


@dataclass(slots=True)
class _Reading:
    form: Form = Form.UNKNOWN
    issuer: str = ""
    holder: str = ""
    start: str | float | None = None
    end: str | float | None = None
    claims: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


def read_permission(body: bytes, on: date | None) -> PresentedPermission:
    """What the object says, and what it is worth on the day (without one, its dates are only read).

    Bad input is a fault of the object, never an error.
    """
    reading = _read(body)
    faults = list(reading.faults)
    start, end = (_day(value, faults) for value in (reading.start, reading.end))
    if on is not None and start is not None and on < start:
        faults.append(f"{_NOT_YET} {start.isoformat()}")
    if on is not None and end is not None and on > end:
        faults.append(f"{_OVER} {end.isoformat()}")
    unverified = list(reading.unverified)
    if end is None and reading.form in {Form.CREDENTIAL, Form.TOKEN}:
        unverified.append("it names no end")
    return PresentedPermission(
        form=reading.form,
        issuer=reading.issuer,
        holder=reading.holder,
        valid_from=start,
        valid_until=end,
        claims=reading.claims,
        faults=tuple(faults),
        unverified=tuple(unverified),
        sha256=sha256(body).hexdigest(),
    )


def _read(body: bytes) -> _Reading:
    if len(body) > MAX_BYTES:
        return _Reading(faults=(f"longer than {MAX_BYTES:,} bytes",))
    text = decode_json(body).strip()
    charged = _CHARGED.fullmatch(text)
    if charged:
        return _read_receipt(charged[1].upper(), charged[2])
    licence = _LICENCE.fullmatch(text)
    token = licence[1] if licence else text
    if _COMPACT.fullmatch(token):
        return _read_compact(token)
    if licence:
        return _opaque()
    try:
        value = parse_json(text)
    except ValueError as error:
        return _Reading(faults=(f"neither a credential, a token nor a receipt: {error}",))
    return _read_object(value) if isinstance(value, dict) else _Reading(faults=("not an object",))


def _read_receipt(currency: str, amount: str) -> _Reading:
    """Paid access to one copy (Cloudflare pay per crawl)."""
    return _Reading(
        form=Form.RECEIPT,
        claims=(("charged", f"{currency} {amount}"),),
        unverified=("access to one copy was paid for; that licenses no further use",),
    )


def _opaque() -> _Reading:
    return _Reading(
        form=Form.TOKEN, unverified=("the token is opaque: only its issuer can say what it permits",)
    )


def _read_compact(token: str) -> _Reading:
    """A JWS in compact form, its signature unchecked."""
    head, payload = (_part(part) for part in token.split(".")[:2])
    if head is None or payload is None:
        return _opaque()
    if str(head.get("alg", "none")).casefold() == "none" or token.endswith("."):
        return _Reading(form=Form.TOKEN, faults=("it is not signed",))
    credential = payload.get("vc")
    inner = credential if isinstance(credential, dict) else payload
    reading = _read_credential(inner) if _is_credential(inner) else _Reading(form=Form.TOKEN)
    known = {"iss", "sub", "aud", "nbf", "exp", "iat", "vc"}
    reading.issuer = reading.issuer or _text(payload.get("iss"))
    reading.holder = reading.holder or _text(payload.get("sub") or payload.get("client_id"))
    reading.start = _moment(payload.get("nbf")) if "nbf" in payload else reading.start
    reading.end = _moment(payload.get("exp")) if "exp" in payload else reading.end
    if reading.form is Form.TOKEN:
        reading.claims = tuple(_claims({key: item for key, item in payload.items() if key not in known}))
    reading.faults = tuple(fault for fault in reading.faults if fault != "it is not signed")
    reading.unverified = tuple(dict.fromkeys((*reading.unverified, _UNCHECKED)))
    return reading


def _part(text: str) -> dict[str, JsonValue] | None:
    try:
        value = parse_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8"))
    except (ValueError, binascii.Error):
        return None
    return value if isinstance(value, dict) else None


def _read_object(value: dict[str, JsonValue]) -> _Reading:
    if _is_credential(value):
        return _read_credential(value)
    token = value.get("access_token")
    if isinstance(token, str) and str(value.get("token_type", "")).casefold() == "license":
        reading = _read_compact(token) if _COMPACT.fullmatch(token) else _opaque()
        if "expires_in" in value and reading.end is None:
            reading.unverified += ("it expires some time after its issue, which it does not date",)
        return reading
    return _Reading(faults=("an object of a kind that is not known",))


def _is_credential(value: dict[str, JsonValue]) -> bool:
    kinds = value.get("type")
    return "VerifiableCredential" in (kinds if isinstance(kinds, list) else [kinds])


def _read_credential(value: dict[str, JsonValue]) -> _Reading:
    subject = value.get("credentialSubject")
    subjects = subject if isinstance(subject, list) else [subject]
    about = [item for item in subjects if isinstance(item, dict)]
    issuer = value.get("issuer")
    unverified = [_UNCHECKED]
    if "credentialStatus" in value:
        unverified.append("whether it was revoked was not asked")
    faults = () if value.get("proof") else ("it is not signed",)
    return _Reading(
        form=Form.CREDENTIAL,
        issuer=_text(issuer.get("id") if isinstance(issuer, dict) else issuer),
        holder=_text(about[0].get("id")) if about else "",
        start=_moment(value.get("validFrom", value.get("issuanceDate"))),
        end=_moment(value.get("validUntil", value.get("expirationDate"))),
        claims=tuple(claim for item in about for claim in _claims(item) if claim[0] != "id"),
        faults=faults if about else (*faults, "it says nothing of a subject"),
        unverified=tuple(unverified),
    )


def _claims(data: dict[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, item in data.items():
        if isinstance(item, dict):
            yield from _claims(item, f"{prefix}{key}.")
        elif isinstance(item, list):
            yield from ((prefix + key, _text(part)) for part in item if not isinstance(part, dict))
            yield from (
                claim for part in item if isinstance(part, dict) for claim in _claims(part, f"{prefix}{key}.")
            )
        else:
            yield prefix + key, _text(item)


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)[:2000]


def _moment(value: JsonValue) -> str | float | None:
    return value if isinstance(value, str | float) or (isinstance(value, int) and value is not True) else None


def _day(value: str | float | None, faults: list[str]) -> date | None:
    """The day of a timestamp in seconds or in ISO 8601, in UTC; one that cannot be read is a fault."""
    if value is None:
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
        return datetime.fromtimestamp(value, UTC).date()
    except (ValueError, OverflowError, OSError):
        faults.append(f"`{str(value)[:40]}` is no date")
        return None

"""`tdm:reservation` in the metadata of files: XMP and EPUB packages (TDMRep 2024-05-10, 5.4 and 5.5)."""

from __future__ import annotations

from rightscheck.model import Evidence, Finding, Statement
from rightscheck.vocab import AI_ALL, ExceptionRoute, Kind, Preference, Scope, Standing, Use

MINING = AI_ALL | {Use.TDM, Use.EVALUATE}
"""What may be done where mining is not reserved."""
_DENYING = frozenset({"true", "yes", "y", "on", "reserved", "deny", "disallow", "1.0", "1;"})


def reservation(
    value: str, policy: str, where: Evidence, scope: Scope, *, family: str, subject: str
) -> Finding:
    """What a value says: 1 reserves, 0 does not, other words may be meant as 1.

    `policy` is the address of a TDM policy, empty without one; `subject` names the file in messages.
    """
    plain = value.strip().lower()
    if plain == "0":
        return Finding(
            rule=f"{family}/allow",
            kind=Kind.PERMISSION,
            message=f"{subject} does not reserve text and data mining (tdm:reservation 0)",
            evidence=where,
            statement=Statement(preference=Preference.ALLOW, uses=MINING, scope=scope),
        )
    if plain != "1" and plain not in _DENYING:
        message = f"{subject}: `{value[:40]}` is no value of tdm:reservation"
        return Finding(rule=f"{family}/note", kind=Kind.NOTE, message=message, evidence=where)
    malformed = plain != "1"
    said = f"`{value[:40]}` read leniently" if malformed else "tdm:reservation 1"
    return Finding(
        rule=f"{family}/malformed" if malformed else f"{family}/disallow",
        kind=Kind.RESERVATION,
        message=f"{subject} reserves text and data mining ({said})",
        evidence=where,
        statement=Statement(
            preference=Preference.DISALLOW,
            uses=frozenset({Use.TDM}),
            standing=Standing.MALFORMED if malformed else Standing.EFFECTIVE,
            scope=scope,
            exception=ExceptionRoute.LICENCE if policy else ExceptionRoute.NONE,
        ),
        contact=policy[:300],
    )

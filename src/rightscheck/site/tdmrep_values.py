"""Values of `tdm-reservation` and what one layer of TDMRep says (TDMRep 2024-05-10, 4).

`1` reserves and `0` does not; anything else is unset by the protocol, and read leniently it may be a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from rightscheck.model import Evidence
from rightscheck.syntax.json_text import JsonValue

_DENYING = frozenset({"true", "yes", "y", "on", "?1", '"1"', "'1'", "1;", "reserved", "deny", "disallow"})
_GRANTING = frozenset({"", "false", "no", "n", "off", "?0", '"0"', "'0'", "none", "null", "allow", "-"})


@dataclass(frozen=True, slots=True)
class Said:
    """One value of `tdm-reservation`. `fault` says why it is not valid; then `reserved` is read leniently."""

    reserved: bool
    evidence: Evidence
    fault: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer says. `faulty` holds the values that the protocol takes as unset."""

    name: str
    said: Said | None = None
    faulty: tuple[Said, ...] = ()
    policy: tuple[str, Evidence] | None = None
    later: Said | None = None


def of_text(raw: str, where: Evidence) -> Said:
    """A value in a header or a meta: `1` or `0`, anything else is a protocol error."""
    value = raw.strip()
    if value in ("0", "1"):
        return Said(value == "1", where)
    if value.lower() in _GRANTING:
        return Said(False, where, fault=f"`{value[:40]}` is not a value of tdm-reservation")
    return Said(True, where, fault=f"`{value[:40]}` is not a value of tdm-reservation")


def of_json(raw: JsonValue, where: Evidence) -> Said:
    """A value in tdmrep.json: the numbers 1 and 0, or the same as strings."""
    if isinstance(raw, bool):
        return Said(raw, where, fault=f"tdm-reservation is the boolean {str(raw).lower()}, not a number")
    if isinstance(raw, (int, float)) and raw in (0, 1):
        return Said(raw == 1, where)
    if isinstance(raw, str):
        said = of_text(raw, where)
        return (
            said
            if said.fault
            else Said(said.reserved, where, remark="tdm-reservation is a string, not a number")
        )
    if raw is None:
        return Said(False, where, fault="tdm-reservation is null")
    return Said(True, where, fault="tdm-reservation is not a number")


def strictest(name: str, found: list[Said], policy: tuple[str, Evidence] | None) -> Layer:
    """One layer that may say several things: the valid reservation before the valid zero."""
    valid = sorted((said for said in found if not said.fault), key=lambda said: not said.reserved)
    faulty = tuple(dict.fromkeys(said for said in found if said.fault))
    said = valid[0] if valid else None
    if said is not None and valid[-1].reserved != said.reserved:
        said = Said(
            said.reserved, said.evidence, remark="the layer holds both 1 and 0; the reservation counts"
        )
    return Layer(name, said, faulty, policy)


def absolute(base: str, reference: str) -> str:
    """The address of a policy; as written where it is none."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference

"""Grants and publisher entries as ODRL 2.2 policies in JSON-LD (profile of TDMRep), and back without loss.

What ODRL and the TDM profile can say is said in their words; the rest stands beside it under `rc:`. Reading
is strict: a rule or a constraint that is not understood could narrow a permission, so it is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

from rightscheck.errors import Problem
from rightscheck.registry.export import plain
from rightscheck.registry.keys import key_of
from rightscheck.registry.schema import FileModel, GrantsFile, GrantTable, PublisherFile, StatementTable
from rightscheck.registry.validation import validate

Json = dict[str, Any]
Place = tuple[int | str, ...]

ODRL = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "http://www.w3.org/ns/tdmrep"
PREFIXES = {
    "rc": "urn:rightscheck:",
    "tdm": "http://www.w3.org/ns/tdmrep#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_GRANT, _PUBLISHER = "urn:rightscheck:grant:", "urn:rightscheck:publisher:"
_ACTIONS = {
    "tdm": "tdm:mine",
    "reproduce": "reproduce",
    "redistribute": "distribute",
    "search": "index",
    "archive": "archive",
}
_USES = {action: use for use, action in _ACTIONS.items()}
_DUTIES = {"attribution": "attribute", "payment": "compensate"}
_RULE_OF = {"allow": "permission", "conditional": "permission", "disallow": "prohibition"}
_EVIDENCE = (
    "carrier", "source", "locator", "archive", "observed", "observed_precision", "sha256", "confidence",
    "quote", "ended", "event",
)  # fmt: skip
_DATES = frozenset({"observed", "ended", "review_by", "valid_from", "valid_until", "revoked", "verified_on"})


def document(policies: Iterable[Json]) -> Json:
    """The policies as one JSON-LD document."""
    return {"@context": [ODRL, dict(PREFIXES)], "@graph": list(policies)}


def agreement(grant: GrantTable) -> Json:
    """The grant as an ODRL Agreement."""
    table = _table(grant)
    permission: Json = {
        "target": _target(table),
        "action": _actions(table["uses"]),
        "constraint": [
            _constraint("dateTime", operator, {"@type": "xsd:date", "@value": table[key]})
            for key, operator in (("valid_from", "gteq"), ("valid_until", "lteq"))
            if key in table
        ],
    }
    if "conditions" in table:
        permission["duty"] = [_duty(condition) for condition in table["conditions"]]
    kept = (
        *("third_party", "document", "document_sha256", "revoked", "signatory", "reference"),
        *("collections", "credential", "verified_by", "verified_on"),
    )
    return {
        "@type": "Agreement",
        "uid": _GRANT + quote(table["id"], safe=""),
        "profile": PROFILE,
        "assigner": {"@type": "Party", "vcard:fn": table["grantor"]},
        "assignee": {"@type": "Party", "vcard:fn": table["grantee"]},
        "permission": [permission],
        **_own(table, kept),
    }


def offer(entry: PublisherFile) -> Json:
    """The publisher's entry as an ODRL Offer; `rc:position` keeps the order of its statements."""
    table = _table(entry)
    rules: dict[str, list[Json]] = {}
    for position, statement in enumerate(entry.statement):
        rules.setdefault(_RULE_OF[statement.preference], []).append(
            {**_rule(statement), "rc:position": position}
        )
    history = [{**_rule(item), "rc:preference": item.preference.value} for item in entry.history]
    kept = ("names", "owners", "country", "kind", "contact", "review_by", "identity", "capture")
    return {
        "@type": "Offer",
        "uid": _PUBLISHER + table["id"],
        "profile": PROFILE,
        "assigner": {"@type": "Party", "vcard:fn": table["name"]},
        "target": _target(table),
        **rules,
        **({"rc:history": history} if history else {}),
        **_own(table, kept),
    }


def _table(model: FileModel) -> Json:
    """What the file says, without what it leaves out; dates in ISO 8601."""
    table: Json = plain(model.model_dump(exclude_defaults=True))
    return table


def _own(table: Json, keys: Sequence[str]) -> Json:
    return {f"rc:{key}": table[key] for key in keys if key in table}


def _target(table: Json) -> Json:
    return {"@type": "AssetCollection", **_own(table, ("hosts", "paths"))}


def _actions(uses: Iterable[str]) -> list[str]:
    return [_ACTIONS.get(use, f"rc:{use}") for use in uses]


def _constraint(operand: str, operator: str, value: object) -> Json:
    return {"leftOperand": operand, "operator": operator, "rightOperand": value}


def _duty(condition: str) -> Json:
    if condition in _DUTIES:
        return {"action": _DUTIES[condition]}
    return {"action": "rc:fulfil", "rc:condition": condition}


def _rule(statement: StatementTable) -> Json:
    table = _table(statement)
    constraints = []
    if "purpose" in table:
        constraints.append(_constraint("purpose", "isAnyOf", _actions(table["purpose"])))
    denies = table["preference"] == "disallow"
    if "non_commercial" in table:
        served = "rc:commercial" if denies else "rc:non-commercial"
        constraints.append(_constraint("purpose", "eq", served))
    duties = []
    if table["preference"] == "conditional":
        asked = _DUTIES.get(table.get("exception", ""), "obtainConsent")
        duties.append({"action": asked, "rc:exception": table.get("exception", "none")})
    if not denies:
        duties += [_duty(condition) for condition in table.get("conditions", ())]
    return {
        **({"target": _target(table)} if "paths" in table else {}),
        "action": _actions(table["uses"]),
        **({"constraint": constraints} if constraints else {}),
        **({"duty": duties} if duties else {}),
        **(_own(table, ("exception", "conditions")) if denies else {}),
        "rc:evidence": {key: table[key] for key in _EVIDENCE if key in table},
    }


def read_agreements(data: object, file: str, problems: list[Problem]) -> GrantsFile | None:
    """The grants of a JSON-LD document; None when something in it is not understood, as a problem then says."""
    before = len(problems)
    tables = [_Reader(item, place, file, problems).grant() for place, item in _graph(data, file, problems)]
    if len(problems) > before:
        return None
    return validate(GrantsFile, {"grant": tables}, file, problems)


def read_offers(data: object, file: str, problems: list[Problem]) -> tuple[PublisherFile, ...]:
    """The publisher entries of a JSON-LD document; nothing when something in it is not understood."""
    before = len(problems)
    tables = [
        _Reader(item, place, file, problems).publisher() for place, item in _graph(data, file, problems)
    ]
    if len(problems) > before:
        return ()
    entries = [validate(PublisherFile, table, file, problems) for table in tables]
    return tuple(entry for entry in entries if entry is not None)


def _graph(data: object, file: str, problems: list[Problem]) -> list[tuple[Place, Json]]:
    """The policies of the document, each with its place; a context that gives our words another meaning is a fault."""
    if not isinstance(data, dict):
        problems.append(Problem(file, "", "expected a JSON object"))
        return []
    context = data.get("@context")
    parts = context if isinstance(context, list) else [context]
    known = [part == ODRL or (isinstance(part, dict) and part.items() <= PREFIXES.items()) for part in parts]
    if ODRL not in parts or not all(known):
        problems.append(
            Problem(file, "@context", "not the context of ODRL and our prefixes", f"write `{ODRL}`")
        )
    single = {key: value for key, value in data.items() if key != "@context"}
    graph = data.get("@graph", [single])
    if not isinstance(graph, list) or not all(isinstance(item, dict) for item in graph):
        problems.append(Problem(file, "@graph", "expected a list of policies"))
        return []
    return [(("@graph", number), item) for number, item in enumerate(graph)]


class _Reader:
    """Takes an object apart key by key; what is left in the end was not understood."""

    def __init__(self, data: Json, place: Place, file: str, problems: list[Problem]) -> None:
        self._left = dict(data)
        self._place = place
        self._file = file
        self._problems = problems

    def _fault(self, key: str, reason: str) -> None:
        place = (*self._place, key) if key else self._place
        self._problems.append(Problem(self._file, key_of(place), reason))

    def _take(self, key: str, default: Any = None) -> Any:
        return self._left.pop(key, default)

    def _expect(self, key: str, *allowed: object) -> None:
        value = self._take(key)
        if value not in allowed:
            self._fault(key, f"expected {' or '.join(f'`{one}`' for one in allowed if one is not None)}")

    def _inside(self, key: str, data: object) -> _Reader:
        if not isinstance(data, dict):
            self._fault(key, "expected an object")
            data = {}
        return _Reader(data, (*self._place, key), self._file, self._problems)

    def _each(self, key: str) -> list[_Reader]:
        value = self._take(key, [])
        return [self._inside(key, item) for item in (value if isinstance(value, list) else [value])]

    def _finish(self) -> None:
        for key in self._left:
            self._fault(key, "not understood, and could narrow what is permitted")

    def _own(self, table: Json) -> Json:
        """Every key under `rc:` that is left, as a key of the table."""
        for key in [key for key in self._left if key.startswith("rc:")]:
            name, value = key.removeprefix("rc:"), self._take(key)
            if name in table:
                self._fault(key, "said twice")
            table[name] = _with_dates(name, value)
        return table

    def grant(self) -> Json:
        self._expect("@type", "Agreement")
        self._expect("profile", PROFILE)
        table: Json = {
            "id": self._identifier(_GRANT),
            "grantor": self._party("assigner"),
            "grantee": self._party("assignee"),
        }
        permissions = self._each("permission")
        if len(permissions) != 1:
            self._fault("permission", "expected one permission")
        for permission in permissions:
            table |= permission._permission()
        self._own(table)
        self._finish()
        return table

    def _permission(self) -> Json:
        table = {**self._target(), "uses": self._uses("action")}
        for constraint in self._each("constraint"):
            table |= constraint._period()
        if conditions := self._conditions():
            table["conditions"] = conditions
        self._finish()
        return table

    def _period(self) -> Json:
        self._expect("leftOperand", "dateTime")
        operator, value = self._take("operator"), self._take("rightOperand")
        key = {"gteq": "valid_from", "lteq": "valid_until"}.get(str(operator))
        if key is None or not isinstance(value, dict) or value.keys() != {"@type", "@value"}:
            self._fault("", "expected `gteq` or `lteq` and a date")
            return {}
        self._finish()
        return {key: _with_dates(key, value["@value"])}

    def publisher(self) -> Json:
        self._expect("@type", "Offer")
        self._expect("profile", PROFILE)
        table: Json = {"id": self._identifier(_PUBLISHER), "name": self._party("assigner"), **self._target()}
        placed: list[tuple[int, Json]] = []
        for kind in ("permission", "prohibition"):
            for rule in self._each(kind):
                position = rule._take("rc:position", 0)
                placed.append((position if isinstance(position, int) else 0, rule._statement(kind)))
        table["statement"] = [statement for _, statement in sorted(placed, key=lambda pair: pair[0])]
        table["history"] = [rule._statement("") for rule in self._each("rc:history")]
        self._own(table)
        self._finish()
        return table

    def _statement(self, kind: str) -> Json:
        table: Json = {**self._target(), "uses": self._uses("action")}
        preference = self._take("rc:preference") if not kind else ""
        for constraint in self._each("constraint"):
            table |= constraint._purpose()
        conditions = []
        for duty in self._each("duty"):
            exception = duty._take("rc:exception")
            if exception is None:
                conditions.append(duty._condition())
                continue
            table["exception"] = exception
            duty._expect("action", _DUTIES.get(str(exception), "obtainConsent"))
            duty._finish()
        if conditions:
            table["conditions"] = conditions
        offered = "conditional" if "exception" in table else "allow"
        table["preference"] = preference or (offered if kind == "permission" else "disallow")
        evidence = self._take("rc:evidence")
        if isinstance(evidence, dict) and evidence.keys() <= set(_EVIDENCE):
            table |= {key: _with_dates(key, value) for key, value in evidence.items()}
        else:
            self._fault("rc:evidence", "expected where and when this was seen")
        self._own(table)
        self._finish()
        return table

    def _purpose(self) -> Json:
        self._expect("leftOperand", "purpose")
        operator, value = self._take("operator"), self._take("rightOperand")
        self._finish()
        if operator == "eq" and value in ("rc:commercial", "rc:non-commercial"):
            return {"non_commercial": True}
        if operator == "isAnyOf" and isinstance(value, list):
            return {"purpose": [_use(item) for item in value]}
        self._fault("", "a purpose that is not known")
        return {}

    def _target(self) -> Json:
        target = self._take("target")
        if target is None:
            return {}
        reader = self._inside("target", target)
        reader._expect("@type", "AssetCollection", None)
        table = {key: reader._take(f"rc:{key}") for key in ("hosts", "paths") if f"rc:{key}" in reader._left}
        reader._finish()
        return table

    def _identifier(self, prefix: str) -> str:
        uid = self._take("uid")
        if not isinstance(uid, str) or not uid.startswith(prefix):
            self._fault("uid", f"expected `{prefix}` and an id")
            return ""
        return unquote(uid.removeprefix(prefix))

    def _party(self, key: str) -> str:
        reader = self._inside(key, self._take(key))
        reader._expect("@type", "Party", None)
        name = reader._take("vcard:fn", "")
        reader._finish()
        return str(name)

    def _uses(self, key: str) -> list[str]:
        actions = self._take(key, [])
        return [_use(action) for action in (actions if isinstance(actions, list) else [actions])]

    def _conditions(self) -> list[str]:
        return [duty._condition() for duty in self._each("duty")]

    def _condition(self) -> str:
        action = self._take("action")
        known = {duty: condition for condition, duty in _DUTIES.items()}.get(str(action))
        condition = known or (self._take("rc:condition") if action == "rc:fulfil" else None)
        self._finish()
        if not isinstance(condition, str):
            self._fault("action", "a duty that is not known")
            return ""
        return condition


def _use(action: object) -> str:
    """The use that the action names; what is no action of ours stays as it is, and no use has that name."""
    text = str(action)
    return _USES.get(text) or (text.removeprefix("rc:") if text.startswith("rc:") else f"odrl:{text}")


def _with_dates(key: str, value: Any) -> Any:
    """The value with dates in place of their text, as the models want them."""
    if isinstance(value, dict):
        return {name: _with_dates(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_dates("", item) for item in value]
    if key in _DATES and isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value

"""The grammar of /.well-known/ai.txt and ai.json (draft-car-ai-txt-wellknown-00), read for some agents.

Keys that the draft does not know are kept: files of other dialects are common under the same names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rightscheck.robots import product_token
from rightscheck.site.root_file import lines_of
from rightscheck.syntax.json_text import JsonValue, decode_json, parse_json

CATEGORIES = ("training", "scraping", "indexing", "caching")
_KEYS = frozenset(CATEGORIES) | {"training-allow", "training-deny", "training-license", "training-fee"}
_OTHER_KEYS = frozenset(
    """
    site-name site-url contact attribution ai-disclosure user-agent allow disallow sitemap version policy
    """.split()
)
NEGATIVE = frozenset(
    """
    no none never deny denied disallow disallowed false forbidden prohibit prohibited block blocked opt-out
    """.split()
)
"""Values that refuse in plain words, whatever the key."""


@dataclass(frozen=True, slots=True)
class Value:
    """One explicit value with where it stands. Of unknown keys: key and value in lower case, on two lines."""

    text: str
    locator: str
    quote: str


@dataclass(slots=True)
class Policies:
    """What a file says to us: a value per category, path globs on training, terms, and unknown keys.

    `known` when the file uses any key of the draft.
    """

    values: dict[str, Value] = field(default_factory=dict)
    allowed: list[Value] = field(default_factory=list)
    denied: list[Value] = field(default_factory=list)
    fee: str = ""
    licence: str = ""
    unknown: list[Value] = field(default_factory=list)
    known: bool = False


def is_denial(text: str) -> bool:
    """Whether a value refuses, in the draft's word or in others."""
    return text.lower() in NEGATIVE


def read_policies(text: str, agents: tuple[str, ...]) -> Policies:
    """The policies of an ai.txt: values outside agent blocks, replaced by those of our agent's block."""
    policies, own = Policies(), Policies()
    block: Policies | None = policies
    for line in lines_of(text):
        match = re.match(r"([A-Za-z][\w\- ]{0,39}?)\s{0,20}[:=]\s{0,20}(.*)", line.text)
        if match is None:
            continue
        key, said = match[1].strip().lower(), match[2].strip()
        if not line.indented and key != "agent":
            block = policies
        if key == "agent":
            block = own if _is_ours(said, agents) else None
            policies.known = True
        elif block is not None:
            _take(block, key, Value(said, f"line:{line.number}", line.written))
    return _merge(policies, own)


def read_json_policies(body: bytes, agents: tuple[str, ...]) -> Policies:
    """The policies of an ai.json that concern one of the agents.

    Raises:
        ValueError: not JSON, too long or too deep.
    """
    value = parse_json(decode_json(body))
    policies, own = Policies(), Policies()
    if not isinstance(value, dict):
        _walk(value, "", policies)
        return policies
    for key, part in value.items():
        name = key.lower()
        if name == "policies" and isinstance(part, dict):
            _take_json(policies, part, f"/{_token(key)}")
        elif name == "agents" and isinstance(part, dict):
            for agent, block in part.items():
                if isinstance(block, dict) and _is_ours(agent, agents):
                    inner = block.get("policies")
                    where = f"/{_token(key)}/{_token(agent)}"
                    if isinstance(inner, dict):
                        _take_json(own, inner, f"{where}/policies")
                    else:
                        _take_json(own, block, where)
        else:
            _walk({key: part}, "", policies)
    return _merge(policies, own)


def _take_json(policies: Policies, values: dict[str, JsonValue], path: str) -> None:
    policies.known = True
    for key, value in values.items():
        where = f"{path}/{_token(key)}"
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str | bool):
                said = text if isinstance(text, str) else str(text).lower()
                _take(
                    policies,
                    key.lower().replace("_", "-"),
                    Value(said.strip(), f"json:{where}", f"{key}: {said}"),
                )
            else:
                _walk({key: text}, path, policies)


def _walk(value: JsonValue, path: str, policies: Policies) -> None:
    """Keys of other shapes that may refuse AI, wherever they stand."""
    if isinstance(value, list):
        for index, part in enumerate(value):
            _walk(part, f"{path}/{index}", policies)
    elif isinstance(value, dict):
        for key, part in value.items():
            where = f"{path}/{_token(key)}"
            if isinstance(part, str | bool):
                said = part if isinstance(part, str) else str(part).lower()
                policies.unknown.append(
                    Value(f"{key.lower()}\n{said.lower()}", f"json:{where}", f"{key}: {said}")
                )
            else:
                _walk(part, where, policies)


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _is_ours(agent: str, agents: tuple[str, ...]) -> bool:
    names = {name.lower() for name in agents} | {product_token(n) for n in agents}
    return agent.lower() in names or product_token(agent) in names or agent.strip() == "*"


def _take(policies: Policies, key: str, value: Value) -> None:
    policies.known = policies.known or key in _KEYS
    if key in CATEGORIES:
        policies.values.setdefault(key, value)
        if value.text.lower() != policies.values[key].text.lower() and is_denial(value.text):
            policies.values[key] = value  # of two values the denial counts
    elif key in ("training-allow", "training-deny"):
        patterns = policies.allowed if key == "training-allow" else policies.denied
        patterns += [Value(text, value.locator, value.quote) for text in value.text.replace(",", " ").split()]
    elif key == "training-fee":
        policies.fee = value.text
    elif key == "training-license":
        policies.licence = value.text
    elif key not in _OTHER_KEYS:
        policies.unknown.append(Value(f"{key}\n{value.text.lower()}", value.locator, value.quote))


def _merge(policies: Policies, own: Policies) -> Policies:
    return Policies(
        values=policies.values | own.values,
        allowed=own.allowed or policies.allowed,
        denied=own.denied or policies.denied,
        fee=own.fee or policies.fee,
        licence=own.licence or policies.licence,
        unknown=policies.unknown + own.unknown,
        known=policies.known or own.known,
    )

"""Files against their models: every fault as a Problem in our own words, with a hint where one helps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from rightscheck.errors import Problem
from rightscheck.registry.keys import key_of
from rightscheck.registry.schema import (
    CaptureTable,
    FileModel,
    GrantTable,
    HistoryTable,
    HouseTable,
    IdentityTable,
    LawTable,
    StatementTable,
    WaiverTable,
)

Model = TypeVar("Model", bound=FileModel)


def validate(model: type[Model], data: dict[str, Any], file: str, problems: list[Problem]) -> Model | None:
    """The data as the model; None when it does not hold, with every fault added to `problems`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(_problems(error, model, file))
        return None


def _problems(error: ValidationError, model: type[FileModel], file: str) -> Iterable[Problem]:
    seen: set[tuple[str, str]] = set()
    for fault in error.errors(include_url=False):
        key = key_of(fault["loc"])
        reason, hint = _reason(fault, model)
        if (key, reason) not in seen:
            seen.add((key, reason))
            yield Problem(file, key, reason, hint)


_EXPECTED = {
    "string_type": "text in quotes",
    "date_type": "a date without quotes and without a time, as 2026-01-31",
    "list_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _reason(fault: Any, model: type[FileModel]) -> tuple[str, str]:
    """The reason in our words, and a hint; for types without words of ours, pydantic's, in lower case."""
    kind: str = fault["type"]
    value: object = fault["input"]
    context: dict[str, Any] = fault.get("ctx", {})
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, found {_describe(value)}", ""
    written: dict[str, Callable[[], tuple[str, str]]] = {
        "missing": lambda: ("missing", ""),
        "extra_forbidden": lambda: _unknown_key(fault["loc"], model),
        "enum": lambda: (f"{_describe(value)} is not one of {context['expected']}".replace("'", "`"), ""),
        "literal_error": lambda: (
            f"{_describe(value)} is not one of {context['expected']}".replace("'", "`"),
            "",
        ),
        "value_error": lambda: (str(context["error"]), ""),
        "too_short": lambda: ("must not be empty", ""),
        "string_too_short": lambda: ("must not be empty", ""),
        "string_too_long": lambda: (f"longer than {context['max_length']} characters", ""),
        "greater_than_equal": lambda: (f"{_describe(value)} is less than {context['ge']}", ""),
    }
    if kind in written:
        return written[kind]()
    message = str(fault["msg"])
    return message[:1].lower() + message[1:], ""


def _describe(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = re.sub(r"\s+", " ", text)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _unknown_key(location: tuple[int | str, ...], model: type[FileModel]) -> tuple[str, str]:
    names = _known_keys(location, model)
    near = difflib.get_close_matches(str(location[-1]), names, 1)
    return "unknown key", f"did you mean `{near[0]}`?" if near else "keys: " + ", ".join(names)


def _known_keys(location: tuple[int | str, ...], model: type[FileModel]) -> list[str]:
    tables: dict[str, type[FileModel]] = {
        "statement": StatementTable,
        "capture": CaptureTable,
        "history": HistoryTable,
        "identity": IdentityTable,
        "grant": GrantTable,
        "house": HouseTable,
        "law": LawTable,
        "waiver": WaiverTable,
    }
    table = tables.get(str(location[0]), model) if len(location) > 1 else model
    return list(table.model_fields)

"""TOML files that people write: found whatever links do, read under limits, every fault a Problem.

What a folder holds is either read or reported: nothing is passed over in silence.
"""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rightscheck.errors import Problem
from rightscheck.syntax.json_text import decode_json, parse_json

MAX_BYTES = 1024 * 1024
MAX_FILES = 100_000
_LINK_HINT = "replace the link by the file"


@dataclass(frozen=True, slots=True)
class TomlFile:
    """One file as read: `name` is its path relative to the folder asked for, with forward slashes."""

    path: Path
    name: str
    body: bytes
    data: dict[str, Any]


def printable(path: Path | str) -> str:
    """The path as text that can always be printed."""
    return os.fsencode(path).decode("utf-8", "replace")


def find_files(folder: Path, problems: list[Problem]) -> list[Path]:
    """Every file below the folder, sorted, links followed; loops and unreadable folders are problems."""
    found: list[Path] = []
    _walk(folder, frozenset(), found, problems)
    if len(found) > MAX_FILES:
        problems.append(Problem(printable(folder), "", f"holds more than {MAX_FILES:,} files"))
    return found


def _walk(folder: Path, above: frozenset[str], found: list[Path], problems: list[Problem]) -> None:
    real = os.path.realpath(folder)
    if real in above:
        problems.append(
            Problem(printable(folder), "", "a symbolic link leads back to a folder above it", _LINK_HINT)
        )
        return
    try:
        entries = sorted(folder.iterdir(), key=os.fsencode)
    except OSError as error:
        problems.append(Problem(printable(folder), "", _reason(error)))
        return
    for entry in entries:
        if len(found) > MAX_FILES:
            return
        if entry.is_dir():
            _walk(entry, above | {real}, found, problems)
        else:
            found.append(entry)


def read_toml(path: Path, name: str, problems: list[Problem]) -> TomlFile | None:
    """The file parsed; None when it does not hold, with the fault added to `problems`."""
    body = read_bytes(path, name, problems)
    return None if body is None else parse_toml(path, name, body, problems)


def parse_toml(
    path: Path, name: str, body: bytes, problems: list[Problem], *, canonical: bool = False
) -> TomlFile | None:
    """The file's bytes parsed; None when they do not hold, with the fault added to `problems`.

    A `canonical` file must be UTF-8 without a byte order mark and with LF line ends, so that its digest is
    the same wherever it is checked out; elsewhere both are forgiven.
    """
    if canonical and not _is_canonical(body, name, problems):
        return None
    try:
        text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        problems.append(Problem(name, f"line {line}", "not UTF-8", _encoding_hint(body)))
        return None
    try:
        return TomlFile(path, name, body, tomllib.loads(text))
    except ValueError as error:
        problems.append(_syntax_problem(name, text, str(error)))
    except RecursionError:
        problems.append(Problem(name, "", "nested too deeply"))
    return None


def read_json_file(path: Path, problems: list[Problem]) -> object:
    """What a JSON file holds; None when it does not hold, with the fault added to `problems`."""
    name = printable(path)
    body = read_bytes(path, name, problems, kind="JSON")
    try:
        return None if body is None else parse_json(decode_json(body))
    except ValueError as error:
        problems.append(Problem(name, "", f"not JSON: {error}"))
    return None


def read_bytes(path: Path, name: str, problems: list[Problem], kind: str = "TOML") -> bytes | None:
    """The file's bytes; None when it is no regular file, too large or unreadable, as a problem then says."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            found = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            problems.append(Problem(name, "", f"{found}, expected a {kind} file"))
            return None
        if status.st_size > MAX_BYTES:
            problems.append(
                Problem(
                    name, "", f"{status.st_size:,} bytes, more than the {MAX_BYTES:,} allowed", "split it"
                )
            )
            return None
        return path.read_bytes()
    except OSError as error:
        problems.append(Problem(name, "", _reason(error)))
        return None


def _reason(error: OSError) -> str:
    reason = (error.strerror or type(error).__name__).lower()
    return f"cannot be read: {reason}"


def _is_canonical(body: bytes, name: str, problems: list[Problem]) -> bool:
    before = len(problems)
    if body.startswith(b"\xef\xbb\xbf"):
        problems.append(Problem(name, "line 1", "starts with a byte order mark", "save as UTF-8 without BOM"))
    if b"\r" in body:
        line = body[: body.index(b"\r")].count(b"\n") + 1
        problems.append(
            Problem(name, f"line {line}", "a carriage return ends the line", "save with LF line ends")
        )
    return len(problems) == before


def _encoding_hint(body: bytes) -> str:
    return "this looks like UTF-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "save as UTF-8"


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    """A parser's message as a problem: its place becomes the key, and a YAML habit gets a hint."""
    reason, _, place = message.partition(" (at ")
    place = place.rstrip(")")
    reason = reason[:1].lower() + reason[1:]
    hint = ""
    if place.startswith("line "):
        number = int(place.removeprefix("line ").partition(",")[0])
        lines = text.split("\n")
        hint = _yaml_hint(lines[number - 1] if number <= len(lines) else "")
    return Problem(name, place or "end of file", "not TOML: " + reason, hint)


def _yaml_hint(line: str) -> str:
    key, colon, _ = line.partition(": ")
    if (colon or line.rstrip().endswith(":")) and "=" not in key and '"' not in key:
        return 'TOML, not YAML: write `key = "value"`'
    if line.lstrip().startswith(("- ", "---")):
        return 'TOML, not YAML: write lists as `key = ["a", "b"]`'
    _, equals, value = line.partition("=")
    if equals and value.strip()[:1].isalpha():
        return "text is written in quotes, and true and false without a capital"
    return ""

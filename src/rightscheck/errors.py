"""The errors a caller can act on. Messages are lower-case, one line, without a full stop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class RightscheckError(Exception):
    """Root of all errors raised on purpose; `hint` says what to do next, `exit_code` what the CLI returns."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RightscheckError):
    """The request itself is wrong: an unknown use, a missing file, a URL without a scheme."""

    exit_code = 2


class MissingExtraError(UsageError):
    """A format or engine needs an optional dependency; the hint names the extra."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file that a user wrote."""

    file: str
    key: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        line = f"{self.file}:{self.key}: {self.reason}" if self.key else f"{self.file}: {self.reason}"
        return f"{line} ({self.hint})" if self.hint else line


class PolicyError(RightscheckError):
    """Policy, profile, grant or language files that do not hold; `problems` lists every fault at once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class IncompleteError(RightscheckError):
    """Something named could not be read, or there is nothing to check."""

    exit_code = 3

"""rightscheck: may this text be used? go, review or no-go for a stated use, with the evidence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rightscheck.version import __version__

if TYPE_CHECKING:
    from rightscheck.checker import Checker
    from rightscheck.errors import IncompleteError, PolicyError, RightscheckError, UsageError
    from rightscheck.model import Decision, Evidence, Finding, Gap, Request, Statement
    from rightscheck.notices import read_notices
    from rightscheck.report import Report
    from rightscheck.robots import RobotsTxt
    from rightscheck.vocab import Preference, Use, Verdict


_HOME = {
    "Checker": "rightscheck.checker",
    "Decision": "rightscheck.model",
    "Evidence": "rightscheck.model",
    "Finding": "rightscheck.model",
    "Gap": "rightscheck.model",
    "IncompleteError": "rightscheck.errors",
    "PolicyError": "rightscheck.errors",
    "Preference": "rightscheck.vocab",
    "Report": "rightscheck.report",
    "Request": "rightscheck.model",
    "RightscheckError": "rightscheck.errors",
    "RobotsTxt": "rightscheck.robots",
    "Statement": "rightscheck.model",
    "Use": "rightscheck.vocab",
    "UsageError": "rightscheck.errors",
    "Verdict": "rightscheck.vocab",
    "read_notices": "rightscheck.notices",
}

__all__ = [
    "Checker",
    "Decision",
    "Evidence",
    "Finding",
    "Gap",
    "IncompleteError",
    "PolicyError",
    "Preference",
    "Report",
    "Request",
    "RightscheckError",
    "RobotsTxt",
    "Statement",
    "UsageError",
    "Use",
    "Verdict",
    "__version__",
    "read_notices",
]


def __getattr__(name: str) -> Any:  # PEP 562: `import rightscheck` stays cheap inside a scraper
    if name not in _HOME:
        raise AttributeError(f"module 'rightscheck' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

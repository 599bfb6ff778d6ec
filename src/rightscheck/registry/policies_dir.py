"""Where the shipped policies are: inside the package in a wheel, beside `src` in an editable install."""

from __future__ import annotations

from pathlib import Path

from rightscheck.errors import PolicyError, Problem


def policies_dir() -> Path:
    """The folder with the shipped publishers and profiles.

    Raises:
        PolicyError: the installation holds no policies.
    """
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "policies", package.parent.parent / "policies"):
        if (candidate / "profiles").is_dir():
            return candidate
    raise PolicyError(
        [Problem(str(package / "policies"), "", "the shipped policies are missing", "reinstall rightscheck")]
    )

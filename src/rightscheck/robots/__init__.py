"""robots.txt: the RFC 9309 engine, the other readings beside it, and what an HTTP answer means.

`RobotsTxt` needs nothing outside the standard library, so that it costs little inside a scraper.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rightscheck.robots.document import CommentBlock, Group, RobotsLine, RobotsTxt, RuleLine
from rightscheck.robots.encoding import MAX_BYTES, Repair
from rightscheck.robots.groups import may_name_agent, product_token
from rightscheck.robots.paths import canonical_path, canonical_pattern, match_path, pattern_length
from rightscheck.robots.ruling import Ruling

if TYPE_CHECKING:
    from rightscheck.robots.responses import RobotsState, classify, expires_after

__all__ = [
    "MAX_BYTES",
    "CommentBlock",
    "Group",
    "Repair",
    "RobotsLine",
    "RobotsState",
    "RobotsTxt",
    "RuleLine",
    "Ruling",
    "canonical_path",
    "canonical_pattern",
    "classify",
    "expires_after",
    "match_path",
    "may_name_agent",
    "pattern_length",
    "product_token",
]


def __getattr__(name: str) -> Any:  # PEP 562: what needs the model is loaded by those who ask for it
    if name not in ("RobotsState", "classify", "expires_after"):
        raise AttributeError(f"module 'rightscheck.robots' has no attribute {name!r}")
    return getattr(import_module("rightscheck.robots.responses"), name)

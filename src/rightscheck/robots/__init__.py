"""robots.txt: the RFC 9309 engine, the other readings beside it, and what an HTTP answer means.

Imports nothing outside the standard library, so that `RobotsTxt` costs little inside a scraper.
"""

from __future__ import annotations

from rightscheck.robots.document import CommentBlock, Group, RobotsLine, RobotsTxt, RuleLine
from rightscheck.robots.encoding import MAX_BYTES, Repair
from rightscheck.robots.groups import product_token
from rightscheck.robots.paths import canonical_path, canonical_pattern, match_path, pattern_length
from rightscheck.robots.ruling import Ruling

__all__ = [
    "MAX_BYTES",
    "CommentBlock",
    "Group",
    "Repair",
    "RobotsLine",
    "RobotsTxt",
    "RuleLine",
    "Ruling",
    "canonical_path",
    "canonical_pattern",
    "match_path",
    "pattern_length",
    "product_token",
]

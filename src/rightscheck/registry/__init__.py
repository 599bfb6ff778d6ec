"""What rights holders are known to say, which permissions are on record, and our own profiles.

Files at the boundary (pydantic), frozen dataclasses inside. Nothing here reads the clock or the network.
"""

from __future__ import annotations

from rightscheck.registry.attribution import attribute
from rightscheck.registry.grants import covers, load_grants
from rightscheck.registry.names import normalise_name
from rightscheck.registry.policies_dir import policies_dir
from rightscheck.registry.profiles import HouseRule, Profile, load_profile, profile_names, situations
from rightscheck.registry.publishers import PublisherPolicy
from rightscheck.registry.store import Registry
from rightscheck.registry.waivers import Waiver, load_waivers, waiver_for

__all__ = [
    "HouseRule",
    "Profile",
    "PublisherPolicy",
    "Registry",
    "Waiver",
    "attribute",
    "covers",
    "load_grants",
    "load_profile",
    "load_waivers",
    "normalise_name",
    "policies_dir",
    "profile_names",
    "situations",
    "waiver_for",
]

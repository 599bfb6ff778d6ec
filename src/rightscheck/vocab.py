"""The closed vocabularies: uses, preferences, kinds, confidence, verdicts.

Wire values are the standards' own labels in kebab-case. Uses follow AIPREF's split: acquiring a
resource (`crawl`) is not using it. What the words mean in full is in docs/vocabulary.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rightscheck.errors import UsageError


class Use(StrEnum):
    """What the asker intends to do with the asset."""

    CRAWL = "crawl"
    ARCHIVE = "archive"
    SEARCH = "search"
    AI_INDEX = "ai-index"
    AI_INPUT = "ai-input"
    AI_TRAIN_GEN = "ai-train-gen"
    AI_TRAIN_OTHER = "ai-train-other"
    TDM = "tdm"
    EVALUATE = "evaluate"
    REPRODUCE = "reproduce"
    REDISTRIBUTE = "redistribute"


AI_TRAIN = frozenset({Use.AI_TRAIN_GEN, Use.AI_TRAIN_OTHER})
AI_ALL = AI_TRAIN | {Use.AI_INDEX, Use.AI_INPUT}
COPYING = frozenset({Use.REPRODUCE, Use.REDISTRIBUTE})

GROUPS: dict[str, frozenset[Use]] = {
    "ai-train": AI_TRAIN,
    "ai-all": AI_ALL,
    "all": frozenset(Use),
}


class Preference(StrEnum):
    """A declaring party's stance on a use (AIPREF). Unknown is derived, never stored."""

    ALLOW = "allow"
    DISALLOW = "disallow"
    CONDITIONAL = "conditional"


class ExceptionRoute(StrEnum):
    """The route that a denial leaves open, strongest first."""

    WRITTEN_PERMISSION = "written-permission"
    PERMISSION = "permission"
    LICENCE = "licence"
    PAYMENT = "payment"
    ATTRIBUTION = "attribution"
    LAW = "law"
    NONE = "none"


class Kind(StrEnum):
    """What a finding is, apart from what it says."""

    RESERVATION = "reservation"
    """A statement that refuses or conditions a use."""
    PERMISSION = "permission"
    """A statement that allows a use."""
    COPYRIGHT = "copyright"
    """A copyright notice: who claims the work."""
    CREDIT = "credit"
    """A source or agency credit: content of another holder."""
    POINTER = "pointer"
    """A link to terms or a policy that would have to be read."""
    MENTION = "mention"
    """Words of a reservation that are quoted, reported or discussed, not made."""
    NOTE = "note"
    """Worth knowing; never moves a verdict by itself."""


class Confidence(StrEnum):
    """How sure the reading is. Each band is tied to a measured precision (docs/notices.md)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Standing(StrEnum):
    """How the statement stands within its own protocol's rules."""

    EFFECTIVE = "effective"
    """Well formed, and the one its protocol lets win."""
    OVERRIDDEN = "overridden"
    """A more specific layer of the same protocol says otherwise."""
    SHADOWED = "shadowed"
    """Hidden by a more specific rule that does not name the use (AIPREF)."""
    MALFORMED = "malformed"
    """Not valid; this is its lenient reading."""
    RETIRED = "retired"
    """A label of an earlier draft, read by that draft's own meaning."""
    UNLISTED = "unlisted"
    """Left out of a closed list of permissions (RSL)."""
    INFERRED = "inferred"
    """Follows from the statement by our reading only, not by its words."""
    WEAK = "weak"
    """A permission that nobody may rely on alone (ai.txt allow, trust.txt yes, a converter's header)."""


class Scope(StrEnum):
    """How much the statement covers, from narrow to wide."""

    MEDIA = "media"
    ASSET = "asset"
    SITE = "site"
    HOLDER = "holder"


class Party(StrEnum):
    """Whose statement it is, seen from the host that serves the asset."""

    PUBLISHER = "publisher"
    THIRD_PARTY = "third-party"


class Verdict(StrEnum):
    GO = "go"
    REVIEW = "review"
    NO_GO = "no-go"

    @property
    def severity(self) -> int:
        """0 for go, 1 for review, 2 for no-go: the larger one wins within a layer."""
        return _SEVERITY[self]


_SEVERITY = {Verdict.GO: 0, Verdict.REVIEW: 1, Verdict.NO_GO: 2}


class Outcome(StrEnum):
    """What a profile makes of a situation for one use."""

    GO = "go"
    GO_WITH_DUTY = "go-with-duty"
    REVIEW = "review"
    NO_GO = "no-go"
    NOTE = "note"
    """The next statement decides."""


class Layer(StrEnum):
    """The layer that decided, in the order in which they are asked."""

    HOUSE = "house"
    GRANT = "grant"
    STATED = "stated"
    DEFAULT = "default"


class Mode(StrEnum):
    """Whether the copy is still to be fetched or already at hand."""

    FETCH = "fetch"
    HELD = "held"


class Carrier(StrEnum):
    """Where statements travel. A profile names those that must have been read."""

    ROBOTS_TXT = "robots-txt"
    HTTP_HEADERS = "http-headers"
    HTML = "html"
    TEXT = "text"
    TDMREP = "tdmrep"
    AI_TXT = "ai-txt"
    AI_TXT_WELL_KNOWN = "ai-txt-well-known"
    AI_JSON = "ai-json"
    TRUST_TXT = "trust-txt"
    RSL = "rsl"
    TERMS = "terms"
    FEED = "feed"
    EMBEDDED = "embedded"
    REGISTRY = "registry"
    GRANTS = "grants"


def parse_uses(names: Iterable[str]) -> frozenset[Use]:
    """The uses that the names stand for, groups expanded.

    Raises:
        UsageError: names that are neither a use nor a group, all of them at once.
    """
    uses: set[Use] = set()
    unknown: list[str] = []
    for name in names:
        if name in GROUPS:
            uses |= GROUPS[name]
        elif name in Use._value2member_map_:
            uses.add(Use(name))
        else:
            unknown.append(name)
    if unknown:
        known = ", ".join([*Use, *GROUPS])
        raise UsageError(
            "unknown use " + ", ".join(f"`{name}`" for name in unknown), hint=f"uses and groups: {known}"
        )
    return frozenset(uses)


def use_names(uses: Iterable[Use]) -> tuple[str, ...]:
    """The shortest list of names for the uses, in the order of `Use`: both trainings become `ai-train`."""
    left = set(uses)
    names: list[str] = []
    for use in Use:
        if use not in left:
            continue
        if use in AI_TRAIN and left >= AI_TRAIN:
            if use is Use.AI_TRAIN_GEN:
                names.append("ai-train")
        else:
            names.append(use.value)
    return tuple(names)

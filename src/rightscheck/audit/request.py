"""What a run asks: everything that makes one run's answers differ from another's, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from rightscheck.audit.kernel import Kernel
from rightscheck.audit.policies import Policies, PolicyChoice
from rightscheck.checker import DEFAULT_USES, Checker
from rightscheck.readers.columns import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """The request, in values that can be pickled and written down."""

    uses: tuple[str, ...] = DEFAULT_USES
    profile: str = "standard"
    agents: tuple[str, ...] = ()
    policies: str | None = None
    grants: str | None = None
    grantee: str | None = None
    collection: str | None = None
    waivers: str | None = None
    commercial: bool = True
    on: date
    mapping: Mapping = field(default_factory=Mapping)
    split: bool = False
    robots_archive: str | None = None
    policy_time: str = "latest"

    def checker(self) -> Checker:
        """The checker that answers it; loaded once per process.

        Raises:
            UsageError, PolicyError: as `Checker`.
        """
        return _checker(self)

    def as_json(self) -> dict[str, object]:
        """The request as a manifest lists it."""
        return {
            **asdict(self),
            "on": self.on.isoformat(),
            "uses": list(self.uses),
            "agents": list(self.agents),
        }


@lru_cache(maxsize=4)
def _checker(request: AuditRequest) -> Checker:
    return Checker(
        profile=request.profile,
        use=request.uses,
        agent=request.agents or None,
        policies=request.policies,
        grants=request.grants,
        grantee=request.grantee,
        collection=request.collection,
        waivers=request.waivers,
        commercial=request.commercial,
        on=request.on,
    )


def kernel_for(request: AuditRequest) -> Kernel:
    """The kernel that judges for the request.

    Raises:
        UsageError: no such store of policies, or another time than can be chosen.
    """
    policies = None
    if request.robots_archive is not None:
        choice = PolicyChoice.parse(request.policy_time)
        policies = Policies(Path(request.robots_archive), choice, request.on)
    return Kernel(request.checker(), policies)


def rules_digest() -> str:
    """The sha256 of every data file that the meaning of a text rests on: signals, rows, lexicons."""
    digest = sha256()
    for name, body in _data_files(files("rightscheck").joinpath("data"), ""):
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()


def _data_files(folder: Traversable, before: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _data_files(entry, f"{before}{entry.name}/")
        elif not entry.name.endswith((".py", ".pyc")):
            found.append((before + entry.name, entry.read_bytes()))
    return found

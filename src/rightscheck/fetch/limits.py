"""How much one document may cost: seconds, bytes, redirects, header lines, connections."""

from __future__ import annotations

from dataclasses import dataclass

from rightscheck.vocab import Carrier

_WELL_KNOWN = frozenset(
    {Carrier.TDMREP, Carrier.AI_TXT, Carrier.AI_TXT_WELL_KNOWN, Carrier.AI_JSON, Carrier.TRUST_TXT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Bounds on one document, and on how many are fetched at a time.

    Attributes:
        connect_seconds: name resolution, connection and TLS together.
        read_seconds: silence between two pieces of an answer.
        total_seconds: everything for one document, redirects included; waiting for a free slot and for
            `may_follow` does not count.
        robots_bytes: RFC 9309 2.5 asks for at least 500 KiB.
        well_known_bytes: tdmrep.json, ai.txt, trust.txt.
        page_bytes: everything else. All are bytes after decoding.
        max_redirects: hops followed per document (RFC 9309 2.3.1.2 asks for at least five).
        max_headers, max_header_bytes: lines and bytes of one answer's header section.
        per_host: requests at a time to one host.
        concurrent: requests at a time in all.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 15.0
    total_seconds: float = 60.0
    robots_bytes: int = 512_000
    well_known_bytes: int = 1024 * 1024
    page_bytes: int = 16 * 1024 * 1024
    max_redirects: int = 5
    max_headers: int = 500
    max_header_bytes: int = 64 * 1024
    per_host: int = 2
    concurrent: int = 64

    def max_bytes(self, carrier: Carrier) -> int:
        """The bytes of a body of that carrier that are kept."""
        if carrier is Carrier.ROBOTS_TXT:
            return self.robots_bytes
        return self.well_known_bytes if carrier in _WELL_KNOWN else self.page_bytes

"""Publisher look-ups in one batch against publicsuffixlist alone, in one run: URLs per CPU second.

python bench/registry_lookup.py [URLS] [HOSTS]

URLs visit the hosts in a fixed disorder, so that each host returns about URLS/HOSTS times, never twice in a row;
one host in a hundred belongs to a publisher of the shipped registry. The yardstick finds the registrable domain
of each URL's host, which is the least that any registry has to do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from publicsuffixlist import PublicSuffixList

from rightscheck.registry import Registry

STEP = 1_000_003  # prime, so that every host is visited
BATCH = 500_000
SAMPLE = 200_000  # the yardstick is slow: measured on so many URLs


def addresses(numbers: range, hosts: int, known: list[str]) -> Iterator[str]:
    """The URLs, one after another."""
    for number in numbers:
        host = number * STEP % hosts
        if host % 100:
            yield f"https://www.site{host}.example/{number}/article.html"
        else:
            yield f"https://desk{host}.{known[host // 100 % len(known)]}/{number}"


def main(urls: int, hosts: int) -> None:
    registry = Registry.load()
    known = sorted(host for host, claims in registry.hosts.items() if claims[0][:2] == (None, ""))
    spent = found = 0.0
    for start in range(0, urls, BATCH):
        part = list(addresses(range(start, min(start + BATCH, urls)), hosts, known))
        begin = time.process_time()
        found += sum(policy is not None for policy in registry.publishers_of(part))
        spent += time.process_time() - begin
    print(f"{urls:,} URLs, {hosts:,} hosts, batches of {BATCH:,}: {spent:.1f} s, {urls / spent:,.0f}/s")
    print(f"  {found / urls:.1%} belong to a publisher")
    suffixes = PublicSuffixList()
    part = list(addresses(range(min(SAMPLE, urls)), hosts, known))
    begin = time.process_time()
    for url in part:
        suffixes.privatesuffix(url.partition("//")[2].partition("/")[0])
    yardstick = len(part) / (time.process_time() - begin)
    print(f"  publicsuffixlist alone: {yardstick:,.0f}/s, ours is {urls / spent / yardstick:.1f}x")


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], "10000000", "1000000")[:2]))

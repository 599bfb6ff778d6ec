"""How fast notices are read, against a `re` alternation and ripgrep with the same literals, in one run on one core.

    python bench/notices_speed.py [--seconds 1] [--buffer MB]

Prints microseconds per text at 1, 3 and 30 KB of clean prose and of prose that ends in a notice, the time to
load all languages, the ratio to one compiled alternation of the prefilter's own literals, and what one buffer of
prose costs the prefilter's fast engine beside ripgrep, which has to be installed for that.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PROSE = (
    "The harbour master counted forty sheep on the deck and wrote the number down twice. "
    "Rain came late that spring, and the ferry waited an hour for the tide. "
    "In the village above the pier they had already rung the bell and set out bread. "
)
NOTICE = "\n\n© 2026 Tarn Herald. Crawling and AI training are forbidden without written permission.\n"


def per_call(call: Callable[[], object], seconds: float) -> float:
    """The best mean of several rounds, in microseconds."""
    rounds, best = 5, float("inf")
    for _ in range(rounds):
        calls, started = 0, time.perf_counter()
        while (spent := time.perf_counter() - started) < seconds / rounds:
            call()
            calls += 1
        best = min(best, spent / calls)
    return best * 1e6


def spent() -> float:
    """Seconds of processor time of this process and its children."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def one_buffer(size: int, known: Iterable[bytes]) -> None:
    """What the prefilter takes for one buffer, and ripgrep for the same bytes and words."""
    from rightscheck.notices.literals import folded_literals, literals
    from rightscheck.notices.loading import load
    from rightscheck.notices.scan import Scanner

    scanner = Scanner(literals(load()), lambda: folded_literals(load()), "hyperscan")
    data = (PROSE * (size * 1_000_000 // len(PROSE) + 1)).encode()
    scanner.scan(data[:1_000_000])
    before = spent()
    scanner.scan(data)
    ours = spent() - before
    print(f"one buffer of {size} MB: prefilter {size / ours:.0f} MB/s", end="")
    program = shutil.which("rg")
    if program is None:
        print("; ripgrep is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        text, words = Path(folder, "text"), Path(folder, "words")
        text.write_bytes(data)
        words.write_bytes(b"\n".join(sorted({w.strip() for w in known if b"\n" not in w and w.strip()})))
        before = spent()
        subprocess.run([program, "-a", "-F", "-i", "-c", "-f", words, text], check=False, capture_output=True)
        theirs = spent() - before
    print(f", ripgrep {size / theirs:.0f} MB/s, ratio {theirs / ours:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--buffer", type=int, default=20, metavar="MB")
    options = parser.parse_args()
    seconds = options.seconds

    started = time.perf_counter()
    from rightscheck.notices import read_notices

    imported = time.perf_counter()
    read_notices(NOTICE)
    loaded = time.perf_counter()
    from rightscheck.notices.literals import literals
    from rightscheck.notices.loading import load

    known = literals(load())
    print(f"import {1e3 * (imported - started):.0f} ms, first reading {1e3 * (loaded - imported):.0f} ms")
    print(f"{len(load().languages)} lexicons, {len(load().cues)} cues, {len(known)} literals")
    # The same question to the standard library: where does any of the literals stand, letter case aside?
    alternation = re.compile(b"|".join(re.escape(literal.strip()) for literal in known), re.IGNORECASE)
    print(f"{'KB':>4} {'clean µs':>10} {'notice µs':>10} {'re µs':>12} {'ratio':>8}")
    for size in (1, 3, 30):
        clean = (PROSE * (size * 1000 // len(PROSE) + 1))[: size * 1000]
        data = clean.encode()
        ours = per_call(lambda text=clean: read_notices(text), seconds)  # type: ignore[misc]  # bound now
        noted = per_call(lambda text=clean + NOTICE: read_notices(text), seconds)  # type: ignore[misc]
        theirs = per_call(lambda raw=data: sum(1 for _ in alternation.finditer(raw)), seconds)  # type: ignore[misc]
        print(f"{size:>4} {ours:>10.1f} {noted:>10.1f} {theirs:>12.0f} {theirs / ours:>8.0f}")
    one_buffer(options.buffer, known)


if __name__ == "__main__":
    main()

"""What importing and starting cost beside a bare interpreter: medians of CPU milliseconds, in one run.

python bench/import_time.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

CASES = {
    "bare interpreter": ["-c", "pass"],
    "import rightscheck": ["-c", "import rightscheck"],
    "from rightscheck import RobotsTxt": ["-c", "from rightscheck import RobotsTxt"],
    "from rightscheck import read_notices": ["-c", "from rightscheck import read_notices"],
    "from rightscheck import Checker": ["-c", "from rightscheck import Checker"],
    "rightscheck --version": ["-m", "rightscheck", "--version"],
}


def cpu_milliseconds(arguments: list[str]) -> float:
    """The user and system time of one run of the interpreter."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return 1000 * (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def main() -> None:
    """Print each case with its cost over the bare interpreter, and as a ratio to it."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    cost = {name: statistics.median(cpu_milliseconds(a) for _ in range(runs)) for name, a in CASES.items()}
    bare = cost["bare interpreter"]
    for name, value in cost.items():
        print(f"{name:38} {value:7.0f} ms  {value - bare:+7.0f} ms over bare  {value / bare:5.1f}x")


if __name__ == "__main__":
    main()

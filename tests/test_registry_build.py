"""scripts/build_publishers.py: entries come from cited bytes, and nothing enters that they do not say."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from rightscheck.registry import Registry
from rightscheck.registry.publishers import read_layer

pytest.importorskip("protego", reason="the build script asks Protego (extra `bench`)")
SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "build_publishers.py"
ROBOTS = "# No mining of Ledger content.\nUser-agent: AlphaBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n"
PAGE = '<html><head><meta content="1" name="tdm-reservation"></head></html>'
CURATED = """reviewed = 2026-06-01
by_hand = []
[archives]
"someone/captures" = "COMMIT"
"flairNLP/fundus" = "COMMIT"

[[publisher]]
id = "ledger"
name = "The Morning Ledger"
country = "gb"
kind = "newspaper"
domains = ["ledger.example"]

[[publisher.statement]]
capture = "ledger.example"
lines = [1, 1]
says = "No mining"
preference = "disallow"
uses = ["tdm"]

[[publisher.page]]
archive = "someone/captures"
path = "page.html"
url = "https://ledger.example/1"
observed = 2026-02-03
meta = "tdm-reservation"
content = "1"
preference = "disallow"
uses = ["tdm"]
"""
DOCUMENT = "# Terms\nNo robots, spiders or scrapers may visit us.\n"
TERMS = """[archives]
"someone/captures" = "COMMIT"

[[publisher]]
id = "lantern"
name = "The Lantern Forum"
country = "ie"
kind = "platform"
domains = ["lantern.example"]

[[terms]]
publisher = "ledger"
archive = "someone/captures"
path = "Ledger [old]/terms.md"
lines = [2, 2]
says = "scrapers"
preference = "disallow"
uses = ["crawl"]

[[terms]]
publisher = "lantern"
archive = "someone/captures"
path = "Ledger [old]/terms.md"
lines = [2, 2]
says = "robots, spiders"
preference = "disallow"
uses = ["crawl"]
confidence = "medium"
"""
FACT = {
    "domain": "ledger.example",
    "robots": {
        "date": "2026-05",
        "source": "someone/captures",
        "path": "captures.csv#ledger.example",
        "wildcard_blocks_root": False,
        "ai_blocked_named": ["AlphaBot", "BetaBot"],
        "ai_named_but_root_open": [],
        "rsl_license": None,
    },
}
IDENTITY = {
    "name": "Die Lampe",
    "domain": "https://www.lampe.example/",
    "country": "uk",
    "deprecated": False,
    "source": "flairNLP/fundus@abc (MIT)",
}


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    cell = ROBOTS.replace('"', '""')
    for clone in ("someone+captures", "flairNLP+fundus"):
        folder = tmp_path / "archives" / clone
        write(folder / "captures.csv", f'Website,robots\nother.example,x\nledger.example,"{cell}"\n')
        write(folder / "page.html", PAGE)
        write(folder / "Ledger [old]" / "terms.md", DOCUMENT)
        write(folder / "src/fundus/publishers/uk/__init__.py", 'name="Die Lampe"')
        git(folder, "init", "-q")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "x", "--date", "2026-05-05T00:00:00Z")
    commits = [
        git(tmp_path / "archives" / name, "rev-parse", "HEAD")
        for name in ("someone+captures", "flairNLP+fundus")
    ]
    curated = CURATED.replace("COMMIT", commits[0], 1).replace("COMMIT", commits[1], 1)
    write(tmp_path / "publishers.toml", curated)
    write(tmp_path / "terms.toml", TERMS.replace("COMMIT", commits[0]))
    write(tmp_path / "facts.jsonl", json.dumps(FACT) + "\n")
    write(tmp_path / "identities.jsonl", json.dumps(IDENTITY) + "\n")
    return tmp_path


def build(inputs: Path, *more: str) -> subprocess.CompletedProcess[str]:
    options = {"facts": "facts.jsonl", "identities": "identities.jsonl", "archives": "archives"}
    options |= {"terms": "terms.toml", "curated": "publishers.toml", "out": "policies/publishers"}
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(inputs / value))]
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments, *more], capture_output=True, text=True, check=False
    )


def test_entries_cite_the_bytes_that_they_rest_on(inputs: Path) -> None:
    done = build(inputs)
    assert done.returncode == 0, done.stderr
    problems: list = []
    registry = Registry.of([read_layer(inputs / "policies", "built", problems)])

    assert problems == []
    assert [policy.id for policy in registry.publishers] == ["die-lampe", "lantern", "ledger"]
    ledger = registry.publishers[2]
    assert [statement.locator for statement in ledger.statements] == [
        "line:1",
        "meta:tdm-reservation",
        "line:2",
    ]
    assert ledger.statements[0].sha256 == ledger.captures[0].sha256 == sha256(ROBOTS.encode()).hexdigest()
    assert ledger.statements[1].sha256 == sha256(PAGE.encode()).hexdigest()
    assert ledger.statements[2].sha256 == sha256(DOCUMENT.encode()).hexdigest()
    assert ledger.statements[2].source.endswith("/Ledger%20%5Bold%5D/terms.md#L2")
    assert ledger.captures[0].observed_precision == "month"
    # BetaBot is in the facts and not in the file: the file is right.
    assert ledger.captures[0].closed_agents == ("AlphaBot",)
    assert "BetaBot" in done.stderr
    assert registry.publishers[0].country == "gb"


def test_building_twice_gives_the_same_bytes(inputs: Path) -> None:
    build(inputs)
    first = {path: path.read_bytes() for path in (inputs / "policies").rglob("*.toml")}

    build(inputs)

    assert {path: path.read_bytes() for path in (inputs / "policies").rglob("*.toml")} == first
    assert build(inputs, "--check").returncode == 0


def check_terms(inputs: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT.with_name("check_terms.py")), "--sample", "200"]
    command += ["--archives", str(inputs / "archives"), "--policies", str(inputs / "policies")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "", "lantern: line:2: agrees"),
        ('locator = "line:2"', 'locator = "line:1"', "line:1 does not speak of crawl"),
        ('locator = "line:2"', 'locator = "line:9"', "no such lines: line:9"),
        ('uses = ["crawl"]', 'uses = ["crawl", "tdm"]', "line:2 does not speak of tdm"),
        ("observed = 2", "observed = 1", "recorded on"),
        (sha256(DOCUMENT.encode()).hexdigest(), "0" * 64, "the digest differs"),
    ],
)
def test_terms_are_checked_against_the_archive(inputs: Path, old: str, new: str, message: str) -> None:
    build(inputs)
    entry = inputs / "policies" / "publishers" / "ie" / "lantern.toml"
    entry.write_text(entry.read_text("utf-8").replace(old, new), "utf-8")

    done = check_terms(inputs)

    assert message in done.stdout
    assert (done.returncode == 0) == (old == "")


def test_an_entry_that_differs_from_its_evidence_is_named(inputs: Path) -> None:
    build(inputs)
    path = inputs / "policies" / "publishers" / "gb" / "ledger.toml"
    path.write_text(path.read_text("utf-8").replace("disallow", "allow", 1), "utf-8")

    done = build(inputs, "--check")

    assert done.returncode == 1
    assert "gb/ledger.toml: differs from its evidence" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lines = [2, 2]", "lines = [2, 9]", "lines 2-9 do not hold 'scrapers'"),
        ('publisher = "ledger"', 'publisher = "nobody"', "no publisher `nobody`"),
        ('id = "lantern"', 'id = "ledger"', "an id is used twice"),
    ],
)
def test_terms_that_are_not_in_the_bytes_are_refused(inputs: Path, old: str, new: str, message: str) -> None:
    terms = inputs / "terms.toml"
    terms.write_text(terms.read_text("utf-8").replace(old, new), "utf-8")

    done = build(inputs)

    assert done.returncode == 1
    assert message in done.stderr
    assert not (inputs / "policies").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('says = "No mining"', 'says = "No training"', "lines 1-1 do not hold 'No training'"),
        ("lines = [1, 1]", "lines = [2, 3]", "lines 2-3 do not hold 'No mining'"),
        ('content = "1"', 'content = "0"', "no meta tdm-reservation with '0'"),
    ],
)
def test_a_clause_that_is_not_in_the_bytes_is_refused(inputs: Path, old: str, new: str, message: str) -> None:
    curated = inputs / "publishers.toml"
    curated.write_text(curated.read_text("utf-8").replace(old, new), "utf-8")

    done = build(inputs)

    assert done.returncode == 1
    assert message in done.stderr
    assert not (inputs / "policies").exists()

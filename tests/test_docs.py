"""The documents show what the program does: generated parts are fresh, examples run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import ROOT
from rightscheck.registry import load_profile

README = (ROOT / "README.md").read_text("utf-8")


def test_generated_parts_are_fresh():
    ran = subprocess.run(
        [sys.executable, "scripts/build_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, f"run scripts/build_docs.py: {ran.stdout}{ran.stderr}"


def test_the_profile_in_the_readme_loads(tmp_path):
    text = next(block for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "inherits" in block)
    (tmp_path / "acme.toml").write_text(text)

    profile = load_profile(str(tmp_path / "acme.toml"))

    assert profile.id == "acme"
    assert profile.house


def test_the_grant_in_the_readme_loads(tmp_path, cli):
    text = next(
        block for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "[[grant]]" in block
    )
    tomllib.loads(text)
    (tmp_path / "grants.toml").write_text(text)
    (tmp_path / "a.txt").write_text(
        "No AI training without permission from Hill Courier. © 2026 Hill Courier"
    )

    ran = cli(
        "check", tmp_path / "a.txt", "--url", "https://hill.example/a", "--grants", tmp_path / "grants.toml",
        "--grantee", "Acme AI", "-u", "ai-train", "--as-of", "2026-11-24",
    )  # fmt: skip

    assert ran.text.startswith("GO")


def test_the_python_in_the_readme_compiles_and_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {
        "url": "https://hill.example/a",
        "status": 200,
        "headers": {"Content-Type": "text/plain"},
        "body": b"Rain fell on the hill.",
    }

    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - the example is the test

    assert names["decision"].verdict.value == "review"


def test_the_python_of_the_audit_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "audit.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "data").mkdir()
    table = pa.table({"text": ["Rain fell on the hill.", "No AI training without our permission."]})
    for part in range(2):
        pq.write_table(table, tmp_path / "data" / f"part-{part}.parquet")
    (tmp_path / "program.py").write_text(code)

    ran = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )

    assert ran.stderr == ""
    assert ran.stdout == "{'go': 2, 'review': 0, 'no-go': 2}\n2\n"


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")), ids=lambda p: p.name
)
def test_links_between_documents_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"

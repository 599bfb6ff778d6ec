"""The registry at size: one edited file moves only its own publisher's verdicts; the index loads quickly."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from rightscheck import Checker
from rightscheck.registry import Registry
from rightscheck.registry.compiled import read_compiled, write_compiled
from rightscheck.registry.publishers import Source, parse_layer
from timing import within

BENCH = Path(__file__).resolve().parent.parent / "bench" / "registry_load.py"
PUBLISHERS, ASSETS = 24, 1_000
EDITED = 7
Verdicts = dict[int, tuple[str, ...]]


def entry(number: int) -> str:
    denied = ["tdm", "ai-train", "crawl", "search"][number % 4]
    return f"""id = "sheet-{number}"
name = "Sheet {number}"
country = "gb"
kind = "newspaper"
hosts = ["sheet{number}.example"]
review_by = 2027-01-01

[[statement]]
preference = "disallow"
uses = ["{denied}"]
carrier = "terms"
source = "https://sheet{number}.example/terms"
observed = 2026-01-01
sha256 = "{number:064x}"
confidence = "high"
"""


def asset(number: int) -> tuple[str, str]:
    """An asset's URL and text: hosts of every publisher and of six that nobody knows, notices of some others."""
    host = number % (PUBLISHERS + 6)
    subdomain = "www." if number % 3 else ""
    text = f"Report {number} on the harbour, as it was seen that morning."
    if number % 11 == 0:
        text += f"\n© 2026 Sheet {(number // 11) % PUBLISHERS}. All rights reserved."
    return f"https://{subdomain}sheet{host}.example/{number}", text


def on_host(number: int) -> set[int]:
    return {place for place in range(ASSETS) if place % (PUBLISHERS + 6) == number}


def naming(number: int) -> set[int]:
    return {place for place in range(0, ASSETS, 11) if (place // 11) % PUBLISHERS == number}


def write(folder: Path, edit: Callable[[str], str] | None = None) -> Path:
    target = folder / "publishers" / "gb"
    target.mkdir(parents=True)
    for number in range(PUBLISHERS):
        text = entry(number)
        if edit is not None and number == EDITED:
            text = edit(text)
        (target / f"sheet-{number}.toml").write_text(text, "utf-8")
    return folder


def verdicts(policies: Path) -> Verdicts:
    checker = Checker(policies=policies, on="2026-06-01")
    decided = {}
    for number in range(ASSETS):
        url, text = asset(number)
        decision = checker.check_text(text, url)
        decided[number] = tuple(
            f"{one.use} {one.verdict} {one.layer} {' '.join(one.situations)}" for one in decision.uses
        )
    return decided


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    return verdicts(write(tmp_path_factory.mktemp("before")))


@pytest.mark.parametrize(
    ("edit", "moved"),
    [
        pytest.param(lambda text: text + "# reviewed\n", set(), id="a comment"),
        pytest.param(lambda text: text.replace("/terms", "/legal"), set(), id="another source"),
        pytest.param(
            lambda text: text.replace('uses = ["search"]', 'uses = ["all"]'), on_host(EDITED), id="more uses"
        ),
        pytest.param(
            lambda text: text.replace('"disallow"', '"allow"'), on_host(EDITED), id="a permission instead"
        ),
        pytest.param(
            lambda text: text.replace('confidence = "high"', 'confidence = "low"'), on_host(EDITED), id="doubt"
        ),
        pytest.param(
            lambda text: text.replace('hosts = ["', f'hosts = ["sheet{PUBLISHERS + 2}.example", "'),
            on_host(PUBLISHERS + 2),
            id="one host more",
        ),
        pytest.param(
            lambda text: text.replace('"sheet7.example"]', '"elsewhere.example"]'), on_host(EDITED), id="moved away"
        ),
    ],
)  # fmt: skip
def test_one_edited_file_moves_only_what_it_should(
    tmp_path: Path, before: Verdicts, edit: Callable[[str], str], moved: set[int]
) -> None:
    assert edit(entry(EDITED)) != entry(EDITED)

    after = verdicts(write(tmp_path / "after", edit))

    changed = {number for number in range(ASSETS) if after[number] != before[number]}
    assert changed - naming(EDITED) == moved - naming(EDITED)
    assert changed <= moved | naming(EDITED)


def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("registry_load", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["registry_load"] = module
    spec.loader.exec_module(module)
    return module


def test_ten_thousand_publishers_load_from_the_index(tmp_path: Path) -> None:
    made = bench()
    registry = Registry.of([parse_layer(made.invent(10_000), "bench", [])], "digest")
    write_compiled(tmp_path, "digest", registry.publishers, registry.hosts, registry.names)

    best = min(made.milliseconds(lambda: read_compiled(tmp_path, "digest"), 1) for _ in range(7))

    # A hundred milliseconds of CPU is the aim; half of that is usual on a quiet machine.
    assert within(best, 100)


def test_the_index_holds_ports_paths_and_shared_names(tmp_path: Path) -> None:
    texts = {
        "one": entry(1).replace("sheet-1", "one").replace("sheet1.example", "one.example"),
        "two": entry(2).replace("sheet-2", "two").replace('"sheet2.example"', '"one.example:8443", "one.example/two"'),
    }  # fmt: skip
    texts["two"] = texts["two"].replace("Sheet 2", "Sheet 1")
    sources = [
        Source(name=f"publishers/gb/{name}.toml", path=Path(f"publishers/gb/{name}.toml"), body=text.encode())
        for name, text in texts.items()
    ]
    problems: list = []
    registry = Registry.of([parse_layer(sources, "test", problems)], "digest")
    assert problems == []

    write_compiled(tmp_path, "digest", registry.publishers, registry.hosts, registry.names)
    stored = read_compiled(tmp_path, "digest")

    assert stored is not None
    assert stored.hosts == registry.hosts
    assert stored.names == registry.names
    assert stored.names["sheet 1"] == (0, 1)
    assert tuple(stored.publishers) == tuple(registry.publishers)


def test_an_index_with_any_one_byte_wrong_is_not_taken(tmp_path: Path) -> None:
    source = Source(
        name="publishers/gb/sheet-1.toml", path=Path("publishers/gb/sheet-1.toml"), body=entry(1).encode()
    )
    registry = Registry.of([parse_layer([source], "test", [])], "digest")
    write_compiled(tmp_path, "digest", registry.publishers, registry.hosts, registry.names)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_compiled(tmp_path, "digest") is None, place
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert read_compiled(tmp_path, "digest") is None, length

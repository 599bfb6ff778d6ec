"""Every band of confidence reaches its stated figure on the project's own texts."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = sorted((ROOT / "bench" / "written").glob("round*.jsonl"))


@pytest.fixture(scope="module")
def calibration() -> ModuleType:
    """The script that measures the bands."""
    spec = importlib.util.spec_from_file_location(
        "notices_calibration", ROOT / "bench" / "notices_calibration.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not ROUNDS, reason="needs bench/written")
def test_bands_reach_their_stated_figures(calibration: ModuleType) -> None:
    bands = calibration.measure(calibration.labelled(ROUNDS))["all"]
    assert bands.right["high"] > 200
    for band, stated in calibration.STATED.items():
        precision = bands.precision(band)
        assert precision is None or precision >= stated, f"{band}: {precision:.3f} is below {stated}"


def test_a_band_below_its_figure_is_seen(calibration: ModuleType) -> None:
    text = "Crawling of our articles is forbidden."
    bands = calibration.measure([("en", text, frozenset({"crawl"})), ("en", text, frozenset())])
    assert bands["en"].precision("high") == 0.5

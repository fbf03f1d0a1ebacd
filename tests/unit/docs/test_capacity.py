"""docs/capacity.md: made by its program, from figures that stand where it says."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "docs" / "make_capacity.py"
MADE = runpy.run_path(str(PROGRAM))
RESULTS = " ".join((ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8").replace("*", "").split())


@pytest.mark.parametrize("figure", [each for each in MADE["ALL"] if each.quote], ids=lambda each: each.what)
def test_a_measured_figure_stands_in_the_results(figure: object) -> None:
    quote = " ".join(figure.quote.replace("*", "").split())
    assert quote in RESULTS


@pytest.mark.parametrize("figure", [each for each in MADE["ALL"] if not each.quote], ids=lambda each: each.what)
def test_what_was_not_measured_says_so_and_why(figure: object) -> None:
    assert figure.why
    assert figure.origin.startswith(("assumed: ", "computed: "))


def test_the_page_is_made_from_the_figures() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM), "--check"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_thousand_times_the_pages_are_a_thousand_times_the_work() -> None:
    for what in ("cpu_hours", "gpu_hours", "disk_bytes", "memory_bytes"):
        million, billion = MADE[what](10**6), MADE[what](10**9)
        assert all(billion[name] == pytest.approx(1000 * million[name]) for name in million), what

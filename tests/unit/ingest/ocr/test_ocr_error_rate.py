"""Rendered pages of the benchmark are read as well as they were when the models were chosen."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from ingest.ocr.base import OcrEngine
from ingest.ocr.registry import make_engine

ROOT = Path(__file__).resolve().parents[4]


@cache
def benchmark() -> ModuleType:
    """benchmarks/ocr/pages.py, which is no package: it finds its neighbours as a script does."""
    folder = ROOT / "benchmarks" / "ocr"
    spec = importlib.util.spec_from_file_location("ocr_pages", folder / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ocr_pages"] = module
    sys.path.insert(0, str(folder))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
    return module


@cache
def reader(size: str) -> OcrEngine:
    return make_engine(benchmark().options("rapidocr", size, 1600, 0), "cpu")


@pytest.mark.parametrize(
    ("size", "face", "points", "condition", "most"),
    [
        ("tiny", "helv", 11.0, "clean", 0.005),
        ("tiny", "cjk", 11.0, "clean", 0.025),  # four characters of the traditional lines are beyond it
        ("small", "cjk", 11.0, "clean", 0.012),  # half-width brackets for full-width ones, five times
        ("small", "tiro", 11.0, "noisy", 0.01),
        ("small", "tiro", 9.0, "stamped", 0.005),
        ("tiny", "helv", 11.0, "right", 0.005),
    ],
)
def test_the_error_rate_of_a_rendered_page(size: str, face: str, points: float, condition: str, most: float) -> None:
    pages = benchmark()
    picture = pages.CONDITIONS[condition](pages.rendered(pages.FACES[face], face, points), pages.DPI)
    read = pages.upright(reader(size).read(pages.as_image(picture)))
    assert pages.error_rate(pages.text_of(read), pages.FACES[face]) <= most
    assert (read.unread, read.advice) == (0, "")

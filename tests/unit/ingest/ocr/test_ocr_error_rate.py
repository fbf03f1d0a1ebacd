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
    """benchmarks/ocr/pages.py, which is no package."""
    spec = importlib.util.spec_from_file_location("ocr_pages", ROOT / "benchmarks" / "ocr" / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ocr_pages"] = module
    spec.loader.exec_module(module)
    return module


@cache
def reader(size: str) -> OcrEngine:
    return make_engine(benchmark().options("rapidocr", size, 1600, 0), "cpu")


@pytest.mark.parametrize(
    ("size", "face", "points", "noisy", "most"),
    [
        ("tiny", "helv", 11.0, False, 0.005),
        ("tiny", "tiro", 11.0, True, 0.02),
        ("tiny", "cjk", 11.0, False, 0.025),  # four characters of the traditional lines are beyond it
        ("small", "cjk", 11.0, False, 0.005),
    ],
)
def test_the_error_rate_of_a_rendered_page(size: str, face: str, points: float, noisy: bool, most: float) -> None:
    pages = benchmark()
    picture = pages.rendered(pages.FACES[face], face, points)
    read = reader(size).read(pages.as_image(pages.worn(picture) if noisy else picture))
    assert pages.error_rate(pages.text_of(read), pages.FACES[face]) <= most
    assert (read.unread, read.advice) == (0, "")

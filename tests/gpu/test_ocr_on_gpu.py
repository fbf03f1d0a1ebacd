"""OCR on a GPU: the same text as on the CPU, quicker, and in batches quicker still."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from ingest.ocr.base import OcrEngine
from ingest.ocr.registry import make_engine
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage

pytestmark = pytest.mark.gpu

ROOT = Path(__file__).resolve().parents[2]
PAGES = 32
LINES = tuple(f"Line {number}: the pump of type {number % 7} is oiled and cleaned every week." for number in range(40))
"""Of the first page; those of others end elsewhere."""


@pytest.fixture(autouse=True)
def _gpu() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    if shutil.which("nvidia-smi") is None:
        pytest.skip("there is no NVIDIA GPU on this machine")
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime is for CPUs: install onnxruntime-gpu in its place")


def page(number: int = 0) -> PageImage:
    """No two have lines of the same lengths, as no two of a document have."""
    with pymupdf.open() as document:
        sheet = document.new_page()
        for row, line in enumerate(LINES):
            shown = line[: len(line) - (number * (row + 3)) % 37]
            sheet.insert_text((48, 60 + 18 * row), shown, fontsize=11)
        drawn = sheet.get_pixmap(dpi=200)
        return PageImage(drawn.width, drawn.height, drawn.samples, 200)


def texts(read: ReadImage) -> list[str]:
    return sorted(line.text for line in read.lines)


def seconds_a_page(engine: OcrEngine, batches: Sequence[Sequence[PageImage]]) -> float:
    started = time.perf_counter()
    for batch in batches:
        engine.read_all(batch)
    return (time.perf_counter() - started) / sum(map(len, batches))


@pytest.mark.parametrize("engine", ["paddleocr", "rapidocr"])
def test_pages_are_read_on_the_gpu_as_on_the_cpu_and_faster(engine: str) -> None:
    options = OcrOptions.model_validate({"engine": engine})
    image, pages = page(), [page(number) for number in range(1, PAGES + 1)]
    on_cpu = make_engine(options, "cpu").read(image)
    gpu = make_engine(options, "cuda")
    assert texts(gpu.read(image)) == texts(on_cpu)
    assert [texts(read) for read in gpu.read_all([image] * 8)] == [texts(on_cpu)] * 8
    single = seconds_a_page(gpu, [[each] for each in pages])
    batched = seconds_a_page(gpu, [pages[start : start + 8] for start in range(0, PAGES, 8)])
    print(f"{engine}: {1 / single:.1f} pages/s one by one, {1 / batched:.1f} in batches, CPU {1 / on_cpu.seconds:.1f}")
    assert single < on_cpu.seconds
    assert batched < 1.1 * single


def test_the_benchmark_prints_pages_per_second_and_the_busy_share() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/ocr/rate.py", "--pages", "32", "--batch", "8"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    *_, share = done.stdout.splitlines()[-1].split()
    print(done.stdout)
    assert int(share.removesuffix("%")) > 0

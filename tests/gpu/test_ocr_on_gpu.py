"""OCR on a GPU: the same text as on the CPU, and the GPU is not left waiting."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time

import pymupdf
import pytest

from ingest.ocr.registry import make_engine
from ingest.ocr_options import OcrOptions
from ingest.page_images import PageImage

pytestmark = pytest.mark.gpu

PAGES = 40
LINES = tuple(f"Line {number}: the pump of type {number % 7} is oiled and cleaned every week." for number in range(40))


def page() -> PageImage:
    with pymupdf.open() as document:
        sheet = document.new_page()
        for row, line in enumerate(LINES):
            sheet.insert_text((48, 60 + 18 * row), line, fontsize=11)
        drawn = sheet.get_pixmap(dpi=200)
        return PageImage(drawn.width, drawn.height, drawn.samples, 200)


def busy_shares(until: threading.Event, shares: list[int]) -> None:
    """The GPU's own figure: percent of the last moments in which a kernel ran."""
    query = ["nvidia-smi", "--id=0", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    while not until.is_set():
        shares.append(int(subprocess.run(query, capture_output=True, text=True, check=True).stdout))
        time.sleep(0.2)


@pytest.mark.parametrize("engine", ["paddleocr", "rapidocr"])
def test_pages_are_read_on_the_gpu_as_on_the_cpu_and_faster(engine: str) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    if shutil.which("nvidia-smi") is None:
        pytest.skip("there is no NVIDIA GPU on this machine")
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime is for CPUs: install onnxruntime-gpu in its place")
    options = OcrOptions(engine=engine)  # type: ignore[arg-type]  # of the parameters above
    image = page()
    on_cpu = make_engine(options, "cpu").read(image)
    gpu = make_engine(options, "cuda")
    gpu.read(image)
    shares: list[int] = []
    done = threading.Event()
    watch = threading.Thread(target=busy_shares, args=(done, shares))
    watch.start()
    started = time.perf_counter()
    for _ in range(PAGES):
        on_gpu = gpu.read(image)
    seconds = (time.perf_counter() - started) / PAGES
    done.set()
    watch.join()
    busy = sum(shares) / max(1, len(shares))
    print(f"{engine}: {1 / seconds:.1f} pages/s on the GPU, busy {busy:.0f} % of the time; CPU {on_cpu.seconds:.2f} s")
    assert sorted(line.text for line in on_gpu.lines) == sorted(line.text for line in on_cpu.lines)
    assert seconds < on_cpu.seconds
    assert busy > 0

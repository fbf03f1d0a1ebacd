"""What every OCR engine must do, on small pages that are drawn here, with the smallest models."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from ingest.ocr.base import OcrEngine
from ingest.ocr.registry import make_engine, ocr_recipe
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage
from schemas.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("paddleocr", "rapidocr")


@cache
def engine(name: str, **changes: float) -> OcrEngine:
    """Loaded once: it takes seconds."""
    return make_engine(options(name, **changes), "cpu")


def options(name: str, **changes: object) -> OcrOptions:
    tiny = {"detection_model": "carried:PP-OCRv6_tiny_det", "recognition_model": "carried:PP-OCRv6_tiny_rec"}
    return OcrOptions.model_validate({"engine": name, **tiny, **changes})


@pytest.fixture(params=ENGINES)
def read(request: pytest.FixtureRequest) -> Callable[[PageImage], ReadImage]:
    return engine(request.param).read


def page(*lines: str, points: float = 12, font: str = "helv", width: float = 330, height: float = 120) -> PageImage:
    """In points, at 200 dpi."""
    with pymupdf.open() as document:
        sheet = document.new_page(width=width, height=height)
        writer = pymupdf.TextWriter(sheet.rect)
        for row, line in enumerate(lines):
            writer.append((20, 30 + 2 * points * row), line, font=pymupdf.Font(font), fontsize=points)
        writer.write_text(sheet)
        drawn = sheet.get_pixmap(dpi=200)
        return PageImage(drawn.width, drawn.height, drawn.samples, 200)


def turned(image: PageImage, quarters: int) -> PageImage:
    """By quarters to the left."""
    pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width, 3)
    pixels = np.rot90(pixels, quarters)
    return PageImage(pixels.shape[1], pixels.shape[0], pixels.tobytes(), image.dpi)


ENGLISH = ("The oil level is checked every week.", "Part 4120 costs $1,249.50 today.")


def texts(result: ReadImage) -> list[str]:
    return [line.text for line in sorted(result.lines, key=lambda line: line.quad[0][1])]


def test_english_keeps_the_spaces_between_its_words(read: Callable[[PageImage], ReadImage]) -> None:
    assert texts(read(page(*ENGLISH))) == list(ENGLISH)


def test_chinese_is_read(read: Callable[[PageImage], ReadImage]) -> None:
    lines = ["每周检查一次油位并记录在表中。", "温度应保持在规定的范围之内。"]
    assert texts(read(page(*lines, font="cjk"))) == lines


def test_lines_have_a_confidence_and_a_box_in_pixels_that_begins_where_the_text_does(
    read: Callable[[PageImage], ReadImage],
) -> None:
    image = page(ENGLISH[0])
    result = read(image)
    [line] = result.lines
    assert 0.8 < line.confidence <= 1
    assert result.seconds > 0
    assert (result.unread, result.advice) == (0, "")
    scale = 200 / 72
    width = pymupdf.Font("helv").text_length(ENGLISH[0], 12) * scale
    [begins, ends, below_end, below_begin] = line.quad
    assert begins == pytest.approx((20 * scale, 20 * scale), abs=12)
    assert ends == pytest.approx((20 * scale + width, 20 * scale), abs=12)
    assert below_end == pytest.approx((20 * scale + width, 32 * scale), abs=14)
    assert below_begin == pytest.approx((20 * scale, 32 * scale), abs=14)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_is_read_whichever_way_it_is_held(quarters: int, read: Callable[[PageImage], ReadImage]) -> None:
    image = turned(page(*ENGLISH), quarters)
    result = read(image)
    assert {line.text for line in result.lines} == set(ENGLISH)
    for line in result.lines:
        (ax, ay), (bx, by) = line.quad[:2]
        directions = {1: (0, -1), 2: (-1, 0), 3: (0, 1)}
        along = ((bx - ax) / 900, (by - ay) / 900)
        right, down = directions[quarters]
        assert along[0] * right + along[1] * down > 0.3
        assert all(0 <= x <= image.width and 0 <= y <= image.height for x, y in line.quad)


def test_an_empty_page_has_no_lines_and_needs_no_advice(read: Callable[[PageImage], ReadImage]) -> None:
    for shade in (0, 255):
        result = read(PageImage(300, 200, bytes([shade]) * 180_000, 200))
        assert (result.lines, result.unread, result.advice) == ((), 0, "")


@pytest.mark.parametrize(("width", "height"), [(1, 1), (300, 1), (8, 8), (8, 900), (900, 8)])
def test_very_small_images_are_no_trouble(width: int, height: int, read: Callable[[PageImage], ReadImage]) -> None:
    assert read(PageImage(width, height, bytes([255]) * 3 * width * height, 72)).lines == ()


def test_a_small_line_is_read(read: Callable[[PageImage], ReadImage]) -> None:
    assert texts(read(page("Oil level", width=90, height=45, points=10))) == ["Oil level"]


def test_a_script_that_the_model_does_not_know_is_told(read: Callable[[PageImage], ReadImage]) -> None:
    korean = page("매주 기름의 높이를 확인하고 기록합니다", "덮개를 열지 마십시오", font="korea")
    assert "ocr.recognition_model" in read(korean).advice


def test_lines_below_the_least_confidence_are_counted_and_not_returned() -> None:
    strict = engine("rapidocr", min_confidence=1.0).read(page(*ENGLISH))
    lenient = engine("rapidocr", min_confidence=0.0).read(page(*ENGLISH))
    assert len(lenient.lines) == 2
    assert (len(strict.lines), strict.unread) == (
        sum(line.confidence == 1.0 for line in lenient.lines),
        sum(line.confidence < 1.0 for line in lenient.lines),
    )


@pytest.mark.parametrize("name", ENGINES)
def test_the_longest_side_limits_the_search_for_lines(name: str) -> None:
    image = page(*ENGLISH)
    limited = engine(name, longest_side=640).read(image)
    assert [text.split()[:3] for text in texts(limited)] == [text.split()[:3] for text in ENGLISH]
    assert engine(name, longest_side=64).read(image).lines != limited.lines


@pytest.mark.parametrize("name", ENGINES)
def test_the_recipe_is_what_the_options_say(name: str) -> None:
    assert engine(name).name == name
    assert dict(engine(name).recipe) == dict(ocr_recipe(options(name)))


OFFLINE = """
import socket
tried = []
def refused(*arguments, **_):
    tried.append(arguments)
    raise OSError("no network")
socket.getaddrinfo = socket.socket.connect = refused
from ingest.ocr.registry import make_engine
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage
options = OcrOptions(engine={name!r})
make_engine(options, "cpu").read(PageImage(64, 64, bytes(64 * 64 * 3), 72))
print("tried", tried)
"""


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_fetched_and_nothing_printed_with_carried_models(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE.format(name=name)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("tried []\n", "")


DOWNLOAD = """
import socket
def refused(*arguments, **_):
    raise OSError("no network")
socket.getaddrinfo = socket.socket.connect = refused
from ingest.ocr.registry import make_engine
from ingest.options.ocr import OcrOptions
make_engine(OcrOptions(recognition_model={model!r}), "cpu")
"""


def test_a_model_that_cannot_be_downloaded_is_the_configurations_fault(tmp_path: Path) -> None:
    model = "no_such-model"
    done = subprocess.run(
        [sys.executable, "-c", DOWNLOAD.format(model=model)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PADDLE_PDX_CACHE_HOME": str(tmp_path), "PATH": "/usr/bin"},
    )
    assert f"{ConfigError.__name__}: PaddleOCR cannot load PP-OCRv6_small_det, {model}" in done.stderr
    assert "folders that hold them" in done.stderr

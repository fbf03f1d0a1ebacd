"""What stands in a file is found, whatever the file is, and whatever it is called."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pymupdf
import pytest
from strata_fakes import Engine

from ingest.search.request import SearchRequest
from schemas.point import SearchMode

TINY = {"ocr.detection_model": "carried:PP-OCRv6_tiny_det", "ocr.recognition_model": "carried:PP-OCRv6_tiny_rec"}
SENTENCE = "The relief valve opens at four bar."


@contextmanager
def opened(home: Path, overrides: Mapping[str, object]) -> Iterator[Engine]:
    engine = Engine(home, overrides)
    try:
        yield engine
    finally:
        engine.close()


def found(engine: Engine, query: str) -> set[str]:
    """Paths of which a passage with the query's words is found, each searched by itself."""
    paths = {payload.path for payload in engine.current()}
    request = {path: SearchRequest(query, "default", mode=SearchMode.SPARSE, equals={"path": path}) for path in paths}
    return {path for path, asked in request.items() if engine.parts.searcher.search(asked).hits}


def test_one_picture_of_text_is_found_as_jpg_and_within_pdf_word_and_slides(corpus: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(next(corpus.glob("chatchat_zh_samples/**/tests/samples")), inbox)
    with opened(tmp_path / "home", TINY) as engine:
        assert engine.run(inbox).failed == 0
        assert found(engine, "横向文本框") == {"ocr_test.jpg", "ocr_test.pdf", "ocr_test.docx", "ocr_test.pptx"}
        assert found(engine, "我是文字") == {"ocr_test.pdf", "ocr_test.docx", "ocr_test.pptx"}


@pytest.fixture
def scan(tmp_path: Path) -> bytes:
    """A page that is nothing but a picture of a sentence."""
    with pymupdf.open() as drawn, pymupdf.open() as scanned:
        page = drawn.new_page(width=400, height=120)
        page.insert_text((30, 60), SENTENCE, fontsize=16)
        picture = page.get_pixmap(dpi=150)
        scanned.new_page(width=400, height=120).insert_image(page.rect, pixmap=picture)
        return scanned.tobytes()


def test_a_scan_under_another_formats_name_is_read(scan: bytes, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "report.docx").write_bytes(scan)
    with opened(tmp_path / "home", TINY) as engine:
        engine.run(inbox)
        [payload] = engine.current()
    assert (payload.media_type, payload.pages, payload.text) == ("application/pdf", (1,), SENTENCE)


def test_a_scan_is_read_again_when_ocr_is_switched_on(scan: bytes, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "scan.pdf").write_bytes(scan)
    with opened(tmp_path / "home", {"ocr.engine": "none"}) as engine:
        assert engine.run(inbox).failed == 1
        [failure] = engine.context.catalog.files.failures("default")
        assert (failure.code, "ocr.engine" in failure.message) == ("no_text", True)
    with opened(tmp_path / "home", TINY) as engine:
        assert (engine.run(inbox).parsed, engine.texts("scan.pdf")) == (1, [SENTENCE])


def test_worker_processes_share_one_warm_ocr_process(scan: bytes, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(4):
        (inbox / f"{number}.pdf").write_bytes(scan + b"\n%" + str(number).encode())
    with opened(tmp_path / "home", {**TINY, "parse.workers": 2}) as engine:
        assert engine.run(inbox).parsed == 4
        assert found(engine, "relief valve") == {f"{number}.pdf" for number in range(4)}

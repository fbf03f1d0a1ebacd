"""Pages and pixels above the limits: told, and neither read nor decoded."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pymupdf
import pytest
from ocr_fakes import KnowingOcr, boxed, scanned
from PIL import Image

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.render import MOST_RENDERED, dpi_within
from schemas.document import Document, PageMethod
from schemas.errors import TooLarge
from schemas.source import Route


def parse(path: Path, parser: PdfParser) -> Document:
    return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))


def of_pages(count: int, path: Path) -> Path:
    document = pymupdf.open()
    for number in range(count):
        document.new_page().insert_text((72, 100), f"Page {number}")
    document.save(path)
    return path


class CountingPages:
    def __init__(self) -> None:
        self.read_pages = 0

    def read(self, page: pymupdf.Page, number: int) -> PageContent:
        self.read_pages += 1
        return PageContent(number, page.rect.width, page.rect.height, 0, PageMethod.EMPTY, "counted")


def test_a_file_of_too_many_pages_is_not_read_at_all(tmp_path: Path) -> None:
    pages = CountingPages()
    parser = PdfParser(Tools(ReadOptions(max_pages=3)), reader=pages)
    with pytest.raises(TooLarge, match=r"4 pages.*parse\.max_pages") as caught:
        parse(of_pages(4, tmp_path / "in.pdf"), parser)
    assert pages.read_pages == 0
    assert (caught.value.facts["pages"], caught.value.facts["max_pages"]) == (4, 3)


def test_as_many_pages_as_allowed_are_read(tmp_path: Path) -> None:
    parser = PdfParser(Tools(ReadOptions(max_pages=2)))
    assert len(parse(of_pages(2, tmp_path / "in.pdf"), parser).pages) == 2


def scan_of(words: str, path: Path) -> Path:
    document = pymupdf.open()
    document.new_page().insert_text((72, 100), words)
    scan, _ = scanned(document)
    scan.save(path)
    return path


def test_a_page_is_rendered_at_the_resolution_that_is_set(tmp_path: Path) -> None:
    ocr = KnowingOcr([[boxed("A page", 72, 90, 120, 103)]])
    parse(scan_of("A page", tmp_path / "in.pdf"), PdfParser(Tools(ReadOptions(dpi=150), ocr)))
    assert ocr.seen[0].dpi == 150
    assert ocr.seen[0].width == pytest.approx(595 / 72 * 150, abs=1)


def test_a_page_is_rendered_with_no_more_pixels_than_allowed(tmp_path: Path) -> None:
    ocr = KnowingOcr([[boxed("A page", 72, 90, 120, 103)]])
    result = parse(scan_of("A page", tmp_path / "in.pdf"), PdfParser(Tools(ReadOptions(max_pixels=200_000), ocr)))
    (image,) = ocr.seen
    assert 180_000 < image.width * image.height <= 200_000
    # Sizes are of the page, not of the image.
    assert result.blocks[0].regions[0].bbox == pytest.approx((72, 90, 120, 103), abs=1)


@pytest.mark.parametrize(("width", "height"), [(595.0, 842.0), (2_384.0, 3_370.0), (14_400.0, 100.0)])
def test_whatever_is_allowed_no_engine_gets_more_than_it_takes_in(width: float, height: float) -> None:
    dpi = dpi_within(width, height, ReadOptions(dpi=2_400, max_pixels=1_000_000_000))
    pixels = math.ceil(width * dpi / 72) * math.ceil(height * dpi / 72)
    assert 0.99 * MOST_RENDERED < pixels <= MOST_RENDERED == 40_000_000


def test_a_page_is_rendered_within_that(tmp_path: Path) -> None:
    ocr = KnowingOcr([[boxed("A page", 72, 90, 120, 103)]])
    options = ReadOptions(dpi=2_400, max_pixels=1_000_000_000)
    parse(scan_of("A page", tmp_path / "in.pdf"), PdfParser(Tools(options, ocr)))
    assert ocr.seen[0].width * ocr.seen[0].height <= MOST_RENDERED


@pytest.fixture
def huge_picture(tmp_path: Path) -> Path:
    """JPEG 2000 is decoded whole whatever the resolution that is asked for."""
    buffer = io.BytesIO()
    Image.new("L", (1000, 1000), 255).save(buffer, "JPEG2000")
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(page.rect, stream=buffer.getvalue())
    path = tmp_path / "in.pdf"
    document.save(path)
    return path


def test_a_picture_that_could_only_be_decoded_whole_is_not(huge_picture: Path) -> None:
    ocr = KnowingOcr([[]])
    with pytest.raises(TooLarge, match=r"1,000,000 pixels.*parse\.max_pixels"):
        parse(huge_picture, PdfParser(Tools(ReadOptions(max_pixels=999_999), ocr)))
    assert not ocr.seen


def test_such_a_picture_costs_its_page_only(huge_picture: Path, tmp_path: Path) -> None:
    document = pymupdf.open(huge_picture)
    document.new_page().insert_text((72, 100), "The next page")
    path = tmp_path / "two.pdf"
    document.save(path)
    result = parse(path, PdfParser(Tools(ReadOptions(max_pixels=999_999), KnowingOcr([]))))
    assert [page.method for page in result.pages] == [PageMethod.FAILED, PageMethod.DIGITAL]
    assert "parse.max_pixels" in result.pages[0].reason


def test_text_beside_such_a_picture_is_read_without_the_layout_model(huge_picture: Path, tmp_path: Path) -> None:
    """The model would have it decoded."""
    document = pymupdf.open(huge_picture)
    document[0].insert_text((72, 100), "A caption, level")
    document[0].insert_text((30, 300), "on its side: in doubt", rotate=90)
    path = tmp_path / "captioned.pdf"
    document.save(path)
    result = parse(path, PdfParser(Tools(ReadOptions(max_pixels=999_999))))
    assert "A caption, level" in result.text
    assert "without the layout model" in result.pages[0].reason
    allowed = parse(path, PdfParser(Tools(ReadOptions(max_pixels=1_000_000))))
    assert "without" not in allowed.pages[0].reason

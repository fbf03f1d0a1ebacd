"""Scans made here from text of ours, against what the parsers made of them when it was reviewed.

The pages of `pdf/*.html` are printed, then scanned: a PDF of images, slightly askew where it says
so, and a TIFF. OCR is one that knows what is printed, so the layout is what is looked at.
`DOCSTRATA_REWRITE_GOLDEN=1` writes the files anew; it is refused where CI is set.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest
from ocr_fakes import KnowingOcr, Printed, printed_lines
from PIL import Image

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.image import ImageParser
from ingest.parsers.pdf.parser import PdfParser
from schemas.document import Document
from schemas.source import Route

GOLDEN = Path(__file__).parent / "scan"
SOURCES = Path(__file__).parent / "pdf"
STYLE = (
    "body { font-family: sans-serif; font-size: 11pt; line-height: 1.4; text-align: justify }"
    "td, th { border: 0.5pt solid black; padding: 3pt }"
)
SHEET = pymupdf.Rect(0, 0, 420, 595)
DPI = 100


def sheets(name: str, folder: Path, lean: float) -> tuple[list[Image.Image], list[list[Printed]]]:
    """Pictures of the printed pages, turned `lean` degrees clockwise, and what stands on them."""
    path = folder / "printed.pdf"
    story = pymupdf.Story(html=(SOURCES / f"{name}.html").read_text("utf-8"), user_css=STYLE)
    writer = pymupdf.DocumentWriter(str(path))
    more = 1
    while more:
        device = writer.begin_page(SHEET)
        more, _ = story.place(pymupdf.Rect(54, 60, 366, 535))
        story.draw(device)
        writer.end_page()
    writer.close()
    pictures, lines = [], []
    with pymupdf.open(path) as document:
        for page in document:
            pixmap = page.get_pixmap(dpi=DPI, alpha=False)
            picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
            pictures.append(picture.rotate(-lean, Image.Resampling.BICUBIC, fillcolor="white"))
            lines.append([leaning(line, lean) for line in printed_lines(page)])
    return pictures, lines


def leaning(line: Printed, degrees: float) -> Printed:
    x0, y0 = SHEET.width / 2, SHEET.height / 2
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b, c, d = ((x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos) for x, y in line.corners)
    return Printed(line.text, (a, b, c, d), line.confidence)


def as_pdf(pictures: Sequence[Image.Image], folder: Path) -> Path:
    document = pymupdf.open()
    for picture in pictures:
        page = document.new_page(width=SHEET.width, height=SHEET.height)
        pixmap = pymupdf.Pixmap(pymupdf.csRGB, picture.width, picture.height, picture.tobytes(), False)
        page.insert_image(page.rect, pixmap=pixmap, keep_proportion=False)
    path = folder / "in.pdf"
    document.save(path)
    return path


def outline(document: Document) -> str:
    lines = [f"title: {document.title}", f"language: {document.language}"]
    lines += [f"page {page.number}: {page.method}, {page.reason}" for page in document.pages]
    for block in document.blocks:
        level = "" if block.level is None else f" {block.level}"
        pages = ",".join(str(region.page) for region in block.regions)
        lines.append(f"\n[{block.kind}{level} p{pages} {block.confidence}]\n{document.text_of(block)}")
    return "\n".join(lines) + "\n"


def compare(made: str, golden: Path) -> None:
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by a person, not by CI"
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "lean"), [("handbook_en", 1.5), ("rules_zh", 0.0)])
def test_a_scanned_document_is_read_as_it_was_reviewed(name: str, lean: float, tmp_path: Path) -> None:
    pictures, lines = sheets(name, tmp_path, lean)
    path = as_pdf(pictures, tmp_path)
    source = ParseInput(path, "in.pdf", "application/pdf", Route.PDF, path.stat().st_size)
    compare(outline(PdfParser(Tools(ocr=KnowingOcr(lines))).parse(source)), GOLDEN / f"{name}.txt")


def test_a_fax_is_read_as_it_was_reviewed(tmp_path: Path) -> None:
    pictures, lines = sheets("rules_zh", tmp_path, 0.0)
    path = tmp_path / "in.tif"
    first, *rest = (picture.convert("1") for picture in pictures)
    first.save(path, save_all=True, append_images=rest, dpi=(DPI, DPI), compression="group4")
    source = ParseInput(path, "in.tif", "image/tiff", Route.UNSUPPORTED, path.stat().st_size)
    compare(outline(ImageParser(Tools(ocr=KnowingOcr(lines))).parse(source)), GOLDEN / "rules_zh_fax.txt")

"""Real pages and what was read of them, as it was reviewed; images by the carried *tiny* models.

`DOCSTRATA_REWRITE_GOLDEN=1` writes the files anew; it is refused where CI is set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.ocr.local import LocalOcr
from ingest.options.ocr import OcrOptions
from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.registry import make_parser
from ingest.routing import route
from schemas.document import Document

FOLDER = Path(__file__).parent / "real"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".jpg", ".pdf", ".png"})


@pytest.fixture(scope="module")
def tools() -> Tools:
    tiny = OcrOptions(
        detection_model="carried:PP-OCRv6_tiny_det", recognition_model="carried:PP-OCRv6_tiny_rec", devices=("cpu",)
    )
    return Tools(ocr=LocalOcr(tiny))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_page_reads_as_it_was_reviewed(path: Path, tools: Tools) -> None:
    routed = route(path, path.name)
    parser = make_parser(routed.route, tools)
    document = parser.parse(ParseInput(path, path.name, routed.media_type, routed.route, path.stat().st_size))
    golden = path.with_suffix(".golden.txt")
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by a person, not by CI"
        golden.write_text(_told(document), encoding="utf-8")
    assert _told(document) == golden.read_text(encoding="utf-8")


def _told(document: Document) -> str:
    pages = "".join(f"page {page.number}: {page.method}, {page.reason}\n" for page in document.pages)
    warnings = "".join(f"warning: {warning}\n" for warning in document.quality.warnings)
    blocks = []
    for block in document.blocks:
        where = " ".join(str(region.page) for region in block.regions)
        level = "" if block.level is None else f" {block.level}"
        # Rounded: the engine's arithmetic differs a little between processors.
        sure = "" if block.confidence is None else f" {block.confidence:.1f}"
        blocks.append(f"{block.kind.value}{level} [{where}]{sure}: {document.text_of(block)}\n")
    return f"title: {document.title}\nlanguage: {document.language}\n{pages}{warnings}\n{''.join(blocks)}"

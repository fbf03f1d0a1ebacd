"""Whole PDFs, rendered here from text of ours, against what the parser made of them when it was reviewed.

`DOCSTRATA_REWRITE_GOLDEN=1` writes the files anew; it is refused where CI is set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.base import ParseInput
from ingest.parsers.pdf.parser import PdfParser
from schemas.document import Document
from schemas.source import Route

GOLDEN = Path(__file__).parent / "pdf"
STYLE = (
    "body { font-family: sans-serif; font-size: 11pt; line-height: 1.4; text-align: justify }"
    "td, th { border: 0.5pt solid black; padding: 3pt }"
    "pre { font-family: monospace; font-size: 9pt }"
)
PAGE = pymupdf.Rect(0, 0, 420, 595)


def render(source: Path, target: Path) -> None:
    story = pymupdf.Story(html=source.read_text(encoding="utf-8"), user_css=STYLE)
    writer = pymupdf.DocumentWriter(str(target))
    more = 1
    while more:
        device = writer.begin_page(PAGE)
        more, _ = story.place(pymupdf.Rect(54, 60, 366, 535))
        story.draw(device)
        writer.end_page()
    writer.close()
    with pymupdf.open(target) as document:
        for number, page in enumerate(document, start=1):
            page.insert_text((205, 570), str(number), fontsize=9)
        document.saveIncr()


def outline(document: Document) -> str:
    lines = [f"title: {document.title}", f"language: {document.language}", f"pages: {len(document.pages)}"]
    for block in document.blocks:
        level = "" if block.level is None else f" {block.level}"
        pages = ",".join(str(region.page) for region in block.regions)
        lines.append(f"\n[{block.kind}{level} p{pages}]\n{document.text_of(block)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["handbook_en", "rules_zh"])
def test_a_rendered_document_is_read_as_it_was_reviewed(name: str, tmp_path: Path) -> None:
    path = tmp_path / "in.pdf"
    render(GOLDEN / f"{name}.html", path)
    made = outline(PdfParser().parse(ParseInput(path, "in.pdf", "application/pdf", Route.PDF, path.stat().st_size)))
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by a person, not by CI"
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")

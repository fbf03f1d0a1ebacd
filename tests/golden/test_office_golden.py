"""Whole office and HTML files and their blocks, as they were reviewed.

`DOCSTRATA_REWRITE_GOLDEN=1` writes the files anew; it is refused where CI is set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.office.html import HtmlParser
from ingest.parsers.office.parser import OfficeParser
from ingest.routing import route
from schemas.document import Block, Document
from schemas.source import Route

FOLDER = Path(__file__).parent / "office"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".docx", ".pptx", ".odt", ".rtf", ".epub", ".html"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_office_file_has_the_blocks_that_were_reviewed(path: Path) -> None:
    told = _told(_parsed(path))
    golden = path.with_name(f"{path.name}.golden.txt")
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by a person, not by CI"
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def _parsed(path: Path) -> Document:
    if path.suffix == ".html":
        return HtmlParser(Tools()).parse(ParseInput(path, path.name, "text/html", Route.HTML, path.stat().st_size))
    media_type = route(path, path.name).media_type
    return OfficeParser(Tools(ReadOptions(comments=True))).parse(
        ParseInput(path, path.name, media_type, Route.OFFICE, path.stat().st_size)
    )


def _told(document: Document) -> str:
    head = f"title: {document.title!r}\nlanguage: {document.language}\nmetadata: {document.metadata}\n"
    return head + "".join(_block(document, block) for block in document.blocks)


def _block(document: Document, block: Block) -> str:
    pages = ",".join(str(region.page) for region in block.regions) or None
    facts = {"level": block.level, "parent": block.parent, "page": pages, "language": block.code_language}
    lines = [f"\n{block.ordinal} {block.kind.value}"]
    lines[0] += "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
    lines += [f"  |{line}" for line in document.text_of(block).split("\n")]
    if block.table:
        lines.append(f"  {block.table.n_rows} x {block.table.n_cols}, {block.table.header_rows} header")
        spans = [cell for cell in block.table.cells if (cell.row_span, cell.col_span) != (1, 1)]
        lines += [f"  cell {cell.row},{cell.col} {cell.row_span}x{cell.col_span}: {cell.text}" for cell in spans]
    return "\n".join(lines) + "\n"

"""Whole real files and what was read of them, as it was reviewed.

`DOCSTRATA_REWRITE_GOLDEN=1` writes the files anew; it is refused where CI is set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput, Parser, ReadOptions, Tools
from ingest.parsers.mail.parser import MSG, MailParser
from ingest.parsers.notebook import NotebookParser
from ingest.parsers.office.sheets import ODS, SheetParser
from ingest.parsers.text import TextParser
from schemas.document import Block, Document
from schemas.source import Route

FOLDER = Path(__file__).parent
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES: dict[str, tuple[str, type[SheetParser] | type[MailParser] | type[NotebookParser] | type[TextParser], Route]] = {
    ".xlsx": (XLSX, SheetParser, Route.SHEET),
    ".xlsm": (XLSX, SheetParser, Route.SHEET),
    ".xls": ("application/vnd.ms-excel", SheetParser, Route.SHEET),
    ".ods": (ODS, SheetParser, Route.SHEET),
    ".csv": ("text/csv", SheetParser, Route.SHEET),
    ".tsv": ("text/tab-separated-values", SheetParser, Route.SHEET),
    ".eml": ("message/rfc822", MailParser, Route.MAIL),
    ".msg": (MSG, MailParser, Route.MAIL),
    ".txt": ("text/plain", TextParser, Route.TEXT),
    ".rst": ("text/x-rst", TextParser, Route.TEXT),
    ".ipynb": ("application/x-ipynb+json", NotebookParser, Route.NOTEBOOK),
}
FILES = sorted(
    path
    for folder in ("sheets", "mail", "notebook", "text")
    for path in (FOLDER / folder).iterdir()
    if path.suffix in TYPES and not path.name.endswith(".golden.txt")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_reads_as_it_was_reviewed(path: Path) -> None:
    media_type, make, route = TYPES[path.suffix]
    parser: Parser = TextParser() if make is TextParser else make(Tools(ReadOptions(comments=True)))
    told = _told(parser.parse(ParseInput(path, path.name, media_type, route, path.stat().st_size)))
    golden = path.with_name(f"{path.name}.golden.txt")
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by a person, not by CI"
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def _told(document: Document) -> str:
    head = f"title: {document.title!r}\nlanguage: {document.language}\nmetadata: {document.metadata}\n"
    head += "".join(f"warning: {warning}\n" for warning in document.quality.warnings)
    return head + "".join(_block(document, block) for block in document.blocks)


def _block(document: Document, block: Block) -> str:
    facts = {"level": block.level, "parent": block.parent, "language": block.code_language}
    first = f"\n{block.ordinal} {block.kind.value}"
    first += "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
    lines = [first, *(f"  |{line}" for line in document.text_of(block).split("\n"))]
    if block.table:
        lines.append(f"  {block.table.n_rows} x {block.table.n_cols}, {block.table.header_rows} header rows")
        lines += [
            f"  cell {cell.row},{cell.col} {cell.row_span}x{cell.col_span}: {cell.text!r}"
            for cell in block.table.cells
            if (cell.row_span, cell.col_span) != (1, 1) or "\n" in cell.text
        ]
    return "\n".join(lines) + "\n"

"""Whole files and their blocks, as they were reviewed.

`DOCSTRATA_REWRITE_GOLDEN=1` writes the files anew; it is refused where CI is set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput
from ingest.parsers.markdown.parser import MarkdownParser
from schemas.document import Block, Document
from schemas.source import Route

FOLDER = Path(__file__).parent / "markdown"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_markdown_file_has_the_blocks_that_were_reviewed(path: Path) -> None:
    source = ParseInput(path, path.name, "text/markdown", Route.MARKDOWN, path.stat().st_size)
    told = _told(MarkdownParser().parse(source))
    golden = path.with_suffix(".golden.txt")
    if os.environ.get("DOCSTRATA_REWRITE_GOLDEN"):
        assert not os.environ.get("CI"), "golden files are rewritten by a person, not by CI"
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def _told(document: Document) -> str:
    head = f"title: {document.title!r}\nlanguage: {document.language}\nmetadata: {document.metadata}\n"
    return head + "".join(_block(document, block) for block in document.blocks)


def _block(document: Document, block: Block) -> str:
    facts = {"level": block.level, "parent": block.parent, "language": block.code_language}
    lines = [f"\n{block.ordinal} {block.kind.value}"]
    lines[0] += "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
    text = document.text_of(block)
    lines.append("\n".join(f"  |{line}" for line in text.split("\n")))
    if block.table:
        lines.append(f"  {block.table.n_rows} x {block.table.n_cols}, header {text[: block.table.header_end]!r}")
        lines += [f"  row {text[start:end]!r}" for start, end in block.table.rows]
        for cell in block.table.cells:
            spans = f" {cell.row_span}x{cell.col_span}" if (cell.row_span, cell.col_span) != (1, 1) else ""
            lines.append(f"  cell {cell.row},{cell.col}{spans}{' header' if cell.header else ''}: {cell.text}")
    return "\n".join(lines) + "\n"

"""Makes the PDF files of `examples/inbox` from `examples/pdf_sources`.

    python examples/make_pdfs.py [FOLDER]

Each source is a little Markdown with a front matter: paragraphs, `#` and `##` headings, `-` and
`1.` lists, `>` notes, captions (`^`), and tables whose delimiter row gives alignment by its
colons and column widths by its number of dashes. `@columns N` goes on in N columns, `@column`
in the next one, `@page` on the next page.

Needs nothing but PyMuPDF. The same PyMuPDF writes the same bytes each time: dates come from the
sources, and no file identifier is drawn.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from pdf_layout import Item, Type, Writer, join_lines

HERE = Path(__file__).resolve().parent
BROKEN = ("reports/quarterly-report.pdf", "notes/broken.pdf", 0.4)
"""The second is a copy of the first that stopped at this share of it."""


@dataclass(frozen=True, slots=True)
class Source:
    facts: dict[str, str]
    items: tuple[Item, ...]


def read_source(text: str) -> Source:
    _, head, body = text.split("---\n", 2)
    facts = {key: value.strip() for key, _, value in (line.partition(":") for line in head.splitlines())}
    return Source(facts, tuple(read_item(part) for part in re.split(r"\n\s*\n", body.strip())))


def read_item(part: str) -> Item:
    if part.startswith("@"):
        name, _, value = part[1:].partition(" ")
        return Item(name, level=int(value or 0))
    if part.startswith("|"):
        return read_table(part)
    if heading := re.match(r"(#+) (.*)", part):
        level = len(heading[1]) - 1
        return Item("heading" if level else "title", heading[2], level)
    if part.startswith("- ") or re.match(r"\d+\. ", part):
        return Item("list", part)
    kinds = {">": "note", "^": "caption"}
    kind = kinds.get(part[0], "paragraph")
    lines = [line.lstrip(">^ ") if kind != "paragraph" else line for line in part.splitlines()]
    return Item(kind, join_lines(lines))


def read_table(part: str) -> Item:
    rows = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in part.splitlines()]
    marks = rows.pop(1)
    total = sum(len(mark) for mark in marks)
    return Item(
        "table",
        rows=tuple(rows),
        widths=tuple(len(mark) / total for mark in marks),
        right=tuple(mark.endswith(":") for mark in marks),
    )


def make_pdf(source: Source) -> bytes:
    with pymupdf.open() as document:
        writer = Writer(document, Type(source.facts["language"] == "zh"))
        writer.new_page()
        for item in source.items:
            writer.add(item)
        writer.furniture(source.facts)
        if source.facts.get("bookmarks") == "yes":
            document.set_toc([list(entry) for entry in writer.outline])
        document.set_metadata(
            {key: source.facts[key] for key in ("title", "author", "subject")}
            | {"creationDate": source.facts["date"], "modDate": source.facts["date"]}
        )
        document.subset_fonts()
        return bytes(document.tobytes(garbage=4, deflate=True, use_objstms=1, no_new_id=True))


def main(folder: Path) -> None:
    for path in sorted((HERE / "pdf_sources").glob("*.md")):
        source = read_source(path.read_text(encoding="utf-8"))
        target = folder / source.facts["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(make_pdf(source))
    whole, cut, share = BROKEN
    data = (folder / whole).read_bytes()
    (folder / cut).parent.mkdir(parents=True, exist_ok=True)
    (folder / cut).write_bytes(data[: int(len(data) * share)])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "inbox")

"""Every table of a corpus: is it whole where it fits, and does each part of it carry its header rows where not?

    python benchmarks/chunk/tables.py CORPUS [--home DIR] [--strategy hybrid]

What is counted is the text of the chunks: no figure is taken from the chunker, and the tokens are those of the
default model. `--home` takes the parses from a home that `docstrata run` made of the corpus; else its files are
parsed here, images of text left out. Exit code 1 when a promise is broken; each case is listed with its file.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parsed import documents

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document

ROW_CUT, OMITTED = "row_cut", "header_omitted"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--strategy", default="hybrid")
    arguments = parser.parse_args()
    counter = HuggingFaceTokenCounter(EmbedOptions())
    options = ChunkOptions()
    chunker = make_chunker(arguments.strategy, options, counter)
    found = Found(counter, min(options.max_tokens, counter.limit))
    for path, document in documents(arguments.corpus, arguments.home, lambda _: True):
        if any(block.kind is BlockKind.TABLE for block in document.blocks):
            found.look(path, document, list(chunker.chunk(document)))
    found.show()
    return 1 if found.broken else 0


@dataclass(slots=True)
class Found:
    """`limit`: tokens that a chunk may have. `broken`: sentences, each with its file."""

    counter: HuggingFaceTokenCounter
    limit: int
    numbers: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def look(self, path: str, document: Document, chunks: Sequence[Chunk]) -> None:
        self.numbers["documents with tables"] += 1
        for block in document.blocks:
            if block.kind is BlockKind.TABLE and document.text_of(block).strip():
                holders = [chunk for chunk in chunks if block.ordinal in chunk.blocks]
                table = Looked(self, f"{path}, table at {block.start}", document, block, holders)
                table.look()

    def tokens(self, text: str) -> int:
        return self.counter.count([text])[0]

    def show(self) -> None:
        n = self.numbers
        print(f"{n['tables']} tables in {n['documents with tables']} documents, limit {self.limit} tokens")
        print(f"that fit: {n['fit']}, whole: {n['whole']} ({_share(n['whole'], n['fit'])})")
        print(f"that do not: {n['large']}, with a header: {n['large with a header']}, in {n['parts']} parts")
        told = n["parts that need a header"]
        print(f"  parts with rows from below the header: {told}")
        print(f"  that carry its rows: {n['carry']} ({_share(n['carry'], told)})")
        print(f"  that carry the names of their columns, of a row that is cut: {n['carry names']}")
        print(f"  whose header does not fit above their first row, and that say so: {n['no room']}")
        print(f"rows of tables that do not fit: {n['rows']}, in one part: {n['rows in one part']}")
        print(f"  that do not fit by themselves: {n['large rows']}, cut and flagged: {n['large rows flagged']}")
        print(f"rows lost: {n['rows lost']}, doubled: {n['rows doubled']}, in the HTML: {n['HTML differs']} differ")
        print(f"\n{len(self.broken)} exceptions")
        for sentence in self.broken:
            print(f"  {sentence}")


@dataclass(slots=True)
class Looked:
    """One table and the chunks that name its block."""

    found: Found
    name: str
    document: Document
    block: Block
    holders: Sequence[Chunk]

    def look(self) -> None:
        self.count("tables")
        if self.found.tokens(self.document.text_of(self.block).strip()) <= self.found.limit:
            self.count("fit")
            self._whole()
            return
        self.count("large")
        self.count("large with a header", bool(self._header()))
        self.count("parts", len(self.holders))
        self._rows()
        for chunk in self.holders:
            self._part(chunk)
        self._html()

    def count(self, what: str, number: int = 1) -> None:
        self.found.numbers[what] += number

    def wrong(self, sentence: str) -> None:
        self.found.broken.append(f"{self.name}: {sentence}")

    def _whole(self) -> None:
        text = self.document.text_of(self.block).strip()
        if len(self.holders) == 1 and self.holders[0].text.count(text) >= 1:
            self.count("whole")
        else:
            self.wrong(f"it fits ({self.found.tokens(text)} tokens), and is in {len(self.holders)} chunks")
        self._html()

    def _header(self) -> str:
        table = self.block.table
        if table is None or not table.header_rows:
            return ""
        end = self.block.start + table.rows[table.header_rows - 1][1]
        return self.document.text[self.block.start : end].strip()

    def _rows_of(self) -> Iterator[tuple[int, int]]:
        """Where each row that is not empty stands, without the white space at its ends."""
        table, text = self.block.table, self.document.text
        places = table.rows if table and table.rows else _lines(self.document.text_of(self.block))
        for first, last in places:
            start, end = self.block.start + first, self.block.start + last
            while start < end and text[start].isspace():
                start += 1
            while start < end and text[end - 1].isspace():
                end -= 1
            if start < end:
                yield start, end

    def _rows(self) -> None:
        """Each character of a row is in one part, and a row that fits in one altogether."""
        for start, end in self._rows_of():
            self.count("rows")
            holding = [chunk for chunk in self.holders if any(a < end and start < b for a, b in chunk.spans)]
            held = Counter(at for chunk in holding for a, b in chunk.spans for at in range(max(a, start), min(b, end)))
            text = self.document.text
            if any(not text[at].isspace() and not held[at] for at in range(start, end)):
                self.count("rows lost")
                self.wrong(f"a row is lost: {text[start:end][:60]!r}")
            if any(number > 1 for number in held.values()):
                self.count("rows doubled")
                self.wrong(f"a row is doubled: {text[start:end][:60]!r}")
            self._row(text[start:end], holding)

    def _row(self, row: str, holding: Sequence[Chunk]) -> None:
        fits = self.found.tokens(row) <= self.found.limit
        self.count("rows in one part", len(holding) == 1)
        if fits:
            if len(holding) > 1:
                self.wrong(f"a row that fits is cut: {row[:60]!r}")
            return
        self.count("large rows")
        flagged = all(ROW_CUT in chunk.flags for chunk in holding)
        self.count("large rows flagged", flagged)
        if not flagged:
            self.wrong(f"a row is cut and not flagged: {row[:60]!r}")

    def _part(self, chunk: Chunk) -> None:
        header, table = self._header(), self.block.table
        if not header or table is None:
            return
        below = self.block.start + table.rows[table.header_rows - 1][1]
        own = [row for row in self._rows_of() if any(a < row[1] and row[0] < b for a, b in chunk.spans)]
        bodies = [(start, end) for start, end in own if start >= below]
        if not bodies:
            return
        self.count("parts that need a header")
        if header in chunk.text:
            self.count("carry")
            return
        first = self.document.text[slice(*bodies[0])]
        if ROW_CUT in chunk.flags and chunk.added_prefix:
            self.count("carry names")
        elif (OMITTED in chunk.flags and self.found.tokens(f"{header}\n{first}") > self.found.limit) or (
            ROW_CUT in chunk.flags and OMITTED in chunk.flags
        ):
            self.count("no room")
        else:
            self.wrong(f"part {chunk.part} of {chunk.parts} has no header: {chunk.text[:60]!r}")

    def _html(self) -> None:
        """Rows of the HTML are those of the grid: the header rows once a part, each other row once."""
        table = self.block.table
        if table is None or not table.rows or any(ROW_CUT in chunk.flags for chunk in self.holders):
            return
        told = sum((chunk.table_html or "").count("<tr>") for chunk in self.holders)
        wanted = table.n_rows + (len(self.holders) - 1) * table.header_rows
        if told != wanted:
            self.count("HTML differs")
            self.wrong(f"its HTML has {told} rows in {len(self.holders)} chunks, and should have {wanted}")


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line)
        at += len(line) + 1


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


if __name__ == "__main__":
    sys.exit(main())

"""No text is tokenized more than twice: once for the plan, once as it is embedded; so is what is added to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from schemas.base import Span
from schemas.document import Block, BlockKind, Document, Table, TableCell


class Words:
    """Words and marks, at most eight characters a token; remembers how much it was asked."""

    fingerprint = "words"
    limit = 256

    def __init__(self) -> None:
        self.characters = 0

    def count(self, texts: Sequence[str]) -> list[int]:
        self.characters += sum(map(len, texts))
        return [2 + len(re.findall(r"\w{1,8}|[^\w\s]", text)) for text in texts]

    def offsets(self, text: str) -> list[Span]:
        self.characters += len(text)
        return [match.span() for match in re.finditer(r"\w{1,8}|[^\w\s]", text)]


def words(count: int, of: str = "strata") -> str:
    return " ".join([of] * count)


def document(kind: BlockKind, text: str, table: Table | None = None) -> Document:
    block = Block(ordinal=0, kind=kind, start=0, end=len(text), table=table)
    return Document(text=text, parser="made", parser_version="1", blocks=(block,))


def table(rows: Sequence[Sequence[str]]) -> Document:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    spans, at = [], 0
    for line in lines:
        spans.append((at, at + len(line)))
        at += len(line) + 1
    cells = [
        TableCell(row=number, col=column, text=value, header=not number)
        for number, row in enumerate(rows)
        for column, value in enumerate(row)
    ]
    made = Table(
        n_rows=len(rows),
        n_cols=len(rows[0]),
        header_rows=1,
        header_end=len(lines[0]),
        rows=tuple(spans),
        cells=tuple(cells),
    )
    return document(BlockKind.TABLE, "\n".join(lines), made)


GIANTS = {
    "prose": document(BlockKind.PARAGRAPH, " ".join(f"{words(12).capitalize()}." for _ in range(400))),
    "one giant sentence": document(BlockKind.PARAGRAPH, ", ".join([words(9)] * 900)),
    "sentences above the limit": document(BlockKind.PARAGRAPH, ". ".join([words(400, "Strata")] * 12)),
    "a giant sentence of no clauses": document(BlockKind.PARAGRAPH, words(9_000)),
    "a giant word": document(BlockKind.PARAGRAPH, "x" * 60_000),
    "Chinese without an end": document(BlockKind.PARAGRAPH, "地层一层又一层，" * 3_000),
    "list items above the limit": document(BlockKind.LIST_ITEM, f"{words(30).capitalize()}. " * 60),
    "code": document(BlockKind.CODE, "\n".join([f"{words(6)} = 1"] * 900)),
    "a quotation above the limit": document(BlockKind.PARAGRAPH, f"He said: “{(words(20, 'Strata') + '. ') * 90}”"),
    "a table of many rows": table([["name", "value"], *[[words(4), str(row)] for row in range(900)]]),
    "rows above the limit": table(
        [["first", "second", "third"], *[[words(200), words(30), words(150)] for _ in range(9)]]
    ),
    "cells above the limit": table([["first", "second"], *[[words(900), words(3)] for _ in range(9)]]),
    "a wide row": table([[f"column{number}" for number in range(120)], [words(4) for _ in range(120)]]),
}


@pytest.mark.parametrize("name", GIANTS)
def test_no_text_is_tokenized_more_than_twice(name: str) -> None:
    counter = Words()
    made = GIANTS[name]
    chunks = list(make_chunker("hybrid", ChunkOptions(), counter).chunk(made))
    added = sum(len(chunk.context) + len(chunk.added_prefix) for chunk in chunks)
    table = made.blocks[0].table
    added += table.header_end if table else 0  # the header rows and the names in them, to be set above every part
    assert counter.characters <= 2 * (len(made.text) + added), counter.characters / len(made.text)
    assert max(chunk.token_count for chunk in chunks) <= 256

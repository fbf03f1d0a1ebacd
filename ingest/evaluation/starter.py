"""A starter set: questions that a program draws from headings and tables, so that there is something to begin with.

Its words are the documents' own words. That favours the sparse leg, and says little about what people ask: it
shows that the index answers, and whether it answers worse than before. Questions of your own tell how good it is.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.catalog.rows import DocumentRow
from ingest.context import Context
from ingest.stored import chunk_set_of, document_of
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Block, Document, Table, TableCell
from schemas.errors import ConfigError

STAGE = "draw"
HEADING = "heading"
TABLE = "table"

_OF_ONE_DOCUMENT = 10
"""Questions of each of the two kinds at most: a book must not be the whole set."""

_LOOKED_AT = 20
"""Documents for each question, at most."""

_LONGEST = 80
"""Characters of a heading or cell that a person would still type."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    question: str
    span: Span
    tags: tuple[str, ...]


def draw_starter(context: Context, count: int, seed: int) -> str:
    """The lines of a questions file, the same for the same documents, parse and `seed`; fewer than `count` where
    the documents have no more. Raises `ConfigError` where they have none."""
    if count < 1:
        raise ConfigError(f"a starter set of {count} questions: ask for one or more")
    chance = random.Random(seed)  # noqa: S311 -- a draw that can be repeated, nothing secret
    rows = _distinct(context.catalog.history.live_documents(context.settings.tenant))
    chance.shuffle(rows)
    context.progress.expect(STAGE, count)
    lines: list[str] = []
    spare: deque[tuple[DocumentRow, list[_Drawn]]] = deque()
    missing = {TABLE: count // 2, HEADING: count - count // 2}
    # Few documents have tables: more are looked at than are asked about, but not all of a million.
    for row in rows[: count * _LOOKED_AT]:
        if len(lines) == count:
            break
        drawn = _draw(context, row, chance)
        kind = next((kind for kind, left in missing.items() if left and _has(drawn, kind)), None)
        if kind is not None:
            drawn = [*(each for each in drawn if kind in each.tags), *(each for each in drawn if kind not in each.tags)]
            missing[kind] -= 1
            _take(context, row, drawn, lines)
        spare.append((row, drawn))
    while spare and len(lines) < count:
        row, drawn = spare.popleft()
        if _take(context, row, drawn, lines):
            spare.append((row, drawn))
    if not lines:
        raise ConfigError(
            "no document of this home has a heading or a table that a question could be drawn from: write questions"
            " of your own, as docs/evaluation.md tells"
        )
    return "".join(lines)


def _distinct(rows: Iterable[DocumentRow]) -> list[DocumentRow]:
    """Without copies: the same question about each would be asked twice."""
    return list({row.sha256: row for row in reversed(list(rows))}.values())


def _has(drawn: Iterable[_Drawn], kind: str) -> bool:
    return any(kind in each.tags for each in drawn)


def _take(context: Context, row: DocumentRow, drawn: list[_Drawn], lines: list[str]) -> bool:
    if not drawn:
        return False
    chosen = drawn.pop(0)
    line = {
        "question": chosen.question,
        "document": f"{row.source}/{row.path}",
        "span": list(chosen.span),
        "tags": list(chosen.tags),
        "starter": True,
    }
    lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    context.progress.advance(STAGE)
    return True


def _draw(context: Context, row: DocumentRow, chance: random.Random) -> list[_Drawn]:
    chunks = chunk_set_of(context, row.chunk_key)
    document = document_of(context, chunks.document) if chunks is not None else None
    if chunks is None or document is None:
        return []
    title = document.title or PurePosixPath(row.path).stem
    drawn: list[_Drawn] = []
    for found in (list(_of_headings(chunks.chunks, title)), list(_of_tables(document, title))):
        chance.shuffle(found)
        drawn += found[:_OF_ONE_DOCUMENT]
    chance.shuffle(drawn)
    return drawn


def _of_headings(chunks: Sequence[Chunk], title: str) -> Iterator[_Drawn]:
    """A section that has text: its heading, with those above it."""
    sections: dict[str, list[Chunk]] = defaultdict(list)
    for chunk in chunks:
        sections[chunk.section].append(chunk)
    for section in sections.values():
        path = section[0].heading_path
        if not path or not _can_be_asked(path[-1]):
            continue
        above = " / ".join(dict.fromkeys(each for each in (title, *path[-2:-1]) if each != path[-1]))
        spans = [span for chunk in section for span in chunk.spans]
        chinese = _is_chinese(path[-1])
        if chinese:
            question = f"《{above}》中的“{path[-1]}”" if above else f"“{path[-1]}”"
        else:
            question = f"“{path[-1]}” in {above}" if above else f"“{path[-1]}”"
        yield _Drawn(question, (min(spans)[0], max(end for _, end in spans)), _tags(HEADING, chinese=chinese))


def _of_tables(document: Document, title: str) -> Iterator[_Drawn]:
    """A cell: the header of its column, and the first cell of its row."""
    for block in document.blocks:
        if block.table is None or not block.table.header_rows:
            continue
        cells = {(cell.row, cell.col): cell for cell in block.table.cells}
        for cell in block.table.cells:
            if cell.row >= block.table.header_rows and cell.col > 0 and cell.text.strip():
                yield from _of_cell(block, block.table, cells, cell, title)


def _of_cell(
    block: Block, table: Table, cells: dict[tuple[int, int], TableCell], cell: TableCell, title: str
) -> Iterator[_Drawn]:
    column, row = cells.get((table.header_rows - 1, cell.col)), cells.get((cell.row, 0))
    if column is None or row is None or not (_can_be_asked(column.text) and _can_be_asked(row.text)):
        return
    start, end = table.rows[cell.row]
    chinese = _is_chinese(column.text + row.text)
    of, what = " ".join(row.text.split()), " ".join(column.text.split())
    question = f"《{title}》中{of}的{what}是多少？" if chinese else f"{what} of {of} in {title}"
    if start < end:
        yield _Drawn(question, (block.start + start, block.start + end), _tags(TABLE, chinese=chinese))


def _tags(kind: str, *, chinese: bool) -> tuple[str, ...]:
    return ("starter", kind, "zh" if chinese else "other")


def _can_be_asked(text: str) -> bool:
    return len(text) <= _LONGEST and sum(map(str.isalpha, text)) >= 2


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)

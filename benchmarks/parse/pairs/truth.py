"""Writes the truth of a pair: its Markdown, and what is known of its headings, tables and footnotes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import TypedDict

from pairs.model import Block, Code, Figure, Heading, ListBlock, Paragraph, Quote, Run, Runs, Table, notes_of, placed

_LOOKS_LIKE_SYNTAX = re.compile(r"^(#{1,6} |[-*+] |> |```|\d+[.)] |\|)")


class HeadingFact(TypedDict):
    level: int
    text: str
    parent: str | None


class CellFact(TypedDict):
    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    header: bool


class TableFact(TypedDict):
    rows: int
    cols: int
    header_rows: int
    cells: list[CellFact]
    rule: str
    turn: str
    repeat_header: bool
    caption: str
    pages: list[int]


def to_markdown(blocks: Iterable[Block], notes_at: str) -> str:
    """`notes_at` is "mark" (a footnote follows the block that holds its mark) or "chapter" (it ends its chapter,
    where the renderer prints it)."""
    return "\n\n".join(part for part in _parts(blocks, notes_at) if part.strip()) + "\n"


def _parts(blocks: Iterable[Block], notes_at: str) -> Iterator[str]:
    waiting: list[str] = []
    for block in blocks:
        if notes_at == "chapter" and isinstance(block, Heading) and block.level <= 2:
            yield from waiting
            waiting = []
        yield block_markdown(block)
        waiting += [f"[^{mark.text}]: {runs_markdown(mark.note or ())}" for mark in notes_of(block)]
        if notes_at == "mark":
            yield from waiting
            waiting = []
    yield from waiting


def block_markdown(block: Block) -> str:
    match block:
        case Heading(level=level, runs=runs):
            return f"{'#' * level} {runs_markdown(runs)}"
        case Paragraph(runs=runs) | Figure(caption=runs):
            text = runs_markdown(runs)
            return f"\\{text}" if _LOOKS_LIKE_SYNTAX.match(text) else text
        case ListBlock():
            return _list_markdown(block)
        case Code(text=text, language=language):
            return f"```{language}\n{text}\n```"
        case Quote(blocks=blocks):
            inner = "\n\n".join(block_markdown(child) for child in blocks)
            return "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
        case Table(caption=caption, look=look):
            parts = [runs_markdown(caption), to_html(block)]
            return "\n\n".join(part for part in (parts if look.caption_above else parts[::-1]) if part)


def runs_markdown(runs: Runs) -> str:
    """Plain text: emphasis, code marks and the addresses of links are no part of the score."""
    return "".join(f"[^{run.text}]" if run.note is not None else run.text for run in runs).strip()


def _list_markdown(block: ListBlock) -> str:
    lines: list[str] = []
    for number, item in enumerate(block.items, block.start):
        mark = f"{number}. " if block.ordered else "- "
        inner = "\n".join(block_markdown(child) for child in item.blocks) or ""
        first, *rest = inner.split("\n")
        lines.append(mark + first)
        lines += [(" " * len(mark) + line).rstrip() for line in rest]
    return "\n".join(lines)


def to_html(table: Table) -> str:
    """One line a row; header cells are `th`, spans are attributes."""
    rows: list[list[str]] = [[] for _ in table.rows]
    for row, _, cell in placed(table):
        tag = "th" if row < table.header_rows else "td"
        spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
        spans += f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
        rows[row].append(f"<{tag}{spans}>{html.escape(runs_markdown(cell.runs), quote=False)}</{tag}>")
    return "<table>\n" + "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows) + "\n</table>"


def heading_facts(blocks: Iterable[Block]) -> list[HeadingFact]:
    """In order; the parent is the nearest heading above with a smaller level."""
    facts: list[HeadingFact] = []
    above: list[tuple[int, str]] = []
    for block in blocks:
        if not isinstance(block, Heading):
            continue
        text = runs_markdown(block.runs)
        above = [(level, name) for level, name in above if level < block.level]
        facts.append({"level": block.level, "text": text, "parent": above[-1][1] if above else None})
        above.append((block.level, text))
    return facts


def table_fact(table: Table, pages: list[int]) -> TableFact:
    cells: list[CellFact] = [
        {
            "row": row,
            "col": col,
            "row_span": cell.row_span,
            "col_span": cell.col_span,
            "text": runs_markdown(cell.runs),
            "header": row < table.header_rows,
        }
        for row, col, cell in placed(table)
    ]
    return {
        "rows": len(table.rows),
        "cols": table.columns,
        "header_rows": table.header_rows,
        "cells": cells,
        "rule": table.look.rule,
        "turn": table.look.turn,
        "repeat_header": table.look.repeat_header,
        "caption": runs_markdown(table.caption),
        "pages": pages,
    }


def numbered_notes(blocks: Iterable[Block]) -> list[Run]:
    return [mark for block in blocks for mark in notes_of(block)]

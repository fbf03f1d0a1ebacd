"""Puts one pair together: a part of a document, tables in it, numbers on its headings and footnotes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pairs import tables
from pairs.model import (
    Block,
    Figure,
    Heading,
    Item,
    ListBlock,
    Paragraph,
    Quote,
    Run,
    Runs,
    Table,
    TableLook,
    notes_of,
    placed,
    text_of,
)
from pairs.numbering import numbered
from pairs.recipes import Recipe
from pairs.sources import Part, plain

LINK_NOTES = 10
_TURNED_ROWS = 14
_APPENDIX = {"en": "Tables", "zh": "附表"}


@dataclass(frozen=True, slots=True)
class Pair:
    recipe: Recipe
    source: str
    title: str
    blocks: tuple[Block, ...]


def compose(recipe: Recipe, part: Part, corpus: Path, rng: random.Random) -> Pair:
    look = TableLook(
        recipe.rule,
        repeat_header=recipe.repeat_header,
        caption_above=recipe.caption_above,
    )
    body: list[Block] = [_dressed(block, look, recipe.columns) for block in part.blocks if not _is_wide(block)]
    if not recipe.footnotes:
        body = [_without_notes(block) for block in body]
    body += _appendix(recipe, look, corpus, rng)
    blocks = [Heading(1, plain(part.title)), *body]
    blocks = list(numbered(blocks, recipe.numbering))
    if recipe.footnotes:
        blocks = _links_as_notes(blocks, LINK_NOTES)
    return Pair(recipe, part.source, part.title, tuple(notes_numbered(blocks)))


def _appendix(recipe: Recipe, look: TableLook, corpus: Path, rng: random.Random) -> list[Block]:
    """A chapter of tables, each under a heading of its own but for the two that must stay apart."""
    language = recipe.language
    found: list[Block] = []
    used: list[tables.Maker] = []

    def other(makers: Sequence[tables.Maker]) -> tables.Maker:
        """One that this document has no table of yet."""
        maker = rng.choice([maker for maker in makers if maker not in used] or list(makers))
        used.append(maker)
        return maker

    def add(maker: tables.Maker, rows: int, how: TableLook) -> None:
        table = replace(maker(corpus, rng, rows), look=how)
        name = table.caption or plain(maker.__name__.replace("_", " ").capitalize())
        if recipe.columns == 2 and _is_broad(table):
            table = replace(table, look=replace(how, own_page=True))
        if not how.turn:
            found.append(Heading(3, name))
        found.append(replace(table, caption=_caption(recipe, table, sum(isinstance(b, Table) for b in found) + 1)))

    if recipe.kind == "tables":
        for _ in range(3):
            add(other(tables.SHORT[language]), rng.randint(6, 14), look)
    elif rng.random() < 0.5:
        add(other(tables.SHORT[language]), rng.randint(5, 12), look)
    if recipe.long_table:
        add(other(tables.LONG[language]), rng.choice([45, 70, 100]), look)
    if recipe.turn:
        how = replace(look, turn=recipe.turn, own_page=True)
        add(other(tables.WIDE[language]), _TURNED_ROWS, how)
    if recipe.adjacent:
        found += _adjacent(recipe, look, corpus, rng)
    return [Heading(2, plain(_APPENDIX[language])), *found] if found else []


def _adjacent(recipe: Recipe, look: TableLook, corpus: Path, rng: random.Random) -> list[Block]:
    """Two tables on consecutive pages without a word between them."""
    one, two = {
        ("zh", "different"): (tables.issues_plain, tables.issue_counts),
        ("zh", "same-columns"): (tables.issues_plain, _renamed_issues),
        ("en", "different"): (tables.rfc_index, tables.rfc_changes),
        ("en", "same-columns"): (tables.rfc_index, _renamed_numbers),
    }[recipe.language, recipe.adjacent]
    how = replace(look, own_page=True)
    first = replace(one(corpus, rng, 22), look=how, caption=())
    second = replace(two(corpus, rng, 20), look=how, caption=())
    name = plain("两张相邻的表" if recipe.language == "zh" else "Two tables in a row")
    return [Heading(3, name), first, second]


def _renamed_issues(corpus: Path, rng: random.Random, rows: int) -> Table:
    """As many columns as the table before, other ones."""
    counts = tables.issue_counts(corpus, rng, rows)
    return replace(counts, rows=tuple(row[:4] for row in counts.rows))


def _renamed_numbers(corpus: Path, rng: random.Random, rows: int) -> Table:
    found = tables.numbers(corpus, rng, rows)
    return replace(found, rows=tuple(row[:3] for row in found.rows))


def _caption(recipe: Recipe, table: Table, number: int) -> Runs:
    if not table.caption:
        return ()
    mark = f"表 {number} " if recipe.language == "zh" else f"Table {number}: "
    return (Run(mark + table.caption[0].text),)


def _is_wide(block: Block) -> bool:
    """More columns than an upright page holds."""
    return isinstance(block, Table) and block.columns > 8


def _is_broad(table: Table) -> bool:
    """Broader than a column of a page in two: it takes a page in one."""
    words = [0] * table.columns
    for _, column, cell in placed(table):
        words[column] = max([words[column], *(min(20, len(word)) for word in text_of(cell.runs).split())])
    return sum(words) > 28 or table.columns > 5


def _dressed(block: Block, look: TableLook, columns: int) -> Block:
    if not isinstance(block, Table):
        return block
    return replace(block, look=replace(look, own_page=columns == 2 and _is_broad(block)))


def _mapped(block: Block, change: Callable[[Runs], Runs]) -> Block:
    match block:
        case Paragraph(runs=runs):
            return Paragraph(change(runs))
        case Figure(caption=runs):
            return Figure(change(runs))
        case ListBlock(items=items):
            return replace(block, items=tuple(Item(tuple(_mapped(b, change) for b in item.blocks)) for item in items))
        case Quote(blocks=blocks):
            return Quote(tuple(_mapped(child, change) for child in blocks))
        case Table(rows=rows):
            return replace(
                block, rows=tuple(tuple(replace(cell, runs=change(cell.runs)) for cell in row) for row in rows)
            )
        case _:
            return block


class _DropNotes:
    def __call__(self, runs: Runs) -> Runs:
        return tuple(run for run in runs if run.note is None)


class _LinkNotes:
    """The address of a link as a footnote, as a printed page shows it."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, runs: Runs) -> Runs:
        out: list[Run] = []
        for run in runs:
            out.append(run)
            if run.link and self.left > 0 and len(run.link) < 120:
                out.append(Run("", note=(Run(run.link),)))
                self.left -= 1
        return tuple(out)


class _NumberNotes:
    def __init__(self) -> None:
        self.last = 0

    def __call__(self, runs: Runs) -> Runs:
        return tuple(self._numbered(run) for run in runs)

    def _numbered(self, run: Run) -> Run:
        if run.note is None:
            return run
        self.last += 1
        return replace(run, text=str(self.last))


def _without_notes(block: Block) -> Block:
    return _mapped(block, _DropNotes())


def _links_as_notes(blocks: Sequence[Block], count: int) -> list[Block]:
    """Only in paragraphs of the text: a mark in a table or list is rarer than its trouble."""
    change = _LinkNotes(max(0, count - sum(len(notes_of(block)) for block in blocks)))
    return [_mapped(block, change) if isinstance(block, Paragraph) else block for block in blocks]


def notes_numbered(blocks: Iterable[Block]) -> list[Block]:
    change = _NumberNotes()
    return [_mapped(block, change) for block in blocks]

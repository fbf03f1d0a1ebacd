"""Whether a report's page shows the numbers of its JSON, each at its place.

    python benchmarks/report/page_numbers.py REPORT.html REPORT.json

Each number has a place of its own on the page (`page_sections.py`): a table by its caption, a row by its head or its
order, and a column; a figure at the top; a sentence of a section, or one of its cards. What stands there has to be
the number as the page writes such numbers: a count with its thousands, a share as a per cent. A number of the JSON
without a place is told, too, but for those that `LEFT_OUT` names, and so is a cell of a table that has a number to
which nothing is bound. Exit code 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from page_bindings import Bindings, Bound, Said, Told, numbers
from page_places import Page, Table, read_page
from page_sections import bindings

LEFT_OUT = re.compile(
    r"schema_version|\.boxes\.|\.pages\.\d+\.(width|height)$|\.(seed|resamples|warm_up|step|ordinal|seq)$|^as_of$"
    r"|^distributions\.\d+\.bins\.\d+\.(start|end)$|^parsing\.ocr\.bins\.\d+\.(first|last)$"
    r"|^runs\.\d+\.summary\.|^trend\.\d+\.headline\.(tokens_median|unread_share|lost|without_parse|unread_documents)$"
    r"|^evaluation\.(options|misses\.\d+\.(expected|modes)|results\.\d+\.modes\.\d+\.(ranks|pooled)|results\.\d+\.pooled$|unpooled\.tags\.|tags\.|skipped)"
    r"|\.scores\.at\.\d+\.(k|precision|hit)\b|^worst\.\d+\.pages|^duplication\.clusters\.\d+\.(kept|left_out)"
    r"|^duplication\.kept_apart\.\d+\.(passage|other)|^fit\.vectors\.(cosines|pairs)|^groups\.\d+\.below_minimum$"
    r"|^parsing\.paragraphs\.sampled$|^duplication\.margin_lines_total$|^findings_total$|^evaluation\.misses_total$"
    r"|^integrity\.by_kind\.\w+\.lost$|^files\.(failed_members|by_code)|^redundancy\.looked_at$|^sample\.chunks\.\d+\.characters$"
    r"|^headings\.chunks_with$|^groups\.\d+\.characters$"
)
"""Places on pages, settings, what only charts draw, what is listed in part, and totals that are told only where a list
is cut. `headings.chunks_with` is told as the share of a gate."""


SETTLED = frozenset({"gravity"})
"""Columns that are the same in every report."""


@dataclass(frozen=True, slots=True)
class Checked:
    wrong: tuple[str, ...]
    looked_at: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, metavar="REPORT.html")
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    arguments = parser.parse_args()
    checked = check(arguments.page.read_text("utf-8"), json.loads(arguments.report.read_text("utf-8")))
    print("\n".join(checked.wrong))
    print(f"{checked.looked_at:,} numbers were looked for at their places, {len(checked.wrong):,} are wrong")
    return 1 if checked.wrong else 0


def check(source: str, report: dict[str, object]) -> Checked:
    page, told = read_page(source), Told(report)
    bound = bindings(told)
    wrong = [*_cells(page, bound), *_figures(page, bound), *_sentences(page, bound)]
    wrong += [
        f"no place on the page: {name}"
        for name in numbers(report)
        if not told.knows(name) and not LEFT_OUT.search(name)
    ]
    wrong += _unbound(page, bound)
    return Checked(tuple(wrong), len(bound.cells) + 2 * len(bound.figures) + len(bound.sentences))


def _cells(page: Page, bound: Bindings) -> Iterator[str]:
    for each in bound.cells:
        shown = _shown(page, each)
        if shown != each.text:
            yield f"{_where(each)}: {each.text!r} is wanted, and {shown!r} stands there"


def _shown(page: Page, bound: Bound) -> str | None:
    section, caption, row, cell = bound.place
    table = page.table(section, caption)
    at = None if table is None else _row(table, row)
    if table is None or at is None:
        return None
    cells = table.small[at] if bound.small else table.rows[at]
    return cells[cell] if cell < len(cells) else None


def _row(table: Table, row: int | str) -> int | None:
    if isinstance(row, int):
        return row if row < len(table.rows) else None
    heads = table.keys if any(table.keys) else tuple(cells[0] for cells in table.rows)
    return heads.index(row) if row in heads else None


def _where(bound: Bound) -> str:
    section, caption, row, cell = bound.place
    return f"{section}, table {caption!r}, row {row}, cell {cell}{' (small)' if bound.small else ''}"


def _figures(page: Page, bound: Bindings) -> Iterator[str]:
    for each in bound.figures:
        if page.figures.get(each.name) != (each.text, each.small):
            shown = page.figures.get(each.name)
            yield f"figure {each.name!r}: {each.text!r} and {each.small!r} are wanted, not {shown}"


def _sentences(page: Page, bound: Bindings) -> Iterator[str]:
    for each in bound.sentences:
        if each.text not in _said(page, each):
            yield f"{each.section}{'' if each.card is None else f', card {each.card}'}: {each.text!r} is not said"


def _said(page: Page, said: Said) -> str:
    if said.card is None:
        return page.texts.get(said.section, "")
    cards = page.cards.get(said.section, ())
    return cards[said.card] if said.card < len(cards) else ""


def _unbound(page: Page, bound: Bindings) -> Iterator[str]:
    """Cells of numbers, in tables of which other cells are bound, to which nothing is."""
    seen: dict[int, set[tuple[int, int]]] = {}
    for each in bound.cells:
        section, caption, row, cell = each.place
        table = page.table(section, caption)
        at = None if table is None else _row(table, row)
        if table is not None and at is not None:
            seen.setdefault(id(table), set()).add((at, cell))
    for table in page.tables:
        places = seen.get(id(table))
        for row, cells in enumerate(table.rows):
            for cell, text in enumerate(cells[1:], 1):
                head = table.columns[cell] if cell < len(table.columns) else ""
                if (
                    places
                    and (row, cell) not in places
                    and head not in SETTLED
                    and re.fullmatch(r"[-−]?\d[\d,]*(?:\.\d+)?%?", text)
                ):
                    where = f"{table.section}, table {table.caption[:40]!r}, row {row}, cell {cell}"
                    yield f"{where}: {text!r} is of nothing"


if __name__ == "__main__":
    sys.exit(main())

"""Tables of the corpus' spreadsheets, and what is made of them: groups that span rows, headers above headers."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
from pairs.html_reader import read_html, read_markdown
from pairs.model import Cell, Table, placed, text_of
from pairs.sources import plain, soup_of

_CHATCHAT = "chatchat_zh_samples/libs/chatchat-server/chatchat/data/knowledge_base/samples/content/test_files"
_LONG_WORD = re.compile(r"[!-~]{23,}")
"""Renderers let it run into the next cell: what stands there could not be told."""
_UNSTRUCTURED = "unstructured_examples/example-docs"

Maker = Callable[[Path, random.Random, int], Table]
"""Corpus, chance, how many body rows are wanted (fewer come where the sheet holds fewer)."""


def table_of(rows: Sequence[Sequence[str]], header_rows: int = 1, caption: str = "") -> Table:
    cells = tuple(tuple(Cell(plain(text)) for text in row) for row in rows)
    return Table(cells, header_rows, plain(caption))


def grouped(table: Table) -> Table:
    """Equal neighbours of the first column become one cell that spans their rows."""
    rows = [list(row) for row in table.rows]
    start = table.header_rows
    while start < len(rows):
        end = start + 1
        while end < len(rows) and text_of(rows[end][0].runs) == text_of(rows[start][0].runs):
            end += 1
        rows[start][0] = replace(rows[start][0], row_span=end - start)
        for row in rows[start + 1 : end]:
            del row[0]
        start = end
    return replace(table, rows=tuple(tuple(row) for row in rows))


def under_headers(table: Table, groups: Sequence[tuple[str, int, int]]) -> Table:
    """A header row above the header: each group names columns `first` to `last`; the others span both rows."""
    head = table.rows[0]
    covered = {column for _, first, last in groups for column in range(first, last + 1)}
    top: list[Cell] = []
    for column, cell in enumerate(head):
        for name, first, last in groups:
            if column == first:
                top.append(Cell(plain(name), col_span=last - first + 1))
        if column not in covered:
            top.append(replace(cell, row_span=2))
    below = tuple(cell for column, cell in enumerate(head) if column in covered)
    return replace(table, rows=(tuple(top), below, *table.rows[1:]), header_rows=2)


# ------------------------------------------------------------------------- Chinese


def _issues(corpus: Path, name: str, rng: random.Random, rows: int) -> list[tuple[str, str, str, str]]:
    """Number, date, title and the first line of each issue, from a random one on."""
    sheet = openpyxl.load_workbook(corpus / _CHATCHAT / name, read_only=True).active
    lines = list(sheet.iter_rows(min_row=2, values_only=True)) if sheet else []
    start = rng.randrange(max(1, len(lines) - rows - rows // 3))
    out = []
    for number, title, file, _, detail, *_ in lines[start:]:
        said = next((line for line in str(detail or "").splitlines() if line.strip() and "```" not in line), "")
        line = (str(number), str(file)[:10], str(title)[:60], said.replace("**", "").strip()[:70])
        if not any(_LONG_WORD.search(text) for text in line):
            out.append(line)
    return out[:rows]


def issues_plain(corpus: Path, rng: random.Random, rows: int) -> Table:
    lines = _issues(corpus, "langchain-ChatGLM_closed.xlsx", rng, rows)
    return table_of([("编号", "日期", "标题", "内容"), *lines], caption="已关闭的问题一览")


def issues_grouped(corpus: Path, rng: random.Random, rows: int) -> Table:
    lines = sorted(_issues(corpus, "langchain-ChatGLM_open.xlsx", rng, rows), key=lambda line: line[1])
    body = [(date, number, title) for number, date, title, _ in lines]
    return grouped(table_of([("提出日期", "编号", "标题"), *body], caption="按日期排列的未解决问题"))


def issues_nested(corpus: Path, rng: random.Random, rows: int) -> Table:
    lines = _issues(corpus, "langchain-ChatGLM_open.xlsx", rng, rows)
    table = table_of([("编号", "日期", "标题", "内容"), *lines], caption="未解决问题明细")
    return under_headers(table, [("登记", 0, 1), ("问题", 2, 3)])


def issue_counts(corpus: Path, rng: random.Random, rows: int) -> Table:
    """How many issues were opened and closed each day: short rows of numbers."""
    days: dict[str, list[int]] = {}
    for column, name in enumerate(("langchain-ChatGLM_open.xlsx", "langchain-ChatGLM_closed.xlsx")):
        for _, date, *_ in _issues(corpus, name, random.Random(0), 10_000):
            days.setdefault(date, [0, 0])[column] += 1
    body = [(day, str(o), str(c), str(o + c), f"{100 * c / (o + c):.1f}%") for day, (o, c) in sorted(days.items())]
    start = rng.randrange(max(1, len(body) - rows))
    header = ("日期", "未关闭", "已关闭", "合计", "关闭率")
    return table_of([header, *body[start : start + rows]], caption="每日问题数量统计")


# ------------------------------------------------------------------------- English


def _rfcs(corpus: Path) -> list[tuple[str, str, str, str]]:
    """Year, number, feature name and start date of every RFC that states them."""
    out = []
    for file in sorted((corpus / "history_rfcs/2026-08-01/text").glob("*.md")):
        text = file.read_text("utf-8")[:1500]
        name = re.search(r"Feature Name:\**\s*`?([^`\n(]+)", text)
        date = re.search(r"Start Date:\**\s*(\d{4})-(\d\d)-(\d\d)", text)
        if name and date and not _LONG_WORD.search(name[1].strip()[:48]) and len(name[1].strip()) > 3:
            out.append((date[1], file.name[:4], name[1].strip()[:48], "-".join(date.groups())))
    return out


def rfc_index(corpus: Path, rng: random.Random, rows: int) -> Table:
    lines = _rfcs(corpus)
    start = rng.randrange(max(1, len(lines) - rows))
    body = [(number, name, date) for _, number, name, date in lines[start : start + rows]]
    return table_of([("RFC", "Feature name", "Start date"), *body], caption="RFCs by number")


def rfc_years(corpus: Path, rng: random.Random, rows: int) -> Table:
    """Every so-manieth RFC, by year, the years spanning their rows."""
    lines = sorted(_rfcs(corpus), key=lambda line: (line[3], line[1]))
    step = max(1, len(lines) // rows)
    return grouped(table_of([("Year", "RFC", "Feature name", "Start date"), *lines[::step][:rows]]))


def rfc_nested(corpus: Path, rng: random.Random, rows: int) -> Table:
    lines = _rfcs(corpus)
    start = rng.randrange(max(1, len(lines) - rows))
    body = [(number, name, year, date[5:]) for year, number, name, date in lines[start : start + rows]]
    table = table_of([("RFC", "Feature name", "Year", "Month and day"), *body], caption="When each RFC began")
    return under_headers(table, [("Proposal", 0, 1), ("Start", 2, 3)])


def rfc_changes(corpus: Path, rng: random.Random, rows: int) -> Table:
    words = {"A": "added", "M": "modified", "D": "deleted"}
    with (corpus / "history_rfcs/diff.name-status.tsv").open(encoding="utf-8") as file:
        lines = [line for line in csv.reader(file, delimiter="\t") if len(line) == 2 and line[0] in words]
    start = rng.randrange(max(1, len(lines) - rows))
    body = [(words[status], path) for status, path in lines[start : start + rows]]
    return table_of([("Change", "File"), *body], caption="Files changed between 2021 and 2026")


def segments(corpus: Path, rng: random.Random, rows: int) -> Table:
    """Half-year figures: a period above its columns, wrapped column names, many numbers."""
    path = corpus / _UNSTRUCTURED / "2023-half-year-analyses-by-segment.xlsx"
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    lines = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    begin = rng.choice([6, 21])
    keep = [0, 1, 2, 3, 5, 6, 7, 9]
    names = [lines[begin][column] for column in keep]
    body = [[lines[row][column] for column in keep] for row in range(begin + 2, begin + 12)]
    names[0] = lines[begin - 1][0]
    table = table_of([names, *body], caption="Operating segments: revenue and results")
    return under_headers(table, [(lines[begin - 1][9], 1, 7)])


def ballots(corpus: Path, rng: random.Random, rows: int) -> Table:
    with (corpus / _UNSTRUCTURED / "table-multi-row-column-cells-actual.csv").open(encoding="utf-8") as file:
        head, below, *body = list(csv.reader(file))
    table = table_of([(*head[:4], *below[4:]), *body], caption="Ballots by category of disability")
    return under_headers(table, [(head[4], 4, 5)])


def numbers(corpus: Path, rng: random.Random, rows: int) -> Table:
    sheet = openpyxl.load_workbook(corpus / "markitdown_tests/packages/markitdown/tests/test_files/test.xlsx").active
    lines = [[str(value) for value in row] for row in sheet.iter_rows(values_only=True)] if sheet else []
    return table_of(lines[: rows + 1], caption="Readings of the four series")


def casinghead(corpus: Path, rng: random.Random, rows: int) -> Table:
    """Eight of the many columns of a register of gas wells."""
    path = corpus / "docling_tests/tests/data/ebcdic/groundtruth/gas_disposition.ebc.md"
    table = next(block for block in read_markdown(path.read_text("utf-8")) if isinstance(block, Table))
    grid = [["" for _ in range(table.columns)] for _ in table.rows]
    for row, column, cell in placed(table):
        grid[row][column] = text_of(cell.runs)
    keep = [0, 1, 8, 9, 10, 11, 12]
    lines = [[line[column].removeprefix("GD-PR-") for column in keep] for line in grid[: rows + 1]]
    return table_of(lines, caption="Casinghead gas disposition")


def _html_tables(path: Path) -> list[Table]:
    return [block for block in read_html(soup_of(path)) if isinstance(block, Table)]


def items_10k(corpus: Path, rng: random.Random, rows: int) -> Table:
    """The list of contents of an annual report: parts span all three columns; no header row, no empty columns."""
    found = _html_tables(corpus / _UNSTRUCTURED / "example-10k-1p.html")
    longest = max(found, key=lambda table: len(table.rows))
    lines = tuple(
        (replace(row[0], col_span=3),) if len(row) == 1 else tuple(cell for cell in row if cell.runs)
        for row in longest.rows
    )
    return Table(tuple(row for row in lines if len(row) in {1, 3}), header_rows=0)


def steel(corpus: Path, rng: random.Random, rows: int) -> Table:
    found = _html_tables(corpus / _UNSTRUCTURED / "example-steelJIS-datasheet-utf-16.html")
    return replace(max(found, key=lambda table: table.columns), header_rows=1)


def goals(corpus: Path, rng: random.Random, rows: int) -> Table:
    """One of the tables of the project goals, with links and check marks gone."""
    name = rng.choice(["3764-Project-Goals-2025h1.md", "3849-Project-Goals-2025h2.md", "3672-Project-Goals-2024h2.md"])
    text = (corpus / "history_rfcs/2026-08-01/text" / name).read_text("utf-8")
    found = [block for block in read_markdown(text) if isinstance(block, Table) and len(block.rows) >= 8]
    table = rng.choice(found)
    return replace(table, rows=table.rows[: rows + 1])


LONG: dict[str, tuple[Maker, ...]] = {
    "zh": (issues_plain, issues_grouped, issues_nested, issue_counts),
    "en": (rfc_index, rfc_years, rfc_nested, rfc_changes),
}
"""Those that fill two to four pages."""
SHORT: dict[str, tuple[Maker, ...]] = {
    "zh": (issue_counts, issues_nested, issues_grouped, segments, ballots),
    "en": (segments, ballots, numbers, casinghead, items_10k, steel, goals, rfc_nested, rfc_years),
}
WIDE: dict[str, tuple[Maker, ...]] = {"zh": (issues_plain, segments), "en": (segments, casinghead)}

"""Does a workbook with many merged cells take time in proportion to its rows?

    python benchmarks/parse/merged_sheets.py [ROWS …]

Makes a workbook of each size in a folder of its own, every four rows merged in the first column, and
reads it. Seconds are processor time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.cell_range import CellRange

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.office.sheets import SheetParser
from schemas.source import Route

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SPAN = 4


def made(folder: Path, rows: int) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["region", "month", "value", "note"])
    for number in range(rows):
        first = f"region {number // _SPAN}" if number % _SPAN == 0 else None
        sheet.append([first, f"month {number % 12}", number, f"note {number}"])
    for top in range(2, rows - _SPAN + 2, _SPAN):
        sheet.merged_cells.ranges.add(CellRange(f"A{top}:A{top + _SPAN - 1}"))  # one by one, openpyxl compares all
    path = folder / f"rows-{rows}.xlsx"
    book.save(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="*", default=[12_500, 25_000, 50_000])
    sizes = parser.parse_args().rows
    before = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            path = made(Path(folder), rows)
            source = ParseInput(path, path.name, _XLSX, Route.SHEET, path.stat().st_size)
            started = time.process_time()
            document = SheetParser(Tools()).parse(source)
            seconds = time.process_time() - started
            spans = sum(cell.row_span > 1 for block in document.blocks if block.table for cell in block.table.cells)
            ratio = f", {seconds / before:.2f} times the one before" if before else ""
            print(f"{rows:,} rows, {spans:,} merged cells: {seconds:.1f} s{ratio}", flush=True)
            before = seconds


if __name__ == "__main__":
    main()

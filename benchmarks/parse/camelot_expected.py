"""How well parsers read the tables that camelot's own tests expect, side by side.

    python benchmarks/parse/camelot_expected.py CORPUS/camelot_tables [--parser NAME ...] [--show FILE]

`expected.json` holds, by file, rows of cells without spans, as one of camelot's methods reads them
with options chosen for that file; where two methods were asserted on one table, the expectation that a
parser comes nearer to counts. For each expected table the best of all tables that a parser finds in
the file: cell F1 is of the cells' texts as a multiset, adjacency F1 of neighbouring cells (see
`scores/adjacency.py`). camelot itself runs without those options. `--show` prints what was
expected in a file and what was found, row by row.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from parsers import Parse, make_parser
from scores.adjacency import compare
from scores.reading import Grid, read

PARSERS = ("docstrata", "pymupdf4llm", "pdfplumber", "camelot", "camelot:hybrid", "camelot:network", "camelot:stream")


@dataclass(frozen=True, slots=True)
class Expected:
    """`table` is equal for two expectations of one table."""

    file: str
    name: str
    grid: Grid

    @property
    def table(self) -> tuple[str, str]:
        number = re.search(r"_(\d+)$", self.name)
        return self.file, number[1] if number else ""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near the best table that was found comes."""

    cell_f1: float
    adjacency_f1: float


def expectations(path: Path) -> list[Expected]:
    files: dict[str, dict[str, list[list[str]]]] = json.loads(path.read_text("utf-8"))
    return [Expected(f, name, Grid.of_rows(rows)) for f, tables in files.items() for name, rows in tables.items()]


def nearest(expected: Grid, found: Sequence[Grid]) -> Nearness:
    scores = [compare([expected], [grid]) for grid in found]
    return max(
        (Nearness(score.cell_f1 or 0.0, score.f1 or 0.0) for score in scores),
        key=lambda near: (near.cell_f1, near.adjacency_f1),
        default=Nearness(0.0, 0.0),
    )


def tables_of(parse: Parse, path: Path) -> tuple[Grid, ...]:
    try:
        return read(parse(path)).tables
    except Exception as error:  # noqa: BLE001 - whatever a parser raises is a finding about it
        print(f"  failed: {path.name}: {type(error).__name__}: {error}", file=sys.stderr)
        return ()


def measure(name: str, expected: Sequence[Expected], folder: Path) -> dict[tuple[str, str], Nearness]:
    """By file and expectation."""
    parse = make_parser(name)
    started = time.perf_counter()
    found = {file: tables_of(parse, folder / file) for file in dict.fromkeys(item.file for item in expected)}
    print(f"{name}: {len(found)} files in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    return {(item.file, item.name): nearest(item.grid, found[item.file]) for item in expected}


def report(expected: Sequence[Expected], measured: dict[str, dict[tuple[str, str], Nearness]]) -> None:
    width = max(len(f"{item.file} {item.name}") for item in expected) + 2
    print("cell F1 / adjacency F1".ljust(width) + "".join(name.rjust(17) for name in measured))
    for item in expected:
        row = [near[item.file, item.name] for near in measured.values()]
        print(f"{item.file} {item.name}".ljust(width) + "".join(_figures(near) for near in row))
    tables: defaultdict[tuple[str, str], list[Expected]] = defaultdict(list)
    for item in expected:
        tables[item.table].append(item)
    for label, middle in (("median", median), ("mean", fmean)):
        line = ""
        for near in measured.values():
            best = [max((near[i.file, i.name] for i in same), key=lambda n: n.cell_f1) for same in tables.values()]
            line += _figures(Nearness(middle(n.cell_f1 for n in best), middle(n.adjacency_f1 for n in best)))
        print(f"{label} of {len(tables)} tables".ljust(width) + line)


def _figures(near: Nearness) -> str:
    return f"{near.cell_f1:.3f} / {near.adjacency_f1:.3f}".rjust(17)


def show(names: Sequence[str], expected: Sequence[Expected], path: Path) -> None:
    for item in expected:
        if item.file == path.name:
            _print_grid(f"expected: {item.name}", item.grid)
    for name in names:
        for number, grid in enumerate(tables_of(make_parser(name), path), 1):
            _print_grid(f"{name}: table {number}", grid)


def _print_grid(label: str, grid: Grid) -> None:
    print(f"--- {label}")
    for row in grid.slots:
        texts = ["" if place is None else " ".join(grid.cells[place].text.split()) for place in row]
        print(" | ".join(texts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parser", nargs="+", default=PARSERS)
    parser.add_argument("--show", metavar="FILE")
    arguments = parser.parse_args()
    files = arguments.folder / "tests" / "files"
    if not (arguments.folder / "expected.json").is_file() or not files.is_dir():
        sys.exit(f"{arguments.folder} holds no expected.json with tests/files: name the folder camelot_tables")
    expected = expectations(arguments.folder / "expected.json")
    if arguments.show:
        if arguments.show not in {item.file for item in expected}:
            sys.exit(f"nothing is expected of {arguments.show}; choose one of {', '.join({i.file for i in expected})}")
        show(arguments.parser, expected, files / arguments.show)
        return
    report(expected, {name: measure(name, expected, files) for name in arguments.parser})


if __name__ == "__main__":
    main()

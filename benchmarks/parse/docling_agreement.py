"""How far docstrata agrees with docling's reviewed Markdown, format by format.

    python benchmarks/parse/docling_agreement.py CORPUS/docling_tests [--format NAME …] [--texts FOLDER]

Every file under `tests/data/FORMAT/sources` whose Markdown lies in `groundtruth` beside it. Medians by
format, then each document from the worst. `nid_read` is the NID of what a reader sees: marks, escapes and
comments out, tables as the texts of their cells, row by row, a spanned text in every place that it covers
(so docling's pipe tables have it). It is the score to go by outside PDF: `nid` also counts how
docling escapes Markdown and how it writes a span. --texts writes both readings there, to be
compared by eye. Their Markdown is a reference that people have read, and no truth: what we do
otherwise on purpose is listed in RESULTS.md.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from parsers import Parse, make_parser
from score import parsed
from scores.document import Scores, all_scores
from scores.nid import similarity
from scores.reading import Grid, Reading, normalised, read, without_tables

_SHOWN = ("nid_read", "nid", "nid_text", "heading_f1", "parents", "levels", "teds", "adjacency_f1")
_TABLE = "\ufdd1"
"""Stands where a table stood: a code point that no text has."""
_MATH = re.compile(r"\$+")
_ESCAPED = re.compile(r"\\([_*#\[\]])")


@dataclass(frozen=True, slots=True)
class Agreement:
    """`error`: why docstrata made nothing of it; it then scores as an empty document."""

    format: str
    document: str
    scores: Scores
    error: str = ""


def references(corpus: Path, formats: Sequence[str] = ()) -> Iterator[tuple[str, Path, Path]]:
    """Format, document and reference."""
    for folder in sorted((corpus / "tests" / "data").iterdir()):
        if formats and folder.name not in formats:
            continue
        truths = folder / "groundtruth"
        for path in sorted((folder / "sources").glob("*")) if truths.is_dir() else ():
            # docling names a PDF's Markdown by its stem; other files lie there as PDF too, unreviewed.
            name = f"{path.stem if folder.name == 'pdf' else path.name}.md"
            if (truths / name).is_file():
                yield folder.name, path, truths / name


def read_text(reading: Reading) -> str:
    """What a reader sees of it, in its order."""
    tables = iter(reading.tables)
    whole = re.sub(r"<table\b.*?</table>", f"\n\n{_TABLE}\n\n", reading.markdown, flags=re.DOTALL | re.IGNORECASE)
    text = read(without_tables(whole)).text
    filled = "".join(_grid_text(next(tables)) if part == _TABLE else part for part in re.split(f"({_TABLE})", text))
    return _plain(filled)


def _grid_text(grid: Grid) -> str:
    cells = (grid.cells[index].text for row in grid.slots for index in row if index is not None)
    return " ".join(cells)


def _plain(text: str) -> str:
    """docling escapes twice in places, and sets math in dollars."""
    return html.unescape(_ESCAPED.sub(r"\1", _MATH.sub("", text)))


def agreement(parse: Parse, kind: str, path: Path, reference: Path, texts: Path | None = None) -> Agreement:
    markdown, error = parsed(parse, path)
    truth, found = read(reference.read_text("utf-8")), read(markdown)
    one, other = read_text(truth), read_text(found)
    if texts is not None:
        (texts / f"{path.name}.docling.txt").write_text(one, "utf-8")
        (texts / f"{path.name}.docstrata.txt").write_text(other, "utf-8")
        (texts / f"{path.name}.docstrata.md").write_text(markdown, "utf-8")
    same = similarity(normalised(one), normalised(other)) if one.strip() or other.strip() else 1.0
    return Agreement(kind, path.name, {**all_scores(truth, found), "nid_read": same}, error)


def show(rows: Sequence[Agreement]) -> None:
    by_format: defaultdict[str, list[Agreement]] = defaultdict(list)
    for row in rows:
        by_format[row.format].append(row)
    print("median          documents  " + "  ".join(f"{name:>12}" for name in _SHOWN))
    for kind, group in (*by_format.items(), ("all", list(rows))):
        figures = (_figure([s for row in group if (s := row.scores[name]) is not None]) for name in _SHOWN)
        print(f"{kind:15} {len(group):9}  " + "  ".join(figures))
    print("\neach, the worst first:")
    for row in sorted(rows, key=lambda row: row.scores["nid_read"] or 0.0):
        figures = (_figure([s] if (s := row.scores[name]) is not None else []) for name in _SHOWN)
        print(f"{row.format:9} {row.document[:34]:34} " + "  ".join(figures))
    for row in rows:
        if row.error:
            print(f"failed: {row.document}: {row.error}")


def _figure(scores: Sequence[float]) -> str:
    return f"{median(scores):12.3f}" if scores else f"{'-':>12}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--format", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--texts", type=Path, help="write what was compared here")
    arguments = parser.parse_args()
    if not (arguments.corpus / "tests" / "data").is_dir():
        sys.exit(f"{arguments.corpus} has no tests/data: name the folder that holds docling's tests")
    if arguments.texts:
        arguments.texts.mkdir(parents=True, exist_ok=True)
    parse = make_parser("docstrata:comments")  # docling reads them
    found = references(arguments.corpus, arguments.format)
    show([agreement(parse, kind, path, truth, arguments.texts) for kind, path, truth in found])


if __name__ == "__main__":
    main()

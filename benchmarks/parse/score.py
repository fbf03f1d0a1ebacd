"""Scores a parser on a folder of documents with reference Markdown. One process, one parser.

    python benchmarks/parse/score.py PARSER FOLDER [--reference FOLDER] [--out JSON]

PARSER: docstrata, pymupdf4llm, pdfplumber, camelot (tables only; camelot:stream and so on for
another flavor), predictions:FOLDER (Markdown that is there already). A document is any file that
has its reference beside it, or in the folder of --reference: NAME.md or NAME.SUFFIX.md for
NAME.SUFFIX. Seconds are the parser's alone, after it has read the first document once to load
what it needs. A document at which it fails is scored as an empty one and named.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median

from parsers import NAMES, TABLES_ONLY, Parse, make_parser
from scores.document import LEADING, METRICS, TABLE_METRICS, Scores, all_scores
from scores.reading import read

_WORST = 10


@dataclass(frozen=True, slots=True)
class Scored:
    """`pages` is 0 for what is no PDF."""

    document: str
    pages: int
    seconds: float
    scores: Scores
    error: str = ""

    def standing(self, metrics: Sequence[str]) -> float:
        """What documents are ordered by."""
        known = [score for metric in metrics if (score := self.scores[metric]) is not None]
        return fmean(known) if known else 1.0


def documents(folder: Path, references: Path) -> Iterator[tuple[Path, Path]]:
    """Each document with its reference, by name; JSON is what else is known of a document."""
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith(".") or path.suffix == ".json":
            continue
        reference = next((r for r in _names(path, references) if r.is_file() and r != path), None)
        if reference is not None:
            yield path, reference


def _names(path: Path, references: Path) -> tuple[Path, Path]:
    return references / f"{path.name}.md", references / f"{path.stem}.md"


def parsed(parse: Parse, path: Path) -> tuple[str, str]:
    """Markdown, and the error if there was one."""
    try:
        return parse(path), ""
    except Exception as raised:  # noqa: BLE001 - whatever a parser raises is a finding about it, told in the result
        return "", f"{type(raised).__name__}: {raised}"[:300]


def score_document(parse: Parse, path: Path, reference: Path) -> Scored:
    started = time.perf_counter()
    markdown, error = parsed(parse, path)
    seconds = time.perf_counter() - started
    scores = all_scores(read(reference.read_text("utf-8")), read(markdown))
    return Scored(path.name, _pages(path), seconds, scores, error)


def _pages(path: Path) -> int:
    import pymupdf

    if path.suffix.lower() != ".pdf":
        return 0
    with pymupdf.open(path) as document:
        return int(document.page_count)


def show(parser: str, scored: Sequence[Scored]) -> None:
    metrics = TABLE_METRICS if parser.startswith(TABLES_ONLY) else METRICS
    leading = [metric for metric in LEADING if metric in metrics]
    seconds, pages = sum(s.seconds for s in scored), sum(s.pages for s in scored)
    rate = f", {pages} pages, {pages / seconds:.2f} pages/s" if pages else ""
    print(f"{parser}: {len(scored)} documents, {seconds:.1f} s{rate}")
    print("metric               documents  median    mean   worst")
    for metric in metrics:
        values = [value for s in scored if (value := s.scores[metric]) is not None]
        if values:
            figures = f"{median(values):6.4f}  {fmean(values):6.4f}  {min(values):6.4f}"
            print(f"{metric:20} {len(values):9}  {figures}")
    for what in ("tables_extra", "headings_extra"):
        counts = [s.scores[what] or 0 for s in scored]
        if any(counts) and (what == "tables_extra" or metrics is METRICS):
            print(f"{what:20} {sum(counts):.0f} in {sum(map(bool, counts))} documents")
    print(f"the worst by the mean of {', '.join(leading)}:")
    for row in sorted(scored, key=lambda s: s.standing(leading))[:_WORST]:
        print(f"  {row.standing(leading):.3f}  {'  '.join(_figure(row.scores[m]) for m in leading)}  {row.document}")
    for row in scored:
        if row.error:
            print(f"failed: {row.document}: {row.error}")


def _figure(score: float | None) -> str:
    return "   - " if score is None else f"{score:.3f}"


def score_folder(parse: Parse, found: Sequence[tuple[Path, Path]]) -> list[Scored]:
    parsed(parse, found[0][0])  # loads models and libraries
    scored = []
    for number, (path, reference) in enumerate(found, 1):
        if sys.stderr.isatty():
            print(f"\r\033[K{number} of {len(found)}: {path.name}", end="", file=sys.stderr, flush=True)
        scored.append(score_document(parse, path, reference))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return scored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parser", help=", ".join(NAMES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reference", type=Path, help="the folder of the reference Markdown, if it is another")
    parser.add_argument("--out", type=Path, help="write every document's scores here, as JSON")
    arguments = parser.parse_args()
    parse = make_parser(arguments.parser)
    references = arguments.reference or arguments.folder
    for folder in (arguments.folder, references):
        if not folder.is_dir():
            sys.exit(f"there is no folder {folder}; name the one that holds the documents")
    found = list(documents(arguments.folder, references))
    if not found and arguments.parser.startswith("predictions:"):  # references are all that is needed
        found = [(path, path) for path in sorted(references.glob("*.md"))]
    if not found:
        sys.exit(f"no file in {arguments.folder} has a reference: put NAME.md into {references} for NAME.pdf")
    try:
        scored = score_folder(parse, found)
    except KeyboardInterrupt:
        sys.exit("stopped: nothing was written; start it again to score all documents")
    show(arguments.parser, scored)
    if arguments.out:
        rows = [asdict(row) for row in scored]
        arguments.out.write_text(json.dumps({"parser": arguments.parser, "documents": rows}, indent=1), "utf-8")


if __name__ == "__main__":
    main()

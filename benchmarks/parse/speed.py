"""Pages per second of several parsers over the same PDFs, side by side.

    python benchmarks/parse/speed.py FOLDER [--parser NAME ...] [--most-pages 30]

One process a parser; they take turns file by file, so that whatever else the machine does slows all of
them alike. Without OCR. Each reads one file first, to load what it needs. Files that do not open without
a password, have no pages, or more than --most-pages are left out, and those at which a parser fails
count for none. `textpage` is bare `get_text("dict")` of every page: what reading costs before
anybody thinks. pymupdf4llm gives the layout model a thread a core, docstrata as many as it is told.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

PARSERS = ("docstrata:threads=2", "pymupdf4llm", "textpage")


def _textpage(path: Path) -> str:
    import pymupdf

    with pymupdf.open(path) as document:
        return str(sum(len(page.get_text("dict")["blocks"]) for page in document))


def serve(name: str, pipe: Connection) -> None:
    """Times files until it gets None. What a parser prints is none of our output."""
    from parsers import make_parser

    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    parse: Callable[[Path], str] = _textpage if name == "textpage" else make_parser(name)
    while (path := pipe.recv()) is not None:
        started = time.perf_counter()
        try:
            parse(path)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is a finding about it
            pipe.send(f"{type(error).__name__}: {error}"[:200])
        else:
            pipe.send(time.perf_counter() - started)


def pages_of(path: Path) -> int:
    import pymupdf

    try:
        with pymupdf.open(path) as document:
            return 0 if document.needs_pass else int(document.page_count)
    except Exception:  # noqa: BLE001 - MuPDF raises anything over a broken file: it is left out for all
        return 0


def measure(names: list[str], files: list[tuple[Path, int]]) -> dict[str, list[tuple[int, float]]]:
    """By parser: pages and seconds of every file that all of them read."""
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    for name in names:
        here, there = context.Pipe()
        context.Process(target=serve, args=(name, there), daemon=True).start()
        pipes[name] = here
    taken: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, (path, pages) in enumerate([files[0], *files]):
        answers = {}
        for name, pipe in pipes.items():
            pipe.send(path)
            answers[name] = pipe.recv()
        failed = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
        for name, answer in failed.items():
            print(f"  {path.name}: {name}: {answer}", file=sys.stderr)
        if number and not failed:
            for name, seconds in answers.items():
                taken[name].append((pages, seconds))
    for pipe in pipes.values():
        pipe.send(None)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parser", nargs="+", default=PARSERS)
    parser.add_argument("--most-pages", type=int, default=30)
    arguments = parser.parse_args()
    found = [(path, pages_of(path)) for path in sorted(arguments.folder.rglob("*.pdf"))]
    files = [(path, pages) for path, pages in found if 0 < pages <= arguments.most_pages]
    if not files:
        sys.exit(f"there is no PDF in {arguments.folder} that opens: name a folder of PDFs")
    taken = measure(list(arguments.parser), files)
    first = sum(seconds for _, seconds in taken[arguments.parser[0]])
    for name, rows in taken.items():
        pages, seconds = sum(p for p, _ in rows), sum(s for _, s in rows)
        print(f"{name:20} {len(rows)} files, {pages} pages, {seconds:7.1f} s, {pages / seconds:7.2f} pages/s", end="")
        print(f", {first / seconds:5.2f} times as fast as {arguments.parser[0]}")


if __name__ == "__main__":
    main()

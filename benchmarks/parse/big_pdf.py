"""A PDF of many pages: memory, pages a second, and whether page 700 is as good as page 1.

    python benchmarks/parse/big_pdf.py [--text FOLDER] [--pages 100 300 1000] [--workers 1 2] [--ocr rapidocr]

Makes the files out of the Markdown under FOLDER (built-in sentences without it): prose with headings,
a ruled table on every tenth page, page 700 (or the last third) the same as page 1, and two broken
pages in the middle, one whose page object is gone and one whose content cannot be unpacked. Reads
each with `inspect` in a process of its own, as a run would, for every number of workers.

Memory is the sum over all processes, sampled five times a second; `document` is what the process
holds that gets the result. The digests of one file must be equal whatever the number of workers.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pymupdf

from schemas.document import Document

_MIB = 1024 * 1024
_WIDTH, _HEIGHT = 595, 842
_BODY = pymupdf.Rect(72, 90, _WIDTH - 72, _HEIGHT - 80)
_SENTENCE = "Storage engines keep their pages in order, and a reader that follows them sees every change once."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path)
    parser.add_argument("--pages", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--ocr", default="none")
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE of the configuration")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        _read(arguments.read, arguments.workers[0], arguments.ocr, arguments.set)
        return
    columns = (
        "pages",
        "workers",
        "seconds",
        "pages/s",
        "all processes, MiB",
        "largest, MiB",
        "failed",
        "alike",
        "digest",
    )
    print("| " + " | ".join(columns) + " |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for count in arguments.pages:
            path = Path(scratch) / f"{count}.pdf"
            make(path, count, arguments.text)
            for workers in arguments.workers:
                _measure(path, count, workers, arguments)


def _measure(path: Path, count: int, workers: int, arguments: argparse.Namespace) -> None:
    command = [sys.executable, __file__, "--read", str(path), "--workers", str(workers), "--ocr", arguments.ocr]
    command += [part for value in arguments.set for part in ("--set", value)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = largest = 0
    while process.poll() is None:
        sizes = _sizes(process.pid)
        peak, largest = max(peak, sum(sizes)), max(largest, *sizes, 0)
        time.sleep(0.2)
    told = json.loads(process.stdout.read() if process.stdout else "{}")
    if "error" in told:
        print(f"| {count} | {workers} | {told['seconds']:.1f} | {told['error']} |", flush=True)
        return
    print(
        f"| {count} | {workers} | {told['seconds']:.1f} | {count / told['seconds']:.2f} | {peak // _MIB} | "
        f"{largest // _MIB} | {told['failed']} | {told['alike']} | {told['digest'][:10]} |",
        flush=True,
    )


def _sizes(pid: int) -> list[int]:
    try:
        parent = psutil.Process(pid)
        return [process.memory_info().rss for process in (parent, *parent.children(recursive=True))]
    except psutil.Error:
        return []  # one of them has just ended


def _read(path: Path, workers: int, ocr: str, assignments: list[str]) -> None:
    from ingest.api import inspect, settings_for
    from ingest.config import literal
    from schemas.errors import InputError

    chosen = {key: literal(value, key) for key, _, value in (text.partition("=") for text in assignments)}
    settings = settings_for(overrides={"parse.workers": workers, "ocr.engine": ocr, **chosen})
    started = time.monotonic()
    try:
        document = inspect(path, settings).document
    except InputError as error:
        print(json.dumps({"seconds": time.monotonic() - started, "error": f"{error.code}: {error.message}"}))
        return
    seconds = time.monotonic() - started
    failed = {page.number: page.reason for page in document.pages if page.method == "failed"}
    for number, reason in failed.items():
        print(f"page {number}: {reason}", file=sys.stderr)
    told = {
        "seconds": seconds,
        "failed": sorted(failed),
        "alike": _on_page(document, 1) == _on_page(document, twin_of_first(len(document.pages))),
        "digest": hashlib.sha256(document.model_dump_json().encode()).hexdigest(),
    }
    print(json.dumps(told))


def _on_page(document: Document, number: int) -> list[tuple[object, ...]]:
    return [
        (block.kind, block.level, document.text_of(block), [region.bbox for region in block.regions])
        for block in document.blocks
        if [region.page for region in block.regions] == [number] and not block.is_furniture
    ]


def twin_of_first(count: int) -> int:
    """The page that is the same as page 1."""
    return 700 if count >= 700 else max(count * 2 // 3, 2)


def broken_pages(count: int) -> tuple[int, int]:
    """The page without an object, and the one whose content cannot be unpacked."""
    return count // 2, count // 2 + 1


def make(path: Path, count: int, text: Path | None = None) -> None:
    """The PDF; the same for the same arguments."""
    document = pymupdf.open()
    pages = _texts(text)
    first = next(pages)
    for number in range(1, count + 1):
        same = number in (1, twin_of_first(count))
        _write(document.new_page(width=_WIDTH, height=_HEIGHT), number, first if same else next(pages), plain=same)
    gone, garbled = broken_pages(count)
    garbled_content = document[garbled - 1].get_contents()[0]
    page_object = document[gone - 1].xref
    document.update_stream(garbled_content, b"\x9c\x00broken" * 40, compress=False)
    document.xref_set_key(garbled_content, "Filter", "/FlateDecode")
    document.update_object(page_object, "<</Type/Nothing>>")
    document.save(path)


def _write(page: pymupdf.Page, number: int, text: str, *, plain: bool) -> None:
    heading, _, body = text.partition("\n")
    page.insert_text((72, 75), heading[:60], fontsize=16, fontname="hebo")
    page.insert_text((290, _HEIGHT - 40), str(number), fontsize=9)
    with_table = number % 10 == 0 and not plain
    box = pymupdf.Rect(_BODY.tl, _BODY.br - (0, 180)) if with_table else _BODY
    while page.insert_textbox(box, body, fontsize=10, fontname="helv") < 0:
        body = body[: int(len(body) * 0.9)]
    if with_table:
        _table(page, number)


def _table(page: pymupdf.Page, number: int) -> None:
    for row in range(6):
        for column in range(4):
            cell = pymupdf.Rect(72 + column * 110, 600 + row * 22, 72 + (column + 1) * 110, 622 + row * 22)
            page.draw_rect(cell, width=0.5)
            words = f"Column {column + 1}" if row == 0 else f"{number}.{row}.{column}"
            page.insert_text((cell.x0 + 4, cell.y1 - 7), words, fontsize=9, fontname="hebo" if row == 0 else "helv")


def _texts(folder: Path | None) -> Iterator[str]:
    """Texts of a page each: a heading, and paragraphs."""
    if folder is None:
        for number in itertools.count(1):
            paragraphs = [f"In part {number}.{part}, {_SENTENCE} " * 4 for part in range(1, 9)]
            yield f"Part {number} of the manual\n" + "\n\n".join(paragraphs)
    files = sorted(folder.rglob("*.md")) if folder else []
    for file in itertools.cycle(files):
        words = file.read_text("latin-1", "replace").encode("latin-1", "replace").decode("latin-1")
        paragraphs = [" ".join(part.split()) for part in words.split("\n\n") if part.strip()]
        for start in range(0, len(paragraphs), 8):
            yield f"{file.stem} {start // 8 + 1}\n" + "\n\n".join(paragraphs[start : start + 8])


if __name__ == "__main__":
    main()

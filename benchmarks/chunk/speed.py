"""How fast `hybrid` chunks, beside langchain's recursive splitter, and how its time and memory grow.

    python benchmarks/chunk/speed.py FOLDER [--sizes 1 5 10 50] [--rounds 3] [--compare 2]

The text is that of the Markdown files of FOLDER, one after the other and again from the first,
as a document of paragraphs and headings. Both splitters count tokens with the default model's
tokenizer through the same counter, and take turns in one process. Each size then has a process
of its own; memory is the highest resident size while chunking over that before it.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Literal

from chunkers.base import TokenCounter
from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from schemas.document import Block, BlockKind, Document

MEGA = 1_000_000
PAGE = 4096
Cohesion = Literal["none", "lexical"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=float, nargs="*", default=[1, 5, 10, 50], help="millions of characters")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--compare", type=float, default=2, help="millions of characters for the comparison")
    parser.add_argument("--one", choices=["none", "lexical"], help="one process's part: the first size alone")
    arguments = parser.parse_args()
    if arguments.one:
        grow(arguments.folder, arguments.sizes[0], arguments.one)
        return
    compare(document_of(arguments.folder, arguments.compare), arguments.rounds)
    for cohesion in ("none", "lexical"):
        for size in arguments.sizes:
            command = [sys.executable, __file__, str(arguments.folder), "--sizes", str(size), "--one", cohesion]
            subprocess.run(command, check=True)


def document_of(folder: Path, size: float) -> Document:
    """Blank lines part blocks; what begins with number signs is a heading."""
    wanted, length, texts = int(size * MEGA), 0, list[str]()
    files = sorted(folder.rglob("*.md"))
    if not files:
        raise SystemExit(f"no Markdown files below {folder}")
    for file in cycle(files):
        texts.append(file.read_text("utf-8"))
        length += len(texts[-1]) + 2
        if length >= wanted:
            break
    text = "\n\n".join(texts)[:wanted]
    blocks: list[Block] = []
    for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text):
        marks = len(match[0]) - len(match[0].lstrip("#"))
        kind = BlockKind.HEADING if 1 <= marks <= 6 else BlockKind.PARAGRAPH
        level = marks if kind is BlockKind.HEADING else None
        start = match.start() + (marks if level else 0)
        if start < match.end():
            blocks.append(Block(ordinal=len(blocks), kind=kind, start=start, end=match.end(), level=level))
    return Document(text=text, parser="plain", parser_version="1", blocks=tuple(blocks))


def compare(document: Document, rounds: int) -> None:
    counter = HuggingFaceTokenCounter(EmbedOptions())
    runs = {
        "hybrid, cohesion none": hybrid(document, counter, "none"),
        "hybrid, cohesion lexical": hybrid(document, counter, "lexical"),
        "langchain recursive, its separators": langchain(document, counter, None),
        "langchain recursive, sentences too": langchain(document, counter, ["\n\n", "\n", ". ", "? ", "! ", " ", ""]),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    counts: dict[str, int] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            begin = time.perf_counter()
            counts[name] = run()
            seconds[name].append(time.perf_counter() - begin)
    base = statistics.median(seconds["langchain recursive, its separators"])
    print(f"{len(document.text) / MEGA:.1f} million characters, {rounds} rounds, taking turns")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        rate = len(document.text) / middle / MEGA
        print(f"{name:38} {rate:5.2f} MB/s  {base / middle:4.2f} x langchain  {counts[name]} chunks")


def hybrid(document: Document, counter: TokenCounter, cohesion: Cohesion) -> Callable[[], int]:
    chunker = make_chunker("hybrid", ChunkOptions(cohesion=cohesion), counter)
    return lambda: sum(1 for _ in chunker.chunk(document))


def langchain(document: Document, counter: TokenCounter, separators: list[str] | None) -> Callable[[], int]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=separators,
        chunk_size=ChunkOptions().target_tokens,
        chunk_overlap=0,
        length_function=lambda text: counter.count([text])[0],
    )
    return lambda: len(splitter.split_text(document.text))


def grow(folder: Path, size: float, cohesion: Cohesion) -> None:
    counter = HuggingFaceTokenCounter(EmbedOptions())
    document = document_of(folder, size)
    chunker = make_chunker("hybrid", ChunkOptions(cohesion=cohesion), counter)
    before = highest = resident()
    count = 0
    begin = time.perf_counter()
    for _ in chunker.chunk(document):
        count += 1
        if count % 500 == 0:
            highest = max(highest, resident())
    taken = time.perf_counter() - begin
    rate = len(document.text) / taken / MEGA
    more = (max(highest, resident()) - before) / 2**20
    print(f"{cohesion:8} {size:4.0f} MB  {rate:5.2f} MB/s  {more:5.0f} MiB beyond the document, {count} chunks")


def resident() -> int:
    """Bytes, by Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


if __name__ == "__main__":
    main()

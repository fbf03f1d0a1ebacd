"""Makes the pictures of docs/chunking.md: `python docs/make_chunk_pictures.py [--check]`.

One document of examples/inbox, cut by every strategy with the default sizes. `--check` tells
whether the pictures are those of the present code; `semantic`, which loads a model, it takes as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from chunkers.options import ChunkOptions
from chunkers.registry import SEMANTIC, make_chunker
from ingest.embed.sentence_vectors import ModelSentenceVectors
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from ingest.parsers.base import ParseInput
from ingest.parsers.markdown.parser import MarkdownParser
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Document
from schemas.source import Route

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SOURCE = ROOT / "examples" / "inbox" / "contracts" / "service-agreement.md"
STRATEGIES = ("character", "recursive", "token", "document", "semantic", "hybrid")
FIRST, LAST = "1. Definitions", "5. Duties"
"""The part that is shown from near."""

COLUMNS = 96
LINE = 15
LETTER = 7.0
GUTTER = 110
TINTS = ("#cfe3fb", "#fbe3c4", "#d5f0d2", "#f6d5e5", "#e4daf7", "#d3efee")
_FONT = "font-family='ui-monospace, Menlo, Consolas, monospace'"


def main() -> None:
    document = _document()
    checking = "--check" in sys.argv
    chunks = {name: _chunks(document, name) for name in STRATEGIES if not (checking and name == SEMANTIC)}
    outdated = [name for name, svg in _pictures(document, chunks) if not _same_or_write(name, svg, checking)]
    if checking:
        sys.exit(f"outdated: {', '.join(outdated)}; run docs/make_chunk_pictures.py" if outdated else 0)


def _document() -> Document:
    return MarkdownParser().parse(
        ParseInput(SOURCE, SOURCE.name, "text/markdown", Route.MARKDOWN, SOURCE.stat().st_size)
    )


def _chunks(document: Document, strategy: str) -> list[Chunk]:
    embed = EmbedOptions(device="cpu")
    vectors = ModelSentenceVectors(embed) if strategy == SEMANTIC else None
    options = ChunkOptions(strategy=strategy)
    return list(make_chunker(strategy, options, HuggingFaceTokenCounter(embed), vectors=vectors).chunk(document))


def _pictures(document: Document, chunks: dict[str, list[Chunk]]) -> Iterator[tuple[str, str]]:
    for strategy, found in chunks.items():
        yield f"chunks-{strategy}", _near(document, found)
    if len(chunks) == len(STRATEGIES):
        yield "chunks-all", _far(document, chunks)


def _same_or_write(name: str, svg: str, checking: bool) -> bool:
    path = PICTURES / f"{name}.svg"
    if checking:
        return path.is_file() and path.read_text("utf-8") == svg
    path.write_text(svg, "utf-8")
    return True


def _rows(text: str, start: int, end: int) -> list[Span]:
    """Lines as they are shown, long ones folded between words."""
    rows: list[Span] = []
    at = start
    for line in text[start:end].split("\n"):
        stop = at + len(line)
        while stop - at > COLUMNS:
            fold = text.rfind(" ", at, at + COLUMNS) + 1 or at + COLUMNS
            rows.append((at, fold))
            at = fold
        rows.append((at, stop))
        at = stop + 1
    return rows


def _owned(chunks: Sequence[Chunk], start: int, end: int) -> Iterator[tuple[Chunk, Span]]:
    """What of a stretch of text is in which chunk."""
    for chunk in chunks:
        for a, b in chunk.spans:
            if a < end and start < b:
                yield chunk, (max(a, start), min(b, end))


def _near(document: Document, chunks: Sequence[Chunk]) -> str:
    text = document.text
    begin, end = text.rindex("\n", 0, text.index(FIRST)) + 1, text.rindex("\n\n", 0, text.index(LAST))
    rows = _rows(text, begin, end)
    parts: list[str] = []
    told: set[int] = set()
    for number, (start, end) in enumerate(rows):
        y = number * LINE + 8
        for chunk, (a, b) in _owned(chunks, start, end):
            x, width = GUTTER + (a - start) * LETTER, (b - a) * LETTER
            tint = TINTS[chunk.ordinal % len(TINTS)]
            parts.append(f"<rect x='{x:.0f}' y='{y}' width='{width:.0f}' height='{LINE}' fill='{tint}'/>")
            if chunk.ordinal not in told:
                told.add(chunk.ordinal)
                note = f"{chunk.ordinal + 1} · {chunk.token_count} tokens"
                parts.append(f"<text x='4' y='{y + 11}' fill='#555' font-size='10'>{note}</text>")
        shown = escape(text[start:end])
        length = (end - start) * LETTER
        if shown.strip():
            parts.append(
                f"<text x='{GUTTER}' y='{y + 11}' fill='#111' xml:space='preserve' textLength='{length:.0f}'"
                f" lengthAdjust='spacingAndGlyphs'>{shown}</text>"
            )
    return _svg(GUTTER + int(COLUMNS * LETTER) + 10, len(rows) * LINE + 16, parts)


def _far(document: Document, chunks: dict[str, list[Chunk]]) -> str:
    """The whole document from afar, once a strategy: a stroke is a line of text, a dark one a heading."""
    rows = _rows(document.text, 0, len(document.text))
    headings = [(block.start, block.end) for block in document.blocks if block.is_heading]
    parts: list[str] = []
    for column, (strategy, found) in enumerate(chunks.items()):
        left = 10 + column * 130
        parts.append(f"<text x='{left}' y='16' fill='#111'>{strategy} ({len(found)})</text>")
        for number, (start, end) in enumerate(rows):
            y = 26 + number * 5
            for chunk, (a, b) in _owned(found, start, end):
                tint = TINTS[chunk.ordinal % len(TINTS)]
                x, width = left + (a - start) * 1.2, max(2.0, (b - a) * 1.2)
                parts.append(f"<rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='5' fill='{tint}'/>")
            if end > start:
                dark = any(a < end and start < b for a, b in headings)
                width = (end - start) * 1.2
                parts.append(
                    f"<rect x='{left}' y='{y + 2}' width='{width:.1f}' height='1' fill='{'#222' if dark else '#999'}'/>"
                )
    return _svg(10 + len(chunks) * 130, 34 + len(rows) * 5, parts)


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' {_FONT} font-size='11'>"
    return "\n".join([head, f"<rect width='{width}' height='{height}' fill='#fff'/>", *parts, "</svg>\n"])


if __name__ == "__main__":
    main()

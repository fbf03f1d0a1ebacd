"""Chinese documents of a corpus: do chunks end where sentences end, and do numbers give the heading path?

    python benchmarks/chunk/chinese.py CORPUS [--home DIR]

1. Over every document whose language is Chinese: a chunk that ends inside a sentence, though that sentence fits into
   a chunk by itself, is listed. Sentences are told by a rule of this script and not by the chunker's: they end with a
   full stop, a question or an exclamation mark and the closing marks behind it (what GB/T 15834 calls the marks that
   end a sentence; a semicolon is none), or with their line. What has no two Han characters is no Chinese sentence.
2. The corpus's Chinese Markdown, reStructuredText and notebooks, their headings numbered in one of four ways with
   nothing else to tell them by, as plain text, with and without blank lines, as Word without styles, and as PDF in
   one type and size: of each paragraph, whether its chunk has the heading path that it had there.

Exit code 1 when a sentence that fits is cut.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from numbered_files import SCHEMES, WRITERS, Passage, passages_of
from parsed import documents

from chunkers.base import Chunker
from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.registry import make_parser
from ingest.routing import route
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document

PROSE = {BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.LIST_ITEM, BlockKind.FOOTNOTE}
HAN = re.compile(r"[\u3400-\u9fff].*[\u3400-\u9fff]", re.DOTALL)
SENTENCE = re.compile(r"[^。！？!?\n]+(?:[。！？!?]+[」』”’）)】》]*|\n|\Z)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    counter = HuggingFaceTokenCounter(EmbedOptions())
    chunker = make_chunker("hybrid", ChunkOptions(), counter)
    limit = min(ChunkOptions().max_tokens, counter.limit)
    numbers: Counter[str] = Counter()
    cut, sources = [], []
    for path, document in documents(arguments.corpus, arguments.home, lambda _: True):
        if document.language != "zh":
            continue
        chunks = list(chunker.chunk(document))
        numbers.update({"documents": 1, "chunks": len(chunks)})
        for block, sentence in ends_inside(document, chunks):
            numbers["inside"] += 1
            if counter.count([sentence])[0] <= limit:
                cut.append(f"{path}, {block.kind.value} at {block.start}: {sentence[:60]!r}")
        if path.endswith((".md", ".rst", ".ipynb")) and len(passages := passages_of(document)) >= 8:
            sources.append((path, passages))
    print(f"{numbers['documents']} Chinese documents, {numbers['chunks']} chunks")
    print(f"chunks that end inside a sentence: {numbers['inside']}, of one that fits: {len(cut)}")
    print("".join(f"  {case}\n" for case in cut))
    numbering(sources, chunker)
    return 1 if cut else 0


def ends_inside(document: Document, chunks: Sequence[Chunk]) -> Iterator[tuple[Block, str]]:
    """Each sentence of running text that the last character of a chunk stands in, but not at its end."""
    for chunk in chunks:
        end = chunk.spans[-1][1]
        block = document.blocks[chunk.blocks[-1]]
        if block.kind not in PROSE or not block.start < end < block.end:
            continue
        for match in SENTENCE.finditer(document.text, block.start, block.end):
            first, last = match.start(), match.start() + len(match[0].rstrip())
            if first < end < last and document.text[end:last].strip() and HAN.search(match[0]):
                yield block, match[0].strip()


def numbering(sources: Sequence[tuple[str, list[Passage]]], chunker: Chunker) -> None:
    print(f"{len(sources)} Chinese files with headings, written anew with their numbers alone\n")
    print(f"{'numbering':28} {'form':14} {'paragraphs':>10} {'path right':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        for scheme, number in SCHEMES.items():
            for form, write in WRITERS.items():
                told: Counter[str] = Counter()
                wrong: list[str] = []
                for path, passages in sources:
                    file = Path(scratch) / f"document{write.suffix}"
                    expected = write(file, passages, number)
                    told.update(_judged(file, expected, chunker, wrong, path))
                share = told["right"] / told["all"] if told["all"] else 0
                print(f"{scheme:28} {form:14} {told['all']:10} {share:10.1%}")
                for case in wrong[:3]:
                    print(f"    {case}")


def _judged(
    file: Path, expected: Sequence[tuple[str, tuple[str, ...]]], chunker: Chunker, wrong: list[str], path: str
) -> Counter[str]:
    """Of each paragraph: whether some chunk that holds its beginning has its path."""
    told: Counter[str] = Counter()
    chunks = list(chunker.chunk(_parsed(file)))
    plain = [(_plain(chunk.text), tuple(map(_plain, chunk.heading_path))) for chunk in chunks]
    for text, above in expected:
        wanted = tuple(map(_plain, above))
        beginning = _plain(text)[:20]
        paths = [names for held, names in plain if beginning in held]
        told["all"] += 1
        told["right"] += wanted in paths
        if wanted not in paths:
            wrong.append(f"{path}: {text[:20]!r} under {' > '.join(above)} has {paths[:1]}")
    return told


def _parsed(file: Path) -> Document:
    routed = route(file, file.name)
    source = ParseInput(file, file.name, routed.media_type, routed.route, file.stat().st_size)
    return make_parser(routed.route, Tools(ReadOptions())).parse(source)


def _plain(text: str) -> str:
    """White space is a matter of the form."""
    return "".join(text.split())


if __name__ == "__main__":
    sys.exit(main())

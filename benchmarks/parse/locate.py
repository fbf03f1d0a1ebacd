"""Whether the boxes of chunks hold what the chunks say: the PDF read again inside them, and compared.

    python benchmarks/parse/locate.py FOLDER [FOLDER ...] [--out FILE.json] [--workers N] [--worst N]

Every PDF below the folders is parsed and cut with the defaults, without OCR, in the workers of a run. Of every chunk
whose pages were all read digitally, the characters whose middle lies in one of its boxes are read with MuPDF's
`rawdict`, by code of this file alone, and compared with the chunk's text without what the chunker repeats at its
beginning (`added_prefix`).

Left out on both sides: white space; hyphens (- ‐ ‑ and the soft one); control and zero-width characters; bullets
(• and their kin, and private characters, which symbol fonts draw them with); what the parser adds of Markdown: the
bars of tables with the backslash before a bar that is text, and the brackets around the mark of a note. On both sides:
NFC, ligatures and Chinese radicals written out, raised figures as figures. Nothing else is forgiven.

The similarity is 2 M / T, M the length of the longest common subsequence, T the characters of both (rapidfuzz). Text
that is no table is compared in order: lines from top to bottom or, where that is nearer, in the file's own order
(vertical text, columns in a box). The lines of a table's cells stand beside each other and have no one order: there
the words are sorted on both sides before they are compared.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel

from ingest.config import load_settings
from ingest.parsers.base import ParseInput
from ingest.routing import route
from ingest.stages.work import Job, Recipe, make_worker, pool_options
from ingest.workers.pool import WorkerPool
from schemas.chunk import Chunk, ChunkKind, ChunkSet
from schemas.document import Document, PageMethod
from schemas.errors import InputError
from schemas.source import Route

if TYPE_CHECKING:
    import pymupdf

ENOUGH = 0.98
_SAME = 0.35
"""Of the width and height of a letter's ink: how near another one is that is the same, printed twice."""
_ONE_LINE = 0.4
"""The same, for baselines of one line; raised figures stand a third higher."""
_LIGATURES = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_RADICALS = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_RADICALS |= dict(
    zip(
        "⺠⺟⺒⺓⺝⺩⺫⺬⺶⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "民母巳幺月王目示羊虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
_WRITTEN_OUT = str.maketrans({**_LIGATURES, **_RAISED, **_RADICALS})
_LEFT_OUT = re.compile(
    r"[\s\-\u2010\u2011\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f\x7f-\x9f"
    r"•◦‣▪▫■□●○◆◇►▶➢➤✓✔✗❖∙·⁃\ue000-\uf8ff\ufffd|\\\[\]]"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """`x`, `y`: the middle of its ink on the page as it is shown, in points; `base`: y of the line that it stands on,
    `size` of the type."""

    text: str
    x: float
    y: float
    base: float
    size: float


@dataclass(frozen=True, slots=True)
class Compared:
    path: str
    ordinal: int
    kind: str
    part: bool
    similarity: float
    in_order: float
    pages: tuple[int, ...]
    boxes: int
    said: str
    read: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="every comparison, the worst first")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--worst", type=int, default=15, help="how many are shown")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th file only")
    options = parser.parse_args()
    files = sorted(path for folder in options.folders for path in folder.rglob("*.pdf"))[:: options.every]
    began = time.perf_counter()
    found: list[Compared] = []
    sizes: Counter[str] = Counter()
    for path, document, chunk_set in read(files, options.workers):
        found.extend(compare(path, document, chunk_set.chunks))
        sizes["files"] += 1
        sizes["document_bytes"] += len(document.model_dump_json())
    found.sort(key=lambda one: (one.similarity, one.path, one.ordinal))
    tell(found, sizes, time.perf_counter() - began, options.worst)
    if options.out:
        options.out.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1), "utf-8")
    return 0


def read(files: Sequence[Path], workers: int | None) -> Iterator[tuple[Path, Document, ChunkSet]]:
    settings = load_settings(environ={}, overrides={"ocr.engine": "none", "parse.workers": workers})
    jobs = (
        Job(ParseInput(path, path.name, routed.media_type, routed.route, path.stat().st_size))
        for path in files
        if (routed := route(path, path.name)).route is Route.PDF
    )
    with WorkerPool(partial(make_worker, Recipe.of(settings), None), pool_options(settings.parse)) as pool:
        for job, outcome in pool.imap(jobs):
            if isinstance(outcome, InputError):
                print(f"left out: {job.source.path.name}: {outcome.message}", file=sys.stderr)
            else:
                document = Document.model_validate_json(outcome.document)
                yield job.source.path, document, ChunkSet.model_validate_json(outcome.chunks)


def compare(path: Path, document: Document, chunks: Sequence[Chunk]) -> Iterator[Compared]:
    """Of chunks on pages that were read digitally."""
    import pymupdf

    digital = {page.number for page in document.pages if page.method is PageMethod.DIGITAL}
    letters: dict[int, list[Letter]] = {}
    with pymupdf.open(path) as pdf:
        for chunk in chunks:
            if not chunk.regions or not digital.issuperset(chunk.pages):
                continue
            for number in chunk.pages:
                if number not in letters:
                    letters[number] = list(letters_of(pdf[number - 1]))
            yield compared(path, document, chunk, letters)


def compared(path: Path, document: Document, chunk: Chunk, letters: dict[int, list[Letter]]) -> Compared:
    text = chunk.text[len(chunk.added_prefix) :]
    said = plain(text)
    taken: set[tuple[int, int]] = set()
    inside: list[list[Letter]] = []
    for region in chunk.regions:
        here = [
            (at, letter)
            for at, letter in enumerate(letters[region.page])
            if (region.page, at) not in taken
            and (
                region.bbox is None
                or (region.bbox[0] <= letter.x <= region.bbox[2] and region.bbox[1] <= letter.y <= region.bbox[3])
            )
        ]
        taken.update((region.page, at) for at, _ in here)
        inside.append([letter for _, letter in here])
    as_filed = "".join(letter.text for box in inside for letter in box)
    as_seen = "".join(letter.text for box in inside for letter in down(box))
    in_order = max(Indel.normalized_similarity(said, plain(one)) for one in (as_filed, as_seen))
    similarity = in_order
    if chunk.kind is ChunkKind.TABLE:
        similarity = max(in_order, Indel.normalized_similarity(bag(text), bag(words(inside))))
    blocks = [document.blocks[ordinal] for ordinal in chunk.blocks]
    covered = {at for start, end in chunk.spans for at in range(start, end)}
    part = any(
        not block.is_furniture and not covered.issuperset(ink(document, block.start, block.end)) for block in blocks
    )
    return Compared(
        str(path), chunk.ordinal, chunk.kind.value, part, round(similarity, 4), round(in_order, 4), chunk.pages,
        len(chunk.regions), text, as_seen,
    )  # fmt: skip


def ink(document: Document, start: int, end: int) -> list[int]:
    return [at for at in range(start, end) if not document.text[at].isspace() and document.text[at] not in "|-"]


def letters_of(page: pymupdf.Page) -> Iterator[Letter]:
    """In the file's order. Spaces too, and at the end of each line: where the letter before them stands. A letter that
    is printed again where it stands already, as some programs make bold type, is read once."""
    import pymupdf

    flags = pymupdf.TEXT_ACCURATE_BBOXES | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_IGNORE_ACTUALTEXT
    turn = page.rotation_matrix
    printed: defaultdict[tuple[str, int, int], list[tuple[float, float]]] = defaultdict(list)
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            x = y = base = 0.0
            for span in line["spans"]:
                size = max(float(span["size"]), 1.0)
                for char in span["chars"]:
                    if char["c"].isspace():
                        yield Letter(" ", x, y, base, size)
                        continue
                    x0, y0, x1, y1 = char["bbox"]
                    middle = pymupdf.Point((x0 + x1) / 2, (y0 + y1) / 2) * turn
                    key = char["c"], round(middle.x / 8), round(middle.y / 8)
                    near = ((key[0], key[1] + i, key[2] + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
                    across, high = _SAME * max(x1 - x0, 0.1), _SAME * max(y1 - y0, 0.1)
                    again = any(
                        abs(middle.x - at[0]) < across and abs(middle.y - at[1]) < high
                        for place in near
                        for at in printed.get(place, ())
                    )
                    if again:
                        continue
                    x, y = middle
                    base = (pymupdf.Point(char["origin"]) * turn).y
                    printed[key].append((x, y))
                    yield Letter(char["c"], x, y, base, size)
            yield Letter(" ", x, y, base, 1.0)


def down(letters: Sequence[Letter]) -> list[Letter]:
    """Lines from top to bottom, each from left to right, or from right to left where most of it is written so."""
    lines: list[list[Letter]] = []
    for letter in sorted((one for one in letters if not one.text.isspace()), key=lambda one: one.base):
        if lines and letter.base - lines[-1][0].base < _ONE_LINE * max(letter.size, lines[-1][0].size):
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [letter for line in lines for letter in sorted(line, key=lambda one: one.x, reverse=is_backwards(line))]


def is_backwards(line: Sequence[Letter]) -> bool:
    ways = Counter(unicodedata.bidirectional(letter.text[:1] or " ") for letter in line)
    return ways["R"] + ways["AL"] > ways["L"]


def words(boxes: Sequence[Sequence[Letter]]) -> str:
    return " ".join("".join(letter.text for letter in box) for box in boxes)


def plain(text: str) -> str:
    return _LEFT_OUT.sub("", unicodedata.normalize("NFC", text.translate(_WRITTEN_OUT)))


def bag(text: str) -> str:
    """The words, sorted: Chinese characters and marks are words of their own, a hyphen at the end of a line is none."""
    text = re.sub(r"[-\u2010\u00ad]\s+", "", text)
    found = re.findall(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\W\u2e80-\u9fff\uf900-\ufaff]+|[^\w\s]", text)
    return "".join(sorted(filter(None, map(plain, found))))


def tell(found: Sequence[Compared], sizes: Counter[str], seconds: float, worst: int) -> None:
    print(f"{sizes['files']} files, {len(found)} chunks, documents {sizes['document_bytes']:,} bytes, {seconds:.0f} s")
    groups = {"all": list(found)}
    for one in found:
        groups.setdefault(one.kind, []).append(one)
        groups.setdefault("part of a block" if one.part else "whole blocks", []).append(one)
    for name, members in groups.items():
        enough = sum(one.similarity >= ENOUGH for one in members)
        ordered = sum(one.in_order >= ENOUGH for one in members)
        mean = sum(one.similarity for one in members) / max(len(members), 1)
        print(
            f"{name:<16} {len(members):>6}  at least {ENOUGH}: {enough / max(len(members), 1):.4f}"
            f"  in order: {ordered / max(len(members), 1):.4f}  mean {mean:.4f}"
        )
    for one in found[:worst]:
        print(f"\n{one.similarity:.3f} {one.path}#{one.ordinal} {one.kind} pages {one.pages} boxes {one.boxes}")
        print(f"  said: {one.said[:200]!r}\n  read: {one.read[:200]!r}")


if __name__ == "__main__":
    sys.exit(main())

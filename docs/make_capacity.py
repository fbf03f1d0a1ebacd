"""Writes docs/capacity.md from figures that were measured: `python docs/make_capacity.py [--check]`.

A figure that was measured quotes the words of benchmarks/RESULTS.md that hold it; a test looks for them there. What was
not measured is called assumed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).with_name("capacity.md")
TEXT = Path(__file__).with_name("capacity.head.md")


@dataclass(frozen=True, slots=True)
class Figure:
    """`quote`: where it stands in benchmarks/RESULTS.md; empty: it is assumed, and `why` says why, or computed."""

    value: float
    unit: str
    what: str
    quote: str = ""
    why: str = ""
    computed: bool = False

    @property
    def origin(self) -> str:
        if not self.quote:
            return f"{'computed' if self.computed else 'assumed'}: {self.why}"
        words = " ".join(self.quote.strip("| ").replace("*", "").replace(" | ", " · ").split())
        return f"measured: “{words}”" + (f"; {self.why}" if self.why else "")


# What a page is.
SCANNED = Figure(0.2, "of pages", "pages that are scans", why="change it first: it decides nearly everything")
CHARACTERS = Figure(2_000, "characters", "text of a page", why="a full page of prose has 2,000 to 3,000")
CHUNK_CHARACTERS = Figure(
    17_469_485 / 57_776, "characters", "a chunk",
    quote="0 of 17,469,485 characters lost", why="over “57,776 chunks”",
)  # fmt: skip
ORIGINAL = Figure(100_000, "bytes", "an original, per page", why="digital pages less, scans more")

# What work costs. A core is one of those of the machine of RESULTS.md.
DIGITAL = Figure(
    2 / 6.78, "CPU s a page", "parsing a digital page", quote="| 6.78 | **2.15**", why="pages/s on two cores"
)
OCR = Figure(4.1, "CPU s a page", "reading a scanned page", quote="| clean | .0019 | .012 (brackets) | 4.1 |")
CHUNKING = Figure(3.16e6, "bytes/s a core", "chunking", quote="| hybrid, cohesion lexical | 3.16 |")
EMBEDDING = Figure(
    36, "texts/s a core", "embedding, the carried model", quote="72 texts/s on the idle machine", why="on two"
)
DEDUP = Figure(
    710e-6, "CPU s a chunk", "looking for duplicates", quote="| 1,000,000 | 5,207 + 4,679 | 5.5 | 3,299 | 710 |"
)
PUBLISHING = Figure(
    2_254, "points/s", "publishing, one run at a time", quote="docstrata 2,254\npoints/s", why="into Edge"
)
GPU_EMBEDDING = Figure(
    2_000, "texts/s a GPU", "embedding on a GPU", why="no GPU has been measured; a guess for this size"
)
GPU_OCR = Figure(
    2, "pages/s a GPU", "OCR on a GPU",
    why="a guess: the two models took .28 s for a page of 40 lines on an H200, and the CPU has its share",
)  # fmt: skip

# What is kept.
CATALOG = Figure(759, "bytes a chunk", "the catalog", quote="759 bytes of SQLite a chunk")
RAW_VECTOR = Figure(384 * 4, "bytes a chunk", "a raw vector in the store", why="384 numbers of 4 bytes", computed=True)
DOCUMENT = Figure(
    3_700, "bytes a page", "a parsed page in the store", quote="(3.7 kB of JSON)", why="before compression"
)
DENSE = Figure(
    82 * 2**20 / 20_000,
    "bytes a point",
    "vector and graph on disk",
    quote="| as it comes (m 16, ef 100) | .988 | 1.03 | 4.44 | 31 | 82 |",
)
INT8 = Figure(
    89 * 2**20 / 20_000,
    "bytes a point",
    "with int8 beside it",
    quote="| int8, ranked anew from 2 times | .987 | 0.52 | 3.80 | 9 | 89 |",
)
PAYLOAD = Figure(
    1_400, "bytes a point", "payload and sparse vector",
    why="1,117 bytes of JSON and 37 terms of 8 bytes were seen over 433 points; indexes of fields not counted",
)  # fmt: skip

ALL = (
    SCANNED, CHARACTERS, CHUNK_CHARACTERS, ORIGINAL, DIGITAL, OCR, CHUNKING, EMBEDDING, DEDUP, PUBLISHING,
    GPU_EMBEDDING, GPU_OCR, CATALOG, RAW_VECTOR, DOCUMENT, DENSE, INT8, PAYLOAD,
)  # fmt: skip

SIZES = {"1 million pages": 10**6, "1 billion pages": 10**9}
CORES = 16
"""Of a machine."""
_HOUR = 3_600
_GRAPH = 2 * 16 * 4 * 1.25
"""Bytes of the search graph a point, held in memory: twice m links of 4 bytes on the lowest level, and those above."""


def chunks(pages: int) -> float:
    return pages * CHARACTERS.value / CHUNK_CHARACTERS.value


def cpu_hours(pages: int) -> dict[str, float]:
    """By kind of work, all of it on CPUs; publishing apart."""
    points = chunks(pages)
    return {
        "parsing digital pages": pages * (1 - SCANNED.value) * DIGITAL.value / _HOUR,
        "OCR of scans": pages * SCANNED.value * OCR.value / _HOUR,
        "chunking": pages * CHARACTERS.value / CHUNKING.value / _HOUR,
        "looking for duplicates": points * DEDUP.value / _HOUR,
        "embedding": points / EMBEDDING.value / _HOUR,
    }


def gpu_hours(pages: int) -> dict[str, float]:
    """What embedding and OCR would be there."""
    return {
        "OCR of scans": pages * SCANNED.value / GPU_OCR.value / _HOUR,
        "embedding": chunks(pages) / GPU_EMBEDDING.value / _HOUR,
    }


def publishing_hours(pages: int) -> float:
    """Wall time: nothing is gained by more machines."""
    return chunks(pages) / PUBLISHING.value / _HOUR


def disk_bytes(pages: int) -> dict[str, float]:
    points = chunks(pages)
    return {
        "originals (`store.keep_originals`)": pages * ORIGINAL.value,
        "parsed pages and chunks": 2 * pages * DOCUMENT.value,
        "raw vectors": points * RAW_VECTOR.value,
        "catalog": points * CATALOG.value,
        "index": points * (DENSE.value + PAYLOAD.value),
        "index with int8 beside": points * (INT8.value + PAYLOAD.value),
    }


def memory_bytes(pages: int) -> dict[str, float]:
    """Of the index, so that a search does not wait for the disk."""
    points = chunks(pages)
    return {
        "full vectors and graph": points * (RAW_VECTOR.value + _GRAPH),
        "int8 and graph, full vectors on disk": points * (RAW_VECTOR.value / 4 + _GRAPH),
        "graph alone, all vectors on disk": points * _GRAPH,
    }


def machines(pages: int, days: float) -> float:
    """Of `CORES` cores that do everything but publish in so many days."""
    return sum(cpu_hours(pages).values()) / (days * 24 * CORES)


def render() -> str:
    head, tail = TEXT.read_text("utf-8").split("<!-- tables -->\n")
    return "\n".join([head.rstrip("\n") + "\n", _inputs(), _work(), _disk(), _memory(), _days(), tail.lstrip("\n")])


def _inputs() -> str:
    rows = [f"| {f.what} | {_short(f.value)} {f.unit} | {f.origin} |" for f in ALL]
    return "## The figures\n\n| what | figure | where from |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _work() -> str:
    cpu, gpu = [cpu_hours(pages) for pages in SIZES.values()], [gpu_hours(pages) for pages in SIZES.values()]
    return "## Work\n\n" + _table([
        ("chunks", [_short(chunks(pages)) for pages in SIZES.values()]),
        *((f"{name}, CPU hours", [_short(hours[name]) for hours in cpu]) for name in cpu[0]),
        ("all of it, CPU hours", [f"**{_short(sum(hours.values()))}**" for hours in cpu]),
        *((f"{name} on GPUs instead, GPU hours, a guess", [_short(hours[name]) for hours in gpu]) for name in gpu[0]),
        ("publishing, hours, one run at a time", [f"**{_short(publishing_hours(n))}**" for n in SIZES.values()]),
    ])  # fmt: skip


def _disk() -> str:
    rows = [(name, [_bytes(disk_bytes(n)[name]) for n in SIZES.values()]) for name in disk_bytes(1)]
    return "## Disk\n\n" + _table(rows)


def _memory() -> str:
    rows = [(name, [_bytes(memory_bytes(n)[name]) for n in SIZES.values()]) for name in memory_bytes(1)]
    return "## Memory of the index\n\n" + _table(rows)


def _days() -> str:
    rows = []
    for days in (1, 7, 30, 90):
        late = ", but publishing alone takes longer"
        needed = [
            f"{max(1, machines(pages, days)):,.0f}{late if publishing_hours(pages) > 24 * days else ''}"
            for pages in SIZES.values()
        ]
        rows.append((f"in {days} days" if days > 1 else "in a day", needed))
    return f"## Machines\n\nOf {CORES} cores, CPUs alone, busy all the time.\n\n" + _table(rows)


def _table(rows: list[tuple[str, list[str]]]) -> str:
    lines = ["| | " + " | ".join(SIZES) + " |", "|---|" + "---|" * len(SIZES)]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows]
    return "\n".join(lines) + "\n"


def _short(value: float) -> str:
    for size, name in ((1e9, " billion"), (1e6, " million")):
        if value >= size:
            return f"{value / size:.3g}{name}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _bytes(value: float) -> str:
    for size, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB")):
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value / 1e6:.3g} MB"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit("docs/capacity.md is outdated" if PAGE.read_text("utf-8") != render() else 0)
    PAGE.write_text(render(), "utf-8")

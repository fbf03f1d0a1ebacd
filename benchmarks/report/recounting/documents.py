"""What has to be read from the artifacts: chunks, pages, tables, joints, completeness."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from chunkers.sentences import sentences
from recounting.artifacts import Artifacts
from recounting.catalog import Leaf, Live, live_documents
from recounting.figures import Figures, Marks
from recounting.keeping import Keeping, needless
from recounting.spans import Record, Spans

FURNITURE = {"header", "footer", "page_number", "watermark"}
LINED = {"code", "formula", "metadata"}
METHODS = ("digital", "ocr", "mixed", "empty", "failed")
NUMBERS = (
    *("documents." + name for name in ("unread", "without_parse", "without_headings", "coarse")),
    *("pages." + name for name in ("total", "documents_without", *(f"by_method.{method}" for method in METHODS))),
    *(
        "chunks." + name
        for name in ("total", "unread", "lengths.below_minimum", "lengths.over_target", "lengths.over_budget")
    ),
    *(
        "tables." + name
        for name in ("total", "whole", "between_rows", "row_cut", "lost", "half_rows", "headless", "needless")
    ),
    "joints.total",
    "joints.needless",
    *("joints." + name for name in ("between_blocks", "between_sentences", "inside_sentence", "in_tables", "in_lines")),
    "headings.chunks_with",
    *("completeness." + name for name in ("characters", "lost", "documents_with_loss")),
)
"""Told also where they are zero."""


@dataclass(slots=True)
class Tally:
    """`told`: `chunks.lengths` of the report, for the limits in it."""

    told: Record
    unknown_warning: float
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(NUMBERS, 0)))
    lengths: list[int] = field(default_factory=list)
    findings: dict[tuple[str, str, str], int] = field(default_factory=dict)
    keeping: Keeping = field(default_factory=Keeping)
    figures: Figures = field(default_factory=Figures)

    @property
    def budget(self) -> int:
        maximum, limit = int(self.told["maximum"]), self.told["limit"]
        return maximum if limit is None else min(maximum, int(limit))

    def numbers(self) -> dict[str, Leaf]:
        ordered = sorted(self.lengths)
        at: dict[str, Leaf] = {
            "smallest": ordered[0] if ordered else None,
            "p05": least_not_exceeded(ordered, 5),
            "p25": least_not_exceeded(ordered, 25),
            "median": least_not_exceeded(ordered, 50),
            "p75": least_not_exceeded(ordered, 75),
            "p95": least_not_exceeded(ordered, 95),
            "largest": ordered[-1] if ordered else None,
            "budget": self.budget,
        }
        lengths = {f"chunks.lengths.{name}": value for name, value in at.items()}
        figures = self.figures.numbers(self.budget, int(self.told["minimum"]))
        return {**self.counts, **lengths, **self.keeping.numbers(), **figures}


def least_not_exceeded(ordered: Sequence[int], percent: int) -> int | None:
    """The least length that `percent` of the chunks do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def count_documents(
    catalog: sqlite3.Connection, store: Path, tenant: str, source: str | None, tally: Tally
) -> dict[str, Leaf]:
    """One document at a time."""
    artifacts, seen = Artifacts(catalog, store), set[str]()
    for live in live_documents(catalog, tenant):
        if source in {None, live.source}:
            _count(artifacts, live, tally, Marks(live, is_copy=live.sha256 in seen))
        seen.add(live.sha256)
    return tally.numbers()


def _count(artifacts: Artifacts, live: Live, tally: Tally, marks: Marks) -> None:
    counts, found = tally.counts, Counter(stale=int(live.stale))
    chunk_set = artifacts.of_key("chunk", live.chunk_key)
    if chunk_set is None:
        counts["documents.unread"] += 1
        found["chunks_missing"] = 1
        tally.figures.add_unread(live)
    else:
        manifest = artifacts.of_key("version", f"{live.doc_id}/{live.version}")
        marks.media_type = manifest["file"]["media_type"] if manifest else ""
        found["over_budget"] = _chunks(chunk_set, tally)
        parse = artifacts.of_digest("parse", chunk_set.get("document", ""))
        if parse is None:
            counts["documents.without_parse"] += 1
            found["parse_missing"] = 1
        else:
            counts[f"documents.by_parser.{parse['parser']}"] += 1
            counts["documents.coarse"] += _is_coarse(parse, chunk_set["chunks"])
            found["page_failed"] = _pages(parse, counts)
            found["half_row"], found["headless"] = _tables(parse, chunk_set["chunks"], tally, marks)
            found["text_lost"] = _completeness(parse, chunk_set["chunks"], counts, marks)
            _joints(parse, chunk_set["chunks"], tally, marks)
            tally.keeping.add(parse, chunk_set["chunks"], tally.budget, marks)
        tally.figures.add(marks, chunk_set, parse, tally.told, tally.unknown_warning)
    tally.findings.update({(code, live.source, live.path): count for code, count in found.items() if count})


def _chunks(chunk_set: Record, tally: Tally) -> int:
    """Returns how many are over the budget."""
    counts, over = tally.counts, 0
    for chunk, unknown in zip(chunk_set["chunks"], chunk_set["unknown_shares"], strict=True):
        length, depth = chunk["token_count"], len(chunk["heading_path"])
        tally.lengths.append(length)
        over += length > tally.budget
        counts["chunks.total"] += 1
        counts[f"chunks.by_kind.{chunk['kind']}"] += 1
        counts[f"chunks.by_rule.{chunk['strategy']}/{chunk['rule']}"] += 1
        counts.update(f"chunks.by_flag.{flag}" for flag in set(chunk["flags"]))
        counts["chunks.unread"] += unknown > tally.unknown_warning
        counts["chunks.lengths.over_target"] += length > tally.told["target"]
        counts["chunks.lengths.below_minimum"] += length < tally.told["minimum"]
        counts["headings.chunks_with"] += depth > 0
        counts[f"headings.depths.{depth}"] += 1
    counts["chunks.lengths.over_budget"] += over
    counts["documents.without_headings"] += not any(chunk["heading_path"] for chunk in chunk_set["chunks"])
    return over


def _is_coarse(parse: Record, chunks: Sequence[Record]) -> bool:
    """From version 8 on the parser of PDFs keeps the printed pieces of a block; before, one box of all of it."""
    version = str(parse["parser_version"]).split("+")[0]
    if parse["parser"] != "pymupdf" or not version.isdecimal() or int(version) >= 8:
        return False
    for chunk in chunks:
        ends = chunk["spans"][0][0], chunk["spans"][-1][1]
        for block in (parse["blocks"][ordinal] for ordinal in chunk["blocks"]):
            if not block.get("pieces") and not (ends[0] <= block["start"] and block["end"] <= ends[1]):
                return True
    return False


def _pages(parse: Record, counts: Counter[str]) -> int:
    """Returns how many failed."""
    methods = Counter(page["method"] for page in parse["pages"])
    counts["pages.total"] += methods.total()
    counts["pages.documents_without"] += not parse["pages"]
    counts.update({f"pages.by_method.{method}": count for method, count in methods.items()})
    return methods["failed"]


def _tables(parse: Record, chunks: Sequence[Record], tally: Tally, marks: Marks) -> tuple[int, int]:
    """Returns how many rows are cut without the flag, and how many parts do not tell the header rows."""
    naming: dict[int, list[Record]] = {}
    for chunk in chunks:
        for ordinal in set(chunk["blocks"]):
            naming.setdefault(ordinal, []).append(chunk)
    spans, counts = Spans(chunks), tally.counts
    all_half = all_headless = 0
    for block in parse["blocks"]:
        if block["kind"] != "table" or not parse["text"][block["start"] : block["end"]].strip():
            continue
        parts = naming.get(block["ordinal"], [])
        cut = half = 0
        for start, end in _rows(parse["text"], block):
            holders = spans.holders(start, end)
            if len(holders) > 1:
                cut += 1
                silent = {holder for holder in holders if "row_cut" not in chunks[holder]["flags"]}
                half += bool(silent)
                marks.faults["half_row"] |= silent
        group = "lost" if not parts else "whole" if len(parts) == 1 else "row_cut" if cut else "between_rows"
        counts.update(["tables.total", f"tables.{group}"])
        if len(parts) > 1:
            counts[f"tables.parts.{len(parts)}"] += 1
            numbers = {number for number, chunk in enumerate(chunks) if block["ordinal"] in chunk["blocks"]}
            if needless(parts, block["start"], block["end"], tally.budget):
                counts["tables.needless"] += 1
                marks.faults["table_cut"] |= numbers
            bare = {number for number in numbers if _headless(parse["text"], block, chunks[number])}
            all_headless += len(bare)
            marks.faults["headless"] |= bare
        if parts:
            marks.values.append(("table_parts", len(parts)))
        all_half += half
    counts["tables.half_rows"] += all_half
    counts["tables.headless"] += all_headless
    return all_half, all_headless


def _headless(text: str, block: Record, chunk: Record) -> bool:
    table = block["table"]
    if not table or not table["header_rows"] or {"header_omitted", "row_cut"} & set(chunk["flags"]):
        return False
    start, end = block["start"], block["start"] + table["rows"][table["header_rows"] - 1][1]
    body = max(end, start + table["header_end"])  # a delimiter line is no row
    below = any(first < block["end"] and last > body for first, last in chunk["spans"])
    first, last = _stripped(text, start, end)
    if first == last or not below or text[first:last] in chunk["added_prefix"]:
        return False
    return not any(begin <= first and last <= stop for begin, stop in chunk["spans"])


def _rows(text: str, block: Record) -> Iterable[tuple[int, int]]:
    """Their places in the text, without white space at their ends."""
    begin, table = block["start"], block["table"]
    if table and table["rows"]:
        places = [(begin + start, begin + end) for start, end in table["rows"]]
    else:
        places = []
        for line in text[begin : block["end"]].split("\n"):
            places.append((begin, begin + len(line)))
            begin += len(line) + 1
    stripped = (_stripped(text, start, end) for start, end in places)
    return [(start, end) for start, end in stripped if start < end]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return start, max(start, start + len(piece.strip()))


def _completeness(parse: Record, chunks: Sequence[Record], counts: Counter[str], marks: Marks) -> int:
    """Returns how many characters are lost."""
    text, spans = parse["text"], Spans(chunks)
    characters = lost = 0
    for block in parse["blocks"]:
        if block["kind"] not in FURNITURE:
            characters += _inked(text[block["start"] : block["end"]])
            lost += sum(_inked(text[start:end]) for start, end in spans.uncovered(block["start"], block["end"]))
    counts.update({"completeness.characters": characters, "completeness.lost": lost})
    counts["completeness.documents_with_loss"] += lost > 0
    marks.characters, marks.lost = characters, lost
    return lost


def _inked(text: str) -> int:
    """Characters that are not white space (`str.split` cuts at what `str.isspace` says)."""
    return sum(map(len, text.split()))


def _joints(parse: Record, chunks: Sequence[Record], tally: Tally, marks: Marks) -> None:
    counts = tally.counts
    cut: dict[int, list[tuple[int, int]]] = {}
    for place, (one, following) in enumerate(pairwise(chunks)):
        counts["joints.total"] += 1
        ordinal = one["blocks"][-1]
        block = parse["blocks"][ordinal]
        if ordinal != following["blocks"][0]:
            group = "between_blocks"
        elif block["kind"] == "table":
            group = "in_tables"
        elif block["kind"] in LINED:
            group = "in_lines"
        else:
            if ordinal not in cut:
                cut[ordinal] = _sentences(parse["text"], block)
            edges = one["spans"][-1][1], following["spans"][0][0]
            inside = [span for edge in edges for span in cut[ordinal] if span[0] < edge < span[1]]
            group = "inside_sentence" if inside else "between_sentences"
            without_need = bool(inside) and needless(_around(chunks, place, *inside[0]), *inside[0], tally.budget)
            counts["joints.needless"] += without_need
            if inside:
                marks.faults["needless_cut" if without_need else "sentence_cut"] |= {place, place + 1}
        marks.joints.append(group)
        counts[f"joints.{group}"] += 1
    marks.faults["sentence_cut"] -= marks.faults["needless_cut"]


def _around(chunks: Sequence[Record], place: int, start: int, end: int) -> list[Record]:
    """The chunks in a row, with the one at `place` and the next among them, that hold some of what stands there."""
    before = [place]
    while before[-1] > 0 and chunks[before[-1] - 1]["spans"][-1][1] > start:
        before.append(before[-1] - 1)
    behind = [place + 1]
    while behind[-1] + 1 < len(chunks) and chunks[behind[-1] + 1]["spans"][0][0] < end:
        behind.append(behind[-1] + 1)
    return [chunks[number] for number in (*reversed(before), *behind)]


def _sentences(text: str, block: Record) -> list[tuple[int, int]]:
    begin = block["start"]
    own = text[begin : block["end"]]
    return [_stripped(text, begin + start, begin + end) for start, end in sentences(own, 0, len(own))]

"""Spreads, groups, faults of single chunks, the worst and the sample: from marks that the other counts leave."""

from __future__ import annotations

import bisect
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recounting.catalog import Leaf, Live
from recounting.ids import chunk_id
from recounting.spans import Record

WORST, WORST_OF_ONE, SAMPLED, SHORTENED, EXCERPT = 50, 5, 500, 600, 160
GRAVITIES = {
    4: ("over_budget", "path_wrong", "half_row", "headless"),
    3: ("needless_cut", "table_cut", "repeats", "low_confidence"),
    2: ("word_cut", "row_cut", "sentence_cut"),
    1: ("unread", "hanging_heading", "open_end", "pronoun", "conjunction", "fragment"),
}
GRAVITY = {fault: weight for weight, faults in GRAVITIES.items() for fault in faults}
TWENTY = [place / 20 for place in range(21)]
WIDE = [place / 10 for place in range(-10, 11)]
SPREADS: tuple[tuple[str, str, float, list[float], bool], ...] = (
    ("heading_depth", "headings", 1, [0, 1, 2, 3, 4, 5, 6, 7], True),
    ("unknown_share", "share", 0.001, TWENTY, False),
    ("repeated_by_design", "share", 0.001, TWENTY, False),
    ("confidence", "share", 0.001, TWENTY, False),
    ("leanings", "leanings", 1, [0, 1, 2, 3], True),
    ("neighbour_similarity", "similarity", 0.001, TWENTY, False),
    ("repeated_grams", "share", 0.001, TWENTY, False),
    ("border_cohesion", "cohesion", 0.001, TWENTY, False),
    ("inside_cohesion", "cohesion", 0.001, TWENTY, False),
    ("border_difference", "cohesion", 0.001, WIDE, False),
    ("table_parts", "chunks", 1, [1, 2, 3, 4, 5, 10, 20, 50], True),
    ("document_chunks", "chunks", 1, [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], True),
    ("document_covered", "share", 0.001, TWENTY, False),
    ("document_right_paths", "share", 0.001, TWENTY, False),
    ("document_cut_joints", "share", 0.001, TWENTY, False),
)
"""Name, unit, step, edges, and whether the last bin has no end."""
PERCENTILES = {"p05": 5, "p25": 25, "median": 50, "p75": 75, "p95": 95}
PROSE_JOINTS = {"between_blocks", "between_sentences", "inside_sentence"}
SUMMED = ("below_minimum", "over_budget", "with_heading", "judged", "right", "leaning", "prose_joints")
SUMMED += ("inside_sentence", "unread", "faulty")


@dataclass(slots=True)
class Marks:
    """What was found of one document. `faults`: numbers of chunks."""

    live: Live
    is_copy: bool
    media_type: str = ""
    faults: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    values: list[tuple[str, float]] = field(default_factory=list)
    joints: list[str] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    leanings: list[list[str]] = field(default_factory=list)
    characters: int = 0
    lost: int = 0

    def of(self, number: int) -> list[str]:
        return [fault for fault in GRAVITY if number in self.faults[fault]]


@dataclass(slots=True)
class Group:
    documents: set[str] = field(default_factory=set)
    tokens: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Shown:
    """A chunk that a report may show by itself."""

    live: Live
    number: int
    chunk: Record
    faults: list[str]
    pages: list[Record]


@dataclass(slots=True)
class Figures:
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[tuple[str, str], Group] = field(default_factory=lambda: defaultdict(Group))
    faults: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(GRAVITY, 0)))
    faulty: int = 0
    worst: list[tuple[object, Shown]] = field(default_factory=list)
    sample: list[tuple[str, int, Shown]] = field(default_factory=list)
    total: int = 0

    def add_unread(self, live: Live) -> None:
        self.groups["source", live.source].documents.add(live.doc_id)

    def add(self, marks: Marks, chunk_set: Record, parse: Record | None, told: Record, unknown_warning: float) -> None:
        chunks = chunk_set["chunks"]
        self._mark(marks, chunk_set, parse, told, unknown_warning)
        self._spread(marks, chunk_set, parse)
        for fault in GRAVITY:
            self.faults[fault] += len(marks.faults[fault])
        self.faulty += len(set().union(*marks.faults.values()))
        self._group(marks, chunks, told)
        self._show(marks, chunks, parse)

    def _mark(
        self, marks: Marks, chunk_set: Record, parse: Record | None, told: Record, unknown_warning: float
    ) -> None:
        chunks, faults = chunk_set["chunks"], marks.faults
        limits = [told["maximum"], told["limit"] or told["maximum"]]
        for number, (chunk, unknown) in enumerate(zip(chunks, chunk_set["unknown_shares"], strict=True)):
            found = {flag for flag in ("row_cut", "word_cut") if flag in chunk["flags"]}
            found |= {"over_budget"} if chunk["token_count"] > min(limits) else set()
            found |= {"unread"} if unknown > unknown_warning else set()
            if parse is not None:
                found |= set(marks.leanings[number])
                found |= {"path_wrong"} if not marks.right[number] else set()
                found |= {"fragment"} if _is_fragment(chunks, number, told) else set()
                sure = _confidence(parse, chunk)
                if sure is not None:
                    marks.values.append(("confidence", sure))
                    found |= {"low_confidence"} if sure < 0.8 else set()
            for fault in found:
                faults[fault].add(number)

    def _spread(self, marks: Marks, chunk_set: Record, parse: Record | None) -> None:
        chunks = chunk_set["chunks"]
        values = marks.values
        values += [("heading_depth", len(chunk["heading_path"])) for chunk in chunks]
        values += [("unknown_share", share) for share in chunk_set["unknown_shares"]]
        for chunk in chunks:
            meant = len(chunk["added_prefix"]) + sum(end - start for start, end in chunk.get("overlap", ()))
            values.append(("repeated_by_design", meant / len(chunk["text"])))
        values.append(("document_chunks", len(chunks)))
        if parse is not None:
            values += [("leanings", len(found)) for found in marks.leanings]
            prose = [joint for joint in marks.joints if joint in PROSE_JOINTS]
            if marks.characters:
                values.append(("document_covered", 1 - marks.lost / marks.characters))
            if chunks:
                values.append(("document_right_paths", sum(marks.right) / len(chunks)))
            if prose:
                values.append(("document_cut_joints", prose.count("inside_sentence") / len(prose)))
        for name, value in values:
            self.values[name].append(value)

    def _group(self, marks: Marks, chunks: Sequence[Record], told: Record) -> None:
        live = marks.live
        whole = [("source", live.source), ("format", marks.media_type)]
        for key in whole:
            self.groups[key].documents.add(live.doc_id)
            self.groups[key].counts.update({"characters": marks.characters, "lost": marks.lost})
        for number, chunk in enumerate(chunks):
            own = Counter(
                below_minimum=chunk["token_count"] < told["minimum"],
                over_budget=number in marks.faults["over_budget"],
                with_heading=bool(chunk["heading_path"]),
                judged=bool(marks.right),
                right=bool(marks.right) and marks.right[number],
                leaning=bool(marks.leanings) and bool(marks.leanings[number]),
                prose_joints=number < len(marks.joints) and marks.joints[number] in PROSE_JOINTS,
                inside_sentence=number < len(marks.joints) and marks.joints[number] == "inside_sentence",
                unread=number in marks.faults["unread"],
                faulty=bool(marks.of(number)),
            )
            for key in (*whole, ("strategy", chunk["strategy"]), ("language", chunk["language"] or "")):
                group = self.groups[key]
                group.documents.add(live.doc_id)
                group.tokens.append(chunk["token_count"])
                group.counts.update({name: int(value) for name, value in own.items()})

    def _show(self, marks: Marks, chunks: Sequence[Record], parse: Record | None) -> None:
        pages = parse["pages"] if parse is not None else []
        shown = [Shown(marks.live, number, chunk, marks.of(number), pages) for number, chunk in enumerate(chunks)]
        bad = sorted((_weight(each.faults), each.number, each) for each in shown if each.faults)
        if not marks.is_copy:
            place = marks.live.source, marks.live.path
            for rank, (weight, number, each) in enumerate(bad):
                self.worst.append(((rank >= WORST_OF_ONE, weight, *place, number), each))
        for each in shown:
            name = hashlib.sha256(f"{marks.live.doc_id}/{each.number}".encode()).hexdigest()
            bisect.insort(self.sample, (name, self.total, each))
            self.total += 1
            del self.sample[SAMPLED:]

    # ---------------------------------------------------------------------- as told

    def numbers(self, budget: int, minimum: int) -> dict[str, Leaf]:
        """By the dotted names of the report."""
        found: dict[str, Leaf] = {"faulty": self.faulty, "sample.total": self.total}
        found |= {f"faults.{fault}": count for fault, count in self.faults.items()}
        for number, spread in enumerate(SPREADS):
            found |= {f"distributions.{number}.{name}": value for name, value in self._told(*spread).items()}
        order = ("format", "source", "strategy", "language")
        for number, key in enumerate(sorted(self.groups, key=lambda key: (order.index(key[0]), key[1]))):
            found |= {f"groups.{number}.{name}": value for name, value in self._group_told(*key).items()}
        worst = [each for _, each in sorted(self.worst, key=lambda ranked: ranked[0])[:WORST]]
        sample = [each for _, _, each in self.sample]
        sample.sort(key=lambda each: (each.live.source, each.live.path, each.number))
        for name, length, chunks in (("worst", SHORTENED, worst), ("sample.chunks", EXCERPT, sample)):
            for number, each in enumerate(chunks):
                found |= {f"{name}.{number}.{word}": value for word, value in _shown(each, length).items()}
        return found

    def _told(self, name: str, unit: str, step: float, edges: list[float], is_open: bool) -> dict[str, Leaf]:
        parts = round(1 / step)
        steps = sorted(round(value * parts) for value in self.values[name])
        count = len(steps)

        def at(percent: int) -> float | None:
            return steps[-(-count * percent // 100) - 1] / parts if steps else None

        told: dict[str, Leaf] = {
            "name": name,
            "unit": unit,
            "step": float(step),
            "count": count,
            "mean": sum(steps) / count / parts if steps else None,
            "smallest": steps[0] / parts if steps else None,
            **{word: at(percent) for word, percent in PERCENTILES.items()},
            "largest": steps[-1] / parts if steps else None,
        }
        return told | dict(_bins(steps, [round(edge * parts) for edge in edges], parts, is_open=is_open))

    def _group_told(self, by: str, name: str) -> dict[str, Leaf]:
        group = self.groups[by, name]
        tokens = sorted(group.tokens)
        told: dict[str, Leaf] = {"by": by, "name": name, "documents": len(group.documents), "chunks": len(tokens)}
        for word, percent in (("p05", 5), ("median", 50), ("p95", 95)):
            told[f"tokens_{word}"] = tokens[-(-len(tokens) * percent // 100) - 1] if tokens else None
        told |= {word: group.counts[word] for word in SUMMED}
        outside = by in {"format", "source"}
        return told | {word: group.counts[word] if outside else None for word in ("characters", "lost")}


def _bins(steps: Sequence[int], edges: Sequence[int], parts: int, *, is_open: bool) -> Iterator[tuple[str, Leaf]]:
    last = len(edges) - 1 if is_open else len(edges) - 2
    for at in range(last + 1):
        held = [each for each in steps if each >= edges[at] and (at == last or each < edges[at + 1])]
        yield f"bins.{at}.start", edges[at] / parts
        yield f"bins.{at}.end", None if is_open and at == last else edges[at + 1] / parts
        yield f"bins.{at}.count", len(held)


def _weight(faults: Sequence[str]) -> tuple[int, int]:
    each = [GRAVITY[fault] for fault in faults]
    return -max(each), -sum(each)


def _is_fragment(chunks: Sequence[Record], number: int, told: Record) -> bool:
    chunk = chunks[number]
    if chunk["kind"] not in {"text", "list"} or 2 * chunk["token_count"] >= told["minimum"]:
        return False
    beside = [chunks[at] for at in (number - 1, number + 1) if 0 <= at < len(chunks)]
    return any(
        other["kind"] in {"text", "list"}
        and other["section"] == chunk["section"]
        and chunk["token_count"] + other["token_count"] <= told["target"]
        for other in beside
    )


def _confidence(parse: Record, chunk: Record) -> float | None:
    total, held = 0.0, 0
    for ordinal in chunk["blocks"]:
        block = parse["blocks"][ordinal]
        if block["confidence"] is not None:
            own = sum(max(0, min(end, block["end"]) - max(start, block["start"])) for start, end in chunk["spans"])
            total, held = total + own * block["confidence"], held + own
    return total / held if held else None


def _shown(each: Shown, length: int) -> dict[str, Leaf]:
    chunk, live = each.chunk, each.live
    told: dict[str, Leaf] = {
        "source": live.source,
        "path": live.path,
        "doc_id": live.doc_id,
        "chunk_id": chunk_id(live.doc_id, chunk),
        "ordinal": each.number,
        "tokens": chunk["token_count"],
        "kind": chunk["kind"],
        "strategy": chunk["strategy"],
        "language": chunk["language"] or "",
        "text": chunk["text"][:length],
        "characters": len(chunk["text"]),
        **{f"heading_path.{at}": heading for at, heading in enumerate(chunk["heading_path"])},
        **{f"faults.{at}": fault for at, fault in enumerate(each.faults)},
        **{f"flags.{at}": flag for at, flag in enumerate(chunk["flags"])},
    }
    sizes = {page["number"]: page for page in each.pages}
    for at, page in enumerate(sorted({region["page"] for region in chunk["regions"]})):
        known = sizes.get(page, {"width": None, "height": None})
        told |= {f"pages.{at}.page": page, f"pages.{at}.width": known["width"], f"pages.{at}.height": known["height"]}
        boxes = [region["bbox"] for region in chunk["regions"] if region["page"] == page and region["bbox"]]
        told |= {f"pages.{at}.boxes.{n}.{side}": edge for n, box in enumerate(boxes) for side, edge in enumerate(box)}
    return told

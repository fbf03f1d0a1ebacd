"""What chunks keep together, and how they stand by themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chunkers.cohesion import LexicalCohesion
from chunkers.quality.standing import CONJUNCTION, PRONOUN
from chunkers.sentences import sentences
from recounting.catalog import Leaf
from recounting.figures import Marks
from recounting.spans import Record

KINDS = ("figure", "list_item", "code", "formula")
PROSE = {"paragraph", "quote", "list_item"}
FURNITURE = {"header", "footer", "page_number", "watermark"}
LOOKED_AT = 10_000
OPEN = tuple(":：,，、;；（(—")
HAN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"


def needless(holders: Sequence[Record], start: int, end: int, budget: int) -> bool:
    """Whether what stands there would have fitted into one chunk, estimated from the chunks that hold it."""
    tokens = 0.0
    for number, chunk in enumerate(holders):
        context = len(chunk["context"])
        embedded = len(chunk["text"]) + context + (context > 0)
        held = sum(max(0, min(last, end) - max(first, start)) for first, last in chunk["spans"])
        tokens += chunk["token_count"] * (held + (context if not number else 0)) / embedded
    return tokens <= 0.9 * budget


@dataclass(slots=True)
class Keeping:
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_NUMBERS, 0)))
    between: float = 0.0
    inside: float = 0.0

    def numbers(self) -> dict[str, Leaf]:
        borders = self.counts["coherence.borders"]
        return {
            **self.counts,
            "coherence.between_mean": self.between / borders if borders else None,
            "coherence.inside_mean": self.inside / borders if borders else None,
        }

    def add(self, parse: Record, chunks: Sequence[Record], budget: int, marks: Marks) -> None:
        self._integrity(parse, chunks, budget)
        self._paths(parse, chunks, marks)
        self._standing(parse, chunks, marks)
        self._coherence(parse, chunks, marks)
        self._redundancy(parse, chunks, marks)

    def _integrity(self, parse: Record, chunks: Sequence[Record], budget: int) -> None:
        holders: dict[int, list[Record]] = {}
        for chunk in chunks:
            for ordinal in chunk["blocks"]:
                holders.setdefault(ordinal, []).append(chunk)
        text, blocks = parse["text"], parse["blocks"]
        for block in blocks:
            own = holders.get(block["ordinal"], [])
            if not text[block["start"] : block["end"]].strip():
                continue
            if block["kind"] in KINDS:
                name = f"integrity.by_kind.{block['kind']}"
                fate = "lost" if not own else "whole" if len(own) == 1 else "cut"
                self.counts.update((f"{name}.total", f"{name}.{fate}"))
                self.counts[f"{name}.needless"] += fate == "cut" and needless(own, block["start"], block["end"], budget)
            above = blocks[block["parent"]] if block["parent"] is not None else None
            is_note = above is not None and block["kind"] in {"caption", "footnote"}
            if own and is_note and text[above["start"] : above["end"]].strip():
                self.counts["integrity.notes"] += 1
                self.counts["integrity.notes_together"] += any(above["ordinal"] in chunk["blocks"] for chunk in own)

    def _paths(self, parse: Record, chunks: Sequence[Record], marks: Marks) -> None:
        blocks = parse["blocks"]
        paths: dict[int, list[str]] = {}
        above: list[tuple[int, str]] = []
        for block in blocks:
            words = parse["text"][block["start"] : block["end"]].split()
            if block["kind"] in {"title", "heading"} and words:
                level = block["level"] if block["level"] is not None else {"title": 0, "heading": 1}[block["kind"]]
                above = [*((high, name) for high, name in above if high < level), (level, " ".join(words))]
            paths[block["ordinal"]] = [name for _, name in above]
        for chunk in chunks:
            place = chunk["blocks"][-1]
            for ordinal in reversed(chunk["blocks"]):
                if blocks[ordinal]["kind"] not in {"title", "heading"}:
                    place = ordinal
            self.counts["headings.judged"] += 1
            marks.right.append(chunk["heading_path"] == paths[place])
            self.counts["headings.right"] += marks.right[-1]

    def _standing(self, parse: Record, chunks: Sequence[Record], marks: Marks) -> None:
        blocks = parse["blocks"]
        for at, chunk in enumerate(chunks):
            first, last = blocks[chunk["blocks"][0]], blocks[chunk["blocks"][-1]]
            found = []
            if first["kind"] in PROSE and not chunk.get("overlap"):
                begin = parse["text"][chunk["spans"][0][0] :][:80].lstrip(" \t\u3000*_>-–•\"'“‘「")
                if CONJUNCTION.match(begin):
                    found.append("conjunction")
                elif PRONOUN.match(begin):
                    found.append("pronoun")
            if last["kind"] in PROSE | {"caption"} and chunk["text"].rstrip(" \t\n*_").endswith(OPEN):
                found.append("open_end")
            after = blocks[chunks[at + 1]["blocks"][0]]["kind"] if at + 1 < len(chunks) else "heading"
            if last["kind"] in {"title", "heading"} and after not in {"title", "heading"}:
                found.append("hanging_heading")
            self.counts["standing.chunks"] += 1
            self.counts["standing.leaning"] += bool(found)
            marks.leanings.append(found)
            self.counts.update(f"standing.by_leaning.{name}" for name in found)

    def _coherence(self, parse: Record, chunks: Sequence[Record], marks: Marks) -> None:
        firsts = [chunk["spans"][0][0] for chunk in chunks]
        for stretch in _stretches(parse):
            numbers = [sum(first <= start for first in firsts) for start, _ in stretch] if len(stretch) > 1 else []
            border = [one != other for one, other in pairwise(numbers)]
            if not any(border) or all(border):
                continue
            values = LexicalCohesion().joints([parse["text"][start:end] for start, end in stretch])
            for at, is_border in enumerate(border):
                if is_border:
                    before = next((n for n in range(at - 1, -1, -1) if not border[n]), None)
                    behind = next((n for n in range(at + 1, len(border)) if not border[n]), None)
                    near = [values[n] for n in (before, behind) if n is not None]
                    mean = sum(near) / len(near)
                    marks.values += [("border_cohesion", values[at]), ("inside_cohesion", mean)]
                    marks.values.append(("border_difference", mean - values[at]))
                    self.between += values[at]
                    self.inside += mean
                    self.counts["coherence.borders"] += 1
                    self.counts["coherence.clear"] += values[at] < mean
                    self.counts["coherence.even"] += values[at] == mean

    def _redundancy(self, parse: Record, chunks: Sequence[Record], marks: Marks) -> None:
        before, seen = None, set()
        for place, chunk in enumerate(chunks):
            self.counts["redundancy.characters"] += len(chunk["text"])
            self.counts["redundancy.added"] += len(chunk["added_prefix"])
            self.counts["redundancy.overlapping"] += sum(end - start for start, end in chunk.get("overlap", ()))
            if chunk["spans"][0][0] >= LOOKED_AT:
                continue
            text = "\n".join(parse["text"][start:end] for start, end in chunk["spans"])
            words = re.findall(rf"[{HAN}]|[^\W{HAN}]+", text.casefold())
            own = {" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4))} if words else set()
            self.counts["redundancy.grams"] += len(own)
            again = sum(gram in seen for gram in own)
            self.counts["redundancy.repeated"] += again
            if own:
                marks.values.append(("repeated_grams", again / len(own)))
            if before is not None:
                self.counts["redundancy.pairs"] += 1
                both = len(own | before)
                similarity = len(own & before) / both if both else 0.0
                marks.values.append(("neighbour_similarity", similarity))
                self.counts["redundancy.alike"] += similarity >= 0.8
                if similarity >= 0.8:
                    marks.faults["repeats"].add(place)
            before = own
            seen |= own


_NUMBERS = (
    *(f"integrity.by_kind.{kind}.{name}" for kind in KINDS for name in ("total", "whole", "cut", "lost", "needless")),
    *("integrity." + name for name in ("notes", "notes_together")),
    *("headings." + name for name in ("judged", "right")),
    *("standing." + name for name in ("chunks", "leaning")),
    *("standing.by_leaning." + name for name in ("pronoun", "conjunction", "open_end", "hanging_heading")),
    *("coherence." + name for name in ("borders", "clear", "even")),
    *("redundancy." + name for name in ("characters", "added", "overlapping", "pairs", "alike", "grams", "repeated")),
)


def _stretches(parse: Record) -> Iterator[list[tuple[int, int]]]:
    """Sentences of running text with nothing else between them, in the first characters of a document."""
    stretch: list[tuple[int, int]] = []
    for block in parse["blocks"]:
        start, end = block["start"], min(block["end"], LOOKED_AT)
        if block["kind"] in FURNITURE or block["start"] == block["end"]:
            continue
        if block["kind"] in PROSE:
            if start < LOOKED_AT:
                found = [_inked(parse["text"], *span) for span in sentences(parse["text"], start, end)]
                stretch += [(begin, stop) for begin, stop in found if begin < stop]
        else:
            yield stretch
            stretch = []
    yield stretch


def _inked(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end

"""How files were read: outcomes by format, headings, tables, and what OCR says of itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from recounting.reading import Reading, twentieth
from recounting.rows import Row, row
from recounting.spans import Record


class Parsing:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, reading: Reading) -> None:
        parse, counts = reading.parse, self._counts
        failed = parse is not None and any(page["method"] == "failed" for page in parse["pages"])
        outcome = "stale" if reading.live.stale else "partly" if failed else "whole"
        counts[f"formats.{reading.media_type}.{outcome}"] += 1
        for thousandths, pages in reading.confidences.items():
            counts.update({"ocr.pages": pages, "ocr.thousandths": pages * thousandths})
            counts[f"ocr.bins.{twentieth(thousandths)}"] += pages
        if parse is not None:
            for page in parse["pages"]:
                doubtful = page.get("doubtful", 0)  # a parse of an older release may lack it
                counts["ocr.doubtful_lines"] += doubtful
                counts["ocr.doubtful_pages"] += doubtful > 0
            for block in parse["blocks"]:
                self._add_block(block, parse["text"])

    def _add_block(self, block: Record, text: str) -> None:
        counts = self._counts
        if block["kind"] in {"title", "heading"}:
            counts[f"headings.{block['level'] or 0}"] += 1
        if block["confidence"] is not None:
            ink = len(re.sub(r"\s", "", text[block["start"] : block["end"]]))
            counts["ocr.characters"] += ink
            counts["ocr.character_thousandths"] += ink * round(1000 * block["confidence"])
        if table := block["table"]:
            counts.update({"tables.total": 1, "tables.rows": table["n_rows"], "tables.cells": len(table["cells"])})
            counts["tables.over_pages"] += len({region["page"] for region in block["regions"]}) > 1
            counts["tables.with_header"] += table["header_rows"] > 0

    def rows(self, told: Record) -> Iterator[Row]:
        counts = self._counts
        formats = Counter(
            {f"formats.{one['media_type']}.{one['outcome']}": one["documents"] for one in told["formats"]}
        )
        names = {name for name in formats.keys() | counts.keys() if name.startswith("formats.")}
        for name in sorted(name for name in names if not name.endswith("quarantined")):
            yield row(name, formats[name], counts[name])
        levels = {name.removeprefix("headings.") for name in counts if name.startswith("headings.")}
        for level in sorted(levels | set(told["headings"])):
            yield row(f"headings.{level}", told["headings"].get(level, 0), counts[f"headings.{level}"])
        for name in ("total", "over_pages", "with_header", "rows", "cells"):
            yield row(f"parsed tables.{name}", told["tables"][name], counts[f"tables.{name}"])
        yield from self._ocr_rows(told["ocr"])

    def _ocr_rows(self, told: dict[str, Any]) -> Iterator[Row]:
        counts = self._counts
        for name in ("pages", "characters", "doubtful_lines", "doubtful_pages"):
            yield row(f"ocr.{name}", told[name], counts[f"ocr.{name}"])
        for name, thousandths in (("pages", "thousandths"), ("characters", "character_thousandths")):
            whole = counts[f"ocr.{name}"]
            mean = counts[f"ocr.{thousandths}"] / 1000 / whole if whole else None
            yield row(f"ocr.{name}_mean", told[f"{name}_mean"], mean)
        for place, each in enumerate(told["bins"]):
            yield row(f"ocr.bins.{place}", each["pages"], counts[f"ocr.bins.{place}"])

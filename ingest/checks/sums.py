"""Sums over documents of what the checks keep of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.checks.facts import PARTS, DocumentFacts, LanguageCounts, PageConfidence
from schemas.fit import BorderCheck, BrokenBorder, LanguageFit
from schemas.parsing import ConfidenceBin, OcrCounts, ParsedTables

_COUNTS = (
    "tables", "tables_over_pages", "tables_with_header", "table_rows", "table_cells", "borders", "broken_borders",
)  # fmt: skip
_THOUSAND = 1000
_EXAMPLES = 9


@dataclass(slots=True)
class Sums:
    """Documents may be added in any order."""

    margin_lines: Counter[str] = field(default_factory=Counter)
    headings: Counter[int] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)
    _languages: dict[str, Counter[str]] = field(default_factory=dict)
    _confidence: Counter[str] = field(default_factory=Counter)
    _bins: Counter[int] = field(default_factory=Counter)
    _examples: list[BrokenBorder] = field(default_factory=list)

    def add(self, source: str, path: str, facts: DocumentFacts) -> None:
        self.margin_lines.update(facts.margin_lines)
        self.headings.update(facts.headings)
        self._counts.update({name: getattr(facts, name) for name in _COUNTS})
        for language, counts in facts.languages.items():
            own = self._languages.setdefault(language, Counter())
            own.update(_numbers(counts))
        self._confidence.update(_numbers(facts.confidence))
        self._bins.update(facts.confidence.bins)
        if facts.border_examples:
            told = [
                BrokenBorder(source=source, path=path, before=one.before, behind=one.behind)
                for one in facts.border_examples
            ]
            self._examples = sorted([*self._examples, *told], key=lambda one: (one.source, one.path))[:_EXAMPLES]

    def tables(self) -> ParsedTables:
        found = self._counts
        return ParsedTables(
            total=found["tables"],
            over_pages=found["tables_over_pages"],
            with_header=found["tables_with_header"],
            rows=found["table_rows"],
            cells=found["table_cells"],
        )

    def ocr(self) -> OcrCounts:
        found = self._confidence
        return OcrCounts(
            pages=found["pages"],
            pages_mean=_mean(found["thousandths"], found["pages"]),
            characters=found["characters"],
            characters_mean=_mean(found["character_thousandths"], found["characters"]),
            bins=tuple(
                ConfidenceBin(first=number / PARTS, last=(number + 1) / PARTS, pages=self._bins[number])
                for number in range(PARTS)
            ),
            doubtful_lines=found["doubtful_lines"],
            doubtful_pages=found["doubtful_pages"],
        )

    def languages(self) -> tuple[LanguageFit, ...]:
        ranked = sorted(self._languages.items(), key=lambda item: (-item[1]["chunks"], item[0]))
        return tuple(
            LanguageFit(
                language=language,
                chunks=counts["chunks"],
                characters=counts["characters"],
                tokens=counts["tokens"],
                unknown=counts["unknown"],
            )
            for language, counts in ranked
        )

    def borders(self) -> BorderCheck:
        return BorderCheck(
            total=self._counts["borders"], inside=self._counts["broken_borders"], examples=tuple(self._examples)
        )


def _numbers(record: LanguageCounts | PageConfidence) -> dict[str, int]:
    return {name: value for name in type(record).model_fields if isinstance(value := getattr(record, name), int)}


def _mean(thousandths: int, count: int) -> float | None:
    return thousandths / _THOUSAND / count if count else None

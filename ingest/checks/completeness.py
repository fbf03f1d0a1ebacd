"""Paragraph completeness over documents: `schemas.parsing.ParagraphCompleteness`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.checks.reading import Compared
from schemas.parsing import OF_ONE_FORMAT, WORST, FormatParagraphs, ParagraphCompleteness, ParagraphLoss


@dataclass(frozen=True, slots=True)
class Original:
    """A document whose parse is there, and the file that it was made of. `parse`: the digest of the parse."""

    source: str
    path: str
    sha256: str
    media_type: str
    parse: str


def sampled(originals: Iterable[Original]) -> list[Original]:
    """Each content once; of each media type those with the least digests, which is as good as by lot, and the same
    in the next report."""
    first: dict[str, Original] = {}
    for original in sorted(originals, key=lambda original: (original.source, original.path)):
        first.setdefault(original.sha256, original)
    taken: Counter[str] = Counter()
    chosen: list[Original] = []
    for _, original in sorted(first.items()):
        if taken[original.media_type] < OF_ONE_FORMAT:
            taken[original.media_type] += 1
            chosen.append(original)
    return chosen


@dataclass(slots=True)
class Completeness:
    """Sums over the sampled documents, each added once. `documents`: how many there are to sample from."""

    documents: int
    _because: Counter[str] = field(default_factory=Counter)
    _formats: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _losses: list[ParagraphLoss] = field(default_factory=list)

    def add(self, original: Original, compared: Compared) -> None:
        if compared.because is not None:
            self._because[compared.because.value] += 1
        if compared.found is None:
            return
        found = compared.found
        counts = self._formats[original.media_type]
        counts.update(documents=1, paragraphs=found.paragraphs, found=found.found)
        if found.found < found.paragraphs:
            self._losses.append(
                ParagraphLoss(
                    source=original.source,
                    path=original.path,
                    media_type=original.media_type,
                    paragraphs=found.paragraphs,
                    found=found.found,
                    examples=found.missing,
                )
            )

    def record(self) -> ParagraphCompleteness:
        total: Counter[str] = Counter()
        for counts in self._formats.values():
            total.update(counts)
        return ParagraphCompleteness(
            documents=self.documents,
            sampled=total["documents"] + self._because.total(),
            compared=total["documents"],
            not_compared=dict(sorted(self._because.items())),
            paragraphs=total["paragraphs"],
            found=total["found"],
            by_format=tuple(
                FormatParagraphs(
                    media_type=media_type,
                    documents=counts["documents"],
                    paragraphs=counts["paragraphs"],
                    found=counts["found"],
                )
                for media_type, counts in sorted(self._formats.items())
            ),
            documents_with_loss=len(self._losses),
            worst=tuple(_worst_first(self._losses)[:WORST]),
        )


def _worst_first(losses: Iterable[ParagraphLoss]) -> Sequence[ParagraphLoss]:
    return sorted(losses, key=lambda loss: (loss.found - loss.paragraphs, loss.source, loss.path))

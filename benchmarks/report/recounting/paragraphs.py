"""Whether the paragraphs of originals arrived: which documents are compared, and what is made of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.checks.reading import compared
from recounting.artifacts import Artifacts
from recounting.reading import Reading
from recounting.rows import Row, row
from recounting.spans import Record
from schemas.document import Document

OF_ONE_FORMAT = 250


@dataclass(frozen=True, slots=True)
class _Original:
    path: str
    media_type: str
    parse: str


@dataclass(slots=True)
class _Compared:
    formats: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    because: Counter[str] = field(default_factory=Counter)
    losses: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Path to paragraphs, and those that were found."""


class Paragraphs:
    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._originals: dict[str, _Original] = {}

    def add(self, reading: Reading) -> None:
        """Of equal originals the first."""
        if reading.parse is not None:
            original = _Original(reading.live.path, reading.media_type, reading.chunk_set["document"])
            self._originals.setdefault(reading.live.sha256, original)

    def rows(self, told: Record) -> Iterator[Row]:
        ours = self._compare()
        formats, losses = ours.formats, ours.losses
        yield row("paragraphs, documents", told["documents"], len(self._originals))
        yield row("paragraphs, sampled", told["sampled"], sum(own["looked_at"] for own in formats.values()))
        for name in ("documents", "paragraphs", "found"):
            total = sum(own[name] for own in formats.values())
            yield row(f"paragraphs, all {name}", told["compared" if name == "documents" else name], total)
            for one in told["by_format"]:
                yield row(f"paragraphs, {name} {one['media_type']}", one[name], formats[one["media_type"]][name])
        for reason in sorted(ours.because.keys() | told["not_compared"].keys()):
            yield row(f"paragraphs, not for {reason}", told["not_compared"].get(reason, 0), ours.because[reason])
        yield row("paragraphs, documents with loss", told["documents_with_loss"], len(losses))
        for one in told["worst"]:
            same = losses.get(one["path"]) == (one["paragraphs"], one["found"])
            yield f"paragraphs of {one['path']}", one["found"], losses.get(one["path"], (0, 0))[1], same

    def _compare(self) -> _Compared:
        ours = _Compared()
        for sha256, original in sorted(self._originals.items()):
            format_ = ours.formats[original.media_type]
            if format_["looked_at"] == OF_ONE_FORMAT:
                continue
            format_["looked_at"] += 1
            path = self._artifacts.store / "original" / sha256[:2] / sha256
            document = Document.model_validate(self._artifacts.of_digest("parse", original.parse))
            found = compared(path if path.is_file() else None, original.media_type, document)
            if found.found is None:
                ours.because[str(found.because)] += 1
                continue
            own = found.found
            format_.update(documents=1, paragraphs=own.paragraphs, found=own.found)
            if own.found < own.paragraphs:
                ours.losses[original.path] = (own.paragraphs, own.found)
        return ours

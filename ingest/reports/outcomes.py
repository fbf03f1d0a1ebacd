"""What became of files and documents, from the rows of the catalog. What is counted is defined in
`schemas.inventory`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.catalog.rows import DocumentRow, FileRow
from schemas.inventory import FailureLine, FileOutcomes, SourceLine
from schemas.report import Failure

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the catalog knows of the sources that a report is of. `copies` are ids of documents."""

    roots: Mapping[str, str]
    files: Mapping[str, Mapping[str, FileRow]]
    documents: Sequence[DocumentRow]
    copies: frozenset[str]
    failures: Sequence[Failure]


def copies_among(documents: Iterable[DocumentRow]) -> frozenset[str]:
    """Ids of those whose bytes came before; the documents are in the order of source and path."""
    seen: set[str] = set()
    copies: set[str] = set()
    for row in documents:
        if row.sha256 in seen:
            copies.add(row.doc_id)
        seen.add(row.sha256)
    return frozenset(copies)


def file_outcomes(inventory: Inventory) -> FileOutcomes:
    documents = {(row.source, row.path): row for row in inventory.documents}
    living = {(row.source, row.listed_as) for row in inventory.documents}
    outcomes: Counter[str] = Counter()
    members: set[tuple[str, str]] = set()
    for source, rows in inventory.files.items():
        for path, row in rows.items():
            if row.top:
                members.add((source, path))
            elif row.status == FAILED:
                outcomes["stale" if (source, path) in living else "quarantined"] += 1
            else:
                outcomes[_of_good(documents.get((source, path)), inventory.copies)] += 1
    return FileOutcomes(
        listed=outcomes.total(),
        indexed=outcomes["indexed"],
        copies=outcomes["copies"],
        opened=outcomes["opened"],
        stale=outcomes["stale"],
        quarantined=outcomes["quarantined"],
        failed_members=sum((failure.source, failure.path) in members for failure in inventory.failures),
        by_code=dict(sorted(Counter(failure.code for failure in inventory.failures).items())),
    )


def _of_good(document: DocumentRow | None, copies: frozenset[str]) -> str:
    if document is None:
        return "opened"
    return "copies" if document.doc_id in copies else "indexed"


def source_lines(inventory: Inventory) -> tuple[SourceLine, ...]:
    documents = Counter(row.source for row in inventory.documents)
    failures = Counter(failure.source for failure in inventory.failures)
    return tuple(
        SourceLine(
            name=name,
            root=root,
            files=sum(not row.top for row in inventory.files[name].values()),
            documents=documents[name],
            failures=failures[name],
        )
        for name, root in sorted(inventory.roots.items())
    )


def failure_line(failure: Failure) -> FailureLine:
    return FailureLine(
        source=failure.source,
        path=failure.path,
        stage=failure.stage,
        code=failure.code,
        message=failure.message,
        attempts=failure.attempts,
    )

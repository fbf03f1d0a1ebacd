"""What became of a document: its versions, what made each, and how two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.catalog.rows import DocumentRow
from ingest.catalog.versions import KnownDocument, VersionRow
from ingest.context import Context
from ingest.stages.diff import ChunkDiff, diff_chunks
from ingest.stored import chunk_set_of, manifest_of
from schemas.chunk import ChunkSet
from schemas.errors import ConfigError
from schemas.version import VersionManifest

ROLLBACK = "rollback-"
"""Begins the id of a run that was a rollback."""


class Happening(StrEnum):
    """What made a version. `RECIPE`: the same file, read or cut by another recipe. `BACK`: the file was
    gone, and came again."""

    NEW = "new"
    CHANGED = "changed"
    RECIPE = "recipe changed"
    METADATA = "metadata changed"
    RENAMED = "renamed"
    REMOVED = "removed"
    BACK = "came back"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """`renamed_from`: a path. `restored`: the version whose content a rollback brought back. `size`, in bytes,
    and `chunks` are None where that is not kept. `stale`: the file is newer, but could not be read."""

    version: int
    seq: int
    at_ns: int
    run_id: str
    what: Happening
    current: bool
    stale: bool
    sha256: str
    size: int | None = None
    chunks: int | None = None
    renamed_from: str | None = None
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentVersions:
    """`versions`: oldest first; those before the first were removed by retention."""

    doc_id: str
    source: str
    path: str
    live: bool
    versions: tuple[DocumentVersion, ...]


@dataclass(frozen=True, slots=True)
class DocumentDiff:
    """From the version `old` to the version `new`."""

    doc_id: str
    source: str
    path: str
    old: int
    new: int
    diff: ChunkDiff


def list_versions(context: Context, name: str) -> DocumentVersions:
    """Raises `ConfigError` for a document that is not there."""
    known = context.catalog.versions.find_document(context.settings.tenant, name)
    rows = context.catalog.versions.of_document(known.doc_id)
    manifests = {row.version: manifest_of(context, row.doc_id, row.version) for row in rows}
    document = context.catalog.history.document(known.doc_id)
    told = tuple(_version(context, rows[:count], manifests, document) for count in range(1, len(rows) + 1))
    return DocumentVersions(known.doc_id, known.source, known.path, known.live, told)


def diff_versions(context: Context, name: str, old: int | None = None, new: int | None = None) -> DocumentDiff:
    """`new`: without it the last version; `old`: without it the one before `new`. A version in which the document
    was gone holds nothing. Raises `ConfigError`."""
    known = context.catalog.versions.find_document(context.settings.tenant, name)
    rows = context.catalog.versions.of_document(known.doc_id)
    newer = find_version(known, rows, new) if new is not None else rows[-1]
    if old is not None:
        older = find_version(known, rows, old)
    else:
        before = [row for row in rows if row.version < newer.version]
        if not before:
            raise ConfigError(f"{known.name} has no version before {newer.version}: there is nothing to compare")
        older = before[-1]
    one, other = (() if row.gone else read_chunks(context, known.path, row).chunks for row in (older, newer))
    diff = diff_chunks(known.doc_id, one, other)
    return DocumentDiff(known.doc_id, known.source, known.path, older.version, newer.version, diff)


def find_version(known: KnownDocument, rows: Sequence[VersionRow], version: int) -> VersionRow:
    """Raises `ConfigError` when it is not among them."""
    for row in rows:
        if row.version == version:
            return row
    raise ConfigError(
        f"{known.name} has no version {version}: it has {', '.join(str(row.version) for row in rows)};"
        f" 'docstrata versions {known.name}' tells what they are"
    )


def read_chunks(context: Context, path: str, version: VersionRow) -> ChunkSet:
    """Raises `ConfigError` where they were lost."""
    found = chunk_set_of(context, version.chunk_key)
    if found is None:
        raise ConfigError(
            f"the chunks of version {version.version} of {path} are damaged or gone: run --reprocess makes those of the"
            " file as it is now again, older ones cannot be made"
        )
    return found


def _version(
    context: Context,
    rows: Sequence[VersionRow],
    manifests: dict[int, VersionManifest | None],
    document: DocumentRow | None,
) -> DocumentVersion:
    """The last of `rows`, which are those before it too."""
    row = rows[-1]
    manifest = manifests.get(row.version)
    current = document is not None and document.live and document.version == row.version
    what, renamed_from, restored = _happening(context, rows, manifests)
    return DocumentVersion(
        version=row.version,
        seq=row.seq,
        at_ns=row.at_ns,
        run_id=row.run_id,
        what=what,
        current=current,
        stale=current and document is not None and document.stale,
        sha256=row.sha256,
        size=manifest.file.size if manifest is not None and manifest.file is not None else None,
        chunks=_count_chunks(context, row),
        renamed_from=renamed_from,
        restored=restored,
    )


def _count_chunks(context: Context, row: VersionRow) -> int | None:
    if row.gone:
        return None
    try:
        return len(read_chunks(context, "", row).chunks)
    except ConfigError:
        return None


def _happening(
    context: Context, rows: Sequence[VersionRow], manifests: dict[int, VersionManifest | None]
) -> tuple[Happening, str | None, int | None]:
    """With the path that it had before it was renamed, and the version that a rollback brought back."""
    row = rows[-1]
    before = rows[-2] if len(rows) > 1 else None
    if row.run_id.startswith(ROLLBACK):
        return Happening.ROLLED_BACK, None, None if row.gone else _restored(rows, manifests)
    if row.gone:
        return Happening.REMOVED, None, None
    if before is None or before.gone:
        previous = context.catalog.versions.previous(row.doc_id)
        if previous is not None:
            was = context.catalog.history.document(previous)
            return Happening.RENAMED, was.path if was is not None else None, None
        return (Happening.NEW if row.version == 1 else Happening.BACK), None, None
    if row.sha256 != before.sha256:
        return Happening.CHANGED, None, None
    return (Happening.RECIPE if row.chunk_key != before.chunk_key else Happening.METADATA), None, None


def _restored(rows: Sequence[VersionRow], manifests: dict[int, VersionManifest | None]) -> int | None:
    """The last version before it with the same content."""

    def content(row: VersionRow) -> tuple[str, str, str]:
        manifest = manifests.get(row.version)
        return row.sha256, row.chunk_key, manifest.metadata_digest if manifest is not None else ""

    same = [row.version for row in rows[:-1] if not row.gone and content(row) == content(rows[-1])]
    return same[-1] if same else None

"""Discover: what of a source is new, changed, unchanged, still failing, or gone."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ingest.catalog.catalog import Catalog
from ingest.catalog.rows import DocumentRow, FileRow
from ingest.sources.drop_prefix import rested
from ingest.sources.folder import EVERYTHING, FolderRules, ListedFile, Listing, in_scope, list_files, list_folder
from ingest.sources.remote import Remote
from ingest.stages.naming import SourceSpec
from schemas.source import SourceKind

_CLOCK_TICK_NS = 20_000_000
"""A write this close before the listing may have left the same time stamp as one just after it."""

HELD = "held"
"""The status of a file that is not there, whose documents were restored: nothing is retired for it."""

_FEW = 3
"""Fewer may always vanish, as long as something is left: in a small folder a share says little."""


@dataclass(frozen=True)
class Discovery:
    """`changed` are to be read; `vanished` are live documents whose files are gone, for which the
    source's kind and the completeness of the listing allow retirement. `again` are paths to read
    although they look as they did."""

    spec: SourceSpec
    listing: Listing
    listed_at_ns: int
    known: dict[str, FileRow]
    documents: dict[str, DocumentRow]
    changed: tuple[ListedFile, ...]
    unchanged: int
    still_failed: int
    ignored: int
    vanished: tuple[DocumentRow, ...]
    vanished_failures: tuple[str, ...]
    warnings: tuple[str, ...]
    again: frozenset[str] = frozenset()

    @cached_property
    def by_top(self) -> dict[str, list[DocumentRow]]:
        """Live documents by the listed file that they came with."""
        found: dict[str, list[DocumentRow]] = {}
        for row in self.documents.values():
            found.setdefault(row.listed_as, []).append(row)
        return found


def discover(
    catalog: Catalog,
    spec: SourceSpec,
    rules: FolderRules,
    skip: Skip,
    *,
    verify: bool,
    max_vanished_share: float,
    again: frozenset[str] = frozenset(),
) -> Discovery:
    """Compares the listing with what is known. `verify` distrusts time stamps: every file is hashed.
    `again` are paths to look at whatever they look like."""
    listed_at_ns = time.time_ns()  # the file system's clock, whatever clock the run is given
    listing = list_spec(spec, rules, skip)
    known = catalog.files.of_source(spec.tenant, spec.name)
    documents = catalog.history.documents(spec.tenant, spec.name)
    changed: list[ListedFile] = []
    unchanged = still_failed = ignored = 0
    for file in listing.files:
        if file.ignored:
            ignored += 1
            continue
        row = known.get(file.path)
        if row is None or verify or file.path in again or not _looks_the_same(file, row):
            changed.append(file)
        elif row.status == "failed":
            still_failed += 1
        else:
            unchanged += 1
    vanished, failures, warnings = _vanished(spec, listing, known, documents, max_vanished_share)
    return Discovery(
        spec=spec,
        listing=listing,
        listed_at_ns=listed_at_ns,
        known=known,
        documents=documents,
        changed=tuple(changed),
        unchanged=unchanged,
        still_failed=still_failed,
        ignored=ignored,
        vanished=vanished,
        vanished_failures=failures,
        warnings=(*listing.problems, *warnings, *_nothing_fits(spec, listing)),
        again=again,
    )


def _nothing_fits(spec: SourceSpec, listing: Listing) -> Iterator[str]:
    if spec.scope != EVERYTHING and not listing.files:
        yield f"no file below {spec.lies_at} fits the pattern that was given"


@dataclass(frozen=True, slots=True)
class Skip:
    """What is docstrata's own: the home's folder, and the artifacts at a URL, which ends in a slash. Of a drop
    folder at a URL also what has not rested for `settle_s`."""

    home: Path
    store: str = ""
    settle_s: float = 0.0


def list_spec(spec: SourceSpec, rules: FolderRules, skip: Skip) -> Listing:
    """What lies there now."""
    if spec.listed:
        return Listing(spec.listed, complete=False)
    if isinstance(spec.root, str):
        return _list_url(spec, spec.root, rules, skip)
    if spec.files:
        listing = list_files(spec.root, [Path(file) for file in spec.files], sidecars=rules.sidecars)
    else:
        listing = list_folder(spec.root, rules, skip.home, spec.scope)
    return listing if spec.stands_for is None else _as_claimed(listing, Path(spec.stands_for))


def _list_url(spec: SourceSpec, url: str, rules: FolderRules, skip: Skip) -> Listing:
    remote = Remote(url)
    if spec.inbox:
        return rested(remote, rules, skip.settle_s)
    if spec.files:
        return remote.single(tuple(map(str, spec.files)), sidecars=rules.sidecars)
    return remote.listing(rules, scope=spec.scope, skip=skip.store)


def _as_claimed(listing: Listing, folder: Path) -> Listing:
    """The files as they lay in the folder that they were claimed from."""
    files = tuple(replace(file, origin=(folder / file.path).as_uri()) for file in listing.files)
    return replace(listing, files=files)


def _looks_the_same(file: ListedFile, row: FileRow) -> bool:
    if file.tagged:
        return (file.size, file.inode, file.stamp) == (row.size, row.inode, row.sidecar) and _has_rested(file, row)
    return (
        file.size == row.size
        and file.mtime_ns == row.mtime_ns
        and file.ctime_ns == row.ctime_ns
        and file.inode == row.inode
        and file.stamp == row.sidecar
        and _has_rested(file, row)
    )


def _has_rested(file: ListedFile, row: FileRow) -> bool:
    """At the listing before, so that its stamp can have no second meaning."""
    return file.touched_ns < row.listed_at_ns - _CLOCK_TICK_NS


def _vanished(
    spec: SourceSpec,
    listing: Listing,
    known: dict[str, FileRow],
    documents: dict[str, DocumentRow],
    max_share: float,
) -> tuple[tuple[DocumentRow, ...], tuple[str, ...], tuple[str, ...]]:
    if spec.kind is SourceKind.APPEND or not listing.complete:
        return (), (), ()
    if spec.scope != EVERYTHING:
        known = {path: row for path, row in known.items() if in_scope(row.top or path, spec.scope)}
        documents = {path: row for path, row in documents.items() if in_scope(row.listed_as, spec.scope)}
    here = {file.path for file in listing.files if not file.ignored}
    staying = here | {path for path, row in known.items() if row.status == HELD}
    gone = tuple(documents[path] for path in sorted(documents) if documents[path].listed_as not in staying)
    # An archive is one file that vanishes, however many documents it held.
    files, tops = {row.listed_as for row in documents.values()}, {row.listed_as for row in gone}
    if gone and not here and max_share < 1:
        return (), (), (_vanish_warning(spec, len(tops), len(files), max_share),)
    if _are_many(len(tops), len(files), max_share):
        lost = len(tops) - _count_moved(listing, known, tops)
        if _are_many(lost, len(files), max_share):
            return (), (), (_vanish_warning(spec, lost, len(files), max_share),)
    failures = tuple(path for path in sorted(known) if (known[path].top or path) not in here and path not in documents)
    return gone, failures, ()


def _are_many(lost: int, files: int, max_share: float) -> bool:
    return lost >= _FEW and lost > max_share * files


def _count_moved(listing: Listing, known: dict[str, FileRow], gone: set[str]) -> int:
    """How many of the vanished files lie elsewhere in the folder under a new name. Only new files
    of a vanished one's size are read; of objects none: their tags tell."""
    rows = [known[path] for path in gone if path in known]
    contents = Counter(row.sha256 for row in rows)
    tags = Counter((row.size, row.inode) for row in rows)
    sizes = {row.size for row in rows}
    moved = 0
    for file in listing.files:
        if file.path in known or file.ignored or file.size not in sizes:
            continue
        if not file.remote:
            with suppress(OSError):  # a file that cannot be read is told of when its turn comes
                contents[sha256_of(file.location)] -= 1
        elif file.tagged and tags[file.size, file.inode] > 0:
            tags[file.size, file.inode] -= 1
            moved += 1
    return moved + len(rows) - sum(count for count in contents.values() if count > 0)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _vanish_warning(spec: SourceSpec, lost: int, files: int, max_share: float) -> str:
    return (
        f"{lost} of {files} files of '{spec.name}' vanished at once ({lost / files:.0%}; the limit is"
        f" {max_share:.0%}): nothing is retired; run with --allow-vanish if that is meant"
    )

"""Which chunk of which version is meant by what a person gives."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.catalog.chunk_rows import ChunkStretch
from ingest.catalog.versions import KnownDocument, VersionRow
from ingest.context import Context
from ingest.stored import chunk_set_of
from schemas.chunk import Chunk, ChunkSet
from schemas.errors import ConfigError

_ID = re.compile(r"[0-9a-f-]{1,36}", re.IGNORECASE)
_FEWEST_DIGITS = 4
"""Of an id: a word as short as these is rather the name of a file."""
_DIGITS = 32
_BY_ORDINAL = re.compile(r"(?P<document>.+)#(?P<ordinal>\d+)", re.DOTALL)
_MOST_ROWS = 200
_NAMED = 3


@dataclass(frozen=True, slots=True)
class LocatedChunk:
    """`rows`: the stretches of its life, oldest first; none where it was found by its ordinal alone and the index
    has no row of it."""

    known: KnownDocument
    version: VersionRow
    chunk_set: ChunkSet
    chunk: Chunk
    chunk_id: str
    rows: tuple[ChunkStretch, ...]


def find_chunk(context: Context, name: str, version: int | None = None) -> LocatedChunk:
    """By its id, the beginning of it, or `DOCUMENT#ORDINAL`. `version`: without it the newest that holds the chunk, of
    a document that is named the current one. Raises `ConfigError`."""
    by_ordinal = _BY_ORDINAL.fullmatch(name)
    if by_ordinal is not None:
        return _at_ordinal(context, by_ordinal["document"], int(by_ordinal["ordinal"]), version)
    digits = name.replace("-", "").lower()
    if not _ID.fullmatch(name) or not _FEWEST_DIGITS <= len(digits) <= _DIGITS:
        raise ConfigError(
            f"'{name}' is neither the id of a chunk, nor at least {_FEWEST_DIGITS} of its first characters, nor a"
            " document and the chunk's number in it, as in contracts/acme.pdf#12"
        )
    rows = context.catalog.chunk_rows.beginning(context.settings.tenant, digits, _MOST_ROWS)
    chunks = {row.chunk_id: row for row in rows}
    if not chunks:
        raise ConfigError(_no_such_chunk(context, name, digits))
    if len(chunks) > 1:
        some = "; ".join(f"{key} of {row.name}" for key, row in list(chunks.items())[:_NAMED])
        more = " and more" if len(chunks) > _NAMED else ""
        raise ConfigError(f"several chunks begin with '{name}': give more of the id. They are {some}{more}")
    return _of_rows(context, rows, version)


def _of_rows(context: Context, rows: Sequence[ChunkStretch], version: int | None) -> LocatedChunk:
    row = rows[-1]
    known = _known(context, row.doc_id)
    versions = context.catalog.versions.of_document(row.doc_id)
    if version is not None:
        chosen = _version(known, versions, version)
    else:
        holding = [one for one in versions if not one.gone and any(at.from_seq <= one.seq < at.to_seq for at in rows)]
        if not holding:
            raise ConfigError(
                f"no version of {known.name} that held the chunk {row.chunk_id} is kept: retention has removed it"
            )
        chosen = holding[-1]
    found = _chunk_set(context, known, chosen)
    for chunk in found.chunks:
        if chunk.id_in(row.doc_id) == row.chunk_id:
            return LocatedChunk(known, chosen, found, chunk, row.chunk_id, tuple(rows))
    held = _spoken([one.version for one in versions if any(at.from_seq <= one.seq < at.to_seq for at in rows)])
    raise ConfigError(f"version {chosen.version} of {known.name} does not hold the chunk {row.chunk_id}: {held}")


def _at_ordinal(context: Context, document: str, ordinal: int, version: int | None) -> LocatedChunk:
    known = context.catalog.versions.find_document(context.settings.tenant, document)
    versions = context.catalog.versions.of_document(known.doc_id)
    if version is not None:
        chosen = _version(known, versions, version)
    else:
        kept = [one for one in versions if not one.gone]
        if not kept:
            raise ConfigError(f"no version of {known.name} is kept: retention has removed them")
        chosen = kept[-1]
    found = _chunk_set(context, known, chosen)
    if ordinal >= len(found.chunks):
        raise ConfigError(
            f"version {chosen.version} of {known.name} has no chunk {ordinal}: its chunks are 0 to"
            f" {len(found.chunks) - 1}"
        )
    chunk = found.chunks[ordinal]
    key = chunk.id_in(known.doc_id)
    rows = context.catalog.chunk_rows.beginning(context.settings.tenant, key.replace("-", ""), _MOST_ROWS)
    return LocatedChunk(known, chosen, found, chunk, key, tuple(rows))


def _known(context: Context, doc_id: str) -> KnownDocument:
    return context.catalog.versions.find_document(context.settings.tenant, doc_id)


def _version(known: KnownDocument, versions: Sequence[VersionRow], version: int) -> VersionRow:
    kept = [one.version for one in versions]
    for one in versions:
        if one.version == version:
            if one.gone:
                raise ConfigError(f"in version {version} {known.name} was gone: give another one of {_listed(kept)}")
            return one
    if kept and 0 < version < kept[-1]:
        raise ConfigError(
            f"version {version} of {known.name} was removed by retention, with its chunks: {_listed(kept)} are kept"
        )
    raise ConfigError(f"{known.name} has no version {version}: it has {_listed(kept)}")


def _chunk_set(context: Context, known: KnownDocument, version: VersionRow) -> ChunkSet:
    found = chunk_set_of(context, version.chunk_key)
    if found is None:
        raise ConfigError(
            f"the chunks of version {version.version} of {known.name} are damaged or gone: run --reprocess makes those"
            " of the file as it is now again, older ones cannot be made"
        )
    return found


def _no_such_chunk(context: Context, name: str, digits: str) -> str:
    """With those that are written much like it: an id is often cut short, or copied with a fault."""
    rows = context.catalog.chunk_rows.beginning(context.settings.tenant, digits[:_FEWEST_DIGITS], _MOST_ROWS)
    near = difflib.get_close_matches(name.lower(), {row.chunk_id: None for row in rows}, n=_NAMED, cutoff=0.6)
    hint = f"; near it are {', '.join(near)}" if near else ""
    return (
        f"there is no chunk '{name}'{hint}: 'docstrata search --json' and the report tell ids; one that was purged,"
        " or removed by retention, is gone for good"
    )


def _spoken(versions: Sequence[int]) -> str:
    if not versions:
        return "none that is kept does"
    what, does = ("version", "does") if len(versions) == 1 else ("versions", "do")
    return f"{what} {_listed(versions)} {does}"


def _listed(versions: Sequence[int]) -> str:
    return ", ".join(map(str, versions))

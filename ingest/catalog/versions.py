"""Versions of documents, the commits that made them, and the moments that can be looked back at."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.catalog.database import LAST, Database, Row, Value, marks
from ingest.catalog.keys import uuid_key, uuid_text
from ingest.raw_names import printable
from schemas.errors import ConfigError
from schemas.source import MEMBER

_SELECT = (
    "SELECT d.doc_id, v.version, v.seq, c.at_ns, v.run_number, r.run_id, v.sha256, v.chunk_key, v.gone"
    " FROM versions v JOIN documents d ON d.doc_no = v.doc_no LEFT JOIN commits c ON c.seq = v.seq"
    " LEFT JOIN runs r ON r.number = v.run_number"
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version: what it holds, or that the document went away. `seq` is where its life begins."""

    doc_id: str
    version: int
    seq: int
    at_ns: int
    run_number: int
    run_id: str
    sha256: str
    chunk_key: str
    gone: bool


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document by its place, live or gone."""

    doc_id: str
    source: str
    path: str
    live: bool

    @property
    def name(self) -> str:
        return f"{self.source}/{self.path}"


def horizon_name(tenant: str) -> str:
    """Of the fact that tells how far back one can look."""
    return f"horizon/{tenant}"


class Versions:
    def __init__(self, database: Database) -> None:
        self._db = database

    # ---------------------------------------------------------------- moments

    def seq_at(self, tenant: str, at_ns: int, now_ns: int) -> int:
        """The last sequence number at that time. Raises `ConfigError` for a time that cannot be looked back at."""
        if at_ns > now_ns:
            raise ConfigError(f"{_utc(at_ns)} is in the future: give a time that has been")
        seq = int(str(self._db.rows("SELECT coalesce(max(seq), 0) FROM commits WHERE at_ns <= ?", (at_ns,))[0][0]))
        if not seq:
            first = self._db.rows("SELECT min(at_ns) FROM commits")[0][0]
            began = f" before {_utc(int(str(first)))}" if first is not None else " yet"
            raise ConfigError(f"nothing was published{began}: give a later time than {_utc(at_ns)}")
        self.check(tenant, seq)
        return seq

    def looked_back(self, tenant: str, at_ns: int | None, seq: int | None, now_ns: int) -> int | None:
        """The sequence number that a time or a commit means; None where neither is given. Raises `ConfigError`."""
        if at_ns is not None and seq is not None:
            raise ConfigError("look back to a time, or to a commit, not both")
        if seq is not None:
            self.check(tenant, seq)
            return seq
        return self.seq_at(tenant, at_ns, now_ns) if at_ns is not None else None

    def check(self, tenant: str, seq: int) -> None:
        """Raises `ConfigError` for a sequence number that was not issued, or that retention has not kept."""
        last = int(str(self._db.rows("SELECT coalesce(max(seq), 0) FROM commits")[0][0]))
        if not 0 < seq <= last:
            raise ConfigError(f"there is no commit {seq}: the first is 1, the last is {last}")
        horizon = self.horizon(tenant)
        if seq < horizon:
            kept = self._db.rows("SELECT at_ns FROM commits WHERE seq = ?", (horizon,))
            since = f", of {_utc(int(str(kept[0][0])))}" if kept else ""
            raise ConfigError(
                f"commit {seq} is before what retention has kept: look back to commit {horizon}{since} or later"
            )

    def horizon(self, tenant: str) -> int:
        """The first sequence number as of which everything that was current is still there."""
        rows = self._db.rows("SELECT value FROM facts WHERE name = ?", (horizon_name(tenant),))
        return int(str(rows[0][0])) if rows else 1

    # --------------------------------------------------------------- versions

    def of_document(self, doc_id: str) -> list[VersionRow]:
        """Oldest first."""
        rows = self._db.rows(f"{_SELECT} WHERE d.doc_id = ? ORDER BY v.version", (uuid_key(doc_id),))
        return [_version(row) for row in rows]

    def of_run(self, tenant: str, number: int) -> list[VersionRow]:
        """Those that the run made, by document and version."""
        rows = self._db.rows(
            f"{_SELECT} WHERE d.tenant = ? AND v.run_number = ? ORDER BY d.doc_no, v.version", (tenant, number)
        )
        return [_version(row) for row in rows]

    def previous(self, doc_id: str) -> str | None:
        """The document that it was before it was renamed."""
        rows = self._db.rows("SELECT previous_doc_id FROM documents WHERE doc_id = ?", (uuid_key(doc_id),))
        return uuid_text(rows[0][0]) if rows and rows[0][0] is not None else None

    def find_run(self, tenant: str, run_id: str) -> int:
        """The number of a run. Raises `ConfigError` when there is none of that id."""
        rows = self._db.rows(
            "SELECT number FROM runs WHERE run_id = ? AND tenant IN (?, '') ORDER BY number DESC LIMIT 1",
            (run_id, tenant),
        )
        if not rows:
            raise ConfigError(f"there is no run '{run_id}': 'docstrata status' and 'docstrata versions' tell their ids")
        return int(str(rows[0][0]))

    def after_run(self, number: int) -> int:
        """The last sequence number when that run was over; 0 where nothing had been published yet."""
        rows = self._db.rows("SELECT coalesce(max(seq), 0) FROM commits WHERE run_number <= ?", (number,))
        return int(str(rows[0][0]))

    # -------------------------------------------------------------- documents

    def stale(self, doc_ids: Sequence[str]) -> frozenset[str]:
        """Those of them whose file is newer, but is in quarantine."""
        rows = self._db.rows(
            f"SELECT doc_id FROM documents WHERE stale = 1 AND doc_id IN ({marks(len(doc_ids))})",
            [uuid_key(doc_id) for doc_id in doc_ids],
        )
        return frozenset(uuid_text(row[0]) for row in rows)

    def inside(self, tenant: str, document: KnownDocument) -> list[KnownDocument]:
        """Documents that came out of it: attachments, and what those hold."""
        below = document.path + MEMBER
        where = "source = ? AND path >= ? AND path < ?"
        return sorted(self._known(tenant, where, document.source, below, f"{below}{LAST}"), key=lambda row: row.path)

    def find_document(self, tenant: str, name: str) -> KnownDocument:
        """By doc_id, source and path, path, or the end of a path. A live document comes before one that is gone.
        Raises `ConfigError` for none, and for several."""
        name = printable(name)  # as paths are kept
        # All documents are looked through by the database where they need not all be fetched.
        named = self._known(tenant, "(doc_id = ? OR path = ? OR source || '/' || path = ?)", _id_key(name), name, name)
        for fits in ([row for row in named if name in {row.doc_id, row.name}], named):
            if found := _only(name, fits):
                return found
        known = self._known(tenant, "1 = 1")
        if found := _only(name, [row for row in known if row.path.endswith(f"/{name}")]):
            return found
        raise ConfigError(f"there is no document '{name}'{_nearest(name, known)}")

    def _known(self, tenant: str, where: str, *asked: Value) -> list[KnownDocument]:
        rows = self._db.rows(
            f"SELECT doc_id, source, path, live FROM documents WHERE tenant = ? AND {where}", (tenant, *asked)
        )
        return [KnownDocument(uuid_text(row[0]), str(row[1]), str(row[2]), bool(row[3])) for row in rows]


def _only(name: str, fits: list[KnownDocument]) -> KnownDocument | None:
    """Of several the one that is live. Raises `ConfigError` where that is not one."""
    found = [row for row in fits if row.live] or fits
    if len(found) > 1:
        names = ", ".join(sorted(row.name for row in found)[:5])
        raise ConfigError(f"'{name}' is the name of {len(found)} documents: give one of {names}")
    return found[0] if found else None


def _id_key(name: str) -> bytes:
    """Of a name that is a document's id; empty, which no id is, of any other."""
    try:
        key = uuid_key(name)
    except ValueError:
        return b""
    return key if uuid_text(key) == name else b""


def _nearest(name: str, known: list[KnownDocument]) -> str:
    near = difflib.get_close_matches(name, {row.path for row in known}, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ": 'docstrata status' tells which sources there are"


def _version(row: Row) -> VersionRow:
    doc_id, version, seq, at_ns, run_number, run_id, sha256, chunk_key, gone = row
    return VersionRow(
        doc_id=uuid_text(doc_id),
        version=int(str(version)),
        seq=int(str(seq)),
        at_ns=int(str(at_ns or 0)),
        run_number=int(str(run_number)),
        run_id=str(run_id or ""),
        sha256=str(sha256),
        chunk_key=str(chunk_key),
        gone=bool(gone),
    )


def _utc(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%SZ")

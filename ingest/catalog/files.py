"""Sources, their files, and the files in quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.catalog.database import Database
from ingest.catalog.fencing import require_newest
from ingest.catalog.keys import uuid_key
from ingest.catalog.rows import FileRow
from schemas.errors import ConfigError, InvariantError
from schemas.ids import doc_id
from schemas.report import Failure
from schemas.source import SourceKind


class Files:
    def __init__(self, database: Database) -> None:
        self._db = database

    def source(self, tenant: str, source: str) -> tuple[SourceKind, str]:
        """Its kind and where it lies. Raises `InvariantError` for one that was never taken in."""
        rows = self._db.rows("SELECT kind, root FROM sources WHERE tenant = ? AND source = ?", (tenant, source))
        if not rows:
            raise InvariantError("a document of a source that nobody took in", source=source)
        return SourceKind(str(rows[0][0])), str(rows[0][1])

    def tenants(self) -> list[str]:
        """Everybody who has a source."""
        return sorted(str(tenant) for (tenant,) in self._db.rows("SELECT DISTINCT tenant FROM sources"))

    def roots(self, tenant: str) -> dict[str, str]:
        """Every source of the tenant and where it lies."""
        rows = self._db.rows("SELECT source, root FROM sources WHERE tenant = ?", (tenant,))
        return {str(source): str(root) for source, root in rows}

    def require_source(self, tenant: str, source: str | None) -> None:
        """Raises `ConfigError` for one that is named and not there."""
        roots = self.roots(tenant)
        if source is not None and source not in roots:
            known = ", ".join(f"'{name}'" for name in sorted(roots)) or "none yet"
            raise ConfigError(f"this home has no source '{source}'; its sources: {known}")

    def remember_source(self, tenant: str, source: str, kind: SourceKind, root: str) -> None:
        self._db.execute(
            "INSERT INTO sources (tenant, source, kind, root) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (tenant, source) DO UPDATE SET kind = excluded.kind, root = excluded.root",
            (tenant, source, kind.value, root),
        )

    def of_source(self, tenant: str, source: str) -> dict[str, FileRow]:
        rows = self._db.rows(
            "SELECT path, size, mtime_ns, ctime_ns, inode, listed_at_ns, sha256, status, top, sidecar"
            " FROM files WHERE tenant = ? AND source = ?",
            (tenant, source),
        )
        # Positional and unchecked: this loop runs once for every file of every run.
        return {row[0]: FileRow(*row) for row in rows}  # type: ignore[misc, arg-type] # columns are in this order

    def remember(self, tenant: str, source: str, rows: Iterable[FileRow]) -> None:
        self._db.execute_many(
            "INSERT INTO files (tenant, source, path, size, mtime_ns, ctime_ns, inode, listed_at_ns, sha256, status,"
            " top, sidecar) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tenant, source, path) DO UPDATE SET"
            " size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns,"
            " inode = excluded.inode, listed_at_ns = excluded.listed_at_ns, sha256 = excluded.sha256,"
            " status = excluded.status, top = excluded.top, sidecar = excluded.sidecar",
            (
                (
                    tenant, source, r.path, r.size, r.mtime_ns, r.ctime_ns, r.inode, r.listed_at_ns, r.sha256,
                    r.status, r.top, r.sidecar,
                )
                for r in rows
            ),
        )  # fmt: skip

    def forget(self, tenant: str, source: str, paths: Iterable[str]) -> None:
        """Removes files, what they held, and the failures: they are no longer in the source."""
        gone = [(tenant, source, path, path) for path in paths]
        for table in ("files", "failures", "page_failures"):
            self._db.execute_many(
                f"DELETE FROM {table} WHERE tenant = ? AND source = ? AND (path = ? OR top = ?)", gone
            )

    def settle_members(self, tenant: str, source: str, top: str, failing: Iterable[str]) -> None:
        """Of what the file `top` holds only these members are in quarantine now."""
        kept = set(failing)
        known = self._db.rows(
            "SELECT path FROM files WHERE tenant = ? AND source = ? AND top = ?", (tenant, source, top)
        )
        self.forget(tenant, source, [path for (path,) in known if isinstance(path, str) and path not in kept])

    def settle(
        self, tenant: str, source: str, run_number: int, touched: Iterable[FileRow], gone: Iterable[str]
    ) -> None:
        """Notes files that were only touched, and forgets those that are gone. Raises `InvariantError`
        for a writer whose time is over."""
        with self._db.transaction():
            require_newest(self._db, run_number)
            self.remember(tenant, source, touched)
            self.forget(tenant, source, gone)

    def quarantine(self, tenant: str, row: FileRow, failure: Failure) -> None:
        """Records a failure, in one transaction with the file's state; its last good version is marked stale."""
        with self._db.transaction():
            self.remember(tenant, failure.source, [row])
            self._db.execute(
                "INSERT INTO failures (tenant, source, path, key, failure, top) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (tenant, source, path) DO UPDATE SET key = excluded.key, failure = excluded.failure,"
                " top = excluded.top",
                (tenant, failure.source, failure.path, failure.key, failure.model_dump_json(), row.top),
            )
            self._db.execute(
                # By its id: paths have no index, and many files may fail.
                "UPDATE documents SET stale = 1"
                " WHERE live = 1 AND (doc_id = ? OR (tenant = ? AND source = ? AND top = ?))",
                (uuid_key(doc_id(tenant, failure.source, failure.path)), tenant, failure.source, failure.path),
            )

    def release(self, tenant: str, source: str, paths: Iterable[str]) -> None:
        """Their failures are over."""
        self._db.execute_many(
            "DELETE FROM failures WHERE tenant = ? AND source = ? AND path = ?",
            [(tenant, source, path) for path in paths],
        )

    def failures(self, tenant: str, source: str | None = None) -> list[Failure]:
        where = "tenant = ?" + ("" if source is None else " AND source = ?")
        rows = self._db.rows(
            f"SELECT failure FROM failures WHERE {where} ORDER BY source, path",
            (tenant,) if source is None else (tenant, source),
        )
        return [Failure.model_validate_json(str(row[0])) for row in rows]

    def keep_page_failures(self, tenant: str, source: str, path: str, top: str, failures: Sequence[Failure]) -> None:
        """In place of those that the document had. Each has a page."""
        with self._db.transaction():
            self._db.execute(
                "DELETE FROM page_failures WHERE tenant = ? AND source = ? AND path = ?", (tenant, source, path)
            )
            self._db.execute_many(
                "INSERT INTO page_failures (tenant, source, path, page, failure, top) VALUES (?, ?, ?, ?, ?, ?)",
                [(tenant, source, path, one.page or 0, one.model_dump_json(), top) for one in failures],
            )

    def page_failures(self, tenant: str, source: str | None = None) -> list[Failure]:
        """Of documents that are live, by source, path and page."""
        rows = self._db.rows(
            "SELECT p.failure FROM page_failures p JOIN documents d"
            " ON d.tenant = p.tenant AND d.source = p.source AND d.path = p.path AND d.live = 1"
            f" WHERE p.tenant = ?{'' if source is None else ' AND p.source = ?'} ORDER BY p.source, p.path, p.page",
            (tenant,) if source is None else (tenant, source),
        )
        return [Failure.model_validate_json(str(row[0])) for row in rows]

    def failure_of(self, tenant: str, source: str, path: str) -> Failure | None:
        rows = self._db.rows(
            "SELECT failure FROM failures WHERE tenant = ? AND source = ? AND path = ?", (tenant, source, path)
        )
        return Failure.model_validate_json(str(rows[0][0])) if rows else None

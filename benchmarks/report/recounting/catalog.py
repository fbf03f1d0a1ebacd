"""What the catalog alone tells: files, documents, sources, failures, points, runs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

Leaf = str | int | float | bool | None
LISTED = 200
OPEN = 2**53
"""`to_seq` of a row that is current."""


@dataclass(frozen=True, slots=True)
class Live:
    """A live document."""

    source: str
    path: str
    top: str
    sha256: str
    chunk_key: str
    stale: bool
    doc_id: str
    version: int


def live_documents(catalog: sqlite3.Connection, tenant: str) -> list[Live]:
    """Of all sources, by source and path."""
    rows = catalog.execute(
        "SELECT source, path, top, sha256, chunk_key, stale, doc_id, version FROM documents"
        " WHERE tenant = ? AND live = 1",
        (tenant,),
    )
    live = (Live(*row[:-2], doc_id=str(UUID(bytes=row[-2])), version=row[-1]) for row in rows)
    return sorted(live, key=lambda each: (each.source, each.path))


def count_catalog(catalog: sqlite3.Connection, report: Mapping[str, Any]) -> dict[str, Leaf]:
    tenant, source = report["tenant"], report["source"]
    live = live_documents(catalog, tenant)
    copies = _copies(live)
    here = [each for each in live if source in {None, each.source}]
    collection = catalog.execute("SELECT description FROM collections WHERE state = 'active'").fetchone()
    return {
        "model": collection[0] if collection else None,
        "documents.total": len(here),
        "documents.members": sum(bool(each.top) for each in here),
        "documents.copies": sum((each.source, each.path) in copies for each in here),
        "documents.stale": sum(each.stale for each in here),
        **_files(catalog, tenant, source, here, copies),
        **_failures(catalog, tenant, source),
        **_sources(catalog, tenant, source, here),
        **_points(catalog, tenant, source),
        **_runs(catalog, tenant, max(1, len(report["runs"]))),
    }


def _copies(live: list[Live]) -> set[tuple[str, str]]:
    seen: set[str] = set()
    copies = set()
    for each in live:
        if each.sha256 in seen:
            copies.add((each.source, each.path))
        seen.add(each.sha256)
    return copies


def _files(
    catalog: sqlite3.Connection, tenant: str, source: str | None, live: list[Live], copies: set[tuple[str, str]]
) -> dict[str, Leaf]:
    of_itself = {(each.source, each.path) for each in live}
    of_members = {(each.source, each.top) for each in live if each.top}
    groups = Counter(dict.fromkeys(("indexed", "copies", "opened", "stale", "quarantined"), 0))
    for *place, status in _of(catalog, "source, path, status FROM files", tenant, source, " AND top = ''"):
        key = (place[0], place[1])
        if status == "ok":
            groups["copies" if key in copies else "indexed" if key in of_itself else "opened"] += 1
        elif status == "failed":
            groups["stale" if key in of_itself | of_members else "quarantined"] += 1
    counted: dict[str, Leaf] = {f"files.{group}": count for group, count in groups.items()}
    return counted | {"files.listed": groups.total()}


def _failures(catalog: sqlite3.Connection, tenant: str, source: str | None) -> dict[str, Leaf]:
    rows = sorted(_of(catalog, "source, path, top, failure FROM failures", tenant, source))
    told = [(row[0], row[1], json.loads(row[3])) for row in rows]
    counted: dict[str, Leaf] = {"failures_total": len(rows), "files.failed_members": sum(bool(row[2]) for row in rows)}
    counted |= {f"files.by_code.{code}": n for code, n in Counter(f["code"] for _, _, f in told).items()}
    for place, (where, path, failure) in enumerate(told[:LISTED]):
        counted |= {f"failures.{place}.source": where, f"failures.{place}.path": path}
        counted |= {f"failures.{place}.{name}": failure[name] for name in ("stage", "code", "message", "attempts")}
    return counted


def _sources(catalog: sqlite3.Connection, tenant: str, source: str | None, live: list[Live]) -> dict[str, Leaf]:
    files = Counter(row[0] for row in _of(catalog, "source FROM files", tenant, source, " AND top = ''"))
    failures = Counter(row[0] for row in _of(catalog, "source FROM failures", tenant, source))
    documents = Counter(each.source for each in live)
    counted: dict[str, Leaf] = {}
    for name, root in _of(catalog, "source, root FROM sources", tenant, source):
        line = {"name": name, "root": root, "files": files[name], "documents": documents[name]}
        counted |= {f"sources.{name}.{key}": value for key, value in line.items()}
        counted[f"sources.{name}.failures"] = failures[name]
    return counted


def _points(catalog: sqlite3.Connection, tenant: str, source: str | None) -> dict[str, Leaf]:
    rows = catalog.execute(
        "SELECT source, vector_key FROM points JOIN documents USING (doc_no)"
        " WHERE tenant = ? AND live = 1 AND to_seq = ?",
        (tenant, OPEN),
    )
    keys = [key for where, key in rows if source in {None, where}]
    return {"points.current": len(keys), "points.through_survivor": keys.count(None)}


def _runs(catalog: sqlite3.Connection, tenant: str, limit: int) -> dict[str, Leaf]:
    rows = catalog.execute(
        "SELECT run_id, state, started_ns, finished_ns, summary FROM runs WHERE tenant IN ('', ?)"
        " ORDER BY number DESC LIMIT ?",
        (tenant, limit),
    )
    counted: dict[str, Leaf] = {}
    for place, (run_id, state, started, finished, summary) in enumerate(rows):
        line = {"run_id": run_id, "state": state, "started_at": _time(started), "finished_at": _time(finished)}
        counted |= {f"runs.{place}.{name}": value for name, value in line.items()}
        told = json.loads(summary) if summary else None
        counted |= dict(_flat(f"runs.{place}.summary", told))
    return counted


def _flat(name: str, value: object) -> Iterator[tuple[str, Leaf]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "schema_version":
                yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _flat(f"{name}.{place}", inner)
    elif isinstance(value, str | int | float | bool | None):
        yield name, value


def _time(ns: int | None) -> str | None:
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat() if ns is not None else None


def _of(catalog: sqlite3.Connection, what: str, tenant: str, source: str | None, more: str = "") -> list[Any]:
    rows = catalog.execute(f"SELECT {what} WHERE tenant = ? AND ? IN ('', source){more}", (tenant, source or ""))
    return rows.fetchall()

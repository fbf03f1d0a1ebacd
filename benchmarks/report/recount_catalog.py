"""What the catalog alone tells: files, sources, failures, points, runs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Leaf = str | int | float | bool | None
OPEN = 2**53
LISTED = 200


def count_catalog(catalog: sqlite3.Connection, report: Mapping[str, Any]) -> dict[str, Leaf]:
    tenant, source = report["tenant"], report["source"]
    live = live_documents(catalog, tenant)
    copies = copies_of(live)
    counted = _documents(live, copies, source)
    counted |= _files(catalog, tenant, source, live, copies)
    counted |= _failures(catalog, tenant, source)
    counted |= _sources(catalog, tenant, source, live)
    counted |= _points(catalog, tenant, source)
    counted |= _runs(catalog, max(1, len(report["runs"])))
    collections = catalog.execute("SELECT description FROM collections").fetchall()
    return counted | {"model": collections[0][0] if collections else None, "schema": None} - {"schema": None}.keys()

"""Every test here is run on each database that a catalog may have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_plans import Connect
from postgres_server import empty, postgres

from ingest.catalog.catalog import Catalog
from ingest.catalog.database import SqliteDatabase
from ingest.catalog.postgres import PostgresDatabase


def _sqlite(folder: Path) -> Connect:
    return lambda wait_s: SqliteDatabase(folder / "catalog.db", wait_s=wait_s)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Connect:
    if request.param == "sqlite":
        return _sqlite(tmp_path)
    url: str = request.getfixturevalue("postgres_url")
    empty(url)
    return lambda wait_s: PostgresDatabase(url, wait_s=wait_s)


@pytest.fixture
def catalog(connect: Connect) -> Iterator[Catalog]:
    opened = Catalog(connect(10.0))
    yield opened
    opened.close()


@pytest.fixture
def second(connect: Connect, catalog: Catalog) -> Iterator[Catalog]:
    """Another process's view of the same catalog."""
    opened = Catalog(connect(0.2))
    yield opened
    opened.close()


@pytest.fixture
def run(catalog: Catalog) -> int:
    return catalog.runs.begin("run-1", 1)

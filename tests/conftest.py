"""Fixtures that every suite shares."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from quick_folders import quick_folder
from sparse_copies import copied

from ingest.logs import ROOT as ROOT_LOGGER
from ingest.sinks import edge
from ingest.sinks.edge_collection import create_collection
from ingest.vectors import CollectionSpec, VectorTuning

ROOT = Path(__file__).resolve().parents[1]
_LOGGER = logging.getLogger(ROOT_LOGGER)
_HANDLERS = tuple(_LOGGER.handlers)

# A machine that is busy with something else is no defect; what takes too long is stopped by pytest's own limit.
# What continuous integration tries is the same every time; new examples are for whoever runs the suite at a desk.
settings.register_profile(
    "docstrata", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("docstrata")


_LONG = frozenset(
    {
        "test_dags.py",
        "test_kills.py",
        "test_watch_kills.py",
        "test_run_properties.py",
        "test_planned_properties.py",
        "test_chunk_properties.py",
        "test_commands.py",
        "test_watch.py",
        "test_reindex_command.py",
        "test_ocr_error_rate.py",
        "test_ocr_service.py",
        "test_pool.py",
    }
)
"""Files of tests that take long. They begin first: one at the end would leave the other cores without work."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in _LONG)


@pytest.fixture(autouse=True)
def _logging_as_at_first() -> Iterator[None]:
    """A command that is tried in this process, perhaps by a fixture of a whole module, sets up its own log, which
    nobody else hears."""
    yield
    _LOGGER.handlers[:] = _HANDLERS
    _LOGGER.setLevel(logging.NOTSET)
    _LOGGER.propagate = True


@pytest.fixture
def tmp_path(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where the suite runs in several processes, in memory and removed with the test; else pytest's own, which
    a person can look into."""
    if hasattr(request.config, "workerinput"):
        with quick_folder() as folder:
            yield folder
    else:
        yield tmp_path


@pytest.fixture
def time_stamps_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files that were just written too, and also where the machine's clock is put back by seconds meanwhile: else
    the next run looks into them once more."""
    monkeypatch.setattr("ingest.stages.discover._CLOCK_TICK_NS", -3600 * 10**9)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real documents, kept beside the repository and not in it."""
    path = Path(os.environ.get("DOCSTRATA_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip(f"the corpus of real documents is not at {path} (set DOCSTRATA_CORPUS)")
    return path


@pytest.fixture(scope="session", autouse=True)
def _empty_collections_are_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Making one waits for the disk a hundred times, and hundreds of tests begin with one. Each first
    of its kind is made; the others are its copies."""
    made: dict[tuple[CollectionSpec, VectorTuning], Path] = {}

    def copy_or_create(directory: Path, spec: CollectionSpec, tuning: VectorTuning) -> None:
        if (spec, tuning) not in made:
            template = tmp_path_factory.mktemp("collection")
            create_collection(template, spec, tuning)
            made[spec, tuning] = template
        copied(made[spec, tuning] / spec.name, directory / spec.name)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(edge, "create_collection", copy_or_create)
        yield

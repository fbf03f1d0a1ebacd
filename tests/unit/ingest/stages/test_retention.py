"""What the policy does not keep is gone everywhere, and what it keeps is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sparse_copies import copied
from strata_fakes import Engine, engine

from ingest.stages.maintenance import maintain
from ingest.stages.retention import Collected, collect_garbage
from ingest.stages.rollback import rollback
from ingest.stages.rollback_steps import RollbackRequest
from ingest.vectors import PayloadFilter
from schemas.errors import ConfigError

DAY_NS = 24 * 3600 * 10**9
LINES = (
    "one litre of oil",
    "two bolts and a nut",
    "three turns to the left",
    "four bar of steam",
    "five hours of rest",
)


def text(number: int) -> str:
    return f"# Care\n\nThe pump needs {LINES[number]}.\n\n## Always\n\nWear gloves.\n"


class Days:
    """A clock that one sets."""

    def __init__(self, strata: Engine) -> None:
        self.now = 1_000 * DAY_NS
        object.__setattr__(strata.context, "clock", lambda: self.now)


def filled(strata: Engine, inbox: Path, runs: int = 5) -> Days:
    """A document of five versions, made on five days, beside one that never changes."""
    days = Days(strata)
    for number in range(runs):
        (inbox / "pump.md").write_text(text(number), "utf-8")
        (inbox / "steady.md").write_text("# Steady\n\nIt never changes at all.\n", "utf-8")
        strata.run(inbox)
        days.now += DAY_NS
    return days


def _copied(home: Path, place: Path) -> Path:
    for name in ("home", "inbox"):
        copied(home.with_name(name), place / name)
    return place / "home"


@pytest.fixture(scope="module")
def five_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("five")
    (place / "inbox").mkdir()
    with engine(place / "home", store__keep_originals=True, run__batch_chunks=100) as strata:
        filled(strata, place / "inbox")
    return place / "home"


@pytest.fixture
def home(five_versions: Path, tmp_path: Path) -> Path:
    """Of its own for every test."""
    return _copied(five_versions, tmp_path)


@contextmanager
def opened(home: Path, **policy: object) -> Iterator[Engine]:
    """On the fifth day."""
    with engine(home, store__keep_originals=True, **policy) as strata:
        Days(strata).now += 5 * DAY_NS
        yield strata


def gc(strata: Engine, *, dry_run: bool = False) -> Collected:
    return collect_garbage(strata.context, strata.parts, dry_run=dry_run)


def as_of(strata: Engine, seq: int) -> set[str]:
    found = strata.parts.index.scroll(PayloadFilter({"tenant": "default"}, as_of=seq))
    return {str(point.payload["text"]) for point in found}


def versions(strata: Engine) -> list[int]:
    known = strata.context.catalog.versions.find_document("default", "pump.md")
    return [row.version for row in strata.context.catalog.versions.of_document(known.doc_id)]


def stored(home: Path) -> list[str]:
    return sorted(path.relative_to(home).as_posix() for path in (home / "artifacts").rglob("*") if path.is_file())


def test_without_a_policy_everything_is_kept(home: Path) -> None:
    before = stored(home)
    with opened(home) as strata:
        done = gc(strata)
        assert (done.versions, done.rows, done.artifacts, done.vectors, done.packs) == (0, 0, 0, 0, 0)
        assert strata.context.catalog.versions.horizon("default") == 1
    assert stored(home) == before


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ({"retention__keep_versions": 1}, [5]),
        ({"retention__keep_versions": 3}, [3, 4, 5]),
        ({"retention__keep_versions": 9}, [1, 2, 3, 4, 5]),
        # Today is day 5; version n was published on day n - 1 and ended a day later.
        ({"retention__keep_days": 2.5}, [3, 4, 5]),
        ({"retention__keep_days": 0.1}, [5]),
        ({"retention__keep_versions": 2, "retention__keep_days": 3.5}, [2, 3, 4, 5]),
        ({"retention__keep_versions": 4, "retention__keep_days": 0.5}, [2, 3, 4, 5]),
    ],
)
def test_versions_stay_by_number_and_by_age(policy: dict[str, float], kept: list[int], home: Path) -> None:
    with opened(home, **policy) as strata:
        past = {seq: as_of(strata, seq) for seq in range(1, 6)}
        told = gc(strata, dry_run=True)
        assert versions(strata) == [1, 2, 3, 4, 5]
        done = gc(strata)
        assert told == done
        assert versions(strata) == kept
        assert done.horizon == kept[0]
        for seq in range(done.horizon, 6):
            assert as_of(strata, seq) == past[seq], "what the policy keeps is as it was"
        for seq in range(1, done.horizon):
            with pytest.raises(ConfigError, match="before what retention has kept"):
                strata.context.catalog.versions.check("default", seq)


def test_what_nothing_refers_to_leaves_the_store(home: Path, tmp_path: Path) -> None:
    with engine(tmp_path / "fresh", store__keep_originals=True) as fresh:
        fresh.run(home.with_name("inbox"))
        wanted = _held(fresh)
    with opened(home, retention__keep_versions=1) as strata:
        gc(strata)
        assert _held(strata) == wanted
        packs = {
            name for stage in ("parse", "chunk", "vector", "version") for name in strata.context.store.packs(stage)
        }
        assert {str(row[0]) for row in strata.context.catalog.database.rows("SELECT name FROM packs")} == packs


def _held(strata: Engine) -> tuple[object, ...]:
    database = strata.context.catalog.database
    return (
        sorted(database.rows("SELECT key FROM vectors")),
        sorted(database.rows("SELECT stage, digest FROM artifacts WHERE stage = 'parse' OR stage = 'chunk'"), key=str),
        strata.context.store.originals(),
    )


def test_what_is_kept_can_be_brought_back_and_what_is_not_is_told(home: Path) -> None:
    with opened(home, retention__keep_versions=2) as strata:
        gc(strata)
        rollback(strata.context, strata.parts, RollbackRequest("pump.md", 4))
        assert any(LINES[3] in found for found in strata.texts("pump.md"))
        assert strata.embedder.texts == []
        with pytest.raises(ConfigError, match="has no version 2: it has 4, 5, 6"):
            rollback(strata.context, strata.parts, RollbackRequest("pump.md", 2))


def test_the_current_version_stays_however_old_it_is(home: Path) -> None:
    with engine(home, retention__keep_days=1) as strata:
        now = strata.texts()
        Days(strata).now += 1_000 * DAY_NS
        gc(strata)
        assert strata.texts() == now


def test_maintenance_collects_where_a_policy_is_set(home: Path) -> None:
    with opened(home) as strata:
        assert maintain(strata.context, strata.parts).collected is None
    with opened(home, retention__keep_versions=1) as strata:
        done = maintain(strata.context, strata.parts)
        assert done.collected is not None
        assert done.collected.versions == 4
        assert done.trouble == ""


class Killed(BaseException):
    """Like a kill: nothing catches it."""


def _state(home: Path) -> tuple[object, ...]:
    with engine(home, retention__keep_versions=2) as strata:
        rows = sorted((row.id, sorted(row.payload.items(), key=str)) for row in strata.rows(history=True))
        database = strata.context.catalog.database
        tables = {
            "points": "point_id, from_seq, to_seq",
            "versions": "doc_no, version, seq",
            "artifacts": "stage, key, digest, start, length",
            "vectors": "key, place",
            "packs": "name",
            "facts": "name, value",
        }
        told = [sorted(database.rows(f"SELECT {columns} FROM {table}"), key=str) for table, columns in tables.items()]
    return rows, told, stored(home)


_STEPS = (
    ("ingest.catalog.retention.Retention", "raise_horizon"),
    ("ingest.sinks.edge.EdgeIndex", "delete"),
    ("ingest.catalog.retention.Retention", "forget"),
    ("ingest.catalog.retention.Retention", "drop"),
    ("ingest.store.ArtifactStore", "_write_pack"),
    ("ingest.catalog.retention.Retention", "move"),
    ("ingest.store.ArtifactStore", "remove_pack"),
    ("ingest.catalog.retention.Retention", "compacted"),
    ("ingest.store.ArtifactStore", "remove_original"),
)


@pytest.fixture(scope="module")
def unharmed(five_versions: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    home = _copied(five_versions, tmp_path_factory.mktemp("unharmed"))
    with engine(home, retention__keep_versions=2) as strata:
        assert gc(strata).packs > 0
    return _state(home)


@pytest.mark.parametrize(("owner", "step"), _STEPS, ids=[step for _, step in _STEPS])
def test_a_kill_after_any_step_and_again_ends_alike(
    owner: str,
    step: str,
    five_versions: Path,
    unharmed: tuple[object, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = _copied(five_versions, tmp_path)
    module, _, name = owner.rpartition(".")
    kind = getattr(__import__(module, fromlist=[name]), name)
    real = getattr(kind, step)

    def dies(*arguments: object, **named: object) -> object:
        real(*arguments, **named)
        raise Killed

    with engine(home, retention__keep_versions=2) as strata:
        _ = strata.parts.index
        monkeypatch.setattr(kind, step, dies)
        with pytest.raises(Killed):
            gc(strata)
        monkeypatch.setattr(kind, step, real)
    with engine(home, retention__keep_versions=2) as strata:
        gc(strata)
    assert _state(home) == unharmed

"""After a purge nothing of the document is left, and of the others nothing is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from sparse_copies import copied
from strata_fakes import Engine, engine

from ingest.catalog.kept import Kind
from ingest.reports.collect import collect
from ingest.stages.maintenance import maintain
from ingest.stages.purge import Purged, purge
from schemas.errors import ConfigError

MARKERS = ("zwyxqualm-47", "vorplexing-83")
"""Words of the two versions of the document, which no other has."""
SHARED = "Every three hundred hours of work somebody has to oil the bearings of the pump."


def secret(marker: str) -> str:
    return f"# Secret\n\nThe password of the vault is {marker} and nobody may know it.\n\n## Care\n\n{SHARED}\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a document beside one that shares a passage with it."""
    place = tmp_path_factory.mktemp("purge")
    inbox = place / "inbox"
    inbox.mkdir()
    with engine(place / "home", store__keep_originals=True) as strata:
        for marker in MARKERS:
            (inbox / "a-secret.md").write_text(secret(marker), "utf-8")
            (inbox / "b-pump.md").write_text(f"# Pump\n\nIt moves water.\n\n## Care\n\n{SHARED}\n", "utf-8")
            (inbox / "c-copy.md").write_text(f"# Pump\n\nIt moves water.\n\n## Care\n\n{SHARED}\n", "utf-8")
            strata.run(inbox)
    return place


@pytest.fixture
def place(filled: Path, tmp_path: Path) -> Path:
    copied(filled, tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture
def strata(place: Path) -> Iterator[Engine]:
    with engine(place / "home", store__keep_originals=True) as opened:
        yield opened


def purged(strata: Engine, name: str = "a-secret.md", *, dry_run: bool = False) -> Purged:
    return purge(strata.context, strata.parts, name, dry_run=dry_run)


def contents(home: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of a home, and every frame of every pack."""
    for path in sorted(home.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path, content
        if path.suffix == ".pack":
            reader = zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True)
            yield path, reader.read()


def where(home: Path, marker: str) -> set[str]:
    return {path.relative_to(home).parts[0] for path, content in contents(home) if marker.encode() in content}


def state(strata: Engine) -> list[dict[str, object]]:
    return [row.model_dump(exclude={"from_seq", "to_seq"}) for row in strata.current()]


def test_no_byte_of_it_is_left_in_the_home(strata: Engine, place: Path) -> None:
    home = place / "home"
    assert all(where(home, marker) == {"artifacts", "index"} for marker in MARKERS), "the test sees what is there"
    collect(strata.context, token_limit=None, keep=True)
    strata.context.catalog.kept.put(Kind.EVALUATION, "default", f"the password is {MARKERS[1]}", 1)
    done = purged(strata)
    assert (done.versions, done.originals) == (3, 2)
    strata.close()
    for marker in (*MARKERS, "a-secret.md"):
        assert where(home, marker) == set(), "nothing is left of it"


def test_the_others_are_as_if_it_had_never_been(strata: Engine, place: Path, tmp_path: Path) -> None:
    purged(strata)
    (place / "inbox" / "a-secret.md").unlink()
    with engine(tmp_path / "fresh") as fresh:
        fresh.run(place / "inbox", source="inbox")
        assert state(strata) == state(fresh)
    summary = strata.run(place / "inbox", source="inbox", reprocess=True)
    assert (summary.unchanged + summary.parsed + summary.duplicates, summary.embedded, summary.written) == (2, 0, 0)
    assert maintain(strata.context, strata.parts).trouble == ""


def test_duplicates_that_named_it_are_promoted_first(strata: Engine) -> None:
    before = [row.survivor for row in strata.current() if row.text.endswith(SHARED) and row.path == "b-pump.md"]
    assert before != [None], "its passage stood for the others'"
    done = purged(strata)
    assert done.promoted >= 1
    assert [row.survivor for row in strata.current() if row.text.endswith(SHARED) and row.path == "b-pump.md"] == [None]


def test_what_another_document_has_too_stays(strata: Engine, place: Path) -> None:
    done = purged(strata, "b-pump.md")
    assert (done.originals, done.vectors) == (0, 0)
    assert {row.path for row in strata.current()} == {"a-secret.md", "c-copy.md"}
    originals = strata.context.store.originals()
    summary = strata.run(place / "inbox", source="inbox")
    assert (summary.unchanged, summary.duplicates, summary.embedded) == (2, 1, 0), "it is new to the home"
    assert strata.context.store.originals() == originals


def test_a_dry_run_tells_and_removes_nothing(strata: Engine) -> None:
    rows = [row.id for row in strata.rows(history=True)]
    told = purged(strata, dry_run=True)
    assert [row.id for row in strata.rows(history=True)] == rows
    done = purged(strata)
    # The version in which it is gone is made by the purge itself.
    assert (told.documents, told.versions + 1, told.rows) == (done.documents, done.versions, done.rows)
    assert (told.vectors, told.originals) == (done.vectors, done.originals)
    assert any("still in its folder" in note for note in told.notes)


def test_it_is_unknown_afterwards(strata: Engine) -> None:
    purged(strata)
    with pytest.raises(ConfigError, match="there is no document"):
        purged(strata)


class Killed(BaseException):
    """Like a kill: nothing catches it."""


@pytest.mark.parametrize(
    ("owner", "step"),
    [
        ("ingest.catalog.retention.Retention", "begin_purge"),
        ("ingest.stages.publish.Publisher", "publish"),
        ("ingest.sinks.edge.EdgeIndex", "delete"),
        ("ingest.catalog.retention.Retention", "forget_document"),
        ("ingest.catalog.retention.Retention", "drop"),
        ("ingest.store.ArtifactStore", "remove_original"),
        ("ingest.sinks.edge_collection", "_make"),
        ("ingest.sinks.edge.EdgeIndex", "rewrite"),
        ("ingest.catalog.database.SqliteDatabase", "compact"),
    ],
    ids=lambda value: str(value).rpartition(".")[2],
)
def test_one_that_was_killed_is_finished_by_maintenance(
    owner: str, step: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place / "home"
    module, _, name = owner.rpartition(".")
    kind = getattr(__import__(module, fromlist=[name]), name)
    real = getattr(kind, step)

    def dies(*arguments: object, **named: object) -> object:
        real(*arguments, **named)
        raise Killed

    with engine(home, store__keep_originals=True) as strata:
        _ = strata.parts.index
        monkeypatch.setattr(kind, step, dies)
        with pytest.raises(Killed):
            purged(strata)
        monkeypatch.setattr(kind, step, real)
    with engine(home, store__keep_originals=True) as strata:
        assert maintain(strata.context, strata.parts).trouble == ""
        assert {row.path for row in strata.current()} == {"b-pump.md", "c-copy.md"}
    for marker in MARKERS:
        assert where(home, marker) == set()

"""A catalog that was lost is made again from the index and the artifacts, and the next run changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine, HashEmbedder, engine

from ingest.config import load_settings
from ingest.progress import Silent
from ingest.search.request import SearchRequest
from ingest.stages.rebuild import Rebuilt, rebuild_catalog
from ingest.stages.retention import collect_garbage
from schemas.point import SearchMode

SAME = "# Care\n\nEvery three hundred hours of work somebody has to oil the bearings of the pump.\n"
_TABLES = {
    "documents": "doc_id, tenant, source, path, version, sha256, chunk_key, previous_doc_id, live, stale, top,"
    " metadata_digest",
    "versions": "(SELECT doc_id FROM documents d WHERE d.doc_no = versions.doc_no), version, seq, run_number, sha256,"
    " chunk_key, gone",
    "points": "point_id, chunk_id, (SELECT doc_id FROM documents d WHERE d.doc_no = points.doc_no), payload_digest,"
    " vector_key, survivor, from_seq, to_seq",
    "survivors": "chunk_id, tenant, text_digest, point_id, seq",
    "bands": "band, (SELECT chunk_id FROM survivors s WHERE s.survivor_no = bands.survivor_no)",
    "sources": "tenant, source, kind, root",
    "commits": "seq, run_number, at_ns",
    "artifacts": "stage, key, digest, (SELECT name FROM packs WHERE packs.pack_no = artifacts.pack_no), start, length",
    "vectors": "key, (SELECT name FROM packs WHERE packs.pack_no = vectors.pack_no), place",
    "collections": "name, fingerprint, description, settings, dimension, state",
    "document_texts": "(SELECT doc_id FROM documents d WHERE d.doc_no = document_texts.doc_no), text_digest",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With versions, a duplicate, a promoted one, a document that went away and one that came back."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, text in {"a.md": SAME, "b.md": SAME, "c.md": "# C\n\nOne.\n\n# D\n\nTwo.\n"}.items():
        (inbox / name).write_text(text, "utf-8")
    with engine(tmp_path / "home", run__batch_chunks=2) as strata:
        strata.run(inbox)
        (inbox / "a.md").unlink()
        (inbox / "c.md").write_text("# C\n\nOne.\n\n# D\n\nTwo, anew.\n", "utf-8")
        (inbox / "d.md").write_text(SAME, "utf-8")
        strata.run(inbox, allow_vanish=True)
        (inbox / "a.md").write_text("# A\n\nBack with other words.\n", "utf-8")
        strata.run(inbox)
        strata.context.catalog.survivors.sweep()
    return tmp_path / "home"


def tables(strata: Engine) -> dict[str, list[tuple[object, ...]]]:
    database = strata.context.catalog.database
    return {name: sorted(database.rows(f"SELECT {what} FROM {name}"), key=repr) for name, what in _TABLES.items()}


def rebuilt(home: Path) -> Rebuilt:
    settings = load_settings(environ={}, overrides={"parse.workers": 0, "store.keep_originals": False})
    return rebuild_catalog(home, settings, progress=Silent(), embedder=HashEmbedder())


def found(strata: Engine, as_of: int | None) -> list[tuple[str, str, float]]:
    request = SearchRequest("oil the pump", "default", mode=SearchMode.SPARSE, as_of=as_of)
    return [(hit.payload.path, hit.payload.text, hit.score) for hit in strata.parts.searcher.search(request).hits]


@pytest.fixture(params=["lost", "there", "damaged"])
def harmed(home: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, dict[str, list[tuple[object, ...]]]]]:
    with engine(home) as strata:
        before = tables(strata)
    if request.param == "lost":
        (home / "catalog.db").unlink()
    elif request.param == "damaged":
        (home / "catalog.db").write_bytes(b"no database at all " * 500)
    yield home, before


def test_a_rebuilt_catalog_is_the_one_that_was(harmed: tuple[Path, dict[str, list[tuple[object, ...]]]]) -> None:
    home, before = harmed

    done = rebuilt(home)

    with engine(home) as strata:
        after = tables(strata)
        for name, rows in before.items():
            assert after[name] == rows, name
        assert (done.documents, done.versions, done.withdrawn, done.unreadable) == (4, 7, 0, 0)
        assert done.rows == len(before["points"])


def test_the_next_run_parses_embeds_and_writes_nothing(home: Path) -> None:
    with engine(home) as strata:
        searched = [found(strata, as_of) for as_of in (None, 1, 2, 3)]
    (home / "catalog.db").unlink()
    rebuilt(home)

    with engine(home, run__batch_chunks=2) as strata:
        summary = strata.run(home.parent / "inbox")
        assert strata.embedder.texts == []
        assert (summary.seen, summary.written, summary.retired, summary.embedded) == (4, 0, 0, 0)
        assert [found(strata, as_of) for as_of in (None, 1, 2, 3)] == searched
        assert strata.run(home.parent / "inbox").unchanged == 4


def test_the_old_catalog_is_kept_beside_the_new_one(home: Path) -> None:
    content = (home / "catalog.db").read_bytes()

    rebuilt(home)
    rebuilt(home)

    assert (home / "catalog.old-1.db").read_bytes() == content
    assert (home / "catalog.old-2.db").is_file()


def test_a_commit_that_was_never_finished_is_taken_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    inbox = home.parent / "inbox"
    (inbox / "new.md").write_text("# New\n\nA document that nobody saw before.\n", "utf-8")
    with engine(home) as strata, monkeypatch.context() as patch:
        patch.setattr(type(strata.parts.index), "make_current", crash)
        with pytest.raises(Crash):
            strata.run(inbox)
    (home / "catalog.db").unlink()

    assert rebuilt(home).withdrawn == 1
    with engine(home) as strata:
        assert "new.md" not in strata.context.catalog.history.documents("default", "inbox")
        assert strata.run(inbox).written == 1
        assert "A document that nobody saw before." in " ".join(strata.texts("new.md"))


def test_a_rebuild_that_was_killed_leaves_the_old_catalog_in_its_place_and_may_be_begun_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    content = (home / "catalog.db").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("ingest.stages.rebuild.make_planner", killed)
        with pytest.raises(KeyboardInterrupt):
            rebuilt(home)
    assert (home / "catalog.db").read_bytes() == content

    assert rebuilt(home).documents == 4
    assert not (home / "catalog.rebuilding.db").exists()


@pytest.mark.parametrize("options", [{"retention__keep_versions": 1}, {"retention__keep_days": 1.0}])
def test_how_far_one_can_look_back_is_known_again(home: Path, options: dict[str, object]) -> None:
    with engine(home, **options) as strata:
        object.__setattr__(strata.context, "clock", lambda: 10**18)  # long after
        collect_garbage(strata.context, strata.parts, dry_run=False)
        horizon = strata.context.catalog.versions.horizon("default")
        before = tables(strata)
    assert horizon > 1
    (home / "catalog.db").unlink()

    rebuilt(home)

    with engine(home) as strata:
        assert strata.context.catalog.versions.horizon("default") == horizon
        assert tables(strata)["points"] == before["points"]
        assert tables(strata)["versions"] == before["versions"]

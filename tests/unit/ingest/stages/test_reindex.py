"""Another embedding under a home: built beside the old one while runs go on, checked, and switched to."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient
from qdrant_stub import serving
from quick_folders import quick_folder
from strata_fakes import Engine, HashEmbedder, engine

from ingest.catalog.collections import CollectionState
from ingest.context import reindex_lock
from ingest.search.searcher import SearchRequest
from ingest.stages import reindex_copy
from ingest.stages.beside_status import beside_status
from ingest.stages.canaries import Canary, read_canaries
from ingest.stages.identity import identity_of, read_identity
from ingest.stages.parts import spec_of
from ingest.stages.reindex import Reindexed, drop_beside, erase_beside, go_back, reindex, survey
from ingest.stages.reindex_rows import Writer
from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter
from schemas.errors import ConfigError, InvariantError, StoreDown
from schemas.point import PointPayload
from schemas.report import RunSummary

EVERYTHING = PayloadFilter(equals={"tenant": "default"}, history=True)
TOPICS = ("pump", "valve", "bearing", "gasket", "rotor")


class Killed(Exception):
    """A process that ends here."""


def _document(topic: str, words: str = "kept in stock") -> str:
    return "\n\n".join(
        f"## Chapter {chapter} of the {topic}\n\nThe {topic} number {chapter * 7} is {words}, and chapter {chapter}"
        f" tells how the {topic} is taken apart, cleaned and put together again by two people."
        for chapter in range(1, 5)
    )


@pytest.fixture(scope="module")
def quick() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def tmp_path(quick: Path) -> Iterator[Path]:
    folder = quick / "test"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def made(quick: Path) -> Path:
    """A folder and its home, with history: one document changed, one went."""
    place = quick / "made"
    place.mkdir()
    folder = place / "docs"
    folder.mkdir()
    for topic in TOPICS:
        (folder / f"{topic}.md").write_text(f"# The {topic}\n\n{_document(topic)}\n")
    # Duplicates, whose survivors are in other documents.
    pump = (folder / "pump.md").read_text()
    (folder / "copy.md").write_text(f"{pump}\n\n## Beside\n\nOne more thing is told here.\n")
    (folder / "old.md").write_text("# Old\n\nWhat was here before is findable as of then and not now.\n")
    with engine(place / "home") as strata:
        take_in(strata, folder)
        (folder / "old.md").unlink()
        (folder / "valve.md").write_text(f"# The valve\n\n{_document('valve', 'sold out since the spring')}\n")
        take_in(strata, folder)
    return place


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return _copied(made / "docs", tmp_path)


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return _copied(made / "home", tmp_path)


@pytest.fixture(scope="module")
def made_and_moved(made: Path, quick: Path) -> Path:
    home = _copied(made / "home", quick / "moved")
    with engine(home, HashEmbedder(16)) as strata:
        moved(strata)
    return home


@pytest.fixture
def moved_home(made_and_moved: Path, tmp_path: Path) -> Path:
    """It was searched with vectors of 8 numbers, and is with vectors of 16 now."""
    return _copied(made_and_moved, tmp_path / "moved")


@pytest.fixture
def before(moved_home: Path) -> Iterator[Engine]:
    with engine(moved_home) as strata:
        yield strata


@pytest.fixture
def after(moved_home: Path) -> Iterator[Engine]:
    with engine(moved_home, HashEmbedder(16)) as strata:
        yield strata


@pytest.fixture(scope="module")
def fresh(made: Path, quick: Path) -> Iterator[Engine]:
    """Of the new model from its first run on."""
    with engine(quick / "fresh", HashEmbedder(16)) as strata:
        take_in(strata, made / "docs")
        yield strata


def _copied(folder: Path, into: Path) -> Path:
    """The engine's files are holes for the most part: copied with all their zeros they are slow."""
    into.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", "--sparse=always", folder, into], check=True)
    return into / folder.name


def take_in(strata: Engine, folder: Path, **options: object) -> RunSummary:
    return strata.run(folder, source="docs", allow_vanish=True, **options)


@pytest.fixture
def old(home: Path) -> Iterator[Engine]:
    with engine(home) as strata:
        yield strata


@pytest.fixture
def new(home: Path) -> Iterator[Engine]:
    with engine(home, HashEmbedder(16)) as strata:
        yield strata


def moved(strata: Engine, **options: object) -> Reindexed:
    return reindex(strata.context, strata.parts, **options)


def rows_of(strata: Engine) -> dict[str, IndexPoint]:
    return {row.id: row for row in strata.parts.index.scroll(EVERYTHING, with_vectors=True)}


def by_chunk(strata: Engine) -> Mapping[str, tuple[dict[str, object], IndexPoint]]:
    """What is current, validity aside."""
    found = {}
    for row in strata.rows(history=False):
        payload = PointPayload.model_validate(row.payload)
        found[payload.chunk_id] = (payload.model_dump(exclude={"current", "from_seq", "to_seq"}), row)
    return found


def require_equal(strata: Engine, fresh: Engine) -> None:
    """The same chunks with the same payloads and vectors. Which of two equal chunks stands for the
    other depends on who came first, so both must have come in the same order."""
    found, expected = by_chunk(strata), by_chunk(fresh)
    assert found.keys() == expected.keys()
    for chunk, (payload, row) in expected.items():
        assert found[chunk][0] == payload
        ours = found[chunk][1]
        assert (ours.dense is None) == (row.dense is None)
        if row.dense is not None and ours.dense is not None:
            np.testing.assert_allclose(ours.dense, row.dense, atol=1e-6)
        if row.sparse is not None and ours.sparse is not None:
            assert ours.sparse.indices.tolist() == row.sparse.indices.tolist()
            np.testing.assert_allclose(ours.sparse.values, row.sparse.values)


# ------------------------------------------------------------------------------ the whole way


def test_after_it_the_home_is_as_a_fresh_one_of_the_new_model(new: Engine, fresh: Engine) -> None:
    done = moved(new)

    require_equal(new, fresh)
    assert done.points == done.copied == len(rows_of(new))
    assert done.embedded == len(new.embedder.texts) == len(set(new.embedder.texts))


def test_ids_history_and_validity_stay(old: Engine, after: Engine) -> None:
    was = {point: dict(row.payload) for point, row in rows_of(old).items()}
    assert any(not payload["current"] for payload in was.values())

    rows = rows_of(after)

    assert {point: dict(row.payload) for point, row in rows.items()} == was
    assert all(row.dense is None or row.dense.shape == (16,) for row in rows.values())


def test_what_was_found_as_of_then_is_found_so_afterwards(after: Engine) -> None:
    request = SearchRequest(query="what was here before", tenant="default", limit=3, as_of=1)
    assert "old.md" in {hit.payload.path for hit in after.parts.searcher.search(request).hits}
    assert "old.md" not in {
        hit.payload.path
        for hit in after.parts.searcher.search(SearchRequest(query="what was here before", tenant="default")).hits
    }


def test_the_next_run_writes_nothing_and_a_change_only_what_it_changes(folder: Path, after: Engine) -> None:
    for options in ({}, {"verify": True}, {"reprocess": True}):
        again = take_in(after, folder, **options)
        assert (again.embedded, again.written, again.retired) == (0, 0, 0)
    with (folder / "rotor.md").open("a") as file:
        file.write("\n\n## Appendix\n\nIt was written when all had moved to the new model already.\n")
    changed = take_in(after, folder)
    assert 1 <= changed.embedded <= 2 and changed.written <= 2


def test_a_survivor_that_goes_is_replaced_by_its_duplicate_in_the_new_collection(folder: Path, after: Engine) -> None:
    (folder / "copy.md").unlink()

    take_in(after, folder)

    stored = {str(row.payload["chunk_id"]): row.dense for row in after.rows(history=False)}
    for chunk, vector in after.mixed_vectors().items():
        if stored[chunk] is not None:
            np.testing.assert_allclose(stored[chunk], vector, atol=1e-5)
    assert sorted(after.texts("pump.md"))
    assert all(payload.survivor is None for payload in after.current() if payload.path == "pump.md")


def test_doing_it_again_does_nothing(after: Engine) -> None:
    again = moved(after)
    assert (again.copied, again.embedded, again.before) == (0, 0, again.model)


def test_other_settings_than_the_model_are_moved_to_as_well(home: Path) -> None:
    with engine(home, embed__neighbour_share=0.0, bm25__k1=2.0) as strata:
        moved(strata)
        stored = {str(row.payload["chunk_id"]): row.dense for row in strata.rows(history=False)}
        for chunk, vector in strata.mixed_vectors().items():
            if stored[chunk] is not None:
                np.testing.assert_allclose(stored[chunk], vector, atol=1e-5)
        # The raw vectors are in the cache: nothing is embedded for another mixture.
        assert strata.embedder.texts == []


# ------------------------------------------------------------------------ while runs go on


def test_a_run_that_publishes_meanwhile_is_not_lost(
    tmp_path: Path, folder: Path, old: Engine, new: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One adds, changes and retires after the first batch; another just before the last look."""
    monkeypatch.setattr(reindex_copy, "_BATCH", 5)
    changes = [
        lambda: ((folder / "new.md").write_text(f"# New\n\n{_document('flange')}\n"), (folder / "rotor.md").unlink()),
        lambda: (folder / "bearing.md").write_text(f"# The bearing\n\n{_document('bearing', 'now made of bronze')}\n"),
    ]
    put = new.context.catalog.beside.put

    def put_and_run(number: int, rows: list) -> None:
        put(number, rows)
        if changes:
            changes.pop(0)()
            take_in(old, folder)
            old.parts.close()

    monkeypatch.setattr(new.context.catalog.beside, "put", put_and_run)

    moved(new)

    assert not changes
    with engine(tmp_path / "fresh", HashEmbedder(16)) as fresh:
        take_in(fresh, folder)
        assert {(p.path, p.text) for p in new.current()} == {(p.path, p.text) for p in fresh.current()}
    again = take_in(new, folder)
    assert (again.embedded, again.written, again.retired) == (0, 0, 0)
    stored = {str(row.payload["chunk_id"]): row.dense for row in new.rows(history=False)}
    for chunk, vector in new.mixed_vectors().items():
        if stored[chunk] is not None:
            np.testing.assert_allclose(stored[chunk], vector, atol=1e-5)


def test_rows_that_are_gone_at_the_end_are_not_in_the_new_collection(
    old: Engine, new: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when history was thinned out while it was built."""
    put, database = new.context.catalog.beside.put, old.context.catalog.database
    gone: list[str] = []

    def put_and_thin(number: int, rows: list) -> None:
        put(number, rows)
        if not gone:
            gone.extend(point for point, row in rows_of(old).items() if not row.payload["current"])
            old.parts.index.delete(gone)
            database.execute("DELETE FROM points WHERE to_seq < (SELECT max(to_seq) FROM points)")
            old.parts.close()

    monkeypatch.setattr(new.context.catalog.beside, "put", put_and_thin)

    moved(new)

    assert gone and not rows_of(new).keys() & set(gone)


def test_whoever_comes_with_the_old_settings_is_told_that_the_home_moved(folder: Path, before: Engine) -> None:
    with pytest.raises(ConfigError, match="has moved to the model"):
        take_in(before, folder)
    with pytest.raises(ConfigError, match="--back"):
        _ = before.parts.searcher


def test_a_process_that_has_the_home_open_is_told_so_too(folder: Path, old: Engine, new: Engine) -> None:
    assert old.parts.index is not None and old.parts.searcher is not None
    moved(new)
    with pytest.raises(ConfigError, match="has moved to the model"):
        take_in(old, folder)
    with pytest.raises(ConfigError, match="has moved to the model"):
        _ = old.parts.searcher


def test_a_commit_that_a_crash_left_open_is_finished_before_the_switch(
    folder: Path, old: Engine, new: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(plan: object) -> None:
        raise Killed

    (folder / "late.md").write_text("# Late\n\nIt was promised, and then the process ended.\n")
    with monkeypatch.context() as patch:
        patch.setattr(old.context.catalog.history, "close_intent", killed)
        with pytest.raises(Killed):
            take_in(old, folder)
    old.parts.close()

    moved(new, old=old.parts)

    assert new.texts("late.md")
    again = take_in(new, folder)
    assert (again.embedded, again.written, again.retired) == (0, 0, 0)


# ------------------------------------------------------------------------------- interruptions


def test_what_was_interrupted_anywhere_goes_on_with_the_same_command(
    folder: Path, home: Path, fresh: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One home, whose every attempt ends a little later than the one before."""
    monkeypatch.setattr(reindex_copy, "_BATCH", 6)
    moments = [("collections", "begin"), ("beside", "put"), ("beside", "put"), ("beside", "switch")]
    for after, (part, moment) in enumerate(moments):
        with engine(home, HashEmbedder(16)) as strata, monkeypatch.context() as patch:
            owner = getattr(strata.context.catalog, part)
            patch.setattr(owner, moment, _killed_after(getattr(owner, moment), after if moment == "put" else 0))
            with pytest.raises(Killed):
                moved(strata)
        with engine(home) as strata:
            assert take_in(strata, folder).written == 0, "what is searched is untouched"
    with engine(home, HashEmbedder(16)) as strata:
        moved(strata)
        require_equal(strata, fresh)
        again = take_in(strata, folder)
        assert (again.embedded, again.written, again.retired) == (0, 0, 0)


def _killed_after(real: Callable[..., object], calls: int) -> Callable[..., object]:
    """The deed is done so many times; then the process ends before it."""
    left = [None] * calls

    def deed(*arguments: object) -> object:
        if not left:
            raise Killed
        left.pop()
        return real(*arguments)

    return deed


def test_an_interrupted_one_embeds_nothing_twice(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindex_copy, "_BATCH", 4)
    texts: list[str] = []
    with engine(home, HashEmbedder(16)) as strata, monkeypatch.context() as patch:
        written = []

        def write(self: Writer, target: object, translated: object, real=Writer.write) -> object:
            if len(written) == 2:
                raise Killed
            written.append(translated)
            return real(self, target, translated)

        patch.setattr(Writer, "write", write)
        with pytest.raises(Killed):
            moved(strata)
        texts += strata.embedder.texts
        status = beside_status(strata.context)
        assert status is not None
        assert (status.state, status.points) == (CollectionState.BUILDING, 8)
        assert status.left > 0 and status.size
    with engine(home, HashEmbedder(16)) as strata:
        done = moved(strata)
        texts += strata.embedder.texts
        assert done.copied == done.points - 8
    assert len(texts) == len(set(texts))


def test_while_one_is_built_the_old_settings_go_on_and_the_new_are_told_so(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine(home, HashEmbedder(16)) as strata, monkeypatch.context() as patch:
        patch.setattr(Writer, "write", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            moved(strata)
        with pytest.raises(ConfigError, match="not complete yet"):
            take_in(strata, folder)
    with engine(home) as strata:
        assert take_in(strata, folder).written == 0


def test_a_second_one_at_the_same_time_is_refused(old: Engine, new: Engine) -> None:
    old.parts.close()
    with reindex_lock(old.context), pytest.raises(StoreDown, match="is at work on the collections"):
        moved(new)


def test_what_stands_in_the_collection_and_nobody_knows_is_removed(
    home: Path, old: Engine, new: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch was written, the process ended before it was noted, and then its document was purged."""
    old.parts.close()
    built = new.context.catalog.collections.begin(new.parts.own_collection)
    index = new.parts.open_collection(own_spec(new))
    stranger = PointPayload(
        tenant="default", source="docs", path="gone.md", doc_id="0" * 8, chunk_id="1" * 8, text="gone", kind="text",
        section="s", position=0, token_count=1, media_type="text/markdown", strategy="hybrid", current=True, from_seq=1,
    )  # fmt: skip
    index.upsert([IndexPoint("11111111-1111-5111-8111-111111111111", stranger.model_dump(mode="json"))])
    index.close()

    moved(new)

    assert "gone.md" not in {payload.path for payload in new.current()}
    assert built.state is CollectionState.BUILDING


def test_points_that_vanished_from_the_new_collection_are_written_again(new: Engine) -> None:
    real = reindex_copy.miscounted
    lost: list[str] = []

    def lose_some(index: object, expected: object) -> str:
        if not lost:
            lost.extend(row.id for row in list(index.scroll(EVERYTHING))[:3])
            index.delete(lost)
        return real(index, expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reindex_copy, "miscounted", lose_some)
        moved(new)

    assert set(lost) <= rows_of(new).keys()


# ------------------------------------------------------------------------------------- checks


def test_too_long_texts_are_refused_before_anything_is_built(home: Path) -> None:
    with engine(home, HashEmbedder(16, limit=30)) as strata:
        with pytest.raises(ConfigError, match=r"texts are longer than .* reads \(30 tokens") as refused:
            moved(strata)
        assert refused.value.facts["too_long"] > 0
        assert strata.context.catalog.collections.beside() is None
        assert strata.embedder.texts == []


def test_a_collection_whose_vectors_are_not_those_of_its_texts_is_not_switched_to(
    new: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Writer.index_points
    shuffled: list[bool] = []

    def mixed_up(self: Writer, translated: object) -> list[IndexPoint]:
        points = real(self, translated)
        if shuffled:
            return points
        shuffled.append(True)
        dense = [point.dense for point in points if point.dense is not None]
        turned = iter(dense[1:] + dense[:1])
        return [IndexPoint(p.id, p.payload, next(turned) if p.dense is not None else None, p.sparse) for p in points]

    monkeypatch.setattr(Writer, "index_points", mixed_up)
    with pytest.raises(InvariantError, match="do not find themselves"):
        moved(new)
    assert new.context.catalog.collections.active().dimension == 8


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "?", "path": "rotor.md"}', "line 2 of .*: the question is empty"),
        ('{"question": "which rotor?"}', "line 2 of .* is not of the form"),
    ],
)
def test_a_file_of_questions_is_refused_by_the_line_at_fault(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "canaries.jsonl"
    file.write_text('{"question": "which rotor?", "path": "rotor.md"}\n' + line, "utf-8")
    with pytest.raises(ConfigError, match=reason):
        read_canaries(file)


def test_questions_that_do_not_find_their_document_keep_the_old_collection(folder: Path, new: Engine) -> None:
    good = Canary("how is the rotor taken apart", "rotor.md")
    with pytest.raises(ConfigError, match="1 of 2 questions"):
        moved(new, canaries=[good, Canary("how is the rotor taken apart", "nowhere.md")])
    assert new.context.catalog.collections.active().dimension == 8

    moved(new, canaries=[good])

    assert new.context.catalog.collections.active().dimension == 16


def test_a_hole_in_the_active_collection_is_told(old: Engine, new: Engine) -> None:
    some = next(iter(rows_of(old)))
    old.parts.index.delete([some])
    old.parts.close()
    with pytest.raises(ConfigError, match="reconcile --repair"):
        moved(new)


def test_a_survey_tells_what_would_be_done_and_does_nothing(home: Path, new: Engine) -> None:
    found = survey(new.context, new.parts)
    assert new.context.catalog.collections.beside() is None
    done = moved(new)
    assert (found.points, found.texts, found.too_long) == (done.copied, done.embedded, 0)
    assert found.seconds is not None and found.longest <= found.limit


# ------------------------------------------------------------------------- back, and dropped


def test_one_may_go_back_as_long_as_nothing_was_published(
    folder: Path, old: Engine, before: Engine, after: Engine
) -> None:
    go_back(after.context, after.parts)

    assert {p: dict(row.payload) for p, row in rows_of(before).items()} == {
        p: dict(row.payload) for p, row in rows_of(old).items()
    }
    again = take_in(before, folder, verify=True)
    assert (again.embedded, again.written, again.retired) == (0, 0, 0)
    # And forth again: all is there still.
    done = moved(after)
    assert (done.copied, done.embedded) == (0, 0)


def test_going_back_takes_over_what_only_ended(folder: Path, before: Engine, after: Engine) -> None:
    (folder / "rotor.md").unlink()
    take_in(after, folder)
    go_back(after.context, after.parts)
    assert before.texts("rotor.md") == [] and before.texts("gasket.md")


def test_going_back_is_refused_when_something_was_published_since(folder: Path, before: Engine, after: Engine) -> None:
    (folder / "since.md").write_text("# Since\n\nThis came after the move to the new model.\n")
    take_in(after, folder)
    with pytest.raises(ConfigError, match="1 points came since"):
        go_back(after.context, after.parts)
    assert after.texts("since.md")

    # With the old settings it is caught up, and only what came is embedded.
    done = moved(before)

    assert (done.copied, done.embedded) == (1, 1)
    assert before.texts("since.md")


def test_the_old_collection_is_kept_until_it_is_dropped(moved_home: Path, before: Engine, after: Engine) -> None:
    name = before.parts.own_collection.name
    kept = beside_status(after.context)
    assert kept is not None
    assert (kept.state, kept.left) == (CollectionState.KEPT, 0)
    assert (moved_home / "index" / name).is_dir()

    drop_beside(after.context, after.parts, CollectionState.KEPT)

    assert not (moved_home / "index" / name).exists()
    assert beside_status(after.context) is None
    assert after.current()
    with pytest.raises(ConfigError, match="nothing to go back to"):
        go_back(after.context, after.parts)


def test_another_one_is_begun_only_when_the_kept_one_is_dropped(moved_home: Path) -> None:
    with engine(moved_home, HashEmbedder(32)) as third:
        with pytest.raises(ConfigError, match="--drop-old"):
            moved(third)
        drop_beside(third.context, third.parts, CollectionState.KEPT)
        moved(third)
        assert third.context.catalog.collections.active().dimension == 32


def test_a_half_built_one_may_be_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(home, HashEmbedder(16)) as strata, monkeypatch.context() as patch:
        patch.setattr(strata.context.catalog.beside, "switch", lambda _: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            moved(strata)
    with engine(home, HashEmbedder(32)) as strata:
        with pytest.raises(ConfigError, match="--give-up"):
            moved(strata)
        drop_beside(strata.context, strata.parts, CollectionState.BUILDING)
        moved(strata)


def test_what_is_purged_is_gone_from_the_kept_collection_too(before: Engine, after: Engine) -> None:
    points = [point for point, row in rows_of(after).items() if row.payload["path"] == "rotor.md"]

    erase_beside(after.context, after.parts, points)

    kept = after.context.catalog.collections.beside()
    index = after.parts.open_collection(own_spec(before))
    assert index.retrieve(points) == {} and index.count(EVERYTHING) > 0
    index.close()
    assert not after.context.catalog.beside.known(kept.number, points)


def own_spec(strata: Engine) -> CollectionSpec:
    return spec_of(strata.parts.own_collection)


def test_the_catalog_keeps_the_settings_that_a_collection_was_built_with(old: Engine) -> None:
    _ = old.parts.index
    active = old.context.catalog.collections.active()
    assert read_identity(active.settings) == identity_of(old.settings)


def test_a_home_of_a_time_that_kept_no_settings_is_opened_with_them_once(home: Path) -> None:
    with engine(home, HashEmbedder(16)) as strata:
        strata.context.catalog.database.execute("UPDATE collections SET settings = '', dimension = 0")
        with pytest.raises(ConfigError, match="docstrata maintain"):
            moved(strata)
    with engine(home) as strata:
        assert strata.parts.index is not None
    with engine(home, HashEmbedder(16)) as strata:
        assert moved(strata).copied > 0


def test_a_search_during_the_build_answers_from_the_old_collection(
    old: Engine, new: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex_copy, "_BATCH", 8)
    request = SearchRequest(query="how is the rotor taken apart", tenant="default", limit=3)
    expected = [(hit.point_id, hit.score) for hit in old.parts.searcher.search(request).hits]
    put, found = new.context.catalog.beside.put, []

    def put_and_search(number: int, rows: list) -> None:
        put(number, rows)
        found.append([(hit.point_id, hit.score) for hit in old.parts.searcher.search(request).hits])

    monkeypatch.setattr(new.context.catalog.beside, "put", put_and_search)

    moved(new)

    assert len(found) > 2 and all(hits == expected for hits in found)


def test_a_home_of_other_settings_names_each_that_differs(home: Path, folder: Path) -> None:
    with engine(home, embed__neighbour_share=0.1) as strata, pytest.raises(ConfigError) as refused:
        take_in(strata, folder)
    assert "embed.neighbour_share was 0.3 and is 0.1" in refused.value.message
    assert "docstrata reindex" in refused.value.message


# ------------------------------------------------------------------------------- on a server


def test_on_a_server_the_alias_moves_with_the_switch_and_back(folder: Path, tmp_path: Path) -> None:
    with serving() as server:
        options = {"index__engine": "qdrant", "index__url": server.url, "index__alias": "searched"}
        with engine(tmp_path / "home", **options) as strata:
            take_in(strata, folder)
            first = strata.parts.own_collection.name
            assert aliases(server.url) == {"searched": first}
        with engine(tmp_path / "home", HashEmbedder(16), **options) as strata:
            moved(strata)
            second = strata.parts.own_collection.name
            assert aliases(server.url) == {"searched": second}
            assert take_in(strata, folder).written == 0
            go_back(strata.context, strata.parts)
            assert aliases(server.url) == {"searched": first}
            moved(strata)
            drop_beside(strata.context, strata.parts, CollectionState.KEPT)
            assert strata.parts.index.collections() == [second]


def test_a_crash_before_the_alias_moved_is_healed_when_the_home_is_opened(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server:
        options = {"index__engine": "qdrant", "index__url": server.url, "index__alias": "searched"}
        with engine(tmp_path / "home", **options) as strata:
            take_in(strata, folder)
        with engine(tmp_path / "home", HashEmbedder(16), **options) as strata, monkeypatch.context() as patch:
            patch.setattr(strata.parts, "announce", lambda *_: (_ for _ in ()).throw(Killed))
            with pytest.raises(Killed):
                moved(strata)
        with engine(tmp_path / "home", HashEmbedder(16), **options) as strata:
            assert strata.current()
            assert aliases(server.url) == {"searched": strata.parts.own_collection.name}


def test_a_collection_on_the_server_that_another_home_built_is_left_alone(folder: Path, tmp_path: Path) -> None:
    with serving() as server:
        options = {"index__engine": "qdrant", "index__url": server.url}
        with engine(tmp_path / "theirs", HashEmbedder(16), **options) as theirs:
            take_in(theirs, folder)
            held = rows_of(theirs).keys()
        with engine(tmp_path / "ours", **options) as ours:
            take_in(ours, folder)
        with (
            engine(tmp_path / "ours", HashEmbedder(16), **options) as ours,
            pytest.raises(ConfigError, match="another home may use it"),
        ):
            moved(ours)
        with engine(tmp_path / "theirs", HashEmbedder(16), **options) as theirs:
            assert rows_of(theirs).keys() == held


def aliases(url: str) -> dict[str, str]:
    client = QdrantClient(url=url, check_compatibility=False)
    return {each.alias_name: each.collection_name for each in client.get_aliases().aliases}

"""Repair after retention, of rows that the catalog lost, beside another home, and after a commit that was cut short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from strata_fakes import Engine, HashEmbedder, engine

from ingest.catalog.keys import uuid_key
from ingest.config import load_settings
from ingest.progress import Silent
from ingest.stages.findings import Damage, Reconciled
from ingest.stages.rebuild import rebuild_catalog
from ingest.stages.reconcile import reconcile
from ingest.stages.retention import collect_garbage
from schemas.ids import doc_id

ALWAYS = "# Always\n\nWear gloves, and look at the seals.\n\n# Care\n\n"


def told(strata: Engine, *, repair: bool = False) -> Reconciled:
    return reconcile(strata.context, strata.parts, repair=repair, vectors=True)


def points(strata: Engine) -> list[tuple[object, ...]]:
    rows = strata.context.catalog.database.rows(
        "SELECT point_id, chunk_id, doc_id, payload_digest, vector_key, survivor, from_seq, to_seq"
        " FROM points JOIN documents ON documents.doc_no = points.doc_no"
    )
    return sorted(rows, key=repr)


def write(inbox: Path, name: str, text: str) -> None:
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_text(text, "utf-8")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    write(tmp_path / "inbox", "b.md", "# Steady\n\nIt never changes at all.\n")
    return tmp_path / "inbox"


@pytest.fixture
def strata(tmp_path: Path, inbox: Path) -> Iterator[Engine]:
    """A document of three versions, one passage of which never changed."""
    with engine(tmp_path / "home", retention__keep_versions=1) as opened:
        for word in ("one", "two", "three"):
            write(inbox, "a.md", f"{ALWAYS}Oil the pump {word} times.\n")
            opened.run(inbox)
        yield opened


def rebuilt(strata: Engine) -> None:
    home = strata.context.home.path
    strata.close()
    (home / "catalog.db").unlink()
    settings = load_settings(environ={}, overrides={"parse.workers": 0, "store.keep_originals": False})
    rebuild_catalog(home, settings, progress=Silent(), embedder=HashEmbedder())


def test_a_row_is_made_again_when_the_version_that_brought_it_was_not_kept(strata: Engine) -> None:
    collect_garbage(strata.context, strata.parts)
    steady = next(row for row in strata.rows(history=False) if "gloves" in str(row.payload["text"]))
    strata.parts.index.delete([steady.id])

    assert told(strata, repair=True).is_sound
    assert told(strata).findings == []
    assert steady.id in {row.id for row in strata.rows(history=False)}


def test_a_catalog_is_rebuilt_after_retention(strata: Engine, inbox: Path) -> None:
    collect_garbage(strata.context, strata.parts)
    before = points(strata)
    rebuilt(strata)

    with engine(strata.context.home.path) as again:
        assert points(again) == before
        assert (again.run(inbox).written, again.embedder.texts) == (0, [])


def test_a_row_that_the_catalog_lost_is_no_stranger(strata: Engine) -> None:
    before = points(strata), len(strata.rows(history=True))
    strata.embedder.texts.clear()
    for row in strata.rows(history=True):
        if row.payload["path"] == "a.md":
            strata.context.catalog.database.execute("DELETE FROM points WHERE point_id = ?", (uuid_key(row.id),))
    stranger = replace(strata.rows(history=False)[0], id=str(UUID(int=7)))
    strata.parts.index.upsert([stranger])

    found = told(strata)
    mended = told(strata, repair=True)

    assert Counter(each.damage for each in found.findings)[Damage.STRANGER] <= 1
    assert mended.is_sound
    assert told(strata).findings == []
    assert points(strata) == before[0]
    assert len(strata.rows(history=True)) == before[1]
    assert strata.embedder.texts == []


def test_what_was_lost_with_its_artifacts_comes_back_with_the_next_run(strata: Engine, inbox: Path) -> None:
    rows = {row.id: dict(row.payload) for row in strata.rows(history=True)}
    strata.parts.index.delete([row.id for row in strata.rows(history=False)])
    for pack in strata.context.store.packs("chunk"):
        (strata.context.home.artifacts / pack).unlink()

    mended = told(strata, repair=True)
    strata.run(inbox)
    again = told(strata, repair=True)

    assert mended.lost == {("inbox", "a.md"), ("inbox", "b.md")}
    assert again.is_sound
    assert told(strata).findings == []
    assert {row.id: dict(row.payload) for row in strata.rows(history=True)} == rows
    assert strata.embedder.texts == []


def test_a_wrong_digest_in_the_catalog_is_mended_there(strata: Engine) -> None:
    before, rows = points(strata), {row.id: dict(row.payload) for row in strata.rows(history=True)}
    strata.context.catalog.database.execute(
        "UPDATE points SET payload_digest = ? WHERE point_id = ?", (b"\7" * 32, uuid_key(sorted(rows)[0]))
    )

    assert told(strata, repair=True).is_sound
    assert points(strata) == before
    assert {row.id: dict(row.payload) for row in strata.rows(history=True)} == rows


def test_rows_of_another_home_in_the_same_collection_are_left_alone(strata: Engine) -> None:
    row = strata.rows(history=False)[0]
    theirs = {**row.payload, "tenant": "theirs", "doc_id": doc_id("theirs", "inbox", "a.md")}
    foreign = replace(row, id=str(UUID(int=9)), payload=theirs)
    hidden = replace(row, id=str(UUID(int=10)), payload={**theirs, "current": False})
    strata.parts.index.upsert([foreign, hidden])

    assert told(strata, repair=True).findings == []
    assert strata.parts.index.retrieve([foreign.id, hidden.id]).keys() == {foreign.id, hidden.id}
    rebuilt(strata)
    with engine(strata.context.home.path) as again:
        assert again.parts.index.retrieve([foreign.id, hidden.id]).keys() == {foreign.id, hidden.id}


def test_a_commit_that_was_cut_short_before_it_retired_shows_nothing_twice(
    tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine(tmp_path / "home") as strata:
        write(inbox, "a.md", f"{ALWAYS}Oil the pump once.\n")
        strata.run(inbox)
        write(inbox, "a.md", f"{ALWAYS}Oil the pump twice.\n")
        with monkeypatch.context() as patch:
            patch.setattr(type(strata.parts.index), "retire", killed)
            with pytest.raises(KeyboardInterrupt):
                strata.run(inbox)
        rebuilt(strata)
    with engine(tmp_path / "home") as again:
        again.run(inbox)
        assert len(again.current()) == len({payload.chunk_id for payload in again.current()})
        assert not any("once" in text for text in again.texts("a.md"))
        assert told(again).findings == []


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_comparison_while_commits_close_tells_nothing(
    strata: Engine, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever moment it looks at."""
    history = type(strata.context.catalog.history)
    opened, closed = history.open_intent, history.close_intent
    found: list[Reconciled] = []

    def look(method: object, before: bool) -> object:
        def looking(self: object, plan: object) -> None:
            if before:
                found.append(told(strata))
            method(self, plan)
            if not before:
                found.append(told(strata))

        return looking

    monkeypatch.setattr(history, "close_intent", look(closed, before=True))
    monkeypatch.setattr(history, "open_intent", look(opened, before=False))
    write(inbox, "a.md", f"{ALWAYS}Oil the pump four times.\n")
    strata.run(inbox)

    assert len(found) == 2
    assert [each.findings for each in found] == [[], []]

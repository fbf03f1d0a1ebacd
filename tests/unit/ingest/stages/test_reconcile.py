"""Whatever befalls the index, it is told exactly, and mended without the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sparse_copies import copied
from strata_fakes import Engine, engine

from ingest.stages.findings import Damage, Reconciled
from ingest.stages.reconcile import reconcile
from ingest.vectors import IndexPoint
from schemas.ids import point_id
from schemas.point import OPEN

STRANGER = point_id("nobody", "", "", 0)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with history: versions, a duplicate, a promoted one, and a document that went away."""
    place = tmp_path_factory.mktemp("reconcile")
    inbox = place / "inbox"
    inbox.mkdir()
    same = "# Care\n\nEvery three hundred hours of work somebody has to oil the bearings of the pump.\n"
    for name, text in {"a.md": same, "b.md": same, "c.md": "# C\n\nOne.\n\n# D\n\nTwo.\n\n# E\n\nThree.\n"}.items():
        (inbox / name).write_text(text, "utf-8")
    with engine(place / "home") as strata:
        strata.run(inbox)
        (inbox / "a.md").unlink()
        (inbox / "c.md").write_text("# C\n\nOne.\n\n# D\n\nTwo, anew.\n\n# E\n\nThree.\n", "utf-8")
        (inbox / "d.md").write_text(same, "utf-8")
        strata.run(inbox, allow_vanish=True)
    return place / "home"


@pytest.fixture
def strata(filled: Path, tmp_path: Path) -> Iterator[Engine]:
    copied(filled, tmp_path / "home")
    with engine(tmp_path / "home") as opened:
        yield opened


def state(strata: Engine) -> list[tuple[object, ...]]:
    return [
        (
            row.id,
            dict(row.payload),
            None if row.dense is None else row.dense.round(5).tolist(),
            None if row.sparse is None else (row.sparse.indices.tolist(), row.sparse.values.round(5).tolist()),
        )
        for row in strata.rows(history=True)
    ]


def told(strata: Engine, *, repair: bool = False, vectors: bool = False) -> Reconciled:
    return reconcile(strata.context, strata.parts, repair=repair, vectors=vectors)


def damage(strata: Engine, row: IndexPoint, kind: str) -> Damage | None:
    """Does it, and says what is to be told."""
    index = strata.parts.index
    if kind == "delete":
        index.delete([row.id])
        return Damage.HOLE
    if kind == "text":
        index.set_payload([row.id], {"text": "somebody else's words"})
        return Damage.PAYLOAD
    if kind == "shape":
        index.set_payload([row.id], {"position": "not a number"})
        return Damage.PAYLOAD
    if kind == "current":
        index.set_payload([row.id], {"current": not row.payload["current"]})
        return Damage.VALIDITY
    if kind == "revived":
        index.set_payload([row.id], {"to_seq": OPEN})
        return Damage.VALIDITY if row.payload["to_seq"] != OPEN else None
    index.upsert([replace(row, dense=None if row.dense is None else -row.dense)])
    return Damage.VECTOR if row.dense is not None else None


KINDS = ("delete", "text", "shape", "current", "revived", "vector")


@pytest.fixture(scope="module")
def mended_often(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    place = tmp_path_factory.mktemp("often") / "home"
    copied(filled, place)
    with engine(place) as opened:
        yield opened


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 30), st.sampled_from(KINDS), max_size=6), st.booleans())
def test_damage_is_told_exactly_and_mended_to_the_very_state_before(
    mended_often: Engine, harm: dict[int, str], stranger: bool
) -> None:
    """On one home, which every example leaves as it was."""
    strata = mended_often
    before, rows = state(strata), strata.rows(history=True)
    try:
        expected = {
            rows[place].id: kind_told
            for place, kind in harm.items()
            if place < len(rows) and (kind_told := damage(strata, rows[place], kind)) is not None
        }
        if stranger:
            strata.parts.index.upsert([replace(rows[0], id=STRANGER)])
            expected[STRANGER] = Damage.STRANGER

        found = told(strata, vectors=True)
        assert {each.point_id: each.damage for each in found.findings} == expected
        assert found.is_sound == (not expected)

        mended = told(strata, repair=True, vectors=True)
        assert mended.is_sound
        assert mended.mended == len(expected)
        assert state(strata) == before
        assert strata.embedder.texts == []
        assert told(strata, vectors=True).findings == []
    finally:
        strata.parts.index.delete([STRANGER])
        strata.parts.index.upsert(rows)


def test_an_index_that_was_lost_whole_is_made_again_without_the_model(strata: Engine) -> None:
    before = state(strata)
    strata.parts.index.delete([row.id for row in strata.rows(history=True)])

    found = told(strata, repair=True)

    assert Counter(each.damage for each in found.findings) == {Damage.HOLE: len(before)}
    assert state(strata) == before
    assert strata.embedder.texts == []


def test_what_an_open_commit_is_about_to_write_is_no_damage(strata: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    inbox = strata.context.home.path.parent / "more"
    inbox.mkdir()
    (inbox / "new.md").write_text("# New\n\nA document that nobody saw before.\n", "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(type(strata.parts.index), "make_current", crash)
        with pytest.raises(Crash):
            strata.run(inbox)

    assert told(strata).findings == []
    assert told(strata, repair=True).findings == []
    assert "A document that nobody saw before." in strata.current()[-1].text + strata.current()[0].text


def test_rows_whose_artifacts_are_gone_are_told_with_their_documents(strata: Engine) -> None:
    row = next(row for row in strata.rows(history=False) if row.payload["path"] == "c.md")
    strata.parts.index.delete([row.id])
    for pack in strata.context.store.packs("chunk"):
        (strata.context.home.artifacts / pack).unlink()

    found = told(strata, repair=True)

    assert not found.is_sound
    assert found.lost == {("inbox", "c.md")}


def test_a_mark_of_being_stale_without_a_failure_is_told_and_mended(strata: Engine) -> None:
    strata.context.catalog.database.execute("UPDATE documents SET stale = 1 WHERE path = 'c.md'")

    assert told(strata).stale == [("inbox", "c.md")]
    assert not told(strata).is_sound
    assert told(strata, repair=True).is_sound
    assert told(strata).stale == []


def test_a_vector_that_the_cache_lost_is_embedded_again(strata: Engine) -> None:
    row = next(row for row in strata.rows(history=False) if row.dense is not None)
    strata.parts.index.delete([row.id])
    for pack in strata.context.store.packs("vector"):
        (strata.context.home.artifacts / pack).unlink()

    assert told(strata, repair=True).is_sound
    again = next(each for each in strata.rows(history=False) if each.id == row.id)
    assert again.dense is not None
    assert row.dense is not None
    np.testing.assert_allclose(again.dense, row.dense, atol=1e-5)


def test_a_comparison_embeds_nothing_even_where_the_cache_is_lost(strata: Engine) -> None:
    for pack in strata.context.store.packs("vector"):
        (strata.context.home.artifacts / pack).unlink()

    assert told(strata, vectors=True).findings == []
    assert strata.embedder.texts == []


def test_a_row_that_lost_its_vector_is_told_even_where_the_cache_is_lost(strata: Engine) -> None:
    row = next(row for row in strata.rows(history=False) if row.dense is not None)
    for pack in strata.context.store.packs("vector"):
        (strata.context.home.artifacts / pack).unlink()
    strata.parts.index.upsert([replace(row, dense=None, sparse=None)])

    assert [each.point_id for each in told(strata, vectors=True).findings] == [row.id]


def test_what_a_purge_is_about_to_remove_is_no_damage_and_stays_removed(strata: Engine) -> None:
    (document,) = [d for d in strata.context.catalog.history.live_documents("default") if d.path == "c.md"]
    strata.context.catalog.retention.begin_purge([document.doc_id])
    strata.parts.index.delete([row.id for row in strata.rows(history=True) if row.payload["path"] == "c.md"][:2])

    assert told(strata).findings == []
    assert told(strata, repair=True).is_sound
    assert [row for row in strata.rows(history=True) if row.payload["path"] == "c.md"] == []


def test_rows_are_counted_by_tenant(strata: Engine, tmp_path: Path) -> None:
    rows = len(strata.rows(history=True))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "one.md").write_text("# One\n\nOf another tenant.\n", "utf-8")
    strata.close()
    with engine(tmp_path / "home", tenant="other") as other:
        other.run(tmp_path / "theirs")
        found = told(other)

    assert found.in_catalog == found.in_index == {"default": rows, "other": 1}


def test_of_much_damage_the_first_is_named_and_all_is_mended(strata: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.stages.findings.NAMED", 2)
    monkeypatch.setattr("ingest.stages.comparison._AT_ONCE", 3)
    before = state(strata)
    strata.parts.index.delete([row.id for row in strata.rows(history=True)])

    found = told(strata, repair=True)

    assert len(found.findings) == 2
    assert found.damage == {Damage.HOLE: len(before)}
    assert state(strata) == before


class Committing:
    """An index beside which a run goes on: between two answers it publishes."""

    def __init__(self, index: object, publish: Callable[[], object]) -> None:
        self._index = index
        self._publish = publish
        self._left = 1

    def __getattr__(self, name: str) -> object:
        method = getattr(self._index, name)
        if name != "retrieve":
            return method

        def meanwhile(*arguments: object) -> object:
            answer = method(*arguments)
            if self._left:
                self._left -= 1
                self._publish()
            return answer

        return meanwhile


def test_what_a_run_does_while_the_comparison_goes_on_is_no_damage(strata: Engine) -> None:
    inbox = strata.context.home.path.parent / "more"
    inbox.mkdir()
    turn = 0

    def publish() -> None:
        nonlocal turn
        turn += 1
        (inbox / "new.md").write_text(f"# New\n\nThe words of turn {turn}.\n", "utf-8")
        with engine(strata.context.home.path) as other:
            other.run(inbox)

    publish()
    index = strata.parts.index
    harmed = next(row for row in strata.rows(history=False) if row.payload["path"] == "c.md")
    rows = [row for row in strata.rows(history=False) if row.payload["path"] == "new.md"]
    index.set_payload([harmed.id, *(row.id for row in rows)], {"current": False})
    strata.parts._index = Committing(index, publish)  # no part is handed in otherwise

    assert [each.point_id for each in told(strata).findings] == [harmed.id]
    assert turn == 2

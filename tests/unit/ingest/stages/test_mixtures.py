"""Stored vectors hold a share of their neighbours': what a change, a promotion or a lost artifact does to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from strata_fakes import Engine, engine

from schemas.errors import ConfigError

SECTIONS = [f"# Part {number}\n\nPart number {number} turns {number}00 times a minute.\n" for number in range(7)]


def _write(folder: Path, name: str, sections: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(sections), "utf-8")


def _check(strata: Engine) -> None:
    mixed = strata.mixed_vectors()
    rows = [row for row in strata.rows(history=False) if row.payload["survivor"] is None]
    assert rows
    for row in rows:
        assert np.allclose(row.dense, mixed[str(row.payload["chunk_id"])], atol=1e-5)


def test_a_paragraph_that_is_added_touches_only_itself_and_its_neighbours(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    _write(inbox, "manual.md", SECTIONS[:3] + SECTIONS[4:])
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        before = {str(row.payload["text"]): row.id for row in strata.rows(history=False)}
        _write(inbox, "manual.md", SECTIONS)
        summary = strata.run(inbox)
        after = {str(row.payload["text"]): row.id for row in strata.rows(history=False)}
        _check(strata)
    assert (summary.embedded, summary.written, summary.retired) == (1, 3, 2)
    changed = {text for text, row in after.items() if before.get(text) != row}
    assert {text.split()[1] for text in changed} == {"2", "3", "4"}


def test_without_a_share_the_raw_vectors_are_stored_and_a_change_touches_nothing_else(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    _write(inbox, "manual.md", SECTIONS[:3] + SECTIONS[4:])
    with engine(tmp_path / "home", embed__neighbour_share=0.0) as strata:
        strata.run(inbox)
        _write(inbox, "manual.md", SECTIONS)
        summary = strata.run(inbox)
        _check(strata)
    assert (summary.embedded, summary.written, summary.retired) == (1, 1, 0)


def test_a_duplicate_is_mixed_into_its_neighbours_and_has_no_vector_itself(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    _write(inbox, "a.md", SECTIONS[2:3])
    _write(inbox, "b.md", SECTIONS[1:4])
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        assert [payload.survivor is None for payload in strata.current() if payload.path == "b.md"].count(False) == 1
        _check(strata)


def test_a_promoted_duplicate_is_mixed_with_its_own_neighbours(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    _write(inbox, "a.md", [SECTIONS[5], SECTIONS[2]])
    _write(inbox, "b.md", SECTIONS[1:4])
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        (inbox / "a.md").unlink()
        summary = strata.run(inbox, allow_vanish=True)
        assert all(payload.survivor is None for payload in strata.current())
        _check(strata)
    assert (summary.embedded, summary.written) == (0, 1)


def test_a_copy_of_a_whole_document_is_promoted_with_all_its_neighbours(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    _write(inbox, "a.md", SECTIONS)
    _write(inbox, "b.md", SECTIONS)
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        (inbox / "a.md").unlink()
        summary = strata.run(inbox, allow_vanish=True)
        _check(strata)
    assert (summary.embedded, summary.written) == (0, len(SECTIONS))


def test_a_promoted_duplicate_whose_chunks_are_damaged_is_found_by_its_own_vector(tmp_path: Path) -> None:
    inbox, artifacts = tmp_path / "inbox", tmp_path / "home" / "artifacts"
    _write(inbox, "a.md", [SECTIONS[5], SECTIONS[2]])
    _write(inbox, "b.md", SECTIONS[1:4])
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        for pack in (artifacts / "chunk").rglob("*.pack"):
            pack.unlink()
        (inbox / "a.md").unlink()
        strata.run(inbox, allow_vanish=True)
        assert all(payload.survivor is None for payload in strata.current())
        strata.run(inbox, reprocess=True)
        _check(strata)


def test_a_lost_pack_of_vectors_is_made_again_from_the_intent_alone(tmp_path: Path) -> None:
    inbox, artifacts = tmp_path / "inbox", tmp_path / "home" / "artifacts"
    _write(inbox, "a.md", SECTIONS[2:3])
    _write(inbox, "b.md", SECTIONS[1:4])

    class Crash(BaseException):
        """Like a kill."""

    class Dead:
        def __init__(self, index: object) -> None:
            self._index = index

        def __getattr__(self, name: str) -> object:
            if name == "insert":
                raise Crash
            return getattr(self._index, name)

    with engine(tmp_path / "home") as strata:
        strata.parts._index = Dead(strata.parts.index)
        with pytest.raises(Crash):
            strata.run(inbox)
    for pack in (artifacts / "vector").rglob("*.pack"):
        pack.unlink()
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
        _check(strata)


def test_a_home_refuses_another_share(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    _write(inbox, "a.md", SECTIONS)
    with engine(tmp_path / "home") as strata:
        strata.run(inbox)
    with (
        engine(tmp_path / "home", embed__neighbour_share=0.2) as strata,
        pytest.raises(ConfigError, match=r"embed\.neighbour_share"),
    ):
        strata.run(inbox)

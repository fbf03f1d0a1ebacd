"""The cache of vectors, shared by the homes of one artifact store."""

from __future__ import annotations

from pathlib import Path

import pytest
from strata_fakes import engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(3):
        (inbox / f"pump-{number}.md").write_text(f"# Pump {number}\n\nIt is oiled in week {number * 7}.\n")
    return inbox


def test_homes_of_one_store_embed_a_text_once(folder: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    with engine(tmp_path / "one", store__url=store) as one, engine(tmp_path / "two", store__url=store) as two:
        assert one.run(folder).embedded > 0
        assert two.run(folder).embedded == 0
        (folder / "new.md").write_text("# New\n\nWhat nobody has read before.\n")
        assert two.run(folder).embedded == 1
        # Made by the second since the first has looked.
        assert one.run(folder).embedded == 0


def test_a_pack_that_cannot_be_read_costs_its_vectors_alone(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with engine(tmp_path / "one", store__url=str(store)) as one:
        one.run(folder)
        (pack,) = one.context.store.packs("vector")
    (store / pack).write_bytes(b"damaged")
    with engine(tmp_path / "two", store__url=str(store)) as two:
        assert two.run(folder).embedded == 3


def test_a_store_in_the_home_is_not_listed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(tmp_path / "one") as one:
        monkeypatch.setattr(type(one.context.store), "packs", lambda *_: pytest.fail("listed"))
        assert one.run(folder).embedded == 3

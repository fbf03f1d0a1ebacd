"""A passage by the id that a citation keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import HashEmbedder

from ingest.api import Docstrata
from ingest.config import load_settings
from schemas.errors import ConfigError
from schemas.point import Expand


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(
        "# Pump\n\n## Oil\n\nOil it weekly.\n\n## Seals\n\nLook at them monthly.\n", "utf-8"
    )
    return folder


@pytest.fixture
def strata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: Path) -> Iterator[Docstrata]:
    monkeypatch.setattr("ingest.stages.parts.SentenceTransformerEmbedder", lambda *_, **__: HashEmbedder())
    settings = load_settings(environ={}, overrides={"parse.workers": 0, "store.keep_originals": False})
    with Docstrata(tmp_path / "home", settings) as opened:
        opened.run([inbox])
        yield opened


def test_a_chunk_is_found_with_its_neighbours_or_alone(strata: Docstrata) -> None:
    (hit,) = strata.search("weekly", limit=1, under="oil").hits
    alone = strata.chunk(hit.payload.chunk_id)
    assert alone.payload == hit.payload and alone.around is None and alone.as_of is None
    around = strata.chunk(hit.payload.chunk_id, around=Expand.NEIGHBOURS).around
    assert around is not None and "weekly" in around.text and "monthly" in around.text
    ((start, end),) = around.marks
    assert around.text[start:end] == hit.payload.text
    short = strata.chunk(hit.payload.chunk_id, around=Expand.NEIGHBOURS, tokens=1).around
    assert short is not None and short.text == hit.payload.text


def test_a_chunk_that_is_gone_is_found_in_the_past(strata: Docstrata, inbox: Path) -> None:
    (hit,) = strata.search("weekly", limit=1, under="oil").hits
    (inbox / "pump.md").write_text("# Pump\n\n## Oil\n\nOil it daily, and twice on Sundays.\n", "utf-8")
    strata.run([inbox])
    with pytest.raises(ConfigError, match="ask as of the time"):
        strata.chunk(hit.payload.chunk_id)
    then = strata.chunk(hit.payload.chunk_id, as_of_seq=hit.payload.from_seq, around=Expand.NEIGHBOURS)
    assert then.payload.text == hit.payload.text and then.as_of == hit.payload.from_seq
    assert then.around is not None and "monthly" in then.around.text


def test_an_id_of_nothing_is_told(strata: Docstrata) -> None:
    with pytest.raises(ConfigError, match="there is no chunk 'nothing'"):
        strata.chunk("nothing")

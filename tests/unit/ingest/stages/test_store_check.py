"""What is stored, read and compared with what was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine, HashEmbedder, engine
from typer.testing import CliRunner

from ingest.cli.app import app
from ingest.stages.parts import Parts
from ingest.stages.store_check import check_store, forget_damaged


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("# Bearings\n\nThe bearing is oiled twice a year.\n")
    with engine(tmp_path / "home", store__keep_originals=True) as opened:
        opened.run(tmp_path / "in")
        yield opened


def pack_of(strata: Engine, stage: str) -> Path:
    return strata.context.home.artifacts / strata.context.store.packs(stage)[0]


def flip(file: Path, place: int) -> None:
    body = bytearray(file.read_bytes())
    body[place] ^= 1
    file.write_bytes(body)


def test_a_home_as_it_was_written_is_sound(strata: Engine) -> None:
    found = check_store(strata.context)

    assert found.is_sound
    assert found.packs > 2
    assert found.originals_read == 1


@pytest.mark.parametrize("stage", ["parse", "chunk", "version", "vector"])
def test_a_bit_that_the_disk_has_turned_is_found(strata: Engine, stage: str) -> None:
    flip(pack_of(strata, stage), 8)

    found = check_store(strata.context)

    assert found.artifacts == ((stage, 1),)
    assert len(found.damaged_packs) == 1


def test_packs_that_are_gone_or_cut_short_are_found(strata: Engine) -> None:
    pack_of(strata, "parse").unlink()
    chunks = pack_of(strata, "chunk")
    chunks.write_bytes(chunks.read_bytes()[:20])

    assert dict(check_store(strata.context).artifacts) == {"chunk": 1, "parse": 1}


def test_a_pack_whose_frames_are_whole_is_not_damaged(strata: Engine) -> None:
    flip(pack_of(strata, "parse"), -1)  # of the pack's own index, which only a rebuild asks

    assert not check_store(strata.context).damaged_packs


def test_an_original_is_named_by_its_document(strata: Engine) -> None:
    (original,) = (strata.context.home.artifacts / "original").rglob("*/*")
    flip(original, 0)

    assert check_store(strata.context).originals == (("in", "a.md"),)


@pytest.mark.parametrize("stage", ["parse", "chunk", "vector"])
def test_what_was_found_is_forgotten_and_made_again_by_reprocessing(strata: Engine, tmp_path: Path, stage: str) -> None:
    before = strata.texts()
    flip(pack_of(strata, stage), 8)

    assert dict(forget_damaged(strata.context).artifacts) == {stage: 1}
    strata.run(tmp_path / "in", reprocess=True)

    assert check_store(strata.context).is_sound
    assert strata.texts() == before


def test_what_a_version_was_published_as_is_not_forgotten(strata: Engine) -> None:
    flip(pack_of(strata, "version"), 8)

    forget_damaged(strata.context)

    assert dict(check_store(strata.context).artifacts) == {"version": 1}


def test_the_command_tells_what_is_damaged_and_what_to_do(strata: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    home, pack = strata.context.home.path, pack_of(strata, "chunk")
    strata.parts.close()
    flip(pack, 8)
    monkeypatch.setattr("ingest.api.Parts", lambda context: Parts(context, HashEmbedder()))

    done = CliRunner().invoke(app, ["reconcile", "--artifacts", "--home", str(home)])

    assert done.exit_code == 1
    assert "damaged or gone: 1 artifacts of the stage chunk" in done.output
    assert pack.name in done.output
    assert "docstrata reconcile --repair --artifacts" in done.output
    told = json.loads(CliRunner().invoke(app, ["reconcile", "--artifacts", "--json", "--home", str(home)]).stdout)
    assert (told["sound"], told["store"]["sound"]) == (True, False)

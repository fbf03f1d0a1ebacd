from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from schemas import export
from schemas.base import Record


def records(kind: type[Record]) -> set[type[Record]]:
    children = {child for child in kind.__subclasses__() if child.__module__.startswith("schemas.")}
    return children.union(*map(records, children)) if children else set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(export.FOLDER, tmp_path / "generated"))


def test_the_committed_schemas_are_those_of_the_records(capsys: pytest.CaptureFixture[str]) -> None:
    assert export.main(["--check"]) == 0, capsys.readouterr().err


def test_a_file_that_was_edited_left_out_or_left_over_is_told(folder: Path) -> None:
    (folder / "Chunk.schema.json").write_text("{}\n", "utf-8")
    (folder / "Hit.schema.json").unlink()
    (folder / "Gone.schema.json").write_text("{}\n", "utf-8")

    assert export.outdated(folder) == ["Chunk.schema.json", "Gone.schema.json", "Hit.schema.json"]


def test_check_fails_names_the_files_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Chunk.schema.json").write_text("{}\n", "utf-8")

    assert export.main(["--check", "--folder", str(folder)]) == 1
    assert capsys.readouterr().err == "Chunk.schema.json is outdated: python -m schemas.export\n"
    assert (folder / "Chunk.schema.json").read_text("utf-8") == "{}\n"


def test_writing_mends_what_check_complains_of(folder: Path) -> None:
    (folder / "Chunk.schema.json").write_text("{}\n", "utf-8")
    (folder / "Hit.schema.json").unlink()
    (folder / "Gone.schema.json").write_text("{}\n", "utf-8")

    assert export.main(["--folder", str(folder)]) == 0
    assert export.main(["--check", "--folder", str(folder)]) == 0
    assert not (folder / "Gone.schema.json").exists()


def test_every_record_that_others_do_not_hold_is_exported() -> None:
    held = {
        name
        for text in export.rendered().values()
        for name in json.loads(text).get("$defs", {})
    }  # fmt: skip

    assert {record.__name__ for record in records(Record)} - held <= {record.__name__ for record in export.RECORDS}


def test_exported_schemas_refuse_unknown_fields() -> None:
    for text in export.rendered().values():
        assert json.loads(text)["additionalProperties"] is False

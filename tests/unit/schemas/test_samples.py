"""One file of every record of every schema version ever released must still load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.base import Record
from schemas.export import RECORDS

SAMPLES = Path(__file__).parent / "samples"
BY_NAME = {record.__name__: record for record in RECORDS}
FILES = sorted(SAMPLES.glob("v*/*.json"))


def current_version(record: type[Record]) -> int:
    return int(record.model_fields["schema_version"].default)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_sample_of_every_version_loads(file: Path) -> None:
    loaded = BY_NAME[file.stem].model_validate_json(file.read_text("utf-8"))

    assert f"v{loaded.schema_version}" == file.parent.name


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_the_newest_sample_of_a_record_equals_its_own_dump(record: type[Record]) -> None:
    text = (SAMPLES / f"v{current_version(record)}" / f"{record.__name__}.json").read_text("utf-8")

    assert record.model_validate_json(text).model_dump_json(indent=2) + "\n" == text


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_the_newest_sample_names_every_field_and_gives_each_a_value(record: type[Record]) -> None:
    file = SAMPLES / f"v{current_version(record)}" / f"{record.__name__}.json"
    sample = json.loads(file.read_text("utf-8"))

    assert sample.keys() == record.model_fields.keys()
    assert [name for name, value in sample.items() if value in (None, "", [], {})] == []


def test_no_sample_is_of_a_record_that_is_not_exported() -> None:
    assert {file.stem for file in FILES} == BY_NAME.keys()

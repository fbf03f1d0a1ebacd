from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.point import OPEN, VALIDITY, PointPayload


def payload(**changes: Any) -> PointPayload:
    fields: dict[str, Any] = {
        "tenant": "default",
        "source": "manuals",
        "path": "泵/pump.md",
        "doc_id": "d",
        "chunk_id": "c",
        "text": "Check the oil.",
        "kind": "text",
        "section": "s",
        "position": 0,
        "pages": (1,),
        "boxes": ((72.0, 100.5, 300.0, 120.0),),
        "box_pages": (1,),
        "token_count": 6,
        "unknown_share": 0.25,
        "media_type": "text/markdown",
        "strategy": "hybrid",
        "metadata": {"weight": 2.0, "year": 2024, "approved": True, "author": "李伟"},
        "from_seq": 3,
    }
    return PointPayload(**{**fields, **changes})


@pytest.mark.parametrize("change", [{"current": True}, {"from_seq": 9}, {"to_seq": 12}])
def test_how_long_a_row_is_valid_is_not_part_of_its_digest(change: dict[str, Any]) -> None:
    assert change.keys() <= VALIDITY
    assert payload(**change).digest() == payload().digest()


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Check the oil!"},
        {"context": "Manual"},
        {"pages": (2,)},
        {"boxes": ((72.0, 100.5, 300.0, 121.0),)},
        {"heading_path": ("Oil",)},
        {"position": 1},
        {"survivor": "another"},
        {"metadata": {"year": 2025}},
        {"unknown_share": 0.5},
    ],
)
def test_whatever_else_changes_makes_another_digest(change: dict[str, Any]) -> None:
    assert payload(**change).digest() != payload().digest()


def test_a_digest_survives_the_way_into_the_index_and_back() -> None:
    written = payload().model_dump(mode="json")

    assert PointPayload.model_validate(json.loads(json.dumps(written))).digest() == payload().digest()


def test_a_digest_survives_an_index_that_keeps_whole_floats_as_integers() -> None:
    written = payload(metadata={}).model_dump(mode="json")
    written["boxes"] = [[72, 100.5, 300, 120]]

    assert PointPayload.model_validate(written).digest() == payload(metadata={}).digest()


def test_an_open_end_is_a_number_that_every_json_reader_keeps_exact() -> None:
    assert payload().to_seq == OPEN
    assert int(float(OPEN)) == OPEN

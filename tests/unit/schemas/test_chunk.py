from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.chunk import Chunk, ChunkKind, ChunkSet, Duplicate, DuplicateKind, build_embed_text
from schemas.document import Region


def chunk(**changes: Any) -> Chunk:
    fields: dict[str, Any] = {
        "ordinal": 0,
        "kind": ChunkKind.TEXT,
        "text": "Check the oil.",
        "spans": ((0, 14),),
        "blocks": (0,),
        "section": "s",
        "position": 0,
        "token_count": 6,
        "strategy": "hybrid",
        "rule": "prose",
    }
    return Chunk(**{**fields, **changes})


def test_the_embedder_sees_the_context_line_above_the_text() -> None:
    assert chunk(context="Manual > Oil").embed_text() == "Manual > Oil\nCheck the oil."
    assert chunk().embed_text() == "Check the oil." == build_embed_text("", "Check the oil.")


def test_the_pages_of_a_chunk_are_told_once_and_in_order() -> None:
    regions = (Region(page=3), Region(page=2, bbox=(0, 0, 1, 1)), Region(page=3, bbox=(0, 0, 1, 1)))

    assert chunk(regions=regions).pages == (2, 3)


def test_a_chunk_tells_how_much_of_its_text_was_told_before() -> None:
    text = "Mend the pump.\nFill it.\nCheck the oil."
    overlapping = chunk(text=text, overlap=((0, 14), (16, 24)), spans=((26, 40),))

    assert text[overlapping.repeated :] == "Check the oil."
    assert chunk().repeated == 0
    assert chunk(text="| a |\nCheck the oil.", added_prefix="| a |\n").repeated == 6


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"text": " \n\u3000"}, id="white space only"),
        pytest.param({"spans": ()}, id="from nowhere"),
        pytest.param({"spans": ((0, 4), (4, 4))}, id="an empty span"),
        pytest.param({"spans": ((9, 4),)}, id="a span backwards"),
        pytest.param({"overlap": ((5, 5),), "spans": ((6, 14),)}, id="an empty overlap"),
        pytest.param({"overlap": ((0, 7),), "spans": ((6, 14),)}, id="an overlap with its own spans"),
        pytest.param({"part": 3, "parts": 2}, id="part 3 of 2"),
        pytest.param({"part": 0}, id="part 0"),
        pytest.param({"token_count": -1}, id="fewer tokens than none"),
    ],
)
def test_what_is_no_passage_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        chunk(**changes)


def test_every_chunk_of_a_set_has_its_share_of_unknown_tokens() -> None:
    assert ChunkSet(chunks=(), unknown_shares=()).chunks == ()
    with pytest.raises(ValidationError, match="1 shares for 2 chunks"):
        ChunkSet(chunks=(chunk(), chunk(ordinal=1)), unknown_shares=(0.0,))


@pytest.mark.parametrize("similarity", [-0.1, 1.1])
def test_a_similarity_is_a_share(similarity: float) -> None:
    with pytest.raises(ValidationError):
        Duplicate(chunk_id="c", survivor="s", kind=DuplicateKind.NEAR, similarity=similarity, reason="…")

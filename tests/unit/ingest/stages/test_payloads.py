from __future__ import annotations

from ingest.stages.payloads import bind, payload_of
from schemas.chunk import Chunk, ChunkKind
from schemas.source import Route, SourceFile


def test_a_point_says_how_much_of_its_text_a_reader_of_the_chunk_before_has_seen() -> None:
    file = SourceFile(
        tenant="t",
        source="s",
        path="a.md",
        uri="file:///a.md",
        sha256="0" * 64,
        size=40,
        mtime_ns=0,
        media_type="text/markdown",
        route=Route.MARKDOWN,
    )
    chunk = Chunk(
        ordinal=1,
        kind=ChunkKind.TEXT,
        text="Fill the pump.\nCheck the oil.",
        overlap=((0, 14),),
        spans=((15, 29),),
        blocks=(0,),
        section="s",
        position=1,
        token_count=8,
        strategy="hybrid",
        rule="prose",
    )
    payload = payload_of(bind("d", file, chunk, 0.0), None, 1)
    assert payload.text[payload.repeated :] == "Check the oil."

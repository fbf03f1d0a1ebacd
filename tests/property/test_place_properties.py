"""Regions of chunks of PDFs that are written here: on the page, and over exactly their words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_pdfs import words_in, write_paragraphs

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.parser import PdfParser
from schemas.chunk import ChunkKind
from schemas.source import Route

_PARSER = PdfParser(Tools(ReadOptions(layout_doubt=1)))
_COUNTER = HuggingFaceTokenCounter(EmbedOptions())

_WORDS = ("the", "pump", "moves", "water", "while", "nobody", "looks", "at", "painted", "valves", "40", "litres")
_word = st.sampled_from(_WORDS)
_sentence = st.lists(_word, min_size=3, max_size=14).map(lambda words: " ".join(words).capitalize() + ".")
_paragraph = st.lists(_sentence, min_size=1, max_size=12).map(" ".join)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    paragraphs=st.lists(_paragraph, min_size=1, max_size=5),
    rotation=st.sampled_from((0, 90, 180, 270)),
    crop=st.sampled_from((0.0, 12.5)),
    strategy=st.sampled_from(("hybrid", "recursive", "token")),
)
def test_the_regions_of_a_chunk_are_on_the_page_and_hold_its_words_and_no_others(
    paragraphs: list[str], rotation: int, crop: float, strategy: str
) -> None:
    options = ChunkOptions(min_tokens=16, target_tokens=40, max_tokens=64)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.pdf"
        write_paragraphs(path, paragraphs, rotation=rotation, crop=crop)
        source = ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size)
        document = _PARSER.parse(source)
        sizes = {page.number: (page.width, page.height) for page in document.pages}
        for chunk in make_chunker(strategy, options, _COUNTER).chunk(document):
            assert chunk.kind in {ChunkKind.TEXT, ChunkKind.LIST}
            assert chunk.regions
            for region in chunk.regions:
                assert region.bbox is not None
                x0, y0, x1, y1 = region.bbox
                width, height = sizes[region.page]
                assert 0 <= x0 < x1 <= width + 0.1
                assert 0 <= y0 < y1 <= height + 0.1
            said, found = Counter(chunk.text[len(chunk.added_prefix) :].split()), Counter(words_in(path, chunk.regions))
            # A token chunk may begin within a word, and a cut within a line is placed by the widths of its letters; of
            # a line that stands on its side it is not placed at all.
            most = 0 if strategy == "hybrid" else 2 if rotation in {0, 180} else found.total()
            assert (said - found).total() <= most
            assert (found - said).total() <= most

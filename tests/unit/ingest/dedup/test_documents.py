from __future__ import annotations

from itertools import combinations
from pathlib import Path

from ingest.dedup.base import Candidate
from ingest.dedup.documents import are_the_same, difference_of_documents, sketch_document, union
from ingest.dedup.finder import DuplicateFinder
from ingest.dedup.memory_store import MemorySurvivorStore
from ingest.dedup.shingles import jaccard, read, shingles
from ingest.dedup.sketch import Sketches
from ingest.options.dedup import DedupOptions

TEXT = "the river cut deep into old layers of sand and clay and what it laid open tells the history of the valley"


def chunks(*texts: str) -> list[Candidate]:
    return [Candidate("", "", text, "text", None) for text in texts]


def test_the_signature_of_a_document_is_that_of_all_its_shingles() -> None:
    sketches = Sketches(DedupOptions())
    parts = chunks(TEXT, f"{TEXT[40:]} and more of it", "short")
    every = union(parts, sketches)
    made = sketch_document("d", "k", parts, (), sketches)
    assert set(sketches.signatures.bands(sketches.signatures.signature(every))) == set(made.bands[1:])
    assert set(every) == {x for part in parts for x in shingles(read(part.text).words, 3)}


def test_short_documents_meet_by_their_digest_alone() -> None:
    sketches = Sketches(DedupOptions())
    one, same, other = (sketch_document("d", "k", chunks(text), None, sketches) for text in ("A b.", "a  B", "a c"))
    assert len(one.bands) == 1
    assert one.bands == same.bands
    assert one.bands != other.bands


def test_documents_of_one_digest_are_the_same_unless_a_sign_differs() -> None:
    sketches = Sketches(DedupOptions())
    assert are_the_same(chunks(TEXT, "A b"), chunks(TEXT.upper(), "a b"), sketches)
    assert not are_the_same(chunks(TEXT, "a ≤ b"), chunks(TEXT, "a ≥ b"), sketches)


def test_what_differs_is_found_from_either_side_and_whole_paragraphs_count() -> None:
    lines = [f"{word} {TEXT}" for word in ("here", "there", "below", "above")]
    named = [*lines[:2], lines[2].replace("the valley", "the valley of Avon"), lines[3]]
    longer = [*lines[:2], "An ordinary paragraph, which tells of rain", *lines[2:]]
    for one, other in ((lines, named), (named, lines)):
        assert difference_of_documents(one, other) is not None
    for one, other in ((lines, longer), (longer, lines), (lines, ["\n".join(lines)])):
        assert difference_of_documents(one, other) is None


def test_labelled_articles_are_found_as_documents_and_no_others(corpus: Path) -> None:
    data = corpus / "minhash_articles" / "data"
    rows = [line.split(" ", 1) for line in (data / "articles_100.train").read_text("utf-8").splitlines()]
    labelled = {frozenset(line.split()) for line in (data / "articles_100.truth").read_text("utf-8").splitlines()}
    sketches = Sketches(DedupOptions())
    made = {name: sketch_document(name, name, chunks(text), (), sketches) for name, text in rows}
    texts = dict(map(tuple, rows))
    found = {
        frozenset(pair)
        for pair in combinations(texts, 2)
        if set(made[pair[0]].bands) & set(made[pair[1]].bands)
        and jaccard(*(union(chunks(texts[name]), sketches) for name in pair)) >= DedupOptions().threshold
        and difference_of_documents(*([texts[name]] for name in pair)) is None
    }
    assert found == labelled


def test_chunks_of_documents_that_are_told_apart_never_stand_for_one_another() -> None:
    class Apart:
        def apart(self, doc_id: str, other: str) -> str | None:
            return "a name differs" if {doc_id, other} == {"one", "two"} else None

    rows = [Candidate(name, name, TEXT, "text", None) for name in ("one", "two", "three")]
    for order in (rows, rows[::-1], [rows[1], rows[0], rows[2]]):
        made = DuplicateFinder(DedupOptions(), MemorySurvivorStore()).decide("t", order, Apart())
        pairs = {frozenset((it.chunk_id, it.duplicate.survivor)) for it in made if it.duplicate}
        assert frozenset(("one", "two")) not in pairs
        assert len(pairs) == 1 if order[0].chunk_id != "three" else len(pairs) == 2
        for it in made:
            assert it.kept_apart is None or "told apart: a name differs" in it.kept_apart.reason

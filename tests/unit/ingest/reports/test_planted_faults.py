"""Each fault breaks the gate that is there for it, and no other; without one, every gate passes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import planted_faults as faults
import pytest
from strata_fakes import HashEmbedder, engine

from chunkers.registry import make_chunker
from ingest.checks.tokens import Instruments
from ingest.embed.cache import vector_key
from ingest.embed.plain_tokens import plain_token_count
from ingest.parsers.registry import make_parser
from ingest.reports.collect import collect
from ingest.search.words import words
from schemas.quality import QualityReport
from schemas.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strata_fakes import Engine

    from chunkers.base import Chunker, TokenCounter
    from chunkers.options import ChunkOptions
    from ingest.parsers.base import Parser, Tools
    from schemas.source import Route

_LIMIT = 256
_SENTENCES = (
    "chunkers.units", "chunkers.enclosed", "chunkers.overlap", "chunkers.quality.joints", "chunkers.quality.coherence",
)  # fmt: skip
"""All that cut text into sentences while a light engine runs, or judge it afterwards."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    faults.write_documents(tmp_path / "manuals")
    return tmp_path / "manuals"


def reported(strata: Engine) -> QualityReport:
    count_tokens = plain_token_count(strata.settings.embed)
    instruments = Instruments(count_tokens=count_tokens, terms=words, vector_key=vector_key)
    return collect(strata.context, token_limit=_LIMIT, instruments=instruments)


def run_and_report(tmp_path: Path, folder: Path, embedder: HashEmbedder | None = None) -> QualityReport:
    with engine(tmp_path / "home", embedder, store__keep_originals=True) as strata:
        strata.run(folder)
        return reported(strata)


def broken(found: QualityReport) -> list[str]:
    return [gate.name for gate in found.gates if not gate.passed]


def sentence_of(found: QualityReport, code: str) -> str:
    return next(reason.sentence for reason in found.reasons if reason.code == code)


def test_without_a_fault_every_gate_is_measured_and_passed(tmp_path: Path, folder: Path) -> None:
    found = run_and_report(tmp_path, folder)
    assert broken(found) == []
    assert (found.verdict, found.reasons) == (Verdict.GOOD, ())
    assert [gate.name for gate in found.gates if gate.value is None] == ["max_drift"]


def test_a_parser_that_loses_every_tenth_paragraph(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(route: Route, tools: Tools) -> Parser:
        return faults.ForgetfulParser(make_parser(route, tools))

    monkeypatch.setattr("ingest.stages.work.make_parser", forgetful)
    found = run_and_report(tmp_path, folder)
    assert broken(found) == ["min_paragraph_share"]
    sentence = sentence_of(found, "paragraph_share")
    assert "manual-1-" in sentence
    assert "compare the documents that the report lists with their originals" in sentence
    paragraphs = found.parsing.paragraphs
    lost = sum(loss.paragraphs - loss.found for loss in paragraphs.worst)
    assert lost == paragraphs.paragraphs - paragraphs.found == faults.FILES * (faults.PARAGRAPHS // 10)


def test_a_chunker_that_cuts_tables(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cutting(strategy: str, options: ChunkOptions, counter: TokenCounter, **given: object) -> Chunker:
        return faults.TableCutter(make_chunker(strategy, options, counter, **given), counter)

    monkeypatch.setattr("ingest.stages.work.make_chunker", cutting)
    found = run_and_report(tmp_path, folder)
    assert broken(found) == ["max_needless_table_cut_share"]
    assert "keep tables whole, and run with --reprocess" in sentence_of(found, "needless_table_cut_share")


def test_an_embedder_that_returns_constants(tmp_path: Path, folder: Path) -> None:
    found = run_and_report(tmp_path, folder, faults.ConstantEmbedder())
    assert broken(found) == ["max_equal_vector_share"]
    assert "does not tell these texts apart; set embed.model" in sentence_of(found, "equal_vector_share")
    vectors = found.fit.vectors
    assert (vectors.nearly_equal, vectors.mean_cosine) == (vectors.sampled, pytest.approx(1.0))
    assert vectors.effective_rank == pytest.approx(1.0)


def test_a_wrong_tokenizer(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.stages.work.HuggingFaceTokenCounter", faults.WordCounter)
    found = run_and_report(tmp_path, folder)
    assert broken(found) == ["max_miscounted_share"]
    assert "run with --reprocess" in sentence_of(found, "miscounted_share")


def test_a_broken_sentence_segmenter_that_is_its_own_judge(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in _SENTENCES:
        monkeypatch.setattr(f"{module}.sentences", faults.blind_sentences)
    found = run_and_report(tmp_path, folder)
    assert broken(found) == ["max_broken_border_share"]
    assert "look at those that the report lists" in sentence_of(found, "broken_border_share")
    assert found.segmentation.borders.examples


@pytest.mark.parametrize(
    ("segmenter", "gate"),
    [(faults.LetterSegmenter(), "max_lone_han_share"), (faults.RunSegmenter(), "max_han_term_length")],
)
def test_a_broken_word_segmenter(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, segmenter: object, gate: str
) -> None:
    monkeypatch.setattr("ingest.search.words._segmenter", lambda: segmenter)
    found = run_and_report(tmp_path, folder)
    assert broken(found) == [gate]
    assert "install rjieba anew" in sentence_of(found, gate.removeprefix("max_"))


@pytest.fixture
def filled(tmp_path: Path, folder: Path) -> Iterator[Engine]:
    """A home with one run of two dozen documents in it."""
    faults.write_documents(folder, files=24, sections=1)
    with engine(tmp_path / "home") as strata:
        strata.run(folder)
        yield strata


def test_documents_like_those_before_do_not_drift(filled: Engine, folder: Path) -> None:
    faults.write_documents(folder, seed=2, files=20, sections=1)
    filled.run(folder)
    found = reported(filled)
    assert (found.drift.before_documents, found.drift.new_documents) == (24, 20)
    assert [line.name for line in found.drift.lines if line.beyond] == []
    assert next(gate for gate in found.gates if gate.name == "max_drift").value == 0.0


def test_documents_unlike_those_before_break_the_gate_on_drift(filled: Engine, folder: Path) -> None:
    for number in range(20):
        (folder / f"new-{number}.md").write_text(f"# Brief {number}\n\nA word on number {number}.\n", "utf-8")
    filled.run(folder)
    found = reported(filled)
    assert broken(found) == ["max_drift"]
    assert "look whether the right files came" in sentence_of(found, "drift")


def test_five_documents_raise_no_alarm(filled: Engine, folder: Path) -> None:
    for number in range(5):
        (folder / f"new-{number}.md").write_text(f"# Brief {number}\n\nA word on number {number}.\n", "utf-8")
    filled.run(folder)
    found = reported(filled)
    assert (found.drift.new_documents, broken(found)) == (5, [])
    assert all(line.distance is not None and line.chance is None for line in found.drift.lines[:2])

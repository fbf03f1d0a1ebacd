"""The questions of Chroma's chunking evaluation, with where their answers stand."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from chunkers.retrieval_quality import Question
from ingest.parsers.base import ParseInput
from ingest.parsers.markdown.parser import MarkdownParser
from schemas.document import Document
from schemas.source import Route

DATA = Path("chroma_chunking_eval/chunking_evaluation/evaluation_framework/general_evaluation_data")


@dataclass(frozen=True, slots=True)
class Questions:
    """`documents` by the name of their corpus; `asked[i]` is answered where `answers[i]` says."""

    documents: dict[str, Document]
    asked: list[str]
    answers: list[Question]


def load(corpus: Path) -> Questions:
    """Raises `SystemExit` where the parser moved a character: spans would no longer tell the place."""
    folder = corpus / DATA
    files = sorted(folder.glob("questions_df*.csv"))
    if not files:
        raise SystemExit(f"no questions in {folder}: name the folder that holds chroma_chunking_eval")
    with files[0].open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    names = sorted({row["corpus_id"] for row in rows})
    documents = {name: _parsed(folder / "corpora" / f"{name}.md") for name in names}
    return Questions(documents, [row["question"] for row in rows], [_answer(row, documents) for row in rows])


def _parsed(path: Path) -> Document:
    source = ParseInput(path, path.name, "text/markdown", Route.MARKDOWN, path.stat().st_size)
    document = MarkdownParser().parse(source)
    if document.text != path.read_text("utf-8"):
        raise SystemExit(f"{path.name}: its text is another after parsing")
    return document


def _answer(row: dict[str, str], documents: dict[str, Document]) -> Question:
    text = documents[row["corpus_id"]].text
    references = json.loads(row["references"])
    spans = tuple((reference["start_index"], reference["end_index"]) for reference in references)
    for reference, (start, end) in zip(references, spans, strict=True):
        if text[start:end] != reference["content"]:
            raise SystemExit(f"{row['corpus_id']}: a reference does not stand where it should")
    return Question(row["corpus_id"], spans)

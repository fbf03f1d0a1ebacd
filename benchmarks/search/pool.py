"""What searches bring beside the known truths, as a sheet to judge by.

    python benchmarks/search/pool.py HOME SHEET.jsonl [--seed N] [--config FILE]

For each question the chunks among the first five hits of each mode that are no truth, each once. Their order is drawn,
and the sheet tells neither which mode brought a hit nor at which rank, so that whoever judges cannot know either. A
chunk that answers in full goes into the question's `pooled` of `questions.jsonl`, by a quotation.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from ingest.api import Docstrata, settings_for
from ingest.evaluation.questions import Question
from ingest.evaluation.truths import Truth
from schemas.point import Hit, SearchMode

QUESTIONS = Path(__file__).with_name("questions.jsonl")
DEPTH = 5
SEED = 20261128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--seed", type=int, default=SEED, help="of the order within a question")
    parser.add_argument("--config", type=Path, help="docstrata.toml of the home")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with (
        Docstrata(arguments.home, settings_for(arguments.config)) as strata,
        arguments.sheet.open("w", encoding="utf-8") as sheet,
    ):
        for question, truth in strata.check_questions(QUESTIONS).questions:
            hits = list(_unlisted(strata, question, truth))
            draw.shuffle(hits)
            for hit in hits:
                sheet.write(json.dumps(_entry(question, hit), ensure_ascii=False) + "\n")
    print(f"written to {arguments.sheet}", file=sys.stderr)


def _unlisted(strata: Docstrata, question: Question, truth: Truth) -> Iterator[Hit]:
    seen = set(truth.right)
    for mode in SearchMode:
        for hit in strata.search(question.question, limit=DEPTH, mode=mode, under=question.under).hits:
            answer = hit.payload.survivor or hit.payload.chunk_id
            if answer not in seen:
                seen.add(answer)
                yield hit


def _entry(question: Question, hit: Hit) -> dict[str, object]:
    payload = hit.payload
    return {
        "line": question.line,
        "question": question.question,
        "answer": question.answer,
        "document": payload.path,
        "headings": payload.heading_path,
        "text": payload.text,
    }


if __name__ == "__main__":
    main()

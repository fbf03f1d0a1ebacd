"""The questions that lie in the repository are what their README says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ingest.evaluation.questions import read_questions

FILE = Path(__file__).parents[3] / "benchmarks" / "search" / "questions.jsonl"


def test_there_are_enough_of_both_languages_about_many_documents_and_quotations_are_short() -> None:
    asked = read_questions(FILE)
    tags = Counter(tag for question in asked.questions for tag in question.tags)
    assert not asked.starter
    assert (tags["en"], tags["zh"]) == (143, 136)
    assert (tags["first"], tags["second"]) == (93, 186)
    assert len({question.places[0].document for question in asked.questions}) == 199
    assert all(0 < len(place.text) < 200 for question in asked.questions for place in question.places)
    assert len({question.question for question in asked.questions}) == len(asked.questions)

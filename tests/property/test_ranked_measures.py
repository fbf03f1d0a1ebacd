"""The ranked measures against trec_eval's own code, on rankings that nobody chose."""

from __future__ import annotations

import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from chunkers.retrieval_quality import hit, ndcg, precision_at, recall_at, reciprocal_rank
from ingest.evaluation.scores import cutoffs_of, values_of

CUTOFFS = (1, 3, 5, 10)
KEYS = [f"d{number:02}" for number in range(24)]

judgements = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 4), min_size=1)
runs = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 6), min_size=1)
"""Few scores for many documents: most of them tie."""


def trec_order(run: dict[str, int]) -> list[str]:
    """By score, and of equal scores the name that comes later first, as trec_eval sorts."""
    return sorted(sorted(run, reverse=True), key=lambda key: -run[key])


def trec_eval(judged: dict[str, int], run: dict[str, int]) -> dict[str, float]:
    wanted = {f"{name}.{','.join(map(str, CUTOFFS))}" for name in ("recall", "P", "success", "ndcg_cut")}
    evaluator = pytrec_eval.RelevanceEvaluator({"q": judged}, wanted | {"recip_rank"})
    return evaluator.evaluate({"q": {key: float(score) for key, score in run.items()}})["q"]


@settings(max_examples=300)
@given(judgements, runs)
def test_they_are_trec_eval_s_graded_and_tied(judged: dict[str, int], run: dict[str, int]) -> None:
    theirs = trec_eval(judged, run)
    ranked = [judged.get(key, 0) for key in trec_order(run)]
    relevant = sum(gain > 0 for gain in judged.values())

    assert reciprocal_rank(ranked) == pytest.approx(theirs["recip_rank"])
    for k in CUTOFFS:
        assert recall_at(ranked, relevant, k) == pytest.approx(theirs[f"recall_{k}"])
        assert precision_at(ranked, k) == pytest.approx(theirs[f"P_{k}"])
        assert float(hit(ranked, k)) == theirs[f"success_{k}"]
        assert ndcg(ranked, judged.values(), k) == pytest.approx(theirs[f"ndcg_cut_{k}"])


@given(st.sets(st.sampled_from(KEYS)), st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=10))
def test_what_an_evaluation_tells_of_a_question_is_trec_eval_s(right: set[str], hits: list[str]) -> None:
    run = {key: len(hits) - place for place, key in enumerate(hits)}
    # Something is judged either way: trec_eval leaves out a question without judgements.
    theirs = trec_eval({key: int(key in right) for key in KEYS}, run)

    ranks = [rank for rank, key in enumerate(hits, 1) if key in right]

    told = [theirs[f"{name}_{k}"] for k in cutoffs_of(10) for name in ("recall", "P", "success")]
    assert values_of(ranks, len(right), 10) == pytest.approx([*told, theirs["recip_rank"], theirs["ndcg_cut_10"]])

"""Our own questions over the corpus: is hybrid above both legs, and by how much?

    docstrata run CORPUS --home HOME
    python benchmarks/search/own_questions.py HOME [--json FILE] [--config FILE]

Refuses to begin where the truth of any question is not to be found in the home. Every figure is computed a second
time by trec_eval's own code (pytrec_eval) from the ranks, and has to be the same. Prints Markdown: all questions, by
set, language and kind, each figure with its 95 % interval (bootstrap over questions), the differences paired.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytrec_eval

from ingest.api import Docstrata, settings_for
from schemas.evaluation import (
    Difference,
    Estimate,
    Evaluation,
    ModeResult,
    ModeScores,
    QuestionResult,
    Scores,
    TagResult,
)
from schemas.point import SearchMode

QUESTIONS = Path(__file__).with_name("questions.jsonl")
SETS = ("first", "second")
LANGUAGES = ("en", "zh")
KINDS = ("identifier", "number", "table", "paraphrase", "section", "ocr", "cross")
AT = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--json", type=Path, help="where the evaluation is written, question by question")
    parser.add_argument("--config", type=Path, help="docstrata.toml of the home")
    arguments = parser.parse_args()
    with Docstrata(arguments.home, settings_for(arguments.config)) as strata:
        found = strata.check_questions(QUESTIONS)
        if found.lost or found.skipped:
            sys.exit(f"truths that are not in {arguments.home}: {[*found.lost, *found.skipped]}")
        evaluation = strata.evaluate(QUESTIONS)
    compare_with_trec_eval(evaluation)
    if arguments.json is not None:
        arguments.json.write_text(evaluation.model_dump_json(indent=1) + "\n", "utf-8")
    print("\n".join(markdown(evaluation)))


def compare_with_trec_eval(evaluation: Evaluation) -> None:
    for mode in evaluation.modes:
        _compare(evaluation, mode, pooled=True)
    for plain in evaluation.unpooled.modes if evaluation.unpooled is not None else ():
        _compare(evaluation, plain, pooled=False)


def _compare(evaluation: Evaluation, mode: ModeResult | ModeScores, *, pooled: bool) -> None:
    """Chunks are named by what is known of them: the rank of a right hit, or that it was not found."""
    judged: dict[str, dict[str, int]] = {}
    runs: dict[str, dict[str, float]] = {}
    for result in evaluation.results:
        ranks = _ranks(result, mode.mode, pooled=pooled)
        right = result.right if pooled else result.right - result.pooled
        missing = [f"missing {number}" for number in range(right - len(ranks))]
        judged[str(result.line)] = dict.fromkeys([*(f"hit {rank}" for rank in ranks), *missing], 1)
        runs[str(result.line)] = {f"hit {rank}": -float(rank) for rank in range(1, evaluation.k + 1)}
    cutoffs = ",".join(str(at.k) for at in mode.scores.at)
    measures = {f"{name}.{cutoffs}" for name in ("recall", "P", "success", "ndcg_cut")} | {"recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(runs)
    for name, ours in _named(mode.scores, evaluation.k):
        mean = sum(each[name] for each in theirs.values()) / len(theirs)
        if abs(mean - ours.mean) > 1e-9:
            sys.exit(f"{mode.mode.value}: {name} is {ours.mean}, trec_eval says {mean}")


def _named(scores: Scores, k: int) -> Iterable[tuple[str, Estimate]]:
    for at in scores.at:
        yield from ((f"recall_{at.k}", at.recall), (f"P_{at.k}", at.precision), (f"success_{at.k}", at.hit))
    yield from (("recip_rank", scores.mrr), (f"ndcg_cut_{k}", scores.ndcg))


def markdown(evaluation: Evaluation) -> Iterable[str]:
    yield f"{evaluation.questions} questions, {evaluation.k} hits, model {evaluation.model}, commit {evaluation.seq}"
    yield f"[search] {evaluation.options}"
    yield ""
    if evaluation.unpooled is not None:
        plain = evaluation.unpooled
        yield "Without what is right by pooled places alone:"
        yield ""
        yield from _tables(evaluation.questions, plain.modes, plain.differences, plain.tags)
        yield ""
        yield "With pooled places:"
        yield ""
    yield from _tables(evaluation.questions, evaluation.modes, evaluation.differences, evaluation.tags)
    yield ""
    yield "| search | p50 ms | p95 ms | p99 ms | a second |"
    yield "|---|---|---|---|---|"
    for mode in evaluation.modes:
        time = mode.latency
        figures = (time.p50_ms, time.p95_ms, time.p99_ms, time.per_second)
        yield f"| {mode.mode.value} | {' | '.join(f'{figure:,.1f}' for figure in figures)} |"
    yield ""
    missed = [str(each.line) for each in evaluation.results if not _ranks(each, evaluation.main)]
    yield f"missed by {evaluation.main.value}: {len(missed)} lines, {', '.join(missed)}"


def _ranks(result: QuestionResult, mode: SearchMode, *, pooled: bool = True) -> tuple[int, ...]:
    found = next(each for each in result.modes if each.mode is mode)
    return tuple(rank for rank in found.ranks if pooled or rank not in found.pooled)


def _tables(
    questions: int,
    modes: Sequence[ModeResult | ModeScores],
    differences: Sequence[Difference],
    by_tag: Sequence[TagResult],
) -> Iterable[str]:
    yield from _table("all questions", questions, modes, differences)
    tags = {tag.tag: tag for tag in by_tag}
    for name in (*SETS, *LANGUAGES, *KINDS):
        yield ""
        yield from _table(name, tags[name].questions, tags[name].modes, tags[name].differences)


def _table(
    name: str, questions: int, modes: Sequence[ModeResult | ModeScores], differences: Sequence[Difference]
) -> Iterable[str]:
    yield f"| {name} ({questions}) | recall@{AT} | hit@10 | MRR | nDCG@10 |"
    yield "|---|---|---|---|---|"
    rows = [(mode.mode.value, mode.scores) for mode in modes]
    rows += [(f"{SearchMode.HYBRID.value} - {each.against.value}", each.scores) for each in differences]
    for what, scores in rows:
        recall = next(at.recall for at in scores.at if at.k == AT)
        cells = (recall, scores.at[-1].hit, scores.mrr, scores.ndcg)
        yield f"| {what} | {' | '.join(map(_shown, cells))} |"


def _shown(estimate: Estimate) -> str:
    return f"{estimate.mean:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


if __name__ == "__main__":
    main()

"""Counts anew what a report says of retrieval, from the ranks of each question's right hits.

The whole has to be what the catalog keeps of the last evaluation. Times and intervals cannot be counted again.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

Row = tuple[str, Any, Any, bool]


def check_evaluation(report: Mapping[str, Any], catalog: sqlite3.Connection) -> Iterator[Row]:
    """Rows of name, report, recount, equal."""
    told = report["evaluation"]
    kept = _kept(catalog, report["tenant"]) if report["source"] is None and report["as_of"] is None else None
    yield "evaluation", _name(told), _name(kept), told == kept
    if told is None:
        return
    yield "evaluation.questions", told["questions"], len(told["results"]), told["questions"] == len(told["results"])
    yield from _means("evaluation", told, told["results"], told["k"])
    pooled = any(result["pooled"] for result in told["results"])
    plain = told["unpooled"]
    yield "evaluation.unpooled", plain is not None, pooled, (plain is not None) == pooled
    if plain is not None:
        yield from _means("evaluation.unpooled", plain, [_unpooled(each) for each in told["results"]], told["k"])
    missed = sum(not _ranks(result, told["main"]) for result in told["results"])
    yield "evaluation.misses_total", told["misses_total"], missed, told["misses_total"] == missed


def _means(name: str, told: Mapping[str, Any], results: Sequence[Mapping[str, Any]], k: int) -> Iterator[Row]:
    for mode in told["modes"]:
        yield from _scores(f"{name}.{mode['mode']}", mode["scores"], results, mode["mode"], k)
    for tag in told["tags"]:
        tagged = [result for result in results if tag["tag"] in result["tags"]]
        yield f"{name}.{tag['tag']}.questions", tag["questions"], len(tagged), tag["questions"] == len(tagged)
        for mode in tag["modes"]:
            of_tag = f"{name}.{tag['tag']}.{mode['mode']}"
            yield from _scores(of_tag, mode["scores"], tagged, mode["mode"], k)


def _unpooled(result: Mapping[str, Any]) -> dict[str, Any]:
    modes = [
        {**mode, "ranks": [rank for rank in mode["ranks"] if rank not in mode["pooled"]]} for mode in result["modes"]
    ]
    return {**result, "right": result["right"] - result["pooled"], "modes": modes}


def check_retrieval_gates(report: Mapping[str, Any]) -> Iterator[Row]:
    """At which cutoff recall and hit are measured is a setting: it has to be one of those told."""
    told = report["evaluation"]
    for gate in report["gates"]:
        measure = gate["name"].removeprefix("min_")
        if measure not in MEASURES:
            continue
        value, limit = gate["value"], gate["limit"]
        counted = [_mean(measure, told["results"], told["main"], k) for k in _cutoffs(told, measure)] if told else []
        nearest = min(counted, key=lambda other: abs(other - value), default=None) if value is not None else None
        name = f"gates.{gate['name']}"
        yield f"{name}.value", value, nearest, (value is None and nearest is None) or _close(value, nearest)
        passed = nearest is None or nearest >= limit
        yield f"{name}.passed", gate["passed"], passed, gate["passed"] == passed


MEASURES = ("recall", "precision", "hit", "mrr", "ndcg")


def _kept(catalog: sqlite3.Connection, tenant: str) -> Any:
    rows = catalog.execute(
        "SELECT body FROM kept WHERE kind = 'evaluation' AND tenant = ? ORDER BY number DESC LIMIT 1", (tenant,)
    ).fetchall()
    return json.loads(rows[0][0]) if rows else None


def _name(evaluation: Any) -> str | None:
    return f"{evaluation['name']} of {evaluation['made_at']}" if evaluation else None


def _scores(
    name: str, scores: Mapping[str, Any], results: Sequence[Mapping[str, Any]], mode: str, k: int
) -> Iterator[Row]:
    for at in scores["at"]:
        for measure in ("recall", "precision", "hit"):
            counted = _mean(measure, results, mode, at["k"])
            yield f"{name}.{measure}@{at['k']}", at[measure]["mean"], counted, _close(at[measure]["mean"], counted)
    for measure in ("mrr", "ndcg"):
        counted = _mean(measure, results, mode, k)
        yield f"{name}.{measure}", scores[measure]["mean"], counted, _close(scores[measure]["mean"], counted)


def _mean(measure: str, results: Sequence[Mapping[str, Any]], mode: str, k: int) -> float:
    return mean(_measured(measure, _ranks(result, mode), result["right"], k) for result in results)


def _measured(measure: str, ranks: Sequence[int], right: int, k: int) -> float:
    within = [rank for rank in ranks if rank <= k]
    if measure == "recall":
        return len(within) / right if right else 0.0
    if measure == "precision":
        return len(within) / k
    if measure == "hit":
        return float(bool(within))
    if measure == "mrr":
        return 1 / min(within) if within else 0.0
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(right, k) + 1))
    return sum(1 / math.log2(rank + 1) for rank in within) / best if best else 0.0


def _ranks(result: Mapping[str, Any], mode: str) -> list[int]:
    return next(each["ranks"] for each in result["modes"] if each["mode"] == mode)


def _cutoffs(told: Mapping[str, Any], measure: str) -> list[int]:
    if measure in {"mrr", "ndcg"}:
        return [told["k"]]
    return [at["k"] for at in next(each for each in told["modes"] if each["mode"] == told["main"])["scores"]["at"]]


def _close(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return value is other
    return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12)

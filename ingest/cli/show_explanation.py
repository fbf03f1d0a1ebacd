"""`--explain` for people: what was asked of the index, and a row for each hit."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ingest.cli.layout import Column, show_rows
from ingest.search.explaining import Explanation, HitExplanation
from ingest.search.request import SearchResult
from ingest.vectors import Condition
from schemas.point import Fusion, Hit, SearchMode

_TERMS = 6
"""Words of a hit that are shown; `--json` has them all."""


def show_explanation(result: SearchResult, explanation: Explanation, console: Console) -> None:
    for name, value in _asked(explanation):
        console.print(Text.assemble((f"{name:<9}", "bold"), value), highlight=False)
    if result.hits:
        _show_hits(result, explanation, console)


def _asked(one: Explanation) -> list[tuple[str, str]]:
    lines = [("asked", f"{one.depth} hits of each ranking; {_found(one)}"), ("filter", _filter(one))]
    if one.under:
        lines.append(("under", " › ".join(" or ".join(f"'{each}'" for each in level) for level in one.under)))
    if one.as_of is not None:
        lines.append(("as of", f"commit {one.as_of}"))
    if one.mode is SearchMode.HYBRID:
        lines.append(("fused", _fused(one)))
    if one.terms:
        lines.append(("words", ", ".join(_term(term.term, term.idf, term.share) for term in one.terms)))
    if one.reranker:
        lines.append(("reranked", f"the first {one.reranked}, by {one.reranker}"))
    lines.append(("took", ", ".join(f"{step.name} {step.milliseconds:.1f}" for step in one.steps) + " ms"))
    return lines


def _found(one: Explanation) -> str:
    legs = {SearchMode.DENSE: "by meaning {d}", SearchMode.SPARSE: "by words {s}"}
    return legs.get(one.mode, "by meaning {d}, by words {s}").format(d=one.dense_found, s=one.sparse_found) + " came"


def _filter(one: Explanation) -> str:
    told = [_condition(each) for each in one.conditions if each.field != "heading_path" or not one.under]
    return ", ".join(told)


def _condition(condition: Condition) -> str:
    return f"{condition.field} = {' or '.join(map(str, condition.values))}"


def _fused(one: Explanation) -> str:
    how = "scores" if one.fusion is Fusion.SCORES else "ranks"
    why = f": {'; '.join(one.reasons)}" if one.reasons else ""
    return f"by {how}; meaning counts {one.dense_weight:.2f} against 1 for words{why}"


def _term(term: str, idf: float | None, share: float | None) -> str:
    if idf is None or share is None:
        return f"{term} (in none)"
    return f"{term} {idf:.2f} (in {share:.2%})" if share < 0.01 else f"{term} {idf:.2f} (in {share:.0%})"


def _show_hits(result: SearchResult, explanation: Explanation, console: Console) -> None:
    reranked = bool(explanation.reranker)
    names = ["hit", "passage", "by meaning", "by words", "fused", *(["reranked"] if reranked else []), "words it holds"]
    rows = []
    for number, (hit, why) in enumerate(zip(result.hits, explanation.hits, strict=True), 1):
        cells = [str(number), _place(hit), _leg(hit.dense_rank, hit.dense_score, why.dense)]
        cells += [_leg(hit.sparse_rank, hit.sparse_score, why.sparse), f"{why.rank}. {hit.score:.3f}"]
        cells += [f"{hit.rerank_score:.3f}" if hit.rerank_score is not None else "-"] if reranked else []
        rows.append([*cells, _terms(why)])
    show_rows(console, [Column(name) for name in names], rows)


def _place(hit: Hit) -> str:
    return " › ".join([hit.payload.path, *hit.payload.heading_path[-1:]])


def _leg(rank: int | None, score: float | None, added: float | None) -> str:
    """Rank and score in the leg, and what that adds to the fused score."""
    if rank is None or score is None:
        return "-"
    return f"{rank}. {score:.3f}" + (f" +{added:.3f}" if added is not None else "")


def _terms(why: HitExplanation) -> str:
    shown = ", ".join(f"{term.term} {term.weight:.2f}" for term in why.terms[:_TERMS])
    return shown + (f" and {len(why.terms) - _TERMS} more" if len(why.terms) > _TERMS else "")

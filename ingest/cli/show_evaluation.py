"""An evaluation as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ingest.cli.layout import Column, show_rows
from ingest.evaluation.evaluate import Found
from ingest.evaluation.questions import QuestionSet
from ingest.evaluation.twins import Twin
from schemas.evaluation import Estimate, Evaluation, ExpectedPlace, Miss, Scores, TagResult
from schemas.verdict import Gate

_SHOWN_MISSES = 10
_SHOWN_TWINS = 5
_NOTE = (
    "A starter set: its words are the documents' own, which favours the sparse leg. It tells whether retrieval has"
    " changed, and not how good it is for what people ask."
)


def show_evaluation(found: Evaluation, gates: Sequence[Gate], at: int, console: Console) -> None:
    """`at`: the cutoff that is shown for tags."""
    kind = ", drawn by a program" if found.starter else ""
    console.print(Text(f"{found.questions:,} questions of {found.name}{kind}, {found.k} hits each"))
    if found.starter:
        console.print(Text(_NOTE, "yellow"))
    _show_figures([(mode.mode.value, mode.scores) for mode in found.modes], found.k, console)
    if found.differences:
        differences = [(f"{each.mode.value} - {each.against.value}", each.scores) for each in found.differences]
        _show_figures(differences, found.k, console)
    if found.unpooled is not None:
        console.print(Text("Without what is right by pooled places alone:"))
        _show_figures([(mode.mode.value, mode.scores) for mode in found.unpooled.modes], found.k, console)
    console.print(Text("In brackets: where the mean would lie in 95 of 100 such samples of questions.", "dim"))
    _show_latency(found, console)
    if found.tags:
        _show_tags(found, at, console)
    _show_misses(found, console)
    for skipped in found.skipped:
        console.print(Text(f"not asked  line {skipped.line}: {skipped.reason}", "yellow"), soft_wrap=True)
    for gate in gates:
        passed = "passed" if gate.passed else "broken"
        value = f"{gate.value:.3f}" if gate.value is not None else "not measured"
        console.print(Text(f"gate       {gate.name} {gate.limit:.3f}: {value}, {passed}", "" if gate.passed else "red"))


def show_found(found: Found, asked: QuestionSet, console: Console) -> None:
    right = len(asked.questions) - len(found.lost) - len(found.skipped)
    console.print(Text(f"{right:,} of {len(asked.questions):,} questions of {asked.name} have their answer here"))
    for question, places in found.lost_places:
        told = f"line {question.line}: the document is here, and no chunk holds what is expected: {question.question}"
        console.print(Text(told, "yellow"), soft_wrap=True)
        for place in places:
            console.print(Text(f"  in {place.document}: {_sought(place)}", "yellow"), soft_wrap=True)
    for skipped in found.skipped:
        console.print(Text(f"line {skipped.line}: {skipped.reason}", "yellow"), soft_wrap=True)


def show_twins(found: Sequence[Twin], asked: QuestionSet, console: Console) -> None:
    if not found:
        console.print(Text(f"no quotation of {asked.name} stands in another document"))
        return
    for twin in found:
        console.print(Text(f"line {twin.question.line}: {_line(twin.text)}"), soft_wrap=True)
        for name in twin.documents[:_SHOWN_TWINS]:
            console.print(Text(f"  stands in {name}, too", "yellow"), soft_wrap=True)
        if len(twin.documents) > _SHOWN_TWINS:
            console.print(Text(f"  and in {len(twin.documents) - _SHOWN_TWINS:,} more: quote more of the text"))
    console.print(Text("Name these documents in expected where they answer as well: otherwise they count as wrong."))


def _sought(place: ExpectedPlace) -> str:
    if place.text:
        return _line(place.text)
    return f"page {place.pages[0]}" if place.pages else "its span"


def _show_figures(compared: Sequence[tuple[str, Scores]], k: int, console: Console) -> None:
    columns = [Column(""), *(Column(name, number=True) for name, _ in compared)]
    rows = [
        [cells[0][0], *(_shown(estimate) for _, estimate in cells)]
        for cells in zip(*(list(_named(scores, k)) for _, scores in compared), strict=True)
    ]
    show_rows(console, columns, rows)


def _named(scores: Scores, k: int) -> Iterator[tuple[str, Estimate]]:
    for name in ("recall", "precision", "hit"):
        for at in scores.at:
            yield f"{name}@{at.k}", getattr(at, name)
    yield "MRR", scores.mrr
    yield f"nDCG@{k}", scores.ndcg


def _shown(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{estimate.mean:.3f}"
    return f"{estimate.mean:.3f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _show_latency(found: Evaluation, console: Console) -> None:
    columns = [Column("search"), *(Column(name, number=True) for name in ("p50 ms", "p95 ms", "p99 ms", "a second"))]
    rows = []
    for mode in found.modes:
        time = mode.latency
        figures = (time.p50_ms, time.p95_ms, time.p99_ms, time.per_second)
        rows.append([mode.mode.value, *(f"{figure:,.1f}" for figure in figures)])
    show_rows(console, columns, rows)


def _show_tags(found: Evaluation, at: int, console: Console) -> None:
    cutoff = at if any(each.k == at for each in found.modes[0].scores.at) else found.k
    modes = [mode.mode.value for mode in found.modes]
    figures = [f"{name} {mode}" for name in (f"recall@{cutoff}", "MRR") for mode in modes]
    columns = [Column("tag"), *(Column(name, number=True) for name in ("questions", *figures))]
    show_rows(console, columns, [[tag.tag, f"{tag.questions:,}", *_of_tag(tag, cutoff)] for tag in found.tags])


def _of_tag(tag: TagResult, cutoff: int) -> Iterable[str]:
    for mode in tag.modes:
        yield next(f"{each.recall.mean:.3f}" for each in mode.scores.at if each.k == cutoff)
    for mode in tag.modes:
        yield f"{mode.scores.mrr.mean:.3f}"


def _show_misses(found: Evaluation, console: Console) -> None:
    if not found.misses_total:
        return
    console.print(Text(f"{found.misses_total:,} missed by {found.main.value}", "bold"))
    for miss in found.misses[:_SHOWN_MISSES]:
        _show_miss(miss, console)
    if found.misses_total > _SHOWN_MISSES:
        console.print(Text(f"  and {found.misses_total - _SHOWN_MISSES} more: see --json, or the report"))


def _show_miss(miss: Miss, console: Console) -> None:
    console.print(Text(f"  line {miss.line}: {miss.question}"), soft_wrap=True)
    for place in miss.expected:
        where = f"{place.document}{_pages(place.pages)}"
        lost = "" if place.found else " (in none of its chunks)"
        console.print(Text(f"    expected {where}{lost}: {_line(place.text)}", "green"), soft_wrap=True)
    for mode in miss.modes:
        for hit in mode.hits[:1]:
            told = f"    {mode.mode.value:<8} {hit.document}{_pages(hit.pages)}: {_line(hit.text)}"
            console.print(Text(told, "dim"), soft_wrap=True)


def _pages(pages: Sequence[int]) -> str:
    return f", page {pages[0]}" if pages else ""


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"

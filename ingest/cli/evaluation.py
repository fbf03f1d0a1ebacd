"""`docstrata eval`: how well questions are answered."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_INTERRUPTED,
    EXIT_QUARANTINE,
    Config,
    Home,
    Json,
    Set,
    errors,
    out,
    settings_of_home,
)
from schemas.errors import ConfigError
from schemas.point import SearchMode

if TYPE_CHECKING:
    from ingest.api import Docstrata
    from ingest.config import Settings
    from ingest.evaluation.questions import QuestionSet

EXIT_NOT_GOOD = EXIT_QUARANTINE


def evaluate(
    questions: Annotated[
        Path | None,
        typer.Argument(metavar="QUESTIONS.jsonl", help="JSON lines: a question, and where its answer stands."),
    ] = None,
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Hits that are asked for.")] = 10,
    mode: Annotated[
        list[SearchMode] | None, typer.Option(help="Only this one; may be repeated. Otherwise all three.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Ask nothing: say which answers are not to be found in this home.")
    ] = False,
    twins: Annotated[
        bool,
        typer.Option(
            "--twins",
            help="Ask nothing: name the other documents in which a quotation stands, too. They count as wrong.",
        ),
    ] = False,
    starter: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Draw N questions from headings and tables, instead of a file."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of --starter: another one draws others.")] = 0,
    written: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the questions of --starter are written.", dir_okay=False),
    ] = None,
    min_recall: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit code 3 where recall at --at is lower.")
    ] = None,
    min_hit: Annotated[
        float | None, typer.Option(min=0, max=1, help="The same for the share of questions with a right hit.")
    ] = None,
    min_mrr: Annotated[float | None, typer.Option(min=0, max=1, help="The same for the mean reciprocal rank.")] = None,
    min_ndcg: Annotated[float | None, typer.Option(min=0, max=1, help="The same for nDCG.")] = None,
    at: Annotated[
        int | None, typer.Option(metavar="K", help="Hits that --min-recall and --min-hit look at: 1, 3, 5 or 10.")
    ] = None,
    as_json: Json = False,
) -> None:
    """How well questions are answered by meaning, by words and by both: recall, precision, hits, MRR, nDCG, time.

    Exit codes: 0 all gates are passed, 3 one is not (with --check: an answer is not to be found), 2 usage. Gates
    are in section report of the configuration too.
    """
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show_evaluation import show_evaluation
    from ingest.evaluation.questions import read_questions
    from ingest.reports.retrieval_gates import retrieval_gates

    gates = {"min_recall": min_recall, "min_hit": min_hit, "min_mrr": min_mrr, "min_ndcg": min_ndcg, "at": at}
    extra: dict[str, object] = {f"report.{key}": value for key, value in gates.items() if value is not None}
    settings = settings_of_home(home, config, overrides, extra)
    _require_sense(settings, questions, starter, written, k)
    if check and twins:
        raise ConfigError("--check and --twins ask for two answers: give one of them")
    try:
        # Before models are loaded: a file at fault is told at once.
        asked = read_questions(questions) if questions is not None else None
        with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
            chosen = asked or _drawn(strata, starter or 0, seed, written)
            if check:
                _check(strata, chosen, as_json=as_json)
            if twins:
                _twins(strata, chosen, as_json=as_json)
            found = strata.evaluate(chosen, k=k, **({"modes": mode} if mode else {}))
    except KeyboardInterrupt:
        errors.print("interrupted; no evaluation was kept", style="yellow")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    told = retrieval_gates(settings.report, found)
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
    else:
        show_evaluation(found, told, settings.report.at, out)
    raise typer.Exit(0 if all(gate.passed for gate in told) else EXIT_NOT_GOOD)


def _require_sense(
    settings: Settings, questions: Path | None, starter: int | None, written: Path | None, k: int
) -> None:
    """Raises `ConfigError`."""
    if (questions is None) == (starter is None):
        raise ConfigError("give a questions file, or --starter N to draw one from headings and tables")
    if written is not None and starter is None:
        raise ConfigError("--out is where the questions of --starter are written: give --starter N")
    gates = settings.report
    if gates.at > k and (gates.min_recall is not None or gates.min_hit is not None):
        raise ConfigError(f"the gates look at {gates.at} hits, and --k asks for {k}: give a smaller --at")


def _drawn(strata: Docstrata, count: int, seed: int, written: Path | None) -> QuestionSet:
    from ingest.evaluation.questions import parse_questions

    lines = strata.starter_questions(count, seed)
    if written is not None:
        try:
            written.write_text(lines, "utf-8")
        except OSError as error:
            raise ConfigError(f"{written} cannot be written: {error.strerror}") from error
    drawn = parse_questions(written.name if written is not None else f"starter-{seed}.jsonl", lines.encode())
    if len(drawn.questions) < count:
        errors.print(f"these documents gave {len(drawn.questions)} questions, not {count}", style="yellow")
    return drawn


def _check(strata: Docstrata, asked: QuestionSet, *, as_json: bool) -> None:
    from ingest.cli.show import write_json
    from ingest.cli.show_evaluation import show_found

    found = strata.check_questions(asked)
    if as_json:
        lost = [
            {
                "line": question.line,
                "question": question.question,
                "places": [{"document": place.document, "text": place.text} for place in places],
            }
            for question, places in found.lost_places
        ]
        skipped = [each.model_dump(exclude={"schema_version"}) for each in found.skipped]
        write_json({"questions": len(asked.questions), "lost": lost, "skipped": skipped}, sys.stdout)
    else:
        show_found(found, asked, out)
    raise typer.Exit(EXIT_NOT_GOOD if found.lost or found.skipped else 0)


def _twins(strata: Docstrata, asked: QuestionSet, *, as_json: bool) -> None:
    from ingest.cli.show import write_json
    from ingest.cli.show_evaluation import show_twins

    found = strata.quotation_twins(asked)
    if as_json:
        told = [{"line": twin.question.line, "text": twin.text, "documents": list(twin.documents)} for twin in found]
        write_json({"questions": len(asked.questions), "twins": told}, sys.stdout)
    else:
        show_twins(found, asked, out)
    raise typer.Exit(0)

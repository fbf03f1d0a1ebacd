"""As of the first state, an index answers as a fresh index of that state; a rollback and one back again do too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from strata_fakes import Engine
from time_travel import DEPTH, Answer, answers, chosen, differences, put, questions_of, same

from ingest.search.request import SearchRequest, SearchResult
from ingest.stages.rollback import rollback
from ingest.stages.rollback_steps import RollbackRequest
from schemas.point import SearchMode

PLACE = ("s", "a.md", "text", "Heading", 0, ())


@dataclass(frozen=True)
class Dates:
    """Two states of a folder."""

    older: Path
    newer: Path


def made(place: Path) -> Dates:
    """Every kind of change, and duplicates whose survivors change, go and move."""
    care = "\n\n## Care\n\nEvery three hundred hours of work somebody has to oil the bearings of it.\n"
    older = {
        "a.md": f"# Pump\n\nThe pump moves 40 litres of water a minute.{care}",
        "b.md": f"# Valve\n\nThe valve closes when the pressure falls below two bar.{care}",
        "c.md": f"# Boiler\n\nThe boiler is lit in October and goes out in May.{care}",
        "d.md": "# Stays\n\nNothing ever happens to this document.\n",
        "e.md": "# Moves\n\nThis one is given another name, and nothing else.\n",
    }
    newer = {
        "0.md": f"# First\n\nIt comes before all the others.{care}",
        "b.md": f"# Valve\n\nThe valve closes when the pressure falls below three bar.{care}",
        "c.md": "# Boiler\n\nThe boiler is lit in October and goes out in May.\n",
        "d.md": older["d.md"],
        "f/e.md": older["e.md"],
    }
    for name, files in (("older", older), ("newer", newer)):
        for path, text in files.items():
            (place / name / path).parent.mkdir(parents=True, exist_ok=True)
            (place / name / path).write_text(text, "utf-8")
    return Dates(place / "older", place / "newer")


def ask(strata: Engine, questions: Sequence[str], as_of: int | None = None) -> dict[tuple[str, str], Answer]:
    def asked(question: str, mode: SearchMode) -> SearchResult:
        return strata.parts.searcher.search(SearchRequest(question, "default", limit=DEPTH, mode=mode, as_of=as_of))

    return answers(asked, questions)


def travel(dates: Dates, place: Path, files: int | None) -> None:
    before, after = chosen(dates.older, files), chosen(dates.newer, files)
    inbox = place / "inbox"
    put(dates.older, before, inbox)
    fresh, strata = Engine(place / "fresh"), Engine(place / "home", {"run.batch_chunks": 64})
    fresh.run(inbox)
    strata.run(inbox)
    first = strata.context.catalog.history.next_seq() - 1
    for path in before.keys() - after.keys():
        (inbox / path).unlink()
    put(dates.newer, {path for path in after if before.get(path) != after[path]}, inbox)
    second = strata.run(inbox, allow_vanish=True)
    questions = questions_of((row.text for row in [*fresh.current(), *strata.current()]), 15)
    past, present = ask(fresh, questions), ask(strata, questions)
    assert differences(past, present), "the two dates differ"

    assert differences(past, ask(strata, questions, as_of=first)) == []

    strata.embedder.texts.clear()
    back = rollback(strata.context, strata.parts, RollbackRequest(run=second.run_id)).summary
    assert differences(past, ask(strata, questions)) == []
    forward = rollback(strata.context, strata.parts, RollbackRequest(run=back.run_id)).summary
    assert differences(present, ask(strata, questions)) == []
    assert (back.embedded, forward.embedded, strata.embedder.texts) == (0, 0, [])
    third = strata.run(inbox, allow_vanish=True)
    assert (third.embedded, third.written, third.retired) == (0, 0, 0)
    fresh.close()
    strata.close()


def test_of_documents_that_were_made_for_it(tmp_path: Path) -> None:
    travel(made(tmp_path), tmp_path, None)


def test_of_a_real_repository(corpus: Path, tmp_path: Path) -> None:
    folder = corpus / "history_rfcs"
    if not folder.is_dir():
        pytest.skip("the corpus has no history_rfcs")
    travel(Dates(folder / "2021-01-01", folder / "2026-08-01"), tmp_path, 12)


def test_answers_are_told_apart_by_score_place_and_order() -> None:
    other = ("s", "b.md", "text", "Heading", 0, ())
    one: Answer = [(0.9, PLACE), (0.5, other)]
    assert same(one, [(0.9 + 1e-7, PLACE), (0.5, other)])
    assert not same(one, [(0.9 + 1e-5, PLACE), (0.5, other)])
    assert not same(one, [(0.9, other), (0.5, PLACE)])
    assert not same(one, one[:1])
    assert same([(0.5, PLACE), (0.5, other)], [(0.5, other), (0.5, PLACE)]), "of one score they have no order"

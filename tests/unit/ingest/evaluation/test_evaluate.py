"""Questions about a small home: which chunks are right, what is counted, what is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.evaluation.evaluate import MODES, evaluate, find_truths
from ingest.evaluation.questions import QuestionSet, parse_questions
from ingest.evaluation.starter import draw_starter
from ingest.evaluation.truths import occurrences
from ingest.evaluation.twins import find_twins
from ingest.search.request import SearchRequest, SearchResult
from schemas.errors import ConfigError
from schemas.evaluation import Evaluation
from schemas.point import SearchMode

LEASE = """# Lease

## Notice period

Either side ends the contract with three months’ notice, in writing.

## Fees

| Item | Price | Due |
| --- | --- | --- |
| Parking space | 40 EUR | monthly |
| Cellar room | 25 EUR | yearly |
"""
LONG = "# Pumps\n\n" + "\n\n".join(
    f"Paragraph {number} tells of pump {number} and its bearing, which is oiled every {number} hours. " * 6
    for number in range(1, 9)
)


@pytest.fixture(scope="module")
def strata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("evaluation")
    for name, text in (("first/lease.md", LEASE), ("same/lease.md", LEASE), ("pumps.md", LONG)):
        path = folder / "papers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    opened = Engine(folder / "home", {"chunk.min_tokens": 5, "chunk.target_tokens": 60})
    opened.run(folder / "papers")
    yield opened
    opened.close()


def asked(*lines: dict[str, object]) -> QuestionSet:
    return parse_questions("q.jsonl", "\n".join(json.dumps(line) for line in lines).encode())


def about(document: str = "papers/first/lease.md", question: str = "notice", **where: object) -> dict[str, object]:
    return {"question": question, "document": document, **where}


def right(strata: Engine, **line: object) -> list[str]:
    """The texts of the right chunks."""
    [(_, truth)] = find_truths(strata.context, asked(about(**line))).questions
    return [row.text for row in strata.current() if row.chunk_id in truth.right]


def run(strata: Engine, *lines: dict[str, object], k: int = 10, modes: tuple[SearchMode, ...] = MODES) -> Evaluation:
    def search(question: str, *, limit: int, mode: SearchMode, under: str | None) -> SearchResult:
        return strata.parts.searcher.search(SearchRequest(question, "default", limit=limit, mode=mode, under=under))

    return evaluate(strata.context, search, asked(*lines), k=k, modes=modes)


def test_a_text_is_found_whatever_its_white_space_width_and_quotation_marks(strata: Engine) -> None:
    [text] = right(strata, text="three\nmonths'   ｎotice")
    assert "in writing" in text


def test_a_text_that_no_chunk_holds_whole_is_right_wherever_a_part_of_it_is(strata: Engine) -> None:
    chunks = [row.text for row in strata.current() if row.path == "pumps.md"]
    joint = f"{chunks[0][-30:]} {chunks[1][:30]}"
    assert right(strata, document="pumps.md", text=joint) == chunks[:2]


def test_a_span_is_right_where_it_overlaps(strata: Engine) -> None:
    start = LEASE.index("Cellar")
    [text] = right(strata, span=[start, start + 4])
    assert "Cellar room" in text


def test_without_a_place_all_of_the_document_is_right(strata: Engine) -> None:
    rows = [row for row in strata.current() if row.path == "pumps.md"]
    assert set(right(strata, document="pumps.md")) == {row.text for row in rows if not row.survivor}


def test_several_places_are_all_right(strata: Engine) -> None:
    lines = asked(
        {
            "question": "why?",
            "expected": [
                {"document": "papers/first/lease.md", "text": "in writing"},
                {"document": "pumps.md", "text": "oiled every 3 hours"},
            ],
        }
    )
    [(_, truth)] = find_truths(strata.context, lines).questions
    assert len(truth.expected) == 2
    assert len(truth.right) >= 2


def test_a_duplicate_s_survivor_answers_for_it(strata: Engine) -> None:
    copies = [row for row in strata.current() if row.path == "same/lease.md"]
    assert all(row.survivor for row in copies)
    [(_, truth)] = find_truths(strata.context, asked(about("papers/same/lease.md", text="in writing"))).questions
    [(_, other)] = find_truths(strata.context, asked(about("papers/first/lease.md", text="in writing"))).questions
    assert truth.right == other.right

    [result] = run(strata, about("papers/same/lease.md", text="in writing"), modes=(SearchMode.SPARSE,)).results
    assert result.modes[0].first == 1


def test_a_place_that_is_in_no_chunk_is_missed_and_a_document_that_is_not_here_is_not_asked(strata: Engine) -> None:
    found = run(strata, about(text="in writing"), about(text="nothing like it"), about("gone.md"), about("lease.md"))

    assert [result.right for result in found.results] == [1, 0]
    assert found.questions == 2
    recall = {mode.mode: mode.scores.at[-1].recall.mean for mode in found.modes}
    assert recall[SearchMode.SPARSE] == 0.5
    assert [(each.line, each.reason.split(":")[0]) for each in found.skipped] == [
        (3, "there is no document 'gone.md'"),
        (4, "'lease.md' is the name of 2 documents"),
    ]
    [miss] = [each for each in found.misses if each.line == 2]
    assert not miss.expected[0].found
    assert {mode.mode for mode in miss.modes} == set(MODES)


def test_a_home_without_any_of_the_documents_is_refused_with_a_reason(strata: Engine) -> None:
    with pytest.raises(ConfigError, match=r"no question of q\.jsonl .* line 1: there is no document 'gone\.md'"):
        run(strata, about("gone.md"))


def test_figures_follow_from_the_ranks_that_are_told(strata: Engine) -> None:
    lines = [
        about("pumps.md", f"pump {number}", text=f"oiled every {number} hours", tags=["p"]) for number in range(1, 9)
    ]
    found = run(strata, *lines, about(text="in writing", tags=["l"]))

    for mode in found.modes:
        of_mode = [(next(m.ranks for m in r.modes if m.mode is mode.mode), r.right) for r in found.results]
        for at in mode.scores.at:
            found_at = [sum(rank <= at.k for rank in ranks) for ranks, _ in of_mode]
            assert at.hit.mean == pytest.approx(sum(map(bool, found_at)) / 9)
            assert at.precision.mean == pytest.approx(sum(found_at) / at.k / 9)
            shares = [found / right for found, (_, right) in zip(found_at, of_mode, strict=True)]
            assert at.recall.mean == pytest.approx(sum(shares) / 9)
        assert mode.scores.mrr.mean == pytest.approx(sum(1 / ranks[0] for ranks, _ in of_mode if ranks) / 9)
    by_mode = {mode.mode: mode.scores for mode in found.modes}
    for difference in found.differences:
        expected = by_mode[SearchMode.HYBRID].mrr.mean - by_mode[difference.against].mrr.mean
        assert difference.scores.mrr.mean == pytest.approx(expected)
    assert [(tag.tag, tag.questions) for tag in found.tags] == [("l", 1), ("p", 8)]


def test_pooled_places_are_right_and_the_figures_without_them_are_those_of_a_file_without_them(strata: Engine) -> None:
    lines = [
        about("pumps.md", f"pump {number}", text=f"oiled every {number} hours", tags=["p"]) for number in range(1, 5)
    ]
    pooled = {"pooled": [{"document": "pumps.md", "text": f"oiled every {number} hours"} for number in range(5, 9)]}

    found = run(strata, *lines[:-1], {**lines[-1], **pooled})
    plain = run(strata, *lines)

    last = found.results[-1]
    assert last.right > last.pooled > 0
    assert last.right - last.pooled == plain.results[-1].right
    for mode in last.modes:
        assert set(mode.pooled) < set(mode.ranks)
    assert found.unpooled is not None
    assert [mode.scores for mode in found.unpooled.modes] == [mode.scores for mode in plain.modes]
    assert found.unpooled.differences == plain.differences
    assert found.unpooled.tags == plain.tags
    assert found.modes[0].scores != plain.modes[0].scores


def test_a_pooled_place_that_was_a_truth_before_changes_nothing(strata: Engine) -> None:
    line = about(text="in writing")
    found = run(strata, {**line, "pooled": [{"document": "papers/same/lease.md", "text": "in writing"}]})
    assert found.unpooled is None
    assert found.results == run(strata, line).results


def test_a_pooled_place_that_is_in_no_chunk_is_told(strata: Engine) -> None:
    line = {**about(text="in writing"), "pooled": [{"document": "pumps.md", "text": "nowhere"}]}
    [lost] = find_truths(strata.context, asked(line)).lost
    assert lost.line == 1


def test_another_document_with_the_same_quotation_is_told_unless_the_question_names_it(strata: Engine) -> None:
    also = {"document": "papers/same/lease.md", "text": "in writing"}
    lines = asked(
        about(text="ｔhree months' notice"),
        {**about(text="in writing"), "pooled": [also]},
        about("pumps.md", text="oiled every 3 hours"),
        about("gone.md", text="in writing"),
        about(),
    )
    [twin] = find_twins(strata.context, lines)
    assert (twin.question.line, twin.documents) == (1, ("papers/same/lease.md",))


def test_each_question_is_asked_once_in_every_mode_after_a_warm_up(strata: Engine) -> None:
    calls: list[tuple[str, SearchMode]] = []

    def search(question: str, *, limit: int, mode: SearchMode, under: str | None) -> SearchResult:
        calls.append((question, mode))
        return SearchResult(())

    lines = [about(question=f"q{number}") for number in range(5)]
    found = evaluate(strata.context, search, asked(*lines), k=3)

    assert len(calls) == 3 * (3 + 5)
    assert [(mode.mode, mode.latency.searches, mode.latency.warm_up) for mode in found.modes] == [
        (mode, 5, 3) for mode in MODES
    ]
    assert (found.misses_total, found.main) == (5, SearchMode.HYBRID)


def test_one_mode_alone_is_the_main_one_and_has_nothing_to_be_compared_with(strata: Engine) -> None:
    found = run(strata, about(text="in writing"), modes=(SearchMode.SPARSE,))
    assert (found.main, found.differences, len(found.modes)) == (SearchMode.SPARSE, (), 1)


def test_a_question_may_be_asked_below_a_heading_and_is_told_with_its_line_where_there_is_none(strata: Engine) -> None:
    found = run(strata, about(question="EUR", text="Cellar", under="Fees"))
    assert found.results[0].modes[1].first == 1
    with pytest.raises(ConfigError, match="line 2 cannot be asked: no heading fits 'Nowhere'"):
        run(strata, about(question="EUR", text="Cellar"), about(question="EUR", text="Cellar", under="Nowhere"))


def test_a_starter_set_is_the_same_for_the_same_seed_and_all_of_it_is_found(strata: Engine) -> None:
    drawn = draw_starter(strata.context, 6, seed=1)
    assert drawn == draw_starter(strata.context, 6, seed=1)
    assert drawn != draw_starter(strata.context, 6, seed=2)

    questions = parse_questions("s.jsonl", drawn.encode())
    assert questions.starter
    assert len(questions.questions) == 6
    assert {"heading", "table"} <= {tag for question in questions.questions for tag in question.tags}
    found = find_truths(strata.context, questions)
    assert (found.lost, found.skipped) == ((), ())
    assert len(found.questions) == 6


def test_a_starter_set_asks_about_a_copy_once_and_ends_where_the_documents_do(strata: Engine) -> None:
    lines = [json.loads(line) for line in draw_starter(strata.context, 1000, seed=0).splitlines()]
    assert len({line["document"] for line in lines if line["document"].endswith("lease.md")}) == 1
    assert len({line["question"] for line in lines}) == len(lines)


def test_a_home_with_nothing_to_draw_from_says_so(tmp_path: Path) -> None:
    empty = Engine(tmp_path)
    with pytest.raises(ConfigError, match="write questions of your own"):
        draw_starter(empty.context, 5, seed=0)
    empty.close()


def test_occurrences_are_offsets_of_the_text_itself() -> None:
    text = "Ｔｈｒｅｅ  mon\u00adths, and three\nmonths"
    assert [text[start:end] for start, end in occurrences("Three months", text)] == ["Ｔｈｒｅｅ  mon\u00adths"]
    assert occurrences("x", "") == []


def test_a_document_that_was_removed_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("a.md", "b.md"):
        (folder / name).write_text(f"# {name}\n\nText of {name} alone.\n", "utf-8")
    opened = Engine(tmp_path / "home", {"run.max_vanished_share": 1.0})
    opened.run(folder)
    (folder / "b.md").unlink()
    opened.run(folder)
    found = find_truths(opened.context, asked(about("b.md"), about("a.md", text="alone")))
    assert "was removed" in found.skipped[0].reason
    assert len(found.questions) == 1
    opened.close()

"""`docstrata eval` as a person types it, over a home whose vectors are hashes."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console
from strata_fakes import HashEmbedder, engine

from ingest.cli.app import main
from ingest.cli.show_evaluation import show_twins
from ingest.context import Context
from ingest.evaluation.questions import Question, read_questions
from ingest.evaluation.twins import Twin
from ingest.stages.parts import Parts

LEASE = "# Lease\n\n## Notice\n\nThree months' notice, in writing.\n\n## Rent\n\nDue on the third working day.\n"
GOOD = {"question": "notice in writing", "document": "lease.md", "text": "in writing"}


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eval")
    (folder / "papers").mkdir()
    (folder / "papers" / "lease.md").write_text(LEASE, "utf-8")
    with engine(folder / "home") as strata:
        strata.run(folder / "papers")
    return folder


@pytest.fixture(autouse=True)
def _hashes(monkeypatch: pytest.MonkeyPatch, place: Path) -> Iterator[None]:
    def parts(context: Context) -> Parts:
        return Parts(context, HashEmbedder())

    monkeypatch.setattr("ingest.api.Parts", parts)
    monkeypatch.chdir(place)
    yield


def docstrata(*arguments: str) -> Done:
    said, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(said), redirect_stderr(told):
        patched.setattr(sys, "argv", ["docstrata", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return Done(int(ended.value.code or 0), said.getvalue(), " ".join(told.getvalue().split()))


def questions(place: Path, *lines: object) -> str:
    file = place / "q.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return file.name


def test_json_is_one_evaluation_which_the_next_report_shows_and_judges(place: Path) -> None:
    file = questions(place, GOOD, {**GOOD, "text": "no such words"})
    done = docstrata("eval", file, "--home", "home", "--json")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    assert (told["name"], told["questions"], told["main"]) == ("q.jsonl", 2, "hybrid")

    report = docstrata("report", "--home", "home", "--json", "--set", "report.min_recall=0.9")
    shown = json.loads(report.out)
    assert shown["evaluation"] == told
    assert {"name": "min_recall", "value": 0.5, "limit": 0.9, "passed": False}.items() <= shown["gates"][-1].items()
    assert ["recall", "look"] in [[reason["code"], reason["severity"]] for reason in shown["reasons"]]
    assert report.code == 3


def test_a_gate_decides_how_it_ends(place: Path) -> None:
    file = questions(place, GOOD)
    assert docstrata("eval", file, "--home", "home", "--mode", "sparse", "--min-recall", "1", "--at", "1").code == 0
    broken = questions(place, {**GOOD, "text": "no such words"})
    done = docstrata("eval", broken, "--home", "home", "--mode", "sparse", "--min-mrr", "0.5")
    assert done.code == 3
    assert "gate       min_mrr 0.500: 0.000, broken" in done.out
    assert "in none of its chunks" in done.out


def test_a_report_evaluates_first_where_it_shall(place: Path) -> None:
    file = questions(place, {**GOOD, "question": "asked for the report"})
    shown = json.loads(docstrata("report", "--home", "home", "--json", "--set", f"report.questions={file}").out)
    assert shown["evaluation"]["results"][0]["question"] == "asked for the report"
    assert json.loads(docstrata("report", "--home", "home", "--json", "--source", "papers").out)["evaluation"] is None


def test_a_check_asks_nothing_and_names_what_is_not_to_be_found(place: Path) -> None:
    file = questions(place, GOOD, {**GOOD, "text": "no such words"}, {**GOOD, "document": "lese.md"})
    done = docstrata("eval", file, "--home", "home", "--check")
    assert done.code == 3
    assert "1 of 3 questions" in done.out
    assert "line 2: the document is here" in done.out
    assert "in papers/lease.md: no such words" in done.out
    assert "line 3: there is no document 'lese.md'; did you mean 'lease.md'?" in done.out
    assert docstrata("eval", questions(place, GOOD), "--home", "home", "--check").code == 0


def test_twins_are_named_and_change_no_exit_code(place: Path) -> None:
    done = docstrata("eval", questions(place, GOOD), "--home", "home", "--twins")
    assert (done.code, done.out.strip()) == (0, "no quotation of q.jsonl stands in another document")
    shown = json.loads(docstrata("eval", questions(place, GOOD), "--home", "home", "--twins", "--json").out)
    assert shown == {"questions": 1, "twins": []}

    twin = Twin(Question(4, "notice", ()), "in writing", tuple(f"papers/{letter}.md" for letter in "abcdefg"))
    said = Console(file=io.StringIO(), width=200, record=True)
    show_twins([twin], read_questions(Path(questions(place, GOOD))), said)
    told = said.export_text()
    assert "line 4: in writing" in told
    assert "stands in papers/a.md, too" in told
    assert "and in 2 more: quote more of the text" in told
    assert "Name these documents in expected" in told


def test_what_was_pooled_counts_and_the_figures_without_it_are_shown_beside(place: Path) -> None:
    pooled = {**GOOD, "pooled": [{"document": GOOD["document"]}]}
    done = docstrata("eval", questions(place, pooled), "--home", "home", "--mode", "sparse")
    assert done.code == 0, done.err
    assert "Without what is right by pooled places alone:" in done.out
    assert "pooled places" not in docstrata("eval", questions(place, GOOD), "--home", "home", "--mode", "sparse").out


def test_a_starter_set_is_marked_and_written_where_it_shall(place: Path) -> None:
    done = docstrata("eval", "--starter", "2", "--home", "home", "--out", "drawn.jsonl", "--mode", "sparse")
    assert done.code == 0, done.err
    assert "drawn by a program" in done.out
    assert "favours the sparse leg" in " ".join(done.out.split())
    assert len((place / "drawn.jsonl").read_text("utf-8").splitlines()) == 2
    assert docstrata("eval", "drawn.jsonl", "--home", "home", "--check").code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("none.jsonl",), "there is no questions file none.jsonl"),
        (("wrong.jsonl",), "line 1: not JSON"),
        (("deep.jsonl",), "line 1: not JSON that can be read: its brackets are nested too deep"),
        (("empty.jsonl",), "there is no question in empty.jsonl"),
        ((), "give a questions file, or --starter N"),
        (("wrong.jsonl", "--starter", "3"), "give a questions file, or --starter N"),
        (("wrong.jsonl", "--out", "x"), "--out is where the questions of --starter are written"),
        (("elsewhere.jsonl",), "no question of elsewhere.jsonl is about a document of this home"),
        (("good.jsonl", "--k", "3", "--min-recall", "0.5"), "give a smaller --at"),
        (("good.jsonl", "--at", "4"), "report.at"),
        (("good.jsonl", "--check", "--twins"), "give one of them"),
    ],
)
def test_what_cannot_be_evaluated_is_one_sentence(place: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (place / "wrong.jsonl").write_text("{", "utf-8")
    (place / "deep.jsonl").write_text("[" * 100_000, "utf-8")
    (place / "empty.jsonl").write_text("", "utf-8")
    (place / "elsewhere.jsonl").write_text(json.dumps({**GOOD, "document": "other.pdf"}), "utf-8")
    (place / "good.jsonl").write_text(json.dumps(GOOD), "utf-8")
    done = docstrata("eval", *arguments, "--home", "home")
    assert done.code == 2
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_an_interrupted_evaluation_keeps_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docstrata("eval", questions(place, GOOD), "--home", "home", "--mode", "sparse")
    before = docstrata("report", "--home", "home", "--json").out

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.api.Docstrata.search", interrupt)
    done = docstrata("eval", questions(place, {**GOOD, "question": "never answered"}), "--home", "home")
    assert (done.code, done.err) == (130, "interrupted; no evaluation was kept")
    after = docstrata("report", "--home", "home", "--json").out
    assert json.loads(after)["evaluation"] == json.loads(before)["evaluation"]

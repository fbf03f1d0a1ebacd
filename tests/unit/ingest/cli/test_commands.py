"""The commands as a person types them: what they print, and how they exit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import typer
import typer.core
from typed import typed

from ingest.api import Docstrata
from ingest.cli.search import complete_filter, complete_heading

PUMP = "# Pump\n\nOil the bearings every 300 hours.\n\n| Fault | Cause |\n|---|---|\n| noise | dry bearing |\n"


def in_a_process(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("docstrata")), *map(str, arguments)],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "pump.md").write_text(PUMP, "utf-8")
    (folder / "inbox" / "离心泵.txt").write_text("启动前应检查轴承箱油位，油面应在视油镜中线。", "utf-8")
    (folder / "inbox" / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    with zipfile.ZipFile(folder / "inbox" / "plant.zip", "w") as archive:
        archive.writestr("valve.md", "# Valve\n\nThe valve closes when the pressure falls below two bar.\n")
        archive.writestr("broken.pdf", "%PDF-1.7\n")
    (folder / "inbox" / "pump.md.meta.json").write_text('{"plant": "north"}', "utf-8")
    return folder


@pytest.fixture(scope="module")
def first(place: Path) -> subprocess.CompletedProcess[str]:
    return in_a_process("run", "inbox", "--json", cwd=place)


def test_a_run_with_a_file_in_quarantine_exits_with_three_and_ends_in_one_json_object(
    first: subprocess.CompletedProcess[str],
) -> None:
    assert first.returncode == 3, first.stderr
    summary = json.loads(first.stdout.splitlines()[-1])
    names = "seen parsed unchanged duplicates failed ignored renamed removed chunks embedded written retired points"
    assert {name: summary[name] for name in names.split()[:6]} == {
        "seen": 5, "parsed": 3, "unchanged": 0, "duplicates": 0, "failed": 1, "ignored": 1,
    }  # fmt: skip
    assert (summary["members"], summary["members_failed"]) == (2, 1)
    assert summary.keys() >= {*names.split(), "seconds"}
    assert summary["seconds"].keys() >= {"total", "parse", "embed", "publish"}


@pytest.mark.usefixtures("first")
def test_a_search_tells_where_each_passage_stands(place: Path) -> None:
    done = in_a_process("search", "how often are bearings oiled?", "--json", "--limit", "1", cwd=place)
    (hit,) = json.loads(done.stdout)["hits"]
    assert (done.returncode, hit["path"], hit["heading_path"]) == (0, "pump.md", ["Pump"])
    assert hit.keys() >= {"text", "score", "source", "heading_path", "pages"}


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("question", ["", "  ", "?!"])
def test_an_empty_question_is_wrong_usage_and_says_so(place: Path, question: str) -> None:
    done = typed("search", question, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the question is empty: write a word of it at least" in done.stderr


@pytest.mark.usefixtures("first")
def test_a_search_shows_the_larger_text_around_a_passage(place: Path) -> None:
    asked = ("search", "noise of a dry bearing", "--expand", "section", "--limit", "2", "--filter", "path=pump.md")
    found = json.loads(typed(*asked, "--json", cwd=place).stdout)
    (expansion,) = found["expansions"]
    assert "300 hours" in expansion["text"]
    assert "dry bearing" in expansion["text"]
    assert expansion["hits"] == list(range(1, len(found["hits"]) + 1))
    for rank, (start, end) in zip(expansion["hits"], expansion["marks"], strict=True):
        assert expansion["text"][start:end] == found["hits"][rank - 1]["text"]
    shown = typed(*asked, cwd=place)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "dry bearing" in shown.stdout


@pytest.mark.usefixtures("first")
def test_a_search_explains_itself_to_people_and_to_programs(place: Path) -> None:
    asked = ("search", "bearing oil", "--explain", "--under", "pump", "--fusion", "scores", "--limit", "2")
    found = json.loads(typed(*asked, "--json", cwd=place).stdout)
    why = found["explanation"]
    assert (why["fusion"], why["under"]) == ("scores", [["Pump"]])
    assert len(why["hits"]) == len(found["hits"]) > 0
    assert {"term", "idf", "share"} == why["terms"][0].keys()
    shown = typed(*asked, cwd=place).stdout
    assert "by scores; meaning counts" in shown and "a list of words" in shown
    assert "heading" in shown and "pump.md" in shown
    assert "explanation" not in json.loads(typed(*asked[:2], "--json", cwd=place).stdout)


@pytest.mark.usefixtures("first")
def test_a_heading_that_is_not_there_and_a_reranker_that_is_not_named_end_in_a_sentence(place: Path) -> None:
    for options, words in ((("--under", "Pmup"), "near ones are 'Pump'"), (("--rerank",), "[search] rerank_model")):
        done = typed("search", "oil", *options, cwd=place)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr.replace("\n", " ")


def test_keys_of_filters_are_completed() -> None:
    assert complete_filter("pa") == ["path=", "pages="]
    assert complete_filter("meta") == ["metadata."]


@pytest.mark.usefixtures("first")
def test_headings_are_completed_from_the_home(place: Path) -> None:
    asked = typer.Context(typer.core.TyperCommand("search"))
    asked.params = {"home": place / ".docstrata"}
    assert complete_heading(asked, "") == ["Pump", "Valve"]
    assert complete_heading(asked, "pu") == ["Pump"]
    assert complete_heading(asked, "Pmup › ") == []
    asked.params = {"home": place / "nowhere"}
    assert complete_heading(asked, "") == []
    assert not (place / "nowhere").exists()


@pytest.mark.usefixtures("first")
def test_a_chinese_question_is_answered_and_told_how_it_was(place: Path) -> None:
    done = typed("search", "油位在哪里检查？", "--limit", "1", "--json", cwd=place)
    found = json.loads(done.stdout)
    assert found["hits"][0]["path"] == "离心泵.txt"
    assert "embed" in found["warnings"][0]


@pytest.mark.usefixtures("first")
def test_a_search_stays_within_an_archive_or_within_what_is_told_of_documents(place: Path) -> None:
    def paths(*filters: str) -> set[str]:
        options = [option for each in filters for option in ("--filter", each)]
        done = typed("search", "pump and valve", "--json", *options, cwd=place)
        return {hit["path"] for hit in json.loads(done.stdout)["hits"]}

    assert paths("container=plant.zip") == {"plant.zip!/valve.md"}
    assert paths("metadata.plant=north") == {"pump.md"}
    assert paths("metadata.plant=south") == set()
    assert paths("metadata.plant=north", "container=plant.zip") == set()


@pytest.mark.usefixtures("first")
def test_failures_say_what_to_do(place: Path) -> None:
    (failure, _) = json.loads(typed("failures", "--json", cwd=place).stdout)
    assert (failure["path"], failure["code"]) == ("broken.pdf", "corrupt_file")
    assert "fetch it anew" in failure["message"]


@pytest.mark.usefixtures("first")
def test_status_and_doctor_agree_with_the_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(place)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100 * 2**30))  # however full this one is
    status = json.loads(typed("status", "--json", cwd=place).stdout)
    assert (status["documents"], status["failures"]) == (3, 2)
    doctor = typed("doctor", "--json", cwd=place)
    assert all(check["ok"] for check in json.loads(doctor.stdout)), doctor.stdout


def test_inspect_shows_spans_into_the_text_of_the_file(place: Path) -> None:
    done = typed("inspect", "inbox/pump.md", "--json", cwd=place)
    shown = json.loads(done.stdout)
    assert shown["document"]["text"] == PUMP
    for chunk in shown["chunks"]:
        sliced = "\n".join(PUMP[start:end] for start, end in chunk["spans"])
        assert chunk["text"] == chunk["added_prefix"] + sliced
        assert chunk.keys() >= {"embed_text", "heading_path", "pages", "boxes", "token_count", "kind"}
    assert not (place / "inbox" / ".docstrata").exists()


def test_inspect_tells_the_kind_of_document_and_what_it_led_to(place: Path) -> None:
    shown = json.loads(typed("inspect", "inbox/pump.md", "--json", cwd=place).stdout)
    assert shown["kind"].keys() == {"name", "rule"}
    assert {chunk["rule"] for chunk in shown["chunks"]} == {f"kind:{shown['kind']['name']}"}
    named = typed("inspect", "inbox/pump.md", "--strategy", "recursive", cwd=place).stdout
    assert f"{shown['kind']['name']} ({shown['kind']['rule']}) → recursive (option)" in named


def test_inspect_prints_markdown_with_tables_as_html(place: Path) -> None:
    done = typed("inspect", "inbox/pump.md", "--markdown", cwd=place)
    assert done.stdout.startswith("# Pump\n")
    assert "<td>dry bearing</td>" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "nowhere"), "there is no file or folder"),
        (("run", "inbox", "--set", "chunk.max_token=100"), "did you mean 'chunk.max_tokens'"),
        (("search", "x", "--home", "none"), "begin with 'docstrata run"),
        (("inspect", "inbox/pump.md", "--strategy", "hybird"), "did you mean 'hybrid'"),
        (("inspect", "inbox/pump.md", "--ocr-device", "gpu"), "'gpu' is none of auto, cpu, cuda, cuda:N"),
        (("inspect", "inbox"), "inbox is a folder, and one file is shown: name a file in it"),
        (("run", ""), "an empty path was given: name a folder, a file or a URL"),
        (("watch", " ", "--once"), "an empty path was given"),
        (("run", "s3://"), "s3:// names no place: write what comes behind it, as in s3://bucket/prefix"),
        (("run",), "Missing argument"),
    ],
)
def test_wrong_arguments_exit_with_two_and_say_what_to_do(place: Path, arguments: tuple[str, ...], says: str) -> None:
    done = typed(*arguments, cwd=place)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("failures", "--source", "none"), "this home has no source 'none'; its sources: 'inbox'"),
        (("search", "pump", "--filter", "pat=pump.md"), "'pat' cannot be filtered on; these fields can"),
        (("search", "pump", "--under", " "), "a search under no heading"),
        (("catalog", "rebuild", "--home", "inbox"), "inbox holds no artifacts and no index"),
    ],
)
def test_what_is_asked_of_a_home_in_vain_exits_with_two_and_says_why(
    place: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = typed(*arguments, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in " ".join(done.stderr.split())


def test_a_search_before_anything_was_taken_in_says_so_and_loads_no_model(tmp_path: Path) -> None:
    Docstrata(tmp_path / "home").close()
    done = typed("search", "pump", "--home", "home", "--set", "embed.model=a/model-that-is-nowhere", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "nothing found\n")
    assert "nothing was taken in yet: begin with 'docstrata run FOLDER'" in done.stderr


def test_a_pattern_that_no_file_fits_is_told(place: Path) -> None:
    done = typed("run", "inbox/*.zzz", "--home", "untouched", "--dry-run", cwd=place)
    assert "fits the pattern that was given" in " ".join(done.stdout.split())


def test_a_dry_run_makes_no_home(place: Path) -> None:
    done = typed("run", "inbox", "--dry-run", "--home", "untouched", "--json", cwd=place)
    assert json.loads(done.stdout)[0]["seen"] == 5
    assert not (place / "untouched").exists()


@pytest.mark.parametrize(
    ("words", "completed"), [("docstrata sea", "search"), ("docstrata search --mode sp", "sparse")]
)
def test_the_command_line_completes_itself(
    words: str, completed: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As bash asks, whatever shell this was started from."""
    monkeypatch.setenv("_DOCSTRATA_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert typed(cwd=place).stdout.split() == [completed]


def test_a_full_disk_behind_the_output_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("docstrata")), "--version"],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
        )

    assert done.returncode == 1
    told = " ".join(done.stderr.split())
    assert told.startswith("error (store_down): what was to be printed cannot be written: No space left on device")
    assert "Traceback" not in told

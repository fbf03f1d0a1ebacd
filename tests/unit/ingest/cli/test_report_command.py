"""`docstrata report` as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from strata_fakes import engine
from typed import typed

PUMP = "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n"

_LOADED = """
import sys
from ingest.cli.app import main
sys.argv[1:] = ["report", "--home", "home"]
try:
    main()
except SystemExit as done:
    print(done.code, *(name for name in ("torch", "transformers", "qdrant_edge", "pymupdf") if name in sys.modules))
"""


def report(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return typed("report", *arguments, cwd=cwd)


def in_a_process(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("docstrata")), "report", *map(str, arguments)],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    for name in ("inbox", "broken"):
        (folder / name).mkdir()
        (folder / name / "pump.md").write_text(PUMP.replace("40", str(len(name))), "utf-8")
    (folder / "broken" / "空.pdf").write_bytes(b"%PDF-1.7\n")
    with engine(folder / "home") as strata:
        strata.run(folder / "inbox")
    with engine(folder / "worse") as strata:
        strata.run(folder / "broken")
    return folder


def test_a_good_home_exits_with_zero_and_says_where_the_page_lies(place: Path) -> None:
    done = in_a_process("--home", "home", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "verdict    good" in done.stdout
    assert "home/reports/report.html" in done.stdout
    page, data = (place / "home" / "reports" / f"report.{kind}" for kind in ("html", "json"))
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert json.loads(data.read_text("utf-8"))["verdict"] == "good"
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "report.json", "report.md"]


def test_another_verdict_exits_with_three_and_gives_its_reasons(place: Path) -> None:
    done = report("--home", "worse", cwd=place)
    assert done.returncode == 3
    assert "verdict    look" in done.stdout
    assert "1 of 2 files (50.0%; max_failed_share is 10.0%) are in quarantine" in done.stdout


def test_the_gates_are_set_like_everything_else(place: Path) -> None:
    assert report("--home", "worse", "--set", "report.max_failed_share=0.5", cwd=place).returncode == 0


def test_the_page_is_written_where_it_is_wanted_and_json_is_printed(place: Path) -> None:
    done = report("--home", "worse", "--out", "out/离心泵.html", "--json", cwd=place)
    printed = json.loads(done.stdout)
    assert printed == json.loads((place / "out" / "离心泵.json").read_text("utf-8"))
    assert printed["failures"][0]["path"] == "空.pdf"
    assert "空.pdf" in (place / "out" / "离心泵.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--home", "none"), "begin with 'docstrata run"),
        (("--home", "home", "--source", "nope"), "its sources: 'inbox'"),
        (("--home", "home", "--out", "report.json"), "give report.html"),
        (("--home", "home", "--out", "report.md"), "give report.html"),
        (("--home", "home", "--markdown", "--json"), "choose one"),
        (("--home", "home", "--out", "inbox"), "is a directory"),
        (("--home", "home", "--out", "inbox/pump.md/report.html"), "cannot be written"),
        (("--home", "home", "--set", "report.max_failed=1"), "did you mean 'report.max_failed_share'"),
    ],
)
def test_wrong_arguments_exit_with_two_and_say_what_to_do(place: Path, arguments: tuple[str, ...], says: str) -> None:
    done = report(*arguments, cwd=place)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert not (place / "none").exists()


def test_the_summary_is_printed_for_a_chat(place: Path) -> None:
    done = report("--home", "worse", "--markdown", cwd=place)
    assert done.returncode == 3
    assert done.stdout == (place / "worse" / "reports" / "report.md").read_text("utf-8")
    assert "Chunk quality: look" in done.stdout.splitlines()[0]
    assert len(done.stdout.splitlines()) < 40


def test_help_tells_the_exit_codes(place: Path) -> None:
    assert "0 the verdict is good, 3 it is not, 2 usage" in report("--help", cwd=place).stdout


def test_neither_model_nor_index_nor_parser_is_loaded(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=place, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.splitlines()[-1] == "0", done.stderr

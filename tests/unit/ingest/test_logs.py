from __future__ import annotations

import io
import json
import logging
import pickle
from pathlib import Path

import pytest
from strata_fakes import engine

from ingest.logs import CarriedRecord, Carrier, Where, about, at, carry_to_parent, configure, get_logger, where


def test_loggers_stand_below_one_name_that_an_application_can_set() -> None:
    assert get_logger("ingest.stages.runner").name == "docstrata.stages.runner"
    assert get_logger("chunkers.hybrid").name == "docstrata.chunkers.hybrid"


def test_facts_follow_the_event_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure("debug")

    get_logger("ingest.a").info("file.quarantined", extra={"facts": {"path": "a\nb.pdf", "page": 3}})

    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(r"INFO docstrata.a file.quarantined path='a\nb.pdf' page=3")


def test_an_event_without_facts_is_a_line_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")

    get_logger("ingest.a").warning("index.slow")

    assert capsys.readouterr().err.endswith("WARNING docstrata.a index.slow\n")


def test_events_below_the_level_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    configure("ERROR")

    get_logger("ingest.a").warning("index.slow")

    assert capsys.readouterr().err == ""


def test_configuring_twice_shows_an_event_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    configure("INFO")

    get_logger("ingest.a").error("store.down")

    assert capsys.readouterr().err.count("store.down") == 1


def test_loggers_of_others_are_left_alone() -> None:
    before = logging.getLogger().handlers[:]

    configure("DEBUG")

    assert logging.getLogger().handlers == before
    assert not logging.getLogger("docstrata").propagate


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_is_an_object_a_line_that_says_when_how_bad_who_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "json")

    with about(file="手册/泵.pdf", stage="parse", run="4f0c"):
        get_logger("ingest.a").warning("file.quarantined", extra={"facts": {"code": "corrupt_file", "event": "mine"}})

    line = json.loads(capsys.readouterr().err)
    assert list(line)[:4] == ["at", "level", "logger", "event"]
    assert line["at"].endswith("+00:00")
    del line["at"]
    assert line == {
        "level": "warning", "logger": "docstrata.a", "event": "file.quarantined", "code": "corrupt_file",
        "file": "手册/泵.pdf", "stage": "parse", "run": "4f0c",
    }  # fmt: skip


def test_an_exception_stays_in_its_line() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    try:
        int("two\nlines")
    except ValueError:
        get_logger("ingest.a").exception("run.broken")

    (line,) = lines(stream)
    assert "ValueError: invalid literal" in str(line["exception"])


def test_what_lines_are_about_is_told_once_and_ends_with_its_block() -> None:
    with about(run="r", tenant="t"):
        with about(file="a.md", stage="parse"):
            assert where() == Where(file="a.md", stage="parse", run="r", tenant="t")
            with about(stage="chunk"), about(file="b.md"):
                assert (where().file, where().stage) == ("b.md", "chunk")
        assert where() == Where(run="r", tenant="t")
    assert where() == Where()


def test_a_worker_process_hands_its_events_to_the_parent_with_what_they_are_about() -> None:
    sent: list[bytes] = []
    carry_to_parent(lambda record: sent.append(pickle.dumps(record)), logging.INFO)
    with at(Where(file="a.md", run="r")):
        get_logger("ingest.work").info("file.parsed", extra={"facts": {"pages": 3}})
        get_logger("ingest.work").debug("file.opened")
    stream = io.StringIO()
    configure("info", "json", stream)
    for data in sent:
        record: CarriedRecord = pickle.loads(data)
        record.tell()

    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["pages"]) == ("file.parsed", "docstrata.work", 3)
    assert (line["file"], line["run"]) == ("a.md", "r")


def test_the_parent_has_the_last_word_on_what_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("docstrata.a", logging.INFO, "", 0, "file.parsed", (), None)
    configure("error")

    CarriedRecord.of(record).tell()

    assert capsys.readouterr().err == ""
    assert not [handler for handler in logging.getLogger("docstrata").handlers if isinstance(handler, Carrier)]


_WORDS = "quokka marmoset zebu 水獭 豪猪 axolotl"
"""In every document of the run below, and in no path."""


def test_document_text_is_never_logged_and_every_line_of_a_file_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    first, *others = _WORDS.split()
    (folder / "good.md").write_text(f"# The {first}\n\nA {_WORDS} is oiled every week.\n", "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + _WORDS.encode())
    (folder / "rows.csv").write_text(f"a,b\n{','.join(others[:2])}\n", "utf-8")
    stream = io.StringIO()
    configure("debug", "json", stream)

    with engine(tmp_path / "home", parse__workers=1) as strata:
        summary = strata.run(folder)

    assert (summary.parsed, summary.failed) == (2, 1)
    assert [word for word in (*_WORDS.split(), "oiled") if word in stream.getvalue()] == []
    told = lines(stream)
    of_files = [line for line in told if str(line["event"]).startswith("file.")]
    assert {line["event"] for line in of_files} >= {"file.opened", "file.parsed", "file.prepared", "file.quarantined"}
    assert {line["file"] for line in of_files} == {path.name for path in folder.iterdir()}
    assert all(line["stage"] == "parse" and line["run"] and line["source"] == "inbox" for line in of_files)
    assert {line.get("stage") for line in told if line["event"] == "batch.published"} == {"publish"}
    assert all(line["tenant"] == "default" for line in told)

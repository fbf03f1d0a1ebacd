from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from ingest.logs import configure, get_logger


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    logger = logging.getLogger("docstrata")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield
    logger.handlers[:], logger.level, logger.propagate = before


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

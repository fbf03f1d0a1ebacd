"""A run with propositions: chunks by a model, paid once."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_stub import ChatStub, chat_stub
from strata_fakes import Engine, engine

from ingest.api import inspect
from ingest.config import load_settings
from ingest.search.expander import Expander
from ingest.search.manifests import Manifests
from ingest.search.request import SearchRequest
from ingest.stages.request import RunRequest
from ingest.stages.step_embed import embed_batch
from ingest.stages.step_plan import make_plan
from ingest.stages.step_prepare import prepare_batch
from ingest.stages.step_publish import publish_plan
from schemas.errors import ConfigError, EndpointDown
from schemas.point import Expand, SearchMode

SECRET = "sk-do-not-print"
MANUAL = (
    "# Pump\n\n## Care\n\nOil the bearings every 300 hours. Never use grease.\n\n## Start\n\nOpen the valve first.\n"
)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(MANUAL, "utf-8")
    return folder


def _options(stub: ChatStub, **others: object) -> dict[str, object]:
    return {
        "chunk.strategy": "proposition",
        "proposition.url": stub.url,
        "proposition.model": "small",
        "proposition.attempts": 1,
        "proposition.api_key": SECRET,
        **{key.replace("__", "."): value for key, value in others.items()},
    }


def _engine(tmp_path: Path, stub: ChatStub, home: str = "home", **others: object) -> Engine:
    return Engine(tmp_path / home, _options(stub, **others))


def test_statements_are_found_and_a_second_run_asks_nothing(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub)
        strata.run(inbox)
        found = {payload.text: payload.kind for payload in strata.current()}
        asked = len(stub.requests)
        again = strata.run(inbox, reprocess=True, verify=True)
        strata.close()
        assert len(stub.requests) == asked == 2
    assert found["It holds that: Never use grease."] == "proposition"
    assert (again.embedded, again.written) == (0, 0)


def test_a_change_asks_about_the_passage_that_changed_alone(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub)
        strata.run(inbox)
        stub.requests.clear()
        (inbox / "pump.md").write_text(MANUAL.replace("300", "250"), "utf-8")
        strata.run(inbox)
        assert any("250 hours" in text for text in strata.texts())
        strata.close()
        assert len(stub.requests) == 1


def test_answers_outlive_the_chunks_that_were_made_of_them(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub)
        strata.run(inbox)
        before = strata.texts()
        for pack in (tmp_path / "home" / "artifacts" / "chunk").rglob("*.pack"):
            pack.unlink()
        strata.run(inbox, reprocess=True, verify=True)
        assert strata.texts() == before
        strata.close()
        assert len(stub.requests) == 2


def test_workers_parse_and_the_run_itself_asks(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub, parse__workers=1)
        summary = strata.run(inbox)
        strata.close()
        assert (summary.parsed, summary.failed, len(stub.requests)) == (1, 0, 2)


def test_a_run_in_steps_asks_once(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub)
        plan = make_plan(strata.context, [RunRequest((inbox,))], batch_files=2)
        for name in plan.names():
            prepare_batch(strata.context, name)
            embed_batch(strata.context, strata.parts, name)
        publish_plan(strata.context, strata.parts, plan.name)
        assert "It holds that: Open the valve first." in strata.texts()
        strata.close()
        assert len(stub.requests) == 2


def test_without_an_endpoint_nothing_is_begun(tmp_path: Path, inbox: Path) -> None:
    with (
        engine(tmp_path / "home", chunk__strategy="proposition") as strata,
        pytest.raises(ConfigError, match=r"set proposition\.url"),
    ):
        strata.run(inbox)


def test_an_endpoint_that_is_down_stops_the_run_and_the_next_one_goes_on(tmp_path: Path, inbox: Path) -> None:
    with chat_stub([503, 503, 503]) as stub:
        strata = _engine(tmp_path, stub)
        with pytest.raises(EndpointDown, match="run again later"):
            strata.run(inbox)
        stub.script.clear()
        assert strata.run(inbox).parsed == 1
        strata.close()


def test_a_document_that_costs_too_much_goes_to_quarantine_until_it_may(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub, proposition__max_document_tokens=50)
        assert strata.run(inbox).failed == 1
        assert "max_document_tokens" in strata.context.catalog.files.failures("default")[0].message
        strata.close()
        allowed = _engine(tmp_path, stub)
        assert allowed.run(inbox).parsed == 1
        allowed.close()


def test_a_bound_of_the_run_stops_it_with_what_to_raise(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub, proposition__max_run_tokens=100)
        with pytest.raises(ConfigError, match="max_run_tokens"):
            strata.run(inbox)
        strata.close()
        assert stub.requests == []


def test_a_model_that_does_not_do_as_told_costs_no_text(tmp_path: Path, inbox: Path) -> None:
    with chat_stub(["no", "no", "no", "no"]) as stub:
        strata = _engine(tmp_path, stub, proposition__concurrency=1)
        strata.run(inbox)
        assert {payload.kind for payload in strata.current()} == {"text"}
        assert any("Never use grease." in text for text in strata.texts())
        strata.close()


def test_a_key_is_in_no_artifact_and_in_no_catalog(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub)
        strata.run(inbox)
        strata.close()
        assert set(stub.keys) == {f"Bearer {SECRET}"}
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_around_a_statement_the_document_is_read(tmp_path: Path, inbox: Path) -> None:
    with chat_stub() as stub:
        strata = _engine(tmp_path, stub)
        strata.run(inbox)
        request = SearchRequest(query="grease", tenant="default", limit=1, mode=SearchMode.SPARSE)
        found = strata.parts.searcher.search(request)
        expander = Expander(Manifests(strata.context), strata.parts.counter, 200, None)
        (expansion,) = expander.expand(found, Expand.SECTION).expansions
        strata.close()
    assert found.hits[0].payload.text == "It holds that: Never use grease."
    assert "Oil the bearings every 300 hours. Never use grease." in expansion.text
    assert "It holds that" not in expansion.text
    ((start, end),) = expansion.marks
    assert expansion.text[start:end] == "Never use grease."


def test_one_file_can_be_looked_at(inbox: Path) -> None:
    with chat_stub() as stub:
        settings = load_settings(environ={}, overrides={**_options(stub), "ocr.engine": "none"})
        looked = inspect(inbox / "pump.md", settings)
    assert {chunk.kind.value for chunk in looked.chunks.chunks} == {"proposition"}

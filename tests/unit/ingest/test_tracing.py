"""Spans of a run, its stages and files; nothing of OpenTelemetry while they are off."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from patience import PATIENCE_S
from strata_fakes import Engine, HashEmbedder, engine

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.context import open_context
from ingest.options.telemetry import TraceOptions
from ingest.stages.parts import Parts
from ingest.stages.request import RunRequest
from ingest.stages.runner import run
from ingest.stages.step_plan import make_plan
from ingest.stages.step_prepare import prepare_batch
from ingest.tracing import Off, Spans, open_tracing
from schemas.errors import ConfigError, StoreDown

SECRET = "Nobody but the reader of this file knows of the 47 quiet herons."


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.md").write_text(f"# Birds\n\n{SECRET}\n", "utf-8")
    (folder / "b.md").write_text("# Stones\n\nThey lie on one another.\n", "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nno more")
    return folder


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traced(tmp_path: Path, exporter: InMemorySpanExporter) -> Iterator[Engine]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with engine(tmp_path / "home") as it:
        it.context = replace(it.context, tracing=Spans(provider.get_tracer("test"), files=True))
        yield it


def below(spans: tuple[ReadableSpan, ...], parent: ReadableSpan | None) -> list[ReadableSpan]:
    wanted = parent.context.span_id if parent is not None else None
    found = [span for span in spans if (span.parent.span_id if span.parent is not None else None) == wanted]
    return sorted(found, key=lambda span: (span.start_time, span.end_time))


def test_a_run_has_a_span_its_stages_and_files_lie_below_it(
    traced: Engine, exporter: InMemorySpanExporter, inbox: Path
) -> None:
    traced.run(inbox)

    spans = exporter.get_finished_spans()
    (root,) = below(spans, None)
    assert root.name == "run"
    assert root.attributes["docstrata.tenant"] == "default"
    children = below(spans, root)
    assert {span.name for span in children} == {"discover", "file", "store", "dedup", "embed", "publish"}
    files = {span.attributes["docstrata.file"]: span for span in children if span.name == "file"}
    assert set(files) == {"a.md", "b.md", "broken.pdf"}
    assert [step.name for step in below(spans, files["a.md"])] == ["parse", "chunk"]
    assert files["a.md"].attributes["docstrata.outcome"] == "prepared"
    assert files["a.md"].attributes["docstrata.chunks"] == 1
    assert {span.context.trace_id for span in spans} == {root.context.trace_id}


def test_steps_lie_within_their_file_and_one_behind_the_other(
    traced: Engine, exporter: InMemorySpanExporter, inbox: Path
) -> None:
    traced.run(inbox)

    spans = exporter.get_finished_spans()
    for file in (span for span in spans if span.name == "file"):
        edges = [edge for step in below(spans, file) for edge in (step.start_time, step.end_time)]
        assert edges == sorted(edges)
        assert all(file.start_time <= edge <= file.end_time for edge in edges)
        assert file.start_time <= file.end_time
        assert abs(time.time_ns() - file.end_time) < 3600 * 10**9


def test_a_file_that_fails_is_marked_with_its_code(traced: Engine, exporter: InMemorySpanExporter, inbox: Path) -> None:
    traced.run(inbox)

    (failed,) = (s for s in exporter.get_finished_spans() if s.attributes.get("docstrata.file") == "broken.pdf")
    assert failed.status.status_code is trace.StatusCode.ERROR
    assert failed.attributes["error.type"] == failed.status.description == "corrupt_file"


def test_what_was_parsed_before_is_told_as_adopted_without_steps(
    traced: Engine, exporter: InMemorySpanExporter, inbox: Path
) -> None:
    traced.run(inbox)
    exporter.clear()
    (inbox / "c.md").write_bytes((inbox / "a.md").read_bytes())
    traced.run(inbox)

    spans = exporter.get_finished_spans()
    (file,) = (span for span in spans if span.name == "file")
    assert file.attributes["docstrata.adopted"] is True
    assert below(spans, file) == []


def test_a_stage_that_fails_says_so_and_so_does_its_run_without_the_words_of_the_error(
    traced: Engine, exporter: InMemorySpanExporter, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise StoreDown("the disk quotes herons")

    monkeypatch.setattr(traced.context.store, "write_pack", down)
    with pytest.raises(StoreDown):
        traced.run(inbox)

    spans = [span for span in exporter.get_finished_spans() if span.name != "file"]
    failed = [span for span in spans if span.status.status_code is trace.StatusCode.ERROR]
    assert [span.name for span in failed] == ["store", "run"]
    assert {span.attributes["error.type"] for span in failed} == {"store_down"}
    assert "herons" not in " ".join(span.to_json() for span in spans)


def test_no_span_holds_text_of_a_document(traced: Engine, exporter: InMemorySpanExporter, inbox: Path) -> None:
    traced.run(inbox)

    told = " ".join(span.to_json() for span in exporter.get_finished_spans())
    assert not any(word in told for word in ("herons", "reader", "one another"))


def test_files_are_left_out_when_they_are_not_wanted(tmp_path: Path, inbox: Path) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with engine(tmp_path / "home") as it:
        it.context = replace(it.context, tracing=Spans(provider.get_tracer("test"), files=False))
        it.run(inbox)

    names = {span.name for span in exporter.get_finished_spans()}
    assert names == {"run", "discover", "store", "dedup", "embed", "publish"}


def test_a_step_of_a_scheduler_has_a_span_with_its_batch(
    traced: Engine, exporter: InMemorySpanExporter, inbox: Path
) -> None:
    plan = make_plan(traced.context, [RunRequest((inbox,))], 10)
    for batch in plan.names():
        prepare_batch(traced.context, batch)

    spans = exporter.get_finished_spans()
    roots = below(spans, None)
    assert {span.name for span in roots} == {"prepare"}
    assert {span.attributes["docstrata.batch"] for span in roots} == set(plan.names())
    assert sum(span.name == "file" for span in spans) == 3


def test_a_trace_that_was_handed_on_is_gone_on_with(
    traced: Engine, exporter: InMemorySpanExporter, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    traced.run(inbox)

    spans = exporter.get_finished_spans()
    assert {span.context.trace_id for span in spans} == {0x0AF7651916CD43DD8448EB211C80319C}
    (root,) = (span for span in spans if span.name == "run")
    assert root.parent is not None
    assert root.parent.span_id == 0xB7AD6B7169203331


# ------------------------------------------------------------------ where spans go


def test_off_is_the_default_and_loads_nothing() -> None:
    assert isinstance(open_tracing(TraceOptions()), Off)
    code = (
        "import sys, tempfile\nfrom pathlib import Path\nfrom ingest.context import open_context\n"
        "from ingest.config import load_settings\n"
        "context = open_context(Path(tempfile.mkdtemp()), load_settings(environ={}))\n"
        "with context.tracing.span('run'):\n    pass\ncontext.close()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_an_application_gets_the_spans_where_it_sends_its_own(
    tmp_path: Path, inbox: Path, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    with engine(tmp_path / "home", trace__to="application") as it:
        it.run(inbox)

    assert "run" in {span.name for span in exporter.get_finished_spans()}
    provider.get_tracer("mine").start_span("after").end()
    assert exporter.get_finished_spans()[-1].name == "after"


def test_a_collector_is_sent_all_before_a_home_is_closed(
    tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.tracing._SEND_S", PATIENCE_S)
    with collector() as (url, sent):
        with engine(tmp_path / "home", trace__to="otlp", trace__endpoint=url, trace__service="night shift") as it:
            it.run(inbox)
        got = [span for request in sent for resource in request.resource_spans for span in _spans(resource)]
        services = {
            attribute.value.string_value
            for request in sent
            for resource in request.resource_spans
            for attribute in resource.resource.attributes
            if attribute.key == "service.name"
        }

    assert {"run", "file", "parse", "chunk", "publish"} <= {span.name for span in got}
    assert services == {"night shift"}


def test_a_collector_that_is_away_costs_a_run_nothing_but_a_short_wait(
    tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.tracing._SEND_S", 0.5)
    waits: list[float] = []
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1/traces"
        # Whoever sends would try for ten seconds; a busy machine may stand still for as long, but not each time.
        while len(waits) < 5 and min(waits, default=10) >= 8:
            with engine(tmp_path / f"home-{len(waits)}", trace__to="otlp", trace__endpoint=url) as it:
                assert it.run(inbox).parsed == 2
                began = time.monotonic()
                it.context.tracing.close()
                waits.append(time.monotonic() - began)
    assert min(waits) < 8


def test_calls_of_an_application_have_spans_without_what_was_asked(
    tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.tracing._SEND_S", PATIENCE_S)
    with collector() as (url, sent):
        settings = load_settings(
            environ={},
            overrides={"parse.workers": 0, "ocr.engine": "none", "trace.to": "otlp", "trace.endpoint": url},
        )
        with Docstrata(tmp_path / "home", settings) as strata:
            strata.run([inbox / "b.md"])
            strata.search("where do stones lie?")
            strata.report()
        got = [span for request in sent for resource in request.resource_spans for span in _spans(resource)]

    assert {"run", "search", "report"} <= {span.name for span in got}
    assert not any("stones lie" in str(span) for span in got)


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"trace\.to"):
        load_settings(environ={}, overrides={"trace.to": "jaeger"})


def test_worker_processes_hand_their_times_to_the_run(tmp_path: Path, inbox: Path) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    settings = load_settings(environ={}, overrides={"parse.workers": 1, "ocr.engine": "none"})
    context = open_context(tmp_path / "home", settings)
    context = replace(context, tracing=Spans(provider.get_tracer("test"), files=True))
    parts = Parts(context, embedder=HashEmbedder())
    run(context, parts, RunRequest((inbox / "a.md",)))
    parts.close()
    context.close()

    spans = exporter.get_finished_spans()
    (file,) = (span for span in spans if span.name == "file")
    assert [step.name for step in below(spans, file)] == ["parse", "chunk"]


def _spans(resource: object) -> list:
    return [span for scope in resource.scope_spans for span in scope.spans]


@contextmanager
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """As much of an OTLP/HTTP receiver as an exporter needs."""
    sent: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            sent.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

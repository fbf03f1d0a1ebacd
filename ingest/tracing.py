"""OpenTelemetry spans: a run, its stages, and each file with its parse and chunk. Off unless `[trace]` says where to.

```
run ─┬─ discover
     ├─ file ─┬─ parse          with the times of the worker process
     │        └─ chunk
     └─ store, dedup, embed, publish      once a batch
```
While it is off, nothing of OpenTelemetry is imported. Spans carry names and counts, never text of a document
nor a question. What cannot be sent is dropped, and told by OpenTelemetry's own logger: no run waits for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from ingest.options.telemetry import TraceOptions
from schemas.errors import DocstrataError, MissingExtra

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

Fact = str | int | float | bool
Facts = Mapping[str, Fact]

_NO_FACTS: Final[Facts] = MappingProxyType({})

_OURS: Final = "docstrata"
_SEND_S: Final = 3.0
"""Seconds that a collector may take for what it is sent, all tries together: closing a home waits for it."""
_PARENT: Final = "TRACEPARENT"
"""The environment variable that hands a trace on to a command, in the form of W3C Trace Context."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was done elsewhere, as in a worker process. Times in nanoseconds since the epoch."""

    name: str
    began_ns: int
    ended_ns: int


@dataclass(frozen=True, slots=True)
class FileTrace:
    """`error`: the code of what was wrong with it."""

    whole: Step
    steps: tuple[Step, ...]
    facts: Facts
    error: str | None = None


class Tracing(Protocol):
    @property
    def files(self) -> bool:
        """Whether files are to be told."""

    def span(self, name: str, facts: Facts = ...) -> AbstractContextManager[object]:
        """Around a piece of work; what is told inside lies below it. An exception marks it as failed."""

    def tell_file(self, told: FileTrace) -> None:
        """Below the span that is open."""

    def close(self) -> None:
        """Sends what was not sent yet."""


class Off:
    """Tells nobody."""

    files = False

    def span(self, name: str, facts: Facts = _NO_FACTS) -> AbstractContextManager[object]:
        return _NOTHING

    def tell_file(self, told: FileTrace) -> None: ...

    def close(self) -> None: ...


_NOTHING: Final = nullcontext()


class Spans:
    """`provider`: where it is ours to flush and to end."""

    def __init__(self, tracer: Tracer, *, files: bool, provider: TracerProvider | None = None) -> None:
        self._tracer = tracer
        self._provider = provider
        self.files = files

    def span(self, name: str, facts: Facts = _NO_FACTS) -> AbstractContextManager[object]:
        return self._span(name, facts)

    @contextmanager
    def _span(self, name: str, facts: Facts) -> Iterator[None]:
        # What an exception says is not sent: of one that is not ours, nobody knows what it quotes.
        with self._tracer.start_as_current_span(
            name,
            context=_handed_on(),
            attributes=_attributes(facts),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                _mark(span, error.code if isinstance(error, DocstrataError) else type(error).__name__)
                raise

    def tell_file(self, told: FileTrace) -> None:
        from opentelemetry.trace import set_span_in_context

        whole = told.whole
        span = self._tracer.start_span(whole.name, start_time=whole.began_ns, attributes=_attributes(told.facts))
        if told.error is not None:
            _mark(span, told.error)
        below = set_span_in_context(span)
        for step in told.steps:
            self._tracer.start_span(step.name, below, start_time=step.began_ns).end(step.ended_ns)
        span.end(whole.ended_ns)

    def close(self) -> None:
        if self._provider is not None:
            self._provider.shutdown()


def open_tracing(options: TraceOptions) -> Tracing:
    """Raises `MissingExtra` where spans are wanted and OpenTelemetry is not installed."""
    if options.to == "nowhere":
        return Off()
    try:
        from opentelemetry import trace

        if options.to == "application":
            return Spans(trace.get_tracer(_OURS), files=options.files)
        provider = _own_provider(options)
    except ImportError as error:
        raise MissingExtra("trace.to needs OpenTelemetry: pip install 'docstrata[otel]'") from error
    return Spans(provider.get_tracer(_OURS), files=options.files, provider=provider)


def _own_provider(options: TraceOptions) -> TracerProvider:
    """Ours alone: the one of a program around us, such as Airflow, stays as it is."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": options.service}), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=options.endpoint or None, timeout=_SEND_S))
    )
    return provider


def _attributes(facts: Facts) -> dict[str, Fact]:
    return {f"{_OURS}.{name}": fact for name, fact in facts.items()}


def _mark(span: Span, error: str) -> None:
    """As failed. `error`: a code, or the name of a type."""
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR, error))


def _handed_on() -> Context | None:
    """The caller's trace, for the outermost span of a command. None: the span that is open."""
    from opentelemetry.trace import get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if _PARENT not in os.environ or get_current_span().get_span_context().is_valid:
        return None
    return TraceContextTextMapPropagator().extract({"traceparent": os.environ[_PARENT]})


def now_ns() -> int:
    """By the clock of every process of this machine, whatever clock a home was opened with."""
    return time.time_ns()


class Moments:
    """Times in nanoseconds since the epoch, of one piece of work: none is before the one before, also where the
    machine's clock is put back meanwhile."""

    def __init__(self) -> None:
        self._ahead_ns = now_ns() - time.monotonic_ns()

    def next_ns(self) -> int:
        return self._ahead_ns + time.monotonic_ns()

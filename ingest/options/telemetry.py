"""What is told of a run while it goes: `[log]`, `[trace]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.logs import LogFormat
from ingest.options.section import Section


class LogOptions(Section):
    """`[log]`: what commands tell of their events, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="error", description="the least that is told; -v is debug"
    )
    format: LogFormat = Field(default="text", description="text for people, json for machines: one object a line")


class TraceOptions(Section):
    """`[trace]`: OpenTelemetry spans of runs, stages and files."""

    to: Literal["nowhere", "otlp", "application"] = Field(
        default="nowhere",
        description='"otlp": to a collector; "application": to the tracer provider that the calling program has set',
    )
    endpoint: str = Field(
        default="",
        description='URL of the collector\'s OTLP/HTTP receiver, such as "http://collector:4318/v1/traces"; empty: what'
        " OTEL_EXPORTER_OTLP_ENDPOINT says, or port 4318 of this machine",
    )
    service: str = Field(default="docstrata", min_length=1, description="service.name of the spans")
    files: bool = Field(default=True, description="a span for each file too, with its parse and chunk")

"""Options of `[trace]`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TraceOptions(BaseModel):
    """`[trace]`: OpenTelemetry spans of runs, stages and files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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

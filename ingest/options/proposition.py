"""`[proposition]`: the language model of `chunk.strategy = "proposition"`, and what it may cost."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ingest.options.section import Section


class PropositionOptions(Section):
    """Any endpoint that speaks the protocol of OpenAI's chat completions. Tokens are counted as the
    endpoint counts them, of requests and answers together."""

    url: str = Field(default="", description="of the endpoint, up to /v1: http://localhost:8000/v1")
    model: str = Field(default="", description="the model's name, as the endpoint knows it")
    api_key: SecretStr | None = Field(default=None, description="of the endpoint, if it wants one")
    timeout_s: float = Field(default=60.0, gt=0, description="seconds one request may take")
    attempts: int = Field(default=5, ge=1, description="times that a request is sent while the endpoint is overloaded")
    concurrency: int = Field(default=4, ge=1, le=64, description="requests at once")
    max_answer_tokens: int = Field(default=1024, ge=16, description="tokens of one answer")
    max_document_tokens: int = Field(
        default=200_000, ge=1, description="tokens a document may cost; above it, it goes to quarantine"
    )
    max_run_tokens: int = Field(
        default=2_000_000, ge=1, description="tokens a run, or a batch of a scheduled one, may cost; above it, it stops"
    )

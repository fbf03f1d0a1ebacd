"""`[notify]`: who is told how a run of a DAG ended."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field, SecretStr, model_validator

from ingest.options.section import Section

NotifyOn = Literal["failed", "succeeded", "quarantined", "bad_report"]


class NotifyOptions(Section):
    """Nobody, unless `webhook` or `mail_to` is set."""

    model_config = ConfigDict(hide_input_in_errors=True)

    webhook: SecretStr | None = Field(
        default=None, description="URL that gets a JSON POST with the run's summary; docs/airflow.md shows it"
    )
    mail_to: tuple[str, ...] = Field(default=(), description="addresses that get the same as a mail")
    mail_connection: str = Field(default="smtp_default", description="Airflow's connection of type smtp for mails")
    on: tuple[NotifyOn, ...] = Field(
        default=("failed", "quarantined", "bad_report"),
        description="when: failed and succeeded are of the run; quarantined: files failed that had not before;"
        " bad_report: the verdict is bad, or a gate of [report] is broken",
    )
    timeout_s: float = Field(default=15.0, gt=0, description="seconds the webhook may take to answer")

    @property
    def is_set(self) -> bool:
        return bool(self.on) and (self.webhook is not None or bool(self.mail_to))

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        if self.webhook is not None and not self.webhook.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("webhook has to begin with https:// or http://")
        return self

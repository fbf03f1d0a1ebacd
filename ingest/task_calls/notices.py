"""What is told when a run of a DAG has ended, and to a webhook: a JSON POST of a `Notice`."""

from __future__ import annotations

import html
import logging
import time
from collections.abc import Iterable, Sequence

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from ingest.options.notify import NotifyOn, NotifyOptions
from schemas.errors import EndpointDown

_PAUSES_S = (1.0, 2.0)
"""Before the second try and the third."""


class FailedFiles(BaseModel):
    """Files in quarantine with this `code`, and what is said of one of them."""

    model_config = ConfigDict(frozen=True)

    code: str
    files: int
    sentence: str


class Notice(BaseModel):
    """`events`: which of `notify.on` this is about. `state` of the run: success or failed. `counts` of a run that
    took files in; `new_failures`: files in quarantine that were not there before; `failures`: all that are there, by
    code. `verdict`, `gates` (broken ones), `reasons` and `report` (a link) of a report. `airflow`: the run's page."""

    model_config = ConfigDict(frozen=True)

    version: int = 1
    events: tuple[NotifyOn, ...]
    dag: str
    run: str
    state: str
    failed_tasks: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    new_failures: int = 0
    failures: tuple[FailedFiles, ...] = ()
    verdict: str = ""
    gates: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    report: str = ""
    airflow: str = ""

    def wanted(self, options: NotifyOptions) -> bool:
        return bool(set(self.events) & set(options.on))

    @property
    def title(self) -> str:
        return f"docstrata: {self.dag} {'failed' if self.state == 'failed' else 'ended'}" + (
            f", {self.new_failures} new files in quarantine" if self.new_failures else ""
        )

    def lines(self) -> list[str]:
        """For a person."""
        said = [f"{self.dag}, {self.run}: {self.state}"]
        if self.failed_tasks:
            said.append(f"failed tasks: {', '.join(self.failed_tasks)}")
        if self.counts:
            said.append(", ".join(f"{name} {count:,}" for name, count in self.counts.items() if count))
        said += [f"{failed.files:,} × {failed.code}: {failed.sentence}" for failed in self.failures]
        if self.verdict:
            said.append(f"verdict: {self.verdict}")
        said += self.reasons
        links = (("report", self.report), ("Airflow", self.airflow))
        return [*said, *(f"{name}: {link}" for name, link in links if link)]

    def as_html(self) -> str:
        return "".join(f"<p>{html.escape(line)}</p>\n" for line in self.lines())


def events_of(*, failed: bool, new_failures: int, bad_report: bool) -> tuple[NotifyOn, ...]:
    found: list[NotifyOn] = ["failed" if failed else "succeeded"]
    if new_failures:
        found.append("quarantined")
    if bad_report:
        found.append("bad_report")
    return tuple(found)


def failed_tasks(states: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Those that are the reason, without what only follows."""
    return tuple(sorted(name for name, state in states if state == "failed"))


def post(notice: Notice, url: SecretStr, timeout_s: float, pauses_s: Sequence[float] = _PAUSES_S) -> None:
    """Raises `EndpointDown` when it was not taken, after as many tries as there are pauses and one. The address
    is never told: it may hold a secret."""
    # It logs each address that it asks.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    trouble = ""
    for pause_s in (*pauses_s, None):
        try:
            answer = httpx.post(url.get_secret_value(), json=notice.model_dump(mode="json"), timeout=timeout_s)
        except httpx.HTTPError as error:
            trouble = type(error).__name__
        else:
            if answer.is_success:
                return
            trouble = f"it answered {answer.status_code}"
        if pause_s is not None:
            time.sleep(pause_s)
    raise EndpointDown(f"the notice was not taken by notify.webhook: {trouble}")

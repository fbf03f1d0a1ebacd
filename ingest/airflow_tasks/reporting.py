"""The report as a task: its button in Airflow opens the page."""

from __future__ import annotations

from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.sdk import BaseOperator, BaseOperatorLink, task

from ingest.airflow_tasks.tasks import told
from ingest.logs import get_logger
from ingest.task_calls.dispatch import call

_LINK = "report_link"
_log = get_logger(__name__)


class ReportLink(BaseOperatorLink):
    """Airflow keeps the link with the task: its web server needs nothing of docstrata."""

    name = "Report"
    xcom_key = _LINK

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """In the worker, after the task: `ti_key` is its instance there."""
        return str(ti_key.xcom_pull(task_ids=operator.task_id, key=_LINK) or "")


class MakeReport(BaseOperator):
    """Stores the report and copies it to where people open it."""

    operator_extra_links = (ReportLink(),)

    def execute(self, context: Any) -> dict[str, Any]:
        found: dict[str, Any] = told(call)("report")
        context["ti"].xcom_push(_LINK, found["link"])
        _log.info("report: %s", found["link"])
        return found


@task
def verdict(report: dict[str, Any]) -> str:
    """Warns with the report's reasons, or fails with them, as `report.on_bad` and `report.on_gate` say."""
    for reason in report["reasons"]:
        _log.warning("verdict: %s", reason)
    if report["fails"]:
        raise AirflowFailException(f"{' '.join(report['reasons'])} See {report['link']}")
    return str(report["verdict"])

"""Who is told of a run's end (`[notify]`): by a last task that is no part of the run's state.

The task is a teardown: it comes whatever happened before it, and when nobody can be told it is
red by itself, while the run stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import task
from airflow.sdk.definitions.xcom_arg import XComArg

from ingest.logs import get_logger
from ingest.options.notify import NotifyOptions
from ingest.task_calls.dispatch import call
from ingest.task_calls.home import settings
from ingest.task_calls.notices import FailedFiles, Notice, events_of, failed_tasks, post
from schemas.errors import DocstrataError

_log = get_logger(__name__)


def tell_at_the_end(*last: XComArg) -> None:
    """After these tasks, which are the last ones of the DAG. Nothing where nobody is to be told."""
    if settings().notify.is_set:
        list(last) >> notify().as_teardown()


def when_it_takes_too_long() -> Callable[[dict[str, Any]], None] | None:
    """A DAG's `on_failure_callback`: a run that Airflow ends for its time limit has no last task any more."""
    return _timed_out if settings().notify.is_set else None


@task(retries=0)
def notify(ti: Any = None) -> list[str]:
    """Tells how the run has ended, by webhook and mail. Skipped where that is not wanted of such an end."""
    options = settings().notify
    notice = _notice(ti)
    if not notice.wanted(options):
        raise AirflowSkipException(f"notify.on does not name {' or '.join(notice.events)}")
    return _delivered(notice, options)


def _notice(ti: Any) -> Notice:
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    failed = failed_tasks((name, str(state)) for name, state in states.items())
    outcome = _pulled(ti, "publish", "return_value") or _pulled(ti, "publish", "outcome") or {}
    report = _pulled(ti, "report", "return_value") or {}
    bad = report.get("verdict") == "bad" or bool(report.get("gates"))
    counts = outcome.get("counts", {})
    return Notice(
        events=events_of(failed=bool(failed), new_failures=outcome.get("new_failures", 0), bad_report=bad),
        dag=ti.dag_id,
        run=ti.run_id,
        state="failed" if failed else "success",
        failed_tasks=failed,
        counts=counts,
        new_failures=outcome.get("new_failures", 0),
        failures=_failures() if counts.get("failed") else (),
        verdict=report.get("verdict", ""),
        gates=tuple(report.get("gates", ())),
        reasons=tuple(report.get("reasons", ())),
        report=report.get("link", ""),
        airflow=str(ti.log_url).partition("/tasks/")[0],
    )


def _pulled(ti: Any, task_id: str, key: str) -> dict[str, Any] | None:
    if task_id not in ti.task.dag.task_ids:
        return None
    found: dict[str, Any] | None = ti.xcom_pull(task_ids=task_id, key=key)
    return found


def _failures() -> tuple[FailedFiles, ...]:
    """The notice goes out without them rather than not at all."""
    try:
        return tuple(FailedFiles.model_validate(each) for each in call("failures"))
    except DocstrataError as error:
        _log.warning("notify: files in quarantine are not told: %s", error.message)
        return ()


def _delivered(notice: Notice, options: NotifyOptions) -> list[str]:
    """Raises at the end when one of the ways failed."""
    ways: dict[str, Callable[[], None]] = {}
    if options.webhook is not None:
        url = options.webhook
        ways["webhook"] = lambda: post(notice, url, options.timeout_s)
    if options.mail_to:
        ways["mail"] = lambda: _mail(notice, options)
    undelivered = []
    for way, send in ways.items():
        try:
            send()
        except Exception as error:  # noqa: BLE001  # a mail server fails in many ways; the other way is still tried
            # The kind alone: a message may quote an address that is a secret.
            told = error.message if isinstance(error, DocstrataError) else f"{type(error).__name__}, see connection"
            _log.error("notify: %s: not delivered: %s", way, told)  # a traceback shows the address
            undelivered.append(way)
    if undelivered:
        raise AirflowFailException(f"the notice could not be delivered by {' and '.join(undelivered)}")
    return list(ways)


def _mail(notice: Notice, options: NotifyOptions) -> None:
    with SmtpHook(smtp_conn_id=options.mail_connection) as hook:
        hook.send_email_smtp(to=list(options.mail_to), subject=notice.title, html_content=notice.as_html())


def _timed_out(context: dict[str, Any]) -> None:
    """In the DAG processor, which knows no more than that."""
    if context.get("reason") != "timed_out":
        return
    options = settings().notify
    notice = Notice(
        events=("failed",),
        dag=context["dag"].dag_id,
        run=str(context["run_id"]),
        state="failed",
        reasons=("the run took longer than airflow.run_timeout_h allows, and was ended",),
    )
    if notice.wanted(options):
        _delivered(notice, options)

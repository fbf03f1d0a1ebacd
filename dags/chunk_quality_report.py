"""
### How good the chunks are

After every run that changed the collection, and on `airflow.report_schedule`.

1. **report** stores the page and its JSON in docstrata's home, and copies both to `report.publish_url`. Its button
   *Report* opens the page.
2. **verdict** says what is wrong. It fails when the verdict is bad, unless `report.on_bad` is `warn`, and when a gate
   of `[report]` is broken if `report.on_gate` is `fail`.
"""

from airflow.sdk import dag
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from ingest.airflow_tasks.flow import default_args, run_timeout
from ingest.airflow_tasks.notify import tell_at_the_end, when_it_takes_too_long
from ingest.airflow_tasks.reporting import MakeReport, verdict
from ingest.airflow_tasks.tasks import COLLECTION
from ingest.task_calls.home import options


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(options().report_schedule, timezone="UTC"), assets=[COLLECTION]
    ),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    dagrun_timeout=run_timeout(),
    on_failure_callback=when_it_takes_too_long(),
    tags=["docstrata"],
    doc_md=__doc__,
)
def chunk_quality_report() -> None:
    tell_at_the_end(verdict(MakeReport(task_id="report").output))


chunk_quality_report()

"""The chunk-quality report, whenever a run has changed the collection, and on the configured schedule."""

from airflow.sdk import dag
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from ingest.airflow_tasks.flow import DEFAULT_ARGS
from ingest.airflow_tasks.tasks import COLLECTION, report, verdict
from ingest.task_calls.home import options


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(options().report_schedule, timezone="UTC"), assets=[COLLECTION]
    ),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["docstrata"],
    doc_md=__doc__,
)
def chunk_quality_report() -> None:
    verdict(report())


chunk_quality_report()

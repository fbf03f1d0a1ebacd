"""Upkeep: interrupted commits are finished, leftovers removed, catalog and index compared, the parts checked."""

from airflow.sdk import dag

from ingest.airflow_tasks.flow import DEFAULT_ARGS
from ingest.airflow_tasks.tasks import check, maintain
from ingest.task_calls.home import options


@dag(
    schedule=options().maintenance_schedule,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["docstrata"],
    doc_md=__doc__,
)
def maintenance() -> None:
    maintain.override(pool=options().publish_pool)() >> check()


maintenance()

"""The configured folders (`[airflow] sources`), on the configured schedule, into the index."""

from airflow.sdk import Param, dag

from ingest.airflow_tasks.flow import DEFAULT_ARGS, ingest
from ingest.airflow_tasks.tasks import plan
from ingest.task_calls.home import options


@dag(
    schedule=options().schedule,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["docstrata"],
    doc_md=__doc__,
    params={
        "paths": Param([], type="array", items={"type": "string"}, description="folders; none: those configured"),
        "retry_failed": Param(False, type="boolean", description="try files in quarantine again"),
        "reprocess": Param(False, type="boolean", description="make documents again that another recipe made"),
        "verify": Param(False, type="boolean", description="hash every file; distrust time stamps"),
        "allow_vanish": Param(False, type="boolean", description="retire vanished files, however many"),
    },
)
def ingest_scheduled() -> None:
    ingest(plan())


ingest_scheduled()

"""
### The configured sources into the index

Folders, globs and URLs of `[airflow] sources`, on `airflow.schedule`; or what the trigger form names.

1. **plan** lists the sources and shares out what is new or changed, by what reads it, in batches.
2. **text, office, pdf, scan**: each batch is parsed and chunked (*prepare*), then embedded. A batch that fails is
   tried again by itself; what others have done stays done. A file that cannot be read is put aside and fails no batch.
3. **publish** makes all of it searchable at once, and fails when more than `run.max_failure_share` of the files failed.
4. **announce** updates the asset `docstrata_collection`, with counts and run ids, when anything has changed.

Clear any task, or the whole run: nothing is taken in twice.
"""

from airflow.sdk import Param, dag

from ingest.airflow_tasks.flow import PLACE, default_args, ingest, run_timeout
from ingest.airflow_tasks.notify import tell_at_the_end, when_it_takes_too_long
from ingest.airflow_tasks.tasks import plan
from ingest.task_calls.home import options


@dag(
    schedule=options().schedule,
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    dagrun_timeout=run_timeout(),
    on_failure_callback=when_it_takes_too_long(),
    tags=["docstrata"],
    doc_md=__doc__,
    params={
        "paths": Param(
            [],
            type="array",
            items=PLACE,
            uniqueItems=True,
            title="Sources",
            description="absolute paths, globs or URLs, one a line; none: those configured",
        ),
        "retry_failed": Param(False, type="boolean", description="try files in quarantine again"),
        "reprocess": Param(False, type="boolean", description="make documents again that another recipe made"),
        "verify": Param(False, type="boolean", description="hash every file; distrust time stamps"),
        "allow_vanish": Param(False, type="boolean", description="retire vanished files, however many"),
    },
)
def ingest_scheduled() -> None:
    tell_at_the_end(ingest(plan(), [source.path for source in options().sources]).announced)


ingest_scheduled()

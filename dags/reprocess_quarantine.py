"""
### Files in quarantine, tried again

By hand: after a parser was mended, a password was added to `parse.passwords`, a limit was raised. All of them, those of
one source, or those that failed with certain codes (`docstrata failures` lists them). What changed in these sources
meanwhile is taken in as well.

Files in the `quarantine/` of a drop folder are tried again when they are dropped again.
"""

from airflow.sdk import Param, dag

from ingest.airflow_tasks.flow import default_args, ingest, run_timeout
from ingest.airflow_tasks.notify import tell_at_the_end, when_it_takes_too_long
from ingest.airflow_tasks.tasks import plan_retry


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=default_args(),
    dagrun_timeout=run_timeout(),
    on_failure_callback=when_it_takes_too_long(),
    tags=["docstrata"],
    doc_md=__doc__,
    params={
        "source": Param("", type="string", description="the source's name; empty: all"),
        "codes": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^[a-z][a-z_]*$"},
            uniqueItems=True,
            description="such as parser_timeout or encrypted_file, one a line; none: all",
        ),
    },
)
def reprocess_quarantine() -> None:
    tell_at_the_end(ingest(plan_retry()).announced)


reprocess_quarantine()

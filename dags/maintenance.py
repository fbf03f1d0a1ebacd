"""
### Upkeep, on `airflow.maintenance_schedule`

1. **maintain** finishes commits that were interrupted and removes what killed runs left over.
2. **reconcile** compares catalog and index row by row. What differs fails the task and is named in its log; with
   `airflow.repair = true` it is mended.
3. **collect** removes versions that are older than `[retention]` says, and cached artifacts and vectors that nothing
   refers to any more. It does not run where catalog and index do not agree.
4. **check** does what `docstrata doctor` does, whatever happened before.
"""

from airflow.sdk import TriggerRule, dag

from ingest.airflow_tasks.flow import default_args, run_timeout
from ingest.airflow_tasks.notify import tell_at_the_end, when_it_takes_too_long
from ingest.airflow_tasks.upkeep import check, collect, maintain, reconcile
from ingest.task_calls.home import options


@dag(
    schedule=options().maintenance_schedule,
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    dagrun_timeout=run_timeout(),
    on_failure_callback=when_it_takes_too_long(),
    tags=["docstrata"],
    doc_md=__doc__,
)
def maintenance() -> None:
    pool = options().publish_pool
    collected = collect.override(pool=pool)()
    checked = check.override(trigger_rule=TriggerRule.ALL_DONE)()
    maintain.override(pool=pool)() >> reconcile.override(pool=pool)() >> collected >> checked
    tell_at_the_end(checked)


maintenance()

"""
### Files that come to rest in the drop folder

`[airflow] inbox` is watched by the triggerer, which starts a run within seconds. The run **claims** what lies there,
takes it in as ingest_scheduled does, and **settles**: each file ends in `done/` or, with a note that says why, in
`quarantine/`.

A run that was killed is finished by the next one.
"""

from airflow.sdk import Asset, AssetWatcher, TriggerRule, dag

from ingest.airflow_tasks.flow import default_args, ingest, run_timeout
from ingest.airflow_tasks.notify import tell_at_the_end, when_it_takes_too_long
from ingest.airflow_tasks.tasks import claim, settle
from ingest.airflow_tasks.trigger import DropFolderTrigger
from ingest.task_calls.home import inbox, options, settings

INBOX = Asset(
    name="docstrata_inbox",
    uri="docstrata://inbox",
    watchers=[AssetWatcher(name="docstrata_inbox_bell", trigger=DropFolderTrigger.of(settings()))],
)


@dag(
    schedule=[INBOX],
    max_active_runs=1,
    default_args=default_args(),
    dagrun_timeout=run_timeout(),
    on_failure_callback=when_it_takes_too_long(),
    tags=["docstrata"],
    doc_md=__doc__,
)
def ingest_drop_folder() -> None:
    taken = ingest(claim(), [options().inbox])
    # Also when publishing failed because too many files did: those belong into quarantine.
    settled = settle.override(trigger_rule=TriggerRule.NONE_SKIPPED)()
    taken.published >> settled
    tell_at_the_end(taken.announced, settled)


if inbox() is not None:
    ingest_drop_folder()

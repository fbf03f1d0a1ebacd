"""Files that come to rest in the drop folder (`[airflow] inbox`): into the index, then `done/` or `quarantine/`."""

from airflow.sdk import Asset, AssetWatcher, TriggerRule, dag

from ingest.airflow_tasks.flow import DEFAULT_ARGS, ingest
from ingest.airflow_tasks.tasks import claim, settle
from ingest.airflow_tasks.trigger import DropFolderTrigger
from ingest.task_calls.home import inbox, settings

INBOX = Asset(
    name="docstrata_inbox",
    uri="docstrata://inbox",
    watchers=[AssetWatcher(name="docstrata_inbox_bell", trigger=DropFolderTrigger.of(settings()))],
)


@dag(
    schedule=[INBOX],
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["docstrata"],
    doc_md=__doc__,
)
def ingest_drop_folder() -> None:
    published = ingest(claim())
    # Also when publishing failed because too many files did: those belong into quarantine.
    published >> settle.override(trigger_rule=TriggerRule.NONE_SKIPPED)()


if inbox() is not None:
    ingest_drop_folder()

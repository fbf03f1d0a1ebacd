"""
### Another embedding model, without taking the documents in anew

By hand. Runs and searches go on meanwhile.

1. **survey** tells what there is to embed and how long it takes; the run ends here where the model is searched
   already.
2. **build** fills a collection beside the one that is searched, and asks it the questions of the canaries file. Clear
   it and it goes on where it was.
3. **approve** waits for a person, under *Required Actions*. **Approve**: what came meanwhile is copied, everything is
   counted, and searches go to the new collection (**switch**). **Reject**: what was built is kept or dropped
   (**rejected**).

After **switch** put the lines of its log into docstrata.toml, at once: with the old settings runs are refused. The old
collection is kept: `docstrata reindex --back` returns to it, `docstrata reindex --drop-old` removes it.
"""

from airflow.sdk import Param, dag

from ingest.airflow_tasks.flow import default_args
from ingest.airflow_tasks.notify import tell_at_the_end
from ingest.airflow_tasks.reindexing import APPROVE, REJECT, Approval, build, rejected, survey, switch
from ingest.task_calls.home import options


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=default_args(),
    tags=["docstrata"],
    doc_md=__doc__,
    params={
        "model": Param("", type="string", description="the new embed.model; empty: as configured"),
        "device": Param(
            "",
            type="string",
            pattern=r"^$|^(auto|(cpu|cuda(:\d+)?)( *, *(cpu|cuda(:\d+)?))*)$",
            description="auto, cpu, cuda or cuda:N, several with commas between; empty: as configured",
        ),
        "canaries": Param(
            "",
            type="string",
            pattern="^$|^/.+",
            description='file with a line a question: {"question": "…", "path": "…"}; empty: none',
        ),
        "approve_automatically": Param(False, type="boolean", description="switch without asking a person"),
        "on_reject": Param("keep", type="string", enum=["keep", "drop"], description="what becomes of a rejected one"),
    },
)
def reindex() -> None:
    gpu = {"pool": options().gpu_pool, "queue": options().gpu_queue}
    approve = Approval(
        task_id="approve",
        subject="Search with {{ ti.xcom_pull(task_ids='build')['model'] }}?",
        body="Until now {{ ti.xcom_pull(task_ids='build')['before'] }} is searched. The new collection is built and has"
        " answered {{ ti.xcom_pull(task_ids='build')['canaries'] }} canaries. After the switch docstrata.toml has to"
        " name the new settings: the log of *switch* says which lines.",
        options=[APPROVE, REJECT],
        options_mapping={APPROVE: "switch", REJECT: "rejected"},
        execution_timeout=None,  # a person may take days
    )
    switched = switch.override(pool=options().publish_pool, queue=options().gpu_queue)()
    not_wanted = rejected()
    survey.override(**gpu)() >> build.override(**gpu)() >> approve >> [switched, not_wanted]
    tell_at_the_end(switched, not_wanted)


reindex()

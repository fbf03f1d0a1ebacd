"""`[airflow]`: what the DAGs do, and where."""

from __future__ import annotations

from pydantic import Field

from ingest.options.section import Section
from schemas.source import SourceKind


class ScheduledSource(Section):
    """A folder of `[airflow]`."""

    path: str = Field(min_length=1, description="a folder, a file, a glob or a URL that fsspec knows")
    name: str | None = None
    kind: SourceKind = SourceKind.MIRROR


class AirflowOptions(Section):
    """`[airflow]`: what the DAGs do, and where."""

    schedule: str = Field(default="@daily", description="when the sources are looked at: a cron expression or a preset")
    sources: tuple[ScheduledSource, ...] = Field(
        default=(),
        description='tables of path = "/data/contracts", a glob or a URL, and if wished name and kind = "append"',
    )
    inbox: str = Field(default="", description="the drop folder, or its URL; empty: none")
    report_schedule: str = Field(default="@weekly", description="when a report is made beside those after each run")
    maintenance_schedule: str = Field(default="@weekly", description="when the home is tidied and checked")
    batch_files: int = Field(default=200, ge=1, description="files of a route that one task reads")
    retries: int = Field(default=2, ge=0, description="times a task is tried again after what may pass by itself")
    task_timeout_h: float = Field(default=24.0, gt=0, description="hours a task may take, each try for itself")
    run_timeout_h: float = Field(
        default=0.0, ge=0, description="hours a run of a DAG may take, waits included; 0: as long as it needs"
    )
    repair: bool = Field(
        default=False,
        description="whether maintenance mends what differs between catalog and index; otherwise it fails and tells",
    )
    python: str = Field(
        default="",
        description="absolute path of the interpreter that the tasks' work runs in, where Airflow has an environment"
        " of its own; it needs docstrata, Airflow only the DAG files' few imports; empty: Airflow's own",
    )
    parse_workers: int = Field(default=1, ge=0, description="parser processes in a task; tasks run side by side")
    gpu_pool: str = Field(default="docstrata_gpu", description="the pool of tasks that read scans or embed")
    gpu_queue: str = Field(default="default", description="the queue of those tasks; name that of the GPU workers")
    publish_pool: str = Field(default="docstrata_publish", description="the pool of one slot for publishing")

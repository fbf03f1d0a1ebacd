"""Every metric, by its name, and nothing else: dashboards and alert rules are tested against this list.

Names follow Prometheus' conventions: base units, `_total` for what only grows, times as seconds since 1970. The
truth is the catalog, so gauges are what it says at the moment of the scrape, and sums outlive the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` as it is scraped; a counter's ends in `_total`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(f"docstrata_{name}", Kind.GAUGE, text, labels)


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(f"docstrata_{name}_total", Kind.COUNTER, text, labels)


# ------------------------------------------------------------------- this answer

UP = _gauge("up", "1 when the catalog could be read for this answer.")
BUILD = _gauge("build_info", "1, with the version of docstrata that answers.", "version")
SCRAPE = _gauge("scrape_duration_seconds", "How long it took to read the catalog for this answer.")

# ---------------------------------------------------------------- what there is

DOCUMENTS = _gauge("documents", "Live documents.", "tenant", "source")
STALE = _gauge("documents_stale", "Live documents whose newer version could not be read.", "tenant", "source")
QUARANTINED = _gauge(
    "quarantined_files", "Files and members in quarantine, by error code; a code that is over says 0.",
    "tenant", "source", "code",
)  # fmt: skip
PAGES_FAILED = _gauge("failed_pages", "Pages that live documents were taken in without.", "tenant", "source")
POINTS = _gauge("points_current", "Rows of the index that a search sees.", "tenant", "source")
DUPLICATES = _gauge(
    "points_duplicate", "Of the current rows, those that answer through a survivor.", "tenant", "source"
)
HISTORY = _gauge("points_history", "Rows of the index that are kept of the past.", "tenant", "source")
COUNTED_AT = _gauge("counted_timestamp_seconds", "When the tenant's documents and rows were last counted.", "tenant")
OPEN_COMMITS = _gauge("open_commits", "Commits that were promised and are not carried out yet.")

# --------------------------------------------------------------------- last run

RUN_STATE = _gauge("last_run_state", "1 for the state that the newest run is in.", "tenant", "state")
RUN_STARTED_AT = _gauge("last_run_start_timestamp_seconds", "When the newest run began.", "tenant")
RUN_ENDED_AT = _gauge("last_run_end_timestamp_seconds", "When the newest run that has ended did so.", "tenant")
SUCCESS_AT = _gauge("last_success_timestamp_seconds", "When the newest run that went well ended.", "tenant")
RUN_SECONDS = _gauge("last_run_duration_seconds", "Wall time of the newest run that has ended.", "tenant")
RUN_STAGE_SECONDS = _gauge(
    "last_run_stage_duration_seconds", "Of that, the time in each stage, as the run waited for it.", "tenant", "stage"
)
RUN_FILES = _gauge("last_run_files", "Files of the newest run that has ended, by what became of them.",
                   "tenant", "outcome")  # fmt: skip
RUN_CHUNKS = _gauge("last_run_chunks", "Chunks of that run: embedded, with a vector from before, written, retired.",
                    "tenant", "event")  # fmt: skip
RUN_PAGES = _gauge("last_run_pages", "Pages that parsers read in that run, by method.", "tenant", "method")

# ----------------------------------------------------------------- sums over runs

RUNS = _counter("runs", "Runs that have ended, by state.", "tenant", "state")
FILES = _counter("files", "Files of all runs that have ended, by what became of them.", "tenant", "outcome")
CHUNKS = _counter("chunks", "Chunks of those runs: embedded, with a vector from before, written, retired.",
                  "tenant", "event")  # fmt: skip
PAGES = _counter("pages", "Pages that parsers have read, by method.", "tenant", "method")
READ = _counter("documents_read", "Documents: parsed, or adopted because they had been parsed before.",
                "tenant", "how")  # fmt: skip
STAGE_SECONDS = _counter("stage_seconds", "Seconds that runs have spent in each stage.", "tenant", "stage")

# ---------------------------------------------------------------- is it all right

VERDICT = _gauge("report_verdict", "1 for the verdict of the newest report; no source: of the whole home.",
                 "tenant", "source", "verdict")  # fmt: skip
GATE_VALUE = _gauge("report_gate_value", "What the newest report measured for a gate.", "tenant", "source", "gate")
GATE_LIMIT = _gauge("report_gate_limit", "The gate's limit, in section report of the configuration.",
                    "tenant", "source", "gate")  # fmt: skip
REPORT_AT = _gauge("report_timestamp_seconds", "When the newest report was made.", "tenant", "source")
RECONCILE = _gauge("reconcile_differences", "What the newest reconcile has found and not mended.", "kind")
RECONCILE_AT = _gauge("reconcile_timestamp_seconds", "When catalog and index were last compared row by row.")
INDEX_DIFFERENCE = _gauge(
    "index_difference_points", "Current rows that only one of catalog and index has, by the newest maintenance.",
    "tenant",
)  # fmt: skip

# -------------------------------------------------------------------------- room

CATALOG_BYTES = _gauge("catalog_size_bytes", "Size of the SQLite catalog with its log.")
INDEX_BYTES = _gauge("index_size_bytes", "Size of the embedded index's files.")
STORE_BYTES = _gauge("store_size_bytes", "Artifacts in the store, by stage, without originals.", "stage")
DISK_FREE = _gauge("disk_free_bytes", "Free room on the disk of the home.")
DISK_SIZE = _gauge("disk_size_bytes", "Size of the disk of the home.")

# --------------------------------------------------------------------- drop folder

INBOX_FILES = _gauge("inbox_files", "Files in the drop folder: waiting, or claimed and not settled.", "state")
INBOX_OLDEST_AT = _gauge(
    "inbox_oldest_file_timestamp_seconds", "Since when the oldest of them lies there; absent where there is none."
)
INBOX_UP = _gauge("inbox_up", "1 when the drop folder could be looked into.")

# ------------------------------------------------- only in the process that watches

WATCH_CYCLES = _counter("watch_cycles", "Cycles of this process that took files in.")
WATCH_FILES = _counter("watch_files", "Dropped files that this process has settled.", "outcome")
WATCH_TROUBLE = _gauge("watch_trouble", "1 while something is down and it is tried again.")
WATCH_FOUND = _counter("watch_work_found", "Work that this process has found, by stage, in the stage's unit.", "stage")
WATCH_DONE = _counter("watch_work_done", "Work that this process has done, by stage, in the stage's unit.", "stage")

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order of this file."""

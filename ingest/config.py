"""One configuration: `docstrata.toml`, overridden by `DOCSTRATA__SECTION__KEY`, overridden by the caller.

Built once, frozen, passed down; a stage gets its own section only.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from chunkers.options import ChunkOptions
from ingest.dedup_options import DedupOptions
from ingest.embed_options import EmbedOptions
from ingest.index_options import Bm25Options, IndexEngine, IndexOptions, SearchOptions
from ingest.logs import LogFormat
from ingest.notify_options import NotifyOptions
from ingest.ocr_options import OcrOptions
from ingest.proposition_options import PropositionOptions
from ingest.trace_options import TraceOptions
from schemas.errors import ConfigError
from schemas.source import SourceKind

ENV_PREFIX = "DOCSTRATA__"
FILE_NAME = "docstrata.toml"

Share = Annotated[float, Field(ge=0, le=1)]
Overrides = Mapping[str, object]
"""Dotted keys to values: `{"parse.workers": 2}`."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceOptions(Section):
    """`[source]`: which files of a folder count."""

    include: tuple[str, ...] = Field(default=("**",), description="glob patterns on the path below the folder")
    exclude: tuple[str, ...] = Field(default=(), description="glob patterns; what matches is ignored")
    hidden: bool = Field(default=False, description="also files and folders whose name begins with a dot")
    keep_fetched_mb: int = Field(
        default=4096,
        ge=0,
        description="MiB of fetched objects that the tasks of a scheduled run keep in the home for its publishing; what"
        " is more is fetched again",
    )


class ParseOptions(Section):
    """`[parse]`: the worker processes and the limits of a file."""

    workers: int | None = Field(
        default=None,
        ge=0,
        description="processes, which share files and the pages of large PDFs; left out: one a core; 0: none, the run"
        " reads files itself",
    )
    timeout_s: float = Field(
        default=300.0,
        gt=0,
        description="seconds a file may take; each page of a PDF that was read adds a hundredth to it",
    )
    max_rss_mb: int = Field(default=4096, ge=256, description="MiB a worker may hold")
    max_file_mb: float = Field(default=512.0, gt=0, description="MiB a file may have")
    max_pages: int = Field(default=5_000, ge=1, description="pages or slides a file may have")
    max_pixels: int = Field(
        default=100_000_000, ge=1, description="pixels an image may have; told before anything is decoded"
    )
    dpi: int = Field(default=200, ge=72, le=600, description="dots per inch at which scanned pages are read")
    convert_timeout_s: float = Field(default=120.0, gt=0, description="seconds LibreOffice or pandoc may take")
    passwords: tuple[SecretStr, ...] = Field(default=(), description="tried on encrypted files, in this order")
    as_text: tuple[str, ...] = Field(
        default=(), description='patterns of data files that shall be read as plain text, such as "*.json"'
    )
    pictures: bool = Field(
        default=True, description="read the text in pictures that stand in PDF, Office, EPUB and HTML files, by OCR"
    )
    html_main: bool = Field(
        default=True,
        description="of an HTML page that is an article, keep navigation, banners and advertisements out of chunks",
    )
    comments: bool = Field(
        default=False, description="read reviewers' comments in Office and PDF files, and notes on cells"
    )
    tracked_changes: Literal["final", "original", "all"] = Field(
        default="final",
        description="of Word texts; final: as if all were accepted; original: as if all were rejected; "
        "all: with what was deleted, as [deleted: …]",
    )
    speaker_notes: bool = Field(default=True, description="read the notes of slides, as quotes behind them")
    layout_doubt: float = Field(
        default=0.2,
        ge=-1,
        le=1,
        description="share of a PDF page's text that geometry may leave in doubt before the layout model is asked; "
        "-1: about every page, 1: about none, several times as fast and without tables that have no rules",
    )
    recycle_after: int = Field(default=500, ge=0, description="files after which a worker is replaced; 0: never")


class ContainerOptions(Section):
    """`[container]`: archives and attachments, whose members become documents of their own."""

    expand: bool = Field(default=True, description="take in what archives and mails hold")
    max_depth: int = Field(default=3, ge=1, description="archives within archives")
    max_members: int = Field(default=10_000, ge=1, description="members an archive may have")
    max_member_mb: int = Field(default=512, ge=1, description="MiB a member may have")
    max_total_mb: int = Field(default=4_096, ge=1, description="MiB that an archive may hold, all of it")
    max_ratio: float = Field(default=200.0, gt=1, description="times an archive's own size that its members may have")


class MetadataRule(Section):
    """What the path of a document says of it.

    `match` is a pattern as for `source.include`, counted from the top; `{name}` in it stands for
    one folder, file or part of a name, and becomes metadata of that name.
    """

    match: str = Field(min_length=1)
    values: dict[str, str | int | float | bool | tuple[str, ...]] = Field(default_factory=dict, alias="set")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MetadataOptions(Section):
    """`[metadata]`: what is known of documents beside their text."""

    rules: tuple[MetadataRule, ...] = Field(
        default=(), description='tables of match = "contracts/{customer}/**" and set = {department = "legal"}'
    )
    sidecars: bool = Field(default=True, description="NAME.meta.json beside NAME holds its metadata")


class CatalogOptions(Section):
    """`[catalog]`: the index of what happened."""

    url: SecretStr | None = Field(
        default=None,
        description="of a Postgres database, postgresql://user:password@host/name, when several machines work; unset: "
        "a SQLite file in the home",
    )
    wait_s: float = Field(default=30.0, gt=0, description="seconds a commit may wait for another writer's")


class StoreOptions(Section):
    """`[store]`: where artifacts lie."""

    url: str = Field(default="", description="fsspec URL; empty: a folder in the home")
    keep_originals: bool = Field(default=True, description="copy every source file, so that old versions can be shown")


class RetentionOptions(Section):
    """`[retention]`: how much of the past is kept. The current version always is."""

    keep_versions: int | None = Field(
        default=None,
        ge=1,
        description="newest versions of a document that are kept, whatever their age; unset, with keep_days: none but"
        " the current one",
    )
    keep_days: float | None = Field(
        default=None,
        gt=0,
        description="days that one can look back; what ended before is removed. Neither set: everything is kept",
    )

    @property
    def is_set(self) -> bool:
        return self.keep_versions is not None or self.keep_days is not None


class RunOptions(Section):
    """`[run]`: when a run stops, and how much it does at a time."""

    max_failure_share: Share = Field(default=0.5, description="of files that were tried (20 or more); above it, fail")
    max_vanished_share: Share = Field(default=0.2, description="of a mirror's files that may vanish at once")
    batch_chunks: int = Field(default=512, ge=1, description="chunks that are published together")


class WatchOptions(Section):
    """`[watch]`: a drop folder."""

    settle_s: float = Field(default=2.0, ge=0, description="seconds a file must have rested before it is taken")
    poll_s: float = Field(default=2.0, gt=0, description="seconds between two looks at the folder")


class LogOptions(Section):
    """`[log]`: what commands tell of their events, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="error", description="the least that is told; -v is debug"
    )
    format: LogFormat = Field(default="text", description="text for people, json for machines: one object a line")


class ReportOptions(Section):
    """`[report]`: the gates of the verdict; shares are of what the report counts."""

    max_failed_share: Share = Field(
        default=0.1, description="of files, in quarantine or behind their last good version"
    )
    max_cut_share: Share = Field(
        default=0.05, description="of joints between chunks outside of tables and code, inside a sentence"
    )
    max_unread_share: Share = Field(default=0.2, description="of chunks, in a language that the model cannot read")
    keep: int = Field(default=100, ge=1, description="dated reports that Airflow's runs leave in the home")
    min_heading_share: Share = Field(default=0.5, description="of chunks, that know the headings above them")
    min_paragraph_share: Share = Field(
        default=0.97, description="of paragraphs that a plain reading of the originals finds, that were parsed"
    )
    max_needless_table_cut_share: Share = Field(
        default=0.02, description="of tables, in several chunks though they fit into one"
    )
    max_miscounted_share: Share = Field(
        default=0.0, description="of sampled chunks, whose tokens the model's own tokenizer counts otherwise"
    )
    max_equal_vector_share: Share = Field(
        default=0.2, description="of sampled vectors, nearly equal to that of another text, or broken"
    )
    max_broken_border_share: Share = Field(
        default=0.2,
        description="of borders between chunks inside a paragraph, with neither an end before nor a beginning behind",
    )
    max_lone_han_share: Share = Field(
        default=0.6, description="of Han characters, that the word search has no word for"
    )
    max_han_term_length: float = Field(
        default=4.0, gt=0, description="characters of a Han word of the word search, in the mean"
    )
    max_drift: Share = Field(
        default=0.5, description="distance of the last run's documents from those before, where it is beyond chance"
    )
    questions: str = Field(
        default="",
        description="a questions file: retrieval is evaluated by it whenever a report of all sources is made; empty:"
        " the report shows the last evaluation",
    )
    at: Literal[1, 3, 5, 10] = Field(default=5, description="hits that min_recall and min_hit look at")
    min_recall: Share | None = Field(
        default=None, description="recall of the last evaluation that is asked for, as 0.8; unset: none"
    )
    min_hit: Share | None = Field(default=None, description="the same for the share of questions with a right hit")
    min_mrr: Share | None = Field(default=None, description="the same for the mean reciprocal rank")
    min_ndcg: Share | None = Field(default=None, description="the same for nDCG")
    publish_url: str = Field(
        default="", description="fsspec URL to which Airflow's runs copy each report, page and JSON; empty: nowhere"
    )
    link_base: str = Field(
        default="", description="URL under which people open what lies at publish_url; empty: publish_url itself"
    )
    on_bad: Literal["fail", "warn"] = Field(
        default="fail", description="what chunk_quality_report does when the verdict is bad"
    )
    on_gate: Literal["fail", "warn"] = Field(default="warn", description="the same when only a gate is broken")


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


class Settings(Section):
    """The whole configuration."""

    # An error of pydantic's quotes what it was given: a secret would stand in a traceback.
    model_config = ConfigDict(hide_input_in_errors=True)

    tenant: str = Field(default="default", min_length=1, description="whose documents these are")
    source: SourceOptions = SourceOptions()
    parse: ParseOptions = ParseOptions()
    container: ContainerOptions = ContainerOptions()
    ocr: OcrOptions = OcrOptions()
    metadata: MetadataOptions = MetadataOptions()
    chunk: ChunkOptions = ChunkOptions()
    proposition: PropositionOptions = PropositionOptions()
    dedup: DedupOptions = DedupOptions()
    embed: EmbedOptions = EmbedOptions()
    index: IndexOptions = IndexOptions()
    bm25: Bm25Options = Bm25Options()
    search: SearchOptions = SearchOptions()
    catalog: CatalogOptions = CatalogOptions()
    store: StoreOptions = StoreOptions()
    retention: RetentionOptions = RetentionOptions()
    run: RunOptions = RunOptions()
    watch: WatchOptions = WatchOptions()
    report: ReportOptions = ReportOptions()
    log: LogOptions = LogOptions()
    trace: TraceOptions = TraceOptions()
    airflow: AirflowOptions = AirflowOptions()
    notify: NotifyOptions = NotifyOptions()

    @property
    def shares_store(self) -> bool:
        """Whether other homes may use the store. One in the home has nobody else's packs, and a catalog that is
        shared knows them all."""
        return bool(self.store.url) and self.catalog.url is None

    @model_validator(mode="after")
    def _several_machines_share_everything(self) -> Self:
        if self.catalog.url is None:
            return self
        if self.index.engine is IndexEngine.EDGE:
            raise ValueError(
                "catalog.url is for several machines, and the embedded index lies on one: set index.engine = "
                '"qdrant" and index.url, or leave catalog.url out'
            )
        if not self.store.url:
            raise ValueError(
                "catalog.url is for several machines, and artifacts would lie in each one's home: set store.url to "
                "a place that all of them reach, or leave catalog.url out"
            )
        return self


def load_settings(
    file: Path | None = None, environ: Mapping[str, str] | None = None, overrides: Overrides | None = None
) -> Settings:
    """Reads and checks everything at once. Raises `ConfigError`, naming the nearest valid key."""
    values: dict[str, object] = _read_toml(file) if file is not None else {}
    for name, text in sorted((os.environ if environ is None else environ).items()):
        if name.startswith(ENV_PREFIX):
            path = name.removeprefix(ENV_PREFIX).lower().split("__")
            _put(values, path, literal(text, ".".join(path)))
    for key, value in (overrides or {}).items():
        _put(values, key.split("."), value)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error)) from error


def find_config(folder: Path) -> Path | None:
    """`docstrata.toml` in this folder, where there is one."""
    path = folder / FILE_NAME
    return path if path.is_file() else None


def _read_toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))  # some editors put a byte order mark first
    except FileNotFoundError as error:
        raise ConfigError(f"there is no configuration file {file}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def literal(text: str, key: str = "") -> object:
    """A value from outside as TOML would read it, else the text itself.

    Where `key` holds text, a number or a date stays the text that it is: `007` may be a tenant.
    """
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value: object = document["value"]
    if len(document) > 1 or (_holds_text(key) and not isinstance(value, str)):
        return text
    return value


def _holds_text(key: str) -> bool:
    model: object = Settings
    for name in key.split("."):
        if not (isinstance(model, type) and issubclass(model, BaseModel) and name in model.model_fields):
            return False
        model = model.model_fields[name].annotation
    # Of a list of texts, too, the arguments are texts: but what is given is a list.
    kinds = (model,) if get_origin(model) is tuple else (model, *get_args(model))
    return any(kind in {str, SecretStr} for kind in kinds)


def _put(values: dict[str, object], path: list[str], value: object) -> None:
    *sections, key = path
    for section in sections:
        inner = values.get(section, {})
        if not isinstance(inner, Mapping):
            raise ConfigError(f"'{section}' is a value, not a section: it has no key '{key}'")
        inner = dict(inner)  # the caller's own mapping stays as it is
        values[section] = inner
        values = inner
    values[key] = value


_PLAIN = {
    "tuple_type": 'a list is needed, for example ["*.md", "*.pdf"]',
    "model_type": "this is a section: give one of its keys a value",
}
"""What pydantic says in words of Python."""


def _explain(error: ValidationError) -> str:
    return "; ".join(_sentence(list(map(str, e["loc"])), e["type"], e["msg"]) for e in error.errors())


def _sentence(location: list[str], kind: str, message: str) -> str:
    name = ".".join(location)
    if kind != "extra_forbidden":
        return f"{name}: {_PLAIN.get(kind, message.removeprefix('Value error, '))}"
    near = difflib.get_close_matches(name, _known_keys(), n=1, cutoff=0.0)
    return f"unknown key '{name}' in the configuration; did you mean '{near[0]}'?"


def _known_keys() -> list[str]:
    keys: list[str] = []
    for name, field in Settings.model_fields.items():
        keys.append(name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            keys.extend(f"{name}.{key}" for key in inner.model_fields)
    return keys

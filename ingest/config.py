"""One configuration: `docstrata.toml`, overridden by `DOCSTRATA__SECTION__KEY`, overridden by the caller.

Built once, frozen, passed down; a stage gets its own section only.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from chunkers.options import ChunkOptions
from ingest.options.airflow import AirflowOptions
from ingest.options.dedup import DedupOptions
from ingest.options.embed import EmbedOptions
from ingest.options.index import Bm25Options, IndexEngine, IndexOptions, SearchOptions
from ingest.options.notify import NotifyOptions
from ingest.options.ocr import OcrOptions
from ingest.options.parse import ParseOptions
from ingest.options.proposition import PropositionOptions
from ingest.options.report import ReportOptions
from ingest.options.run import RunOptions
from ingest.options.section import Section
from ingest.options.sources import ContainerOptions, MetadataOptions, SourceOptions, WatchOptions
from ingest.options.storage import CatalogOptions, RetentionOptions, StoreOptions
from ingest.options.telemetry import LogOptions, TraceOptions
from schemas.errors import ConfigError

ENV_PREFIX = "DOCSTRATA__"
FILE_NAME = "docstrata.toml"

Overrides = Mapping[str, object]
"""Dotted keys to values: `{"parse.workers": 2}`."""


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
_DESCRIBED = {
    "int_parsing": "a whole number is needed",
    "int_type": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "float_parsing": "a number is needed",
    "float_type": "a number is needed",
    "bool_parsing": "true or false is needed",
    "bool_type": "true or false is needed",
    "string_type": "a text in quotation marks is needed",
    "string_too_short": "it is empty",
    "string_pattern_mismatch": "it has another form than it may have",
}
"""What pydantic says in words of Python; the key's description, with its unit, is told behind `_DESCRIBED`."""


def _explain(error: ValidationError) -> str:
    return "; ".join(_sentence(list(map(str, e["loc"])), e["type"], e["msg"]) for e in error.errors())


def _sentence(location: list[str], kind: str, message: str) -> str:
    name = ".".join(location)
    if kind in _DESCRIBED:
        return f"{name}: {_DESCRIBED[kind]}" + _description(location)
    if kind != "extra_forbidden":
        told = _PLAIN.get(kind, message.removeprefix("Value error, "))
        return f"{name}: {re.sub('^Input should be', 'it should be', told)}"
    near = difflib.get_close_matches(name, _known_keys(), n=1, cutoff=0.0)
    return f"unknown key '{name}' in the configuration; did you mean '{near[0]}'?"


def _description(location: Sequence[str]) -> str:
    model: object = Settings
    for name in location[:-1]:
        if not (isinstance(model, type) and issubclass(model, BaseModel) and name in model.model_fields):
            return ""
        model = model.model_fields[name].annotation
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    told = fields[location[-1]].description if location[-1] in fields else None
    return f" ({told})" if told else ""


def _known_keys() -> list[str]:
    keys: list[str] = []
    for name, field in Settings.model_fields.items():
        keys.append(name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            keys.extend(f"{name}.{key}" for key in inner.model_fields)
    return keys

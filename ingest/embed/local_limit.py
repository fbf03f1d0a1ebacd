"""How much text a model reads, where that can be told without fetching anything."""

from __future__ import annotations

from pathlib import Path

from ingest.embed.model_config import read_model_config
from ingest.embed.model_files import resolve
from ingest.embed.tokens import text_limit
from ingest.options.embed import EmbedOptions
from ingest.options.section import CARRIED_PREFIX
from schemas.errors import ConfigError, MissingExtra


def local_limit(options: EmbedOptions) -> int | None:
    """Tokens of the longest text; None when the model's files are not on this disk. Raises
    `ConfigError` when `max_tokens` is more than the model reads."""
    folder = local_folder(options.model)
    return text_limit(options, read_model_config(folder)) if folder is not None else None


def local_folder(model: str) -> Path | None:
    """Where the model's files are; None when they are not on this disk."""
    if not model.startswith((CARRIED_PREFIX, ".", "/", "~")) and not Path(model).is_dir():
        return _in_hub_cache(model)
    try:
        return resolve(model)
    except (ConfigError, MissingExtra):
        return None


def _in_hub_cache(name: str) -> Path | None:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        return None
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        return None

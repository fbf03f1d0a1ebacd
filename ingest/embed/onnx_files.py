"""The model as ONNX, made once of its own weights and kept: for a CPU, in float32 or in int8."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from schemas.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch.nn import Module

EXPORT_VERSION: Final = 1
"""Counts up when the same weights would be exported or quantised otherwise."""

OUTPUT: Final = "token_embeddings"
_PROBES: Final = ("a text of some words", "another one, which is somewhat longer")
_WHAT_IS_MISSING: Final = "embed.backend = onnx needs {name}: pip install 'docstrata[onnx]', or set it to torch"


def onnx_file(transformer: Module, tokenizer: object, digest: str, *, int8: bool, folder: Path | None) -> Path:
    """The file of the model whose files have this digest, made in `folder` when it is not there.

    Raises `MissingExtra`, or `ConfigError` when the model cannot be exported.
    """
    kept = folder or _shared_folder()
    name = f"{digest[:32]}-{EXPORT_VERSION}"
    whole, quantised = kept / f"{name}.onnx", kept / f"{name}-int8.onnx"
    wanted = quantised if int8 else whole
    if wanted.is_file():
        return wanted
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as scratch, _quiet():
        made = whole
        if not whole.is_file():
            made = Path(scratch) / "whole.onnx"
            _export(transformer, tokenizer, made)
        if int8:
            smaller = Path(scratch) / "int8.onnx"
            _quantise(made, smaller)
            made = smaller
        # Renamed last: what is there is whole, whoever else is making it.
        made.replace(wanted)
    return wanted


def input_names(tokenizer: object) -> list[str]:
    """What the tokenizer makes and the model takes, in one order."""
    return list(getattr(tokenizer, "model_input_names", ("input_ids", "attention_mask")))


def _export(transformer: Module, tokenizer: object, to: Path) -> None:
    for name in ("onnx", "onnxscript"):  # torch.onnx asks for them in the middle of its work
        if find_spec(name) is None:
            raise MissingExtra(_WHAT_IS_MISSING.format(name=name))
    import torch

    names = input_names(tokenizer)
    if not callable(tokenizer):
        raise ConfigError("embed.backend = onnx needs a model that reads text: set it to torch")
    encoded = tokenizer(list(_PROBES), padding=True, return_tensors="pt")
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    try:
        torch.onnx.export(
            _LastHidden(transformer, names),
            tuple(encoded[name] for name in names),
            to,
            input_names=names,
            output_names=[OUTPUT],
            dynamic_shapes={"inputs": (free,) * len(names)},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    except Exception as error:  # the exporter raises whatever the model's own code does
        raise ConfigError(
            f"this model cannot be exported to ONNX ({type(error).__name__}): set embed.backend to torch"
        ) from error


def _quantise(whole: Path, to: Path) -> None:
    """Weights to int8 by channel, activations as they come. Seven bits of a weight are used: with
    eight, CPUs without VNNI run over and give other vectors than those that have it."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise MissingExtra(_WHAT_IS_MISSING.format(name=error.name)) from error
    quantize_dynamic(whole, to, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def _LastHidden(transformer: Module, names: list[str]) -> Module:  # noqa: N802 - it stands for a class
    """The part of the model that is exported; a class in a function, as torch is imported late."""
    import torch

    class LastHidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = transformer

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.inner(**dict(zip(names, inputs, strict=True))).last_hidden_state
            return found

    return LastHidden().eval()


def _shared_folder() -> Path:
    """Where there is no home: the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "docstrata" / "onnx"


@contextmanager
def _quiet() -> Iterator[None]:
    """Exporter and quantiser tell of every step; only an error means anything to a user."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)

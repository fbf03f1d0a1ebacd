"""The model run by onnxruntime. Where the packages that export are missing, only that is told."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from ingest.embed.model_card import read_model_card
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError, MissingExtra

TEXTS = ["strata lie on one another", "the oldest is below. layers of rock and clay.", "sand"]

needs_onnx = pytest.mark.skipif(
    find_spec("onnx") is None or find_spec("onnxscript") is None, reason="the extra onnx is not installed"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def made(model: Path, folder: Path, backend: str) -> SentenceTransformerEmbedder:
    options = EmbedOptions.model_validate({"model": str(model), "backend": backend})
    return SentenceTransformerEmbedder(options, remembered=folder / "weights.json")


@needs_onnx
def test_onnx_gives_the_vectors_of_torch_and_int8_nearly_so(tiny_model: Path, home: Path) -> None:
    plain = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu"))
    torch, onnx = plain.embed(TEXTS), made(tiny_model, home, "onnx")
    assert np.abs(onnx.embed(TEXTS) - torch).max() < 1e-5
    assert np.abs(onnx.embed_query("clay") - plain.embed_query("clay")).max() < 1e-5
    int8 = made(tiny_model, home, "onnx-int8").embed(TEXTS)
    assert (int8 * torch).sum(axis=1).min() > 0.95
    assert np.abs(int8 - torch).max() > 1e-6
    assert np.allclose(np.linalg.norm(int8, axis=1), 1, atol=1e-6)


@needs_onnx
def test_the_export_is_made_once_and_kept(tiny_model: Path, home: Path) -> None:
    first = made(tiny_model, home, "onnx").embed(TEXTS[:1])
    files = sorted((home / "onnx").iterdir())
    before = [(file.stat().st_ino, file.stat().st_mtime_ns) for file in files]
    assert np.array_equal(made(tiny_model, home, "onnx").embed(TEXTS[:1]), first)
    assert [(file.stat().st_ino, file.stat().st_mtime_ns) for file in files] == before


def test_only_what_changes_vectors_is_in_the_fingerprint(tiny_model: Path) -> None:
    def fingerprint(**options: str) -> str:
        return read_model_card(EmbedOptions.model_validate({"model": str(tiny_model), **options})).fingerprint

    plain = fingerprint()
    assert fingerprint(backend="onnx") == fingerprint(device="cpu,cpu") == plain
    assert len({plain, fingerprint(backend="onnx-int8"), fingerprint(dtype="bfloat16")}) == 3


def test_a_missing_package_is_named(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.embed.onnx_files.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"needs onnx: pip install 'docstrata\[onnx\]'"):
        made(tiny_model, tmp_path, "onnx").embed(TEXTS)


def test_onnx_is_for_the_cpu() -> None:
    with pytest.raises(ConfigError, match="runs on a CPU"):
        SentenceTransformerEmbedder(EmbedOptions(backend="onnx", device="cuda:0")).embed(["text"])
    with pytest.raises(ValueError, match="dtype bfloat16 is for backend torch"):
        EmbedOptions(backend="onnx", dtype="bfloat16")

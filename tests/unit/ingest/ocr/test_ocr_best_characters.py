"""The last step of recognition in the model, and how its models run on a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from rapidocr.inference_engine.onnxruntime import main as rapid_session
from rapidocr.inference_engine.onnxruntime import provider_config as rapid_providers

from ingest.ocr import paddle, rapid
from ingest.ocr.best_characters import best_characters, with_best_characters
from ingest.ocr.models import resolve
from ingest.ocr.paddle import PaddleModels
from ingest.ocr.rapid import RapidModels

_CUDA = "CUDAExecutionProvider"


def carried(task: str) -> Any:
    return resolve(f"carried:PP-OCRv6_tiny_{task}", "ocr.model", needs_config=True)


def made(library: type[PaddleModels] | type[RapidModels], cuda: int | None = None) -> PaddleModels | RapidModels:
    return library(carried("det"), carried("rec"), cuda=cuda, threads=1, longest_side=0, strips=4)


@pytest.fixture
def strips() -> list[np.ndarray[Any, Any]]:
    pixels = np.random.default_rng(5)
    return [pixels.integers(0, 256, (48, width, 3), dtype=np.uint8) for width in (90, 200, 333)]


def test_the_model_tells_the_best_of_what_it_told_before(tmp_path: Path) -> None:
    weights = carried("rec").weights
    assert with_best_characters(weights, tmp_path / "best.onnx")
    pixels = np.random.default_rng(3).random((3, 3, 48, 240), dtype=np.float32)

    def outputs(path: Path) -> list[Any]:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return list(session.run(None, {session.get_inputs()[0].name: pixels}))

    [probabilities] = outputs(weights)
    best = best_characters(outputs(tmp_path / "best.onnx"))
    np.testing.assert_array_equal(best.argmax(axis=2), probabilities.argmax(axis=2))
    np.testing.assert_array_equal(best.max(axis=2), probabilities.max(axis=2))


def test_a_model_that_gives_something_else_stays_as_it_is(tmp_path: Path) -> None:
    assert not with_best_characters(carried("det").weights, tmp_path / "best.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("library", [PaddleModels, RapidModels])
def test_lines_are_read_as_by_the_model_itself(
    library: type[PaddleModels] | type[RapidModels],
    strips: list[np.ndarray[Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = made(library).recognise(strips)
    for module in (paddle, rapid):
        monkeypatch.setattr(module, "with_best_characters", lambda weights, target: False)
    assert read == made(library).recognise(strips)


@pytest.mark.parametrize("library", [PaddleModels, RapidModels])
def test_on_a_gpu_no_shape_is_searched_for_its_algorithm(
    library: type[PaddleModels] | type[RapidModels], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a runtime that says it has CUDA, and runs on the CPU."""
    asked: list[dict[str, object]] = []
    real = onnxruntime.InferenceSession

    class Session(real):
        def __init__(
            self,
            path: str,
            sess_options: object = None,
            providers: Sequence[Any] = (),
            provider_options: Sequence[dict[str, object]] | None = None,
        ) -> None:
            named = [each if isinstance(each, tuple) else (each, {}) for each in providers]
            given = [
                {**own, **more} for (_, own), more in zip(named, provider_options or [{}] * len(named), strict=True)
            ]
            asked.extend(each for (name, _), each in zip(named, given, strict=True) if name == _CUDA)
            super().__init__(path, sess_options=sess_options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return [_CUDA, "CPUExecutionProvider"]

    for module in (onnxruntime, rapid_session):
        monkeypatch.setattr(module, "InferenceSession", Session)
    for module in (onnxruntime, rapid_providers):
        monkeypatch.setattr(module, "get_available_providers", lambda: [_CUDA, "CPUExecutionProvider"])
    monkeypatch.setattr(rapid_providers, "get_device", lambda: "GPU")
    for module in (paddle, rapid):
        monkeypatch.setattr(module, "check_runs_on_cuda", lambda weights, index: None)
    made(library, cuda=1)
    assert len(asked) == 2, "the detector and the recogniser"
    for options in asked:
        assert str(options["device_id"]) == "1"
        assert options["cudnn_conv_algo_search"] == "DEFAULT"

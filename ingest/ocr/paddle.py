"""PaddleOCR 3.7 on ONNX Runtime: no PaddlePaddle is needed, and nothing is fetched for models that are here."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.ocr.base import Corners, Recognised
from ingest.ocr.best_characters import best_characters, with_best_characters
from ingest.ocr.crops import Pixels, points_of
from ingest.ocr.devices import CONVOLUTION_SEARCH, check_runs_on_cuda
from ingest.ocr.models import CONFIG, LONGEST_SIDE, WEIGHTS, OcrModel
from schemas.errors import ConfigError, MissingExtra

_ENVIRONMENT = {
    # Asks four model hosts whether they can be reached.
    "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
_DETECTION = {
    "limit_side_len": 64,
    "limit_type": "min",
    "thresh": 0.3,
    "box_thresh": 0.6,
    "unclip_ratio": 1.5,
}
"""PaddleOCR's own for pages: those that the detector's configuration brings are for its training."""


class PaddleModels:
    name = "paddleocr"

    def __init__(
        self,
        detection: OcrModel,
        recognition: OcrModel,
        *,
        cuda: int | None,
        threads: int,
        longest_side: int,
        strips: int,
    ) -> None:
        """`cuda`: number of the GPU, None for the CPU. `longest_side` in pixels, 0 for
        PaddleOCR's own limit of 4,000. `strips`: lines that are recognised at once."""
        self._longest_side = longest_side or LONGEST_SIDE
        self._strips = strips
        if cuda is not None:
            check_runs_on_cuda(detection.weights, cuda)
        settings: dict[str, object] = {"intra_op_num_threads": threads}
        if cuda is not None:
            settings["provider_options"] = CONVOLUTION_SEARCH
        runtime = {
            "device": "cpu" if cuda is None else f"gpu:{cuda}",
            "engine": "onnxruntime",
            "engine_config": settings,
        }
        os.environ.update(_ENVIRONMENT)
        with (
            _folder(detection) as detection_dir,
            _folder(recognition) as recognition_dir,
            _told(detection, recognition),
        ):
            gives_best = recognition_dir is not None and _with_last_step(Path(recognition_dir, WEIGHTS))
            from paddleocr import TextDetection, TextRecognition

            # Only now: it sets the level itself when it is imported.
            logging.getLogger("paddlex").setLevel(logging.ERROR)
            self._detector: Any = TextDetection(
                model_name=detection.name, model_dir=detection_dir, **_DETECTION, **runtime
            )
            self._recogniser: Any = TextRecognition(model_name=recognition.name, model_dir=recognition_dir, **runtime)
        if gives_best:
            predictor = self._recogniser.paddlex_predictor
            predictor.post_op = _decoder_of_best(predictor.post_op)

    def find(self, pixels: Pixels) -> list[Corners]:
        limits: dict[str, object] = {}
        if max(pixels.shape) > self._longest_side:
            limits = {"limit_side_len": self._longest_side, "limit_type": "max"}
        [found] = self._detector.predict(pixels, **limits)
        return [points_of(corners) for corners in found["dt_polys"]]

    def recognise(self, strips: Sequence[Pixels]) -> list[Recognised]:
        """Strips of about one width together: each is filled up to the widest of its batch."""
        order = sorted(range(len(strips)), key=lambda i: strips[i].shape[1] / strips[i].shape[0])
        found = self._recogniser.predict([strips[i] for i in order], batch_size=self._strips) if order else []
        texts = {i: (str(line["rec_text"]), float(line["rec_score"])) for i, line in zip(order, found, strict=True)}
        return [texts[i] for i in range(len(strips))]


def _with_last_step(weights: Path) -> bool:
    """Puts the model that gives the best characters in the place of the link `weights`, where it can be made."""
    best = weights.with_suffix(".best")
    written = with_best_characters(weights.resolve(), best)
    if written:
        best.replace(weights)
    return written


def _decoder_of_best(decoder: Any) -> Callable[..., tuple[list[str], list[float]]]:
    """PaddleX's own decoder, which looks for the best characters itself, from the step after that on."""

    def decoded(outputs: Sequence[Any], **_: object) -> tuple[list[str], list[float]]:
        best = best_characters(outputs)
        lines = decoder.decode(best.characters, best.probabilities, is_remove_duplicate=True)
        return [text for text, _ in lines], [confidence for _, confidence in lines]

    return decoded


@contextmanager
def _told(detection: OcrModel, recognition: OcrModel) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingExtra(f"PaddleOCR lacks a package that it needs ({error}): pip install paddleocr anew") from error
    except Exception as error:
        # PaddleX has bare exceptions for names it does not know and for hosts that do not answer.
        raise ConfigError(
            f"PaddleOCR cannot load {detection.name}, {recognition.name}: {error}"[:1000]
            + "; name models that PaddleOCR knows and can download, or folders that hold them"
        ) from error


@contextmanager
def _folder(model: OcrModel) -> Iterator[str | None]:
    """A folder with the names that PaddleOCR expects, for as long as it loads; None for a download."""
    if model.weights is None or model.config is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="docstrata-ocr-") as name:
        Path(name, WEIGHTS).symlink_to(model.weights)
        Path(name, CONFIG).symlink_to(model.config)
        yield name

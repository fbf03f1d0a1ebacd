"""PaddleOCR 3.7 on ONNX Runtime: no PaddlePaddle is needed, and nothing is fetched for models that are here."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.ocr.devices import check_runs_on_cuda
from ingest.ocr.models import CONFIG, WEIGHTS, OcrModel
from ingest.ocr.reading import Pixels, Reading, read_page, text_line
from ingest.page_images import PageImage, ReadImage, TextLine
from schemas.errors import ConfigError

_ENVIRONMENT = {
    # Asks four model hosts whether they can be reached.
    "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


class PaddleOcrEngine:
    name = "paddleocr"

    def __init__(
        self,
        detection: OcrModel,
        recognition: OcrModel,
        reading: Reading,
        recipe: Mapping[str, str],
        *,
        cuda: int | None,
        threads: int,
        longest_side: int,
    ) -> None:
        """`cuda`: number of the GPU, None for the CPU. `longest_side` in pixels, 0 for
        PaddleOCR's own limit of 4,000."""
        self.recipe = recipe
        self._reading = reading
        self._longest_side = longest_side
        if cuda is not None:
            check_runs_on_cuda(detection.weights, cuda)
        with _folder(detection) as detection_dir, _folder(recognition) as recognition_dir:
            self._ocr = _load(
                device="cpu" if cuda is None else f"gpu:{cuda}",
                engine="onnxruntime",
                engine_config={"intra_op_num_threads": threads},
                text_detection_model_name=detection.name,
                text_detection_model_dir=detection_dir,
                text_recognition_model_name=recognition.name,
                text_recognition_model_dir=recognition_dir,
                use_doc_orientation_classify=False,
                use_doc_unwarping=False,
                use_textline_orientation=False,
            )

    def read(self, image: PageImage) -> ReadImage:
        return read_page(image, self._find_lines, self._reading)

    def _find_lines(self, pixels: Pixels) -> list[TextLine]:
        limits: dict[str, object] = {}
        if 0 < self._longest_side < max(pixels.shape):
            limits = {"text_det_limit_side_len": self._longest_side, "text_det_limit_type": "max"}
        [found] = self._ocr.predict(pixels, text_rec_score_thresh=0.0, **limits)
        return [
            text_line(text, score, corners)
            for text, score, corners in zip(found["rec_texts"], found["rec_scores"], found["rec_polys"], strict=True)
        ]


def _load(**parameters: Any) -> Any:
    os.environ.update(_ENVIRONMENT)
    from paddleocr import PaddleOCR

    # Only now: it sets the level itself when it is imported.
    logging.getLogger("paddlex").setLevel(logging.ERROR)
    try:
        return PaddleOCR(**parameters)
    except Exception as error:
        # PaddleX has bare exceptions for names it does not know and for hosts that do not answer.
        names = f"{parameters['text_detection_model_name']}, {parameters['text_recognition_model_name']}"
        raise ConfigError(
            f"PaddleOCR cannot load {names}: {error}"[:1000]
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

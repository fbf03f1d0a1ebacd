"""RapidOCR 3.10: the same models without PaddleX, smaller and quicker to load."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ingest.ocr.base import Corners, Recognised
from ingest.ocr.crops import Pixels, points_of
from ingest.ocr.devices import check_runs_on_cuda
from ingest.ocr.models import LONGEST_SIDE, OcrModel
from schemas.errors import ConfigError

_SHORTEST_SIDE = 736
"""Pixels to which RapidOCR enlarges small images, which helps; here no further than the longest side."""


class RapidModels:
    name = "rapidocr"

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
        """`cuda`: number of the GPU, None for the CPU. `longest_side` in pixels, 0 for 4,000.
        `strips`: lines that are recognised at once."""
        self._longest_side = longest_side or LONGEST_SIDE
        for model in (detection, recognition):
            if model.weights is None:
                raise ConfigError(
                    f"RapidOCR takes weights that are here: give a folder in place of {model.name!r}, "
                    "or set ocr.engine to paddleocr, which downloads it"
                )
        if cuda is not None:
            check_runs_on_cuda(detection.weights, cuda)
        from rapidocr import RapidOCR

        parameters = {
            "Global.log_level": "error",
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            "Det.model_path": str(detection.weights),
            "Rec.model_path": str(recognition.weights),
            "Rec.rec_batch_num": strips,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.use_cuda": cuda is not None,
            "EngineConfig.onnxruntime.cuda_ep_cfg.device_id": cuda or 0,
        }
        with _characters(recognition) as characters:
            if characters:
                parameters["Rec.rec_keys_path"] = characters
            self._ocr: Any = RapidOCR(params=parameters)
            # It loads its models when they are first used; the list of characters has to be there then.
            blank = np.full((64, 64, 3), 255, np.uint8)
            self._ocr.run_ocr_steps(blank, {})
            self._ocr.recognize_txt([blank])

    def find(self, pixels: Pixels) -> list[Corners]:
        """By its detector alone: as a whole it shrinks, frames and enlarges what is read too."""
        height, width = pixels.shape[:2]
        detector, longest = self._ocr.text_det, self._longest_side
        if max(height, width) > longest:
            detector.limit_type, detector.limit_side_len = "max", longest
        else:
            enlarged = min(height, width) * longest // max(height, width)
            detector.limit_type, detector.limit_side_len = "min", min(_SHORTEST_SIDE, enlarged)
        boxes = detector(pixels).boxes
        return [] if boxes is None else [points_of(corners) for corners in boxes]

    def recognise(self, strips: Sequence[Pixels]) -> list[Recognised]:
        if not strips:
            return []
        found = self._ocr.recognize_txt(list(strips))
        return [(str(text), float(score)) for text, score in zip(found.txts, found.scores, strict=True)]


@contextmanager
def _characters(model: OcrModel) -> Iterator[str | None]:
    """A file with a character a line, for as long as the model loads; None where the weights hold them."""
    if model.config is None:
        yield None
        return
    import yaml  # type: ignore[import-untyped]  # it brings no types

    characters = yaml.safe_load(model.config.read_text("utf-8"))["PostProcess"]["character_dict"]
    with tempfile.TemporaryDirectory(prefix="docstrata-ocr-") as folder:
        path = Path(folder, "characters.txt")
        path.write_text("\n".join(str(character) for character in characters), "utf-8")
        yield str(path)

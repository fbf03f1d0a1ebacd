"""RapidOCR 3.10: the same models without PaddleX, smaller and quicker to load."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.ocr.base import Corners, Recognised
from ingest.ocr.best_characters import BestCharacters, best_characters, with_best_characters
from ingest.ocr.crops import Pixels, points_of
from ingest.ocr.devices import CONVOLUTION_SEARCH, check_runs_on_cuda
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
            **{f"EngineConfig.onnxruntime.cuda_ep_cfg.{key}": value for key, value in CONVOLUTION_SEARCH.items()},
        }
        with tempfile.TemporaryDirectory(prefix="docstrata-ocr-") as scratch:
            folder = Path(scratch)
            if recognition.config is not None:
                parameters["Rec.rec_keys_path"] = str(_characters(recognition.config, folder))
            best = folder / "best.onnx"
            gives_best = recognition.weights is not None and with_best_characters(recognition.weights, best)
            if gives_best:
                parameters["Rec.model_path"] = str(best)
            self._ocr: Any = RapidOCR(params=parameters)
            # It loads its models when they are first used; the files of this folder have to be there then.
            if gives_best:
                recogniser = self._ocr._load_rec_model()
                recogniser.session = _best_of(recogniser.session.session)
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


def _best_of(session: Any) -> Callable[[NDArray[np.float32]], BestCharacters]:
    """In place of RapidOCR's session, which hands on the first output alone."""
    [strips] = session.get_inputs()
    return lambda pixels: best_characters(session.run(None, {strips.name: pixels}))


def _characters(config: Path, folder: Path) -> Path:
    """A file with a character a line."""
    import yaml  # type: ignore[import-untyped]  # it brings no types

    characters = yaml.safe_load(config.read_text("utf-8"))["PostProcess"]["character_dict"]
    path = folder / "characters.txt"
    path.write_text("\n".join(str(character) for character in characters), "utf-8")
    return path

"""RapidOCR 3.10: the same models without PaddleX, smaller and quicker to load."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ingest.ocr.devices import check_runs_on_cuda
from ingest.ocr.models import OcrModel
from ingest.ocr.reading import Pixels, Reading, read_page, text_line
from ingest.page_images import PageImage, ReadImage, TextLine
from schemas.errors import ConfigError

_NO_LIMIT = 1_000_000
"""Pixels: RapidOCR would shrink the image from which it reads, not only the one in which it looks for lines."""


_SHORTEST_SIDE = 736
"""Pixels to which RapidOCR enlarges small images, which helps; here no further than the longest side."""
_LONGEST_SIDE = 4000
"""PaddleOCR's own limit, where the options set none."""


class RapidOcrEngine:
    name = "rapidocr"

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
        """`cuda`: number of the GPU, None for the CPU. `longest_side` in pixels, 0 for 4,000."""
        self.recipe = recipe
        self._reading = reading
        self._longest_side = longest_side
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
            "Global.max_side_len": _NO_LIMIT,
            # Or a strip would be enlarged and framed until it is a page of many times its size.
            "Global.min_side_len": 1,
            "Global.width_height_ratio": -1,
            "Det.model_path": str(detection.weights),
            "Rec.model_path": str(recognition.weights),
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

    def read(self, image: PageImage) -> ReadImage:
        return read_page(image, self._find_lines, self._reading)

    def _find_lines(self, pixels: Pixels) -> list[TextLine]:
        """By its steps: as a whole it keeps lines without text to itself."""
        from rapidocr.utils.process_img import map_boxes_to_original

        height, width = pixels.shape[:2]
        detector = self._ocr.text_det
        longest = self._longest_side or _LONGEST_SIDE
        if max(height, width) > longest:
            detector.limit_type, detector.limit_side_len = "max", longest
        else:
            enlarged = min(height, width) * longest // max(height, width)
            detector.limit_type, detector.limit_side_len = "min", min(_SHORTEST_SIDE, enlarged)
        image, steps = self._ocr.preprocess_img(pixels)
        detected, _, recognised, _ = self._ocr.run_ocr_steps(image, steps)
        if detected.boxes is None or recognised.txts is None:
            return []
        boxes = map_boxes_to_original(detected.boxes, steps, height, width)
        return [
            text_line(text, score, corners)
            for text, score, corners in zip(recognised.txts, recognised.scores, boxes, strict=True)
        ]


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

"""`[ocr]`: how text in images is read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.options.section import CARRIED_PREFIX, Section

PreparationStep = Literal["stamps", "specks", "grain", "contrast"]


class OcrOptions(Section):
    """Models come from a folder that is named here, else from weights that an installed package
    carries (`carried:NAME`), else from PaddleOCR's own download."""

    engine: Literal["paddleocr", "rapidocr", "none"] = Field(
        default="paddleocr", description="paddleocr, rapidocr, or none: images and scanned pages are then failures"
    )
    detection_model: str = Field(
        default=f"{CARRIED_PREFIX}PP-OCRv6_small_det",
        min_length=1,
        description="carried:NAME, a folder with inference.onnx and inference.yml, or a name that PaddleOCR downloads",
    )
    recognition_model: str = Field(
        default=f"{CARRIED_PREFIX}PP-OCRv6_small_rec",
        min_length=1,
        description="the same; PP-OCRv6_tiny_rec is about four times as fast, others know other scripts",
    )
    devices: tuple[str, ...] = Field(
        default=("auto",), min_length=1, description="auto, cpu, cuda or cuda:N; one warm process each"
    )
    batch_pages: int = Field(
        default=0, ge=0, le=64, description="pages a device reads at once; 0: eight on a GPU, one on a CPU"
    )
    threads: int = Field(default=0, ge=0, description="CPU threads of an engine; 0: one a core")
    longest_side: int = Field(
        default=1600,
        ge=0,
        description="pixels an image is shrunk to where lines are sought (they are read from it as it is); 0: 4,000",
    )
    min_confidence: float = Field(
        default=0.5, ge=0, le=1, description="lines below it are kept, and told as doubtful in the file's warnings"
    )
    preparation: tuple[PreparationStep, ...] = Field(
        default=("stamps", "specks", "grain", "contrast"), description="what may be done to an image that needs it"
    )
    second_below: float = Field(default=0.9, ge=0, le=1, description="confidence below which a line is in doubt")
    second_model: str = Field(
        default="",
        description="a recognition model that reads lines in doubt too, named as the others; empty: none",
    )
    word_list: str = Field(
        default="",
        description="a file with a term of your field on each line: near misses in lines in doubt are put right",
    )
    page_timeout_s: float = Field(default=60.0, gt=0, description="seconds a page may take")
    max_rss_mb: int = Field(default=6144, ge=512, description="MiB an engine's process may hold")

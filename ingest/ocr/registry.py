"""From `[ocr]` to an engine, and to the recipe that says what it reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ingest.ocr.base import OcrEngine, TextModels
from ingest.ocr.devices import CPU, check_device, cores, cuda_index
from ingest.ocr.engine import PageEngine
from ingest.ocr.models import OcrModel, resolve
from ingest.ocr.paddle import PaddleModels
from ingest.ocr.rapid import RapidModels
from ingest.ocr.reading import READING_VERSION, Reading
from ingest.ocr.second_look import SecondLook
from ingest.ocr.word_list import read_word_list, word_list_digest
from ingest.options.ocr import OcrOptions
from schemas.errors import ConfigError, MissingExtra

_STRIPS_ON_CPU, _STRIPS_ON_GPU = 6, 64
"""Lines that are recognised at once: on a CPU more only cost memory."""
_PACKAGES = {"paddleocr": ("paddleocr", "paddlex"), "rapidocr": ("rapidocr",)}


def ocr_recipe(options: OcrOptions) -> Mapping[str, str]:
    """Engine, models and versions, without loading any: digests of files are kept while they last.

    The runtime's version is left out: it goes with the device. Raises `ConfigError` and
    `MissingExtra` for models that are not there.
    """
    detection, recognition = _models(options)
    packages = _PACKAGES[options.engine]
    try:
        versions = {package: version(package) for package in packages}
    except PackageNotFoundError as error:
        raise MissingExtra(f"ocr.engine is {options.engine}: pip install {' '.join(packages)}") from error
    return {
        "engine": options.engine,
        **versions,
        "detection": f"{detection.name}@{detection.digest}",
        "recognition": f"{recognition.name}@{recognition.digest}",
        "longest_side": str(options.longest_side),
        "min_confidence": f"{options.min_confidence:g}",
        "preparation": " ".join(sorted(options.preparation)),
        **_second_recipe(options),
        "reading": READING_VERSION,
    }


def make_engine(options: OcrOptions, device: str) -> OcrEngine:
    """Loads the models: for the OCR process. `device` is one of `options.devices`."""
    _check_opencv()
    detection, recognition = _models(options)
    models = _loaded(options, device, detection, recognition)
    second: SecondLook | None = None
    if options.second_model:
        second = SecondLook(_loaded(options, device, detection, _second_model(options)), options.second_below)
    return PageEngine(
        models,
        Reading(options.min_confidence, recognition.name),
        ocr_recipe(options),
        steps=frozenset(options.preparation),
        second=second,
        words=read_word_list(Path(options.word_list), options.second_below) if options.word_list else None,
    )


def _loaded(options: OcrOptions, device: str, detection: OcrModel, recognition: OcrModel) -> TextModels:
    libraries: dict[str, type[PaddleModels] | type[RapidModels]]
    libraries = {"paddleocr": PaddleModels, "rapidocr": RapidModels}
    cuda = cuda_index(device)
    return libraries[options.engine](
        detection,
        recognition,
        cuda=cuda,
        threads=threads_of_one(options),
        longest_side=options.longest_side,
        strips=_STRIPS_ON_CPU if cuda is None else _STRIPS_ON_GPU,
    )


def threads_of_one(options: OcrOptions) -> int:
    """CPU threads of one engine: its share of the cores, where the options give no number."""
    on_cpu = sum(device in {CPU, "auto"} for device in options.devices)
    return options.threads or max(1, cores() // max(1, on_cpu))


def _models(options: OcrOptions) -> tuple[OcrModel, OcrModel]:
    if options.engine == "none":
        raise ConfigError("ocr.engine is none: there is nothing to read images with")
    for device in options.devices:
        check_device(device)
    needs_config = options.engine == "paddleocr"
    return (
        resolve(options.detection_model, "ocr.detection_model", needs_config=needs_config),
        resolve(options.recognition_model, "ocr.recognition_model", needs_config=needs_config),
    )


def _second_model(options: OcrOptions) -> OcrModel:
    return resolve(options.second_model, "ocr.second_model", needs_config=options.engine == "paddleocr")


def _second_recipe(options: OcrOptions) -> Mapping[str, str]:
    """What only some set: without it, nothing is told."""
    told = {}
    if options.second_model or options.word_list:
        told["second_below"] = f"{options.second_below:g}"
    if options.second_model:
        model = _second_model(options)
        told["second_model"] = f"{model.name}@{model.digest}"
    if options.word_list:
        told["word_list"] = word_list_digest(Path(options.word_list))
    return told


def _check_opencv() -> None:
    # Read once, when OpenCV loads: its own threads are not to come on top of the engine's.
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    try:
        import cv2  # noqa: F401  # the first of the engines' imports that fails
    except ImportError as error:
        if ".so" in str(error):
            raise MissingExtra(
                f"OpenCV, which OCR needs, misses a library of the system ({error}): "
                "apt-get install libgl1 libglib2.0-0, or what has them on this system"
            ) from error
        raise MissingExtra("OCR needs OpenCV: pip install opencv-contrib-python") from error

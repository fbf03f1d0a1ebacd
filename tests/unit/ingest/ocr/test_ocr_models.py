"""Where OCR models come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.ocr.models import OcrModel, resolve
from ingest.ocr.registry import make_engine, ocr_recipe
from ingest.options.ocr import OcrOptions
from schemas.errors import ConfigError, MissingExtra

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inference.onnx").write_bytes(b"weights")
    (tmp_path / "inference.yml").write_text("Global:\n  model_name: el_PP-OCRv5_mobile_rec\nPreProcess:\n", "utf-8")
    return tmp_path


def found(setting: str, *, needs_config: bool = True) -> OcrModel:
    return resolve(setting, "ocr.recognition_model", needs_config=needs_config)


@pytest.mark.parametrize("size", ["small", "tiny"])
@pytest.mark.parametrize("task", ["det", "rec"])
def test_carried_models_are_found_with_their_configuration(size: str, task: str) -> None:
    model = found(f"carried:PP-OCRv6_{size}_{task}")
    assert model.name == f"PP-OCRv6_{size}_{task}"
    assert model.weights is not None
    assert model.config is not None
    assert f"model_name: {model.name}" in model.config.read_text("utf-8")


def test_an_unknown_carried_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'PP-OCRv9'.*carried:PP-OCRv6_small_rec, carried:PP-OCRv6_tiny_det"):
        found("carried:PP-OCRv9")


def test_a_folder_gives_its_model_under_the_name_in_its_configuration(folder: Path) -> None:
    model = found(str(folder))
    assert (model.name, model.weights) == ("el_PP-OCRv5_mobile_rec", folder / "inference.onnx")


def test_a_folder_without_a_model_is_refused_with_what_lies_there(folder: Path) -> None:
    (folder / "inference.onnx").rename(folder / "inference.pdiparams")
    with pytest.raises(ConfigError, match=r"inference\.onnx and inference\.yml are expected.*inference\.pdiparams"):
        found(str(folder))


def test_a_configuration_of_something_else_is_refused(folder: Path) -> None:
    (folder / "inference.yml").write_text("a: b", "utf-8")
    with pytest.raises(ConfigError, match=r"no Global\.model_name"):
        found(str(folder))


@pytest.mark.parametrize("setting", ["/no/such/folder", "./models", "~/models/rec"])
def test_a_path_that_is_not_there_is_not_taken_for_a_name(setting: str) -> None:
    with pytest.raises(ConfigError, match=r"ocr\.recognition_model names the folder .* which does not exist"):
        found(setting)


def test_a_word_that_can_be_no_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="'greek' is no folder"):
        found("greek")


def test_any_other_name_is_left_to_paddleocr() -> None:
    assert found("arabic_PP-OCRv5_mobile_rec") == OcrModel("arabic_PP-OCRv5_mobile_rec")


def test_rapidocr_is_told_that_it_downloads_nothing() -> None:
    options = OcrOptions(engine="rapidocr", recognition_model="arabic_PP-OCRv5_mobile_rec")
    with pytest.raises(ConfigError, match="give a folder in place of 'arabic_PP-OCRv5_mobile_rec'"):
        make_engine(options, "cpu")


def test_the_recipe_tells_models_and_versions_but_no_device(folder: Path) -> None:
    options = OcrOptions(recognition_model=str(folder))
    recipe = ocr_recipe(options)
    assert recipe["engine"] == "paddleocr"
    assert recipe["recognition"].startswith("el_PP-OCRv5_mobile_rec@")
    assert recipe == ocr_recipe(
        options.model_copy(update={"devices": ("cuda:1", "cpu"), "threads": 7, "batch_pages": 4})
    )
    (folder / "inference.onnx").write_bytes(b"other weights")
    assert recipe != ocr_recipe(options)


@pytest.mark.parametrize(
    "change",
    [
        {"longest_side": 640},
        {"min_confidence": 0.9},
        {"engine": "rapidocr"},
        {"preparation": ("specks",)},
        {"second_model": "carried:PP-OCRv6_small_rec"},
        {"word_list": __file__},
    ],
)
def test_what_changes_the_text_changes_the_recipe(change: dict[str, object]) -> None:
    options = OcrOptions(detection_model="carried:PP-OCRv6_tiny_det", recognition_model="carried:PP-OCRv6_tiny_rec")
    assert ocr_recipe(options) != ocr_recipe(options.model_copy(update=change))


def test_a_word_list_counts_by_what_it_says(tmp_path: Path) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_text("impeller", "utf-8")
    options = OcrOptions(word_list=str(terms))
    before = ocr_recipe(options)
    terms.write_text("impeller\nstrainer", "utf-8")
    assert ocr_recipe(options) != before
    terms.unlink()
    with pytest.raises(ConfigError, match=r"ocr\.word_list: .* cannot be read"):
        ocr_recipe(options)


def test_the_recipe_imports_no_engine() -> None:
    script = (
        "import sys; from ingest.ocr.registry import ocr_recipe; from ingest.options.ocr import OcrOptions;"
        "import ingest.ocr.client, ingest.ocr.local, ingest.ocr.service; ocr_recipe(OcrOptions());"
        "print({'paddleocr', 'paddlex', 'rapidocr', 'onnxocr', 'onnxruntime', 'cv2', 'torch'} & set(sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "set()"


@pytest.mark.parametrize("device", ["gpu", "cuda:x", ""])
def test_a_device_that_cannot_be_is_refused_before_anything_is_loaded(device: str) -> None:
    with pytest.raises(ConfigError, match="none of auto, cpu, cuda, cuda:N"):
        ocr_recipe(OcrOptions(devices=(device,)))


def test_a_gpu_that_this_machine_cannot_use_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ocr\.devices names cuda:9, but"):
        make_engine(OcrOptions(), "cuda:9")


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", "apt-get install libgl1"),
        ("No module named 'cv2'", "pip install opencv-contrib-python"),
    ],
)
def test_opencv_that_cannot_be_imported_says_what_to_install(
    failure: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cv2.py").write_text(f"raise ImportError({failure!r})", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    with pytest.raises(MissingExtra, match=told):
        make_engine(OcrOptions(), "cpu")

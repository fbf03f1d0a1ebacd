"""How well real images with known text are read.

    python benchmarks/ocr/truths.py CORPUS [--engine paddleocr rapidocr] [--size small tiny]

CORPUS/tesseract_test holds images beside their text; the three that are one page turned share one.
Character error rate, white space collapsed; a page that is held sideways is put in order by the
way its lines run. CORPUS/rapidocr_images holds images with strings that RapidOCR's own tests
assert: found, or, where the carried models do not know the script, told so.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pages import error_rate, options, text_of, upright
from PIL import Image, ImageOps

from ingest.ocr.base import OcrEngine
from ingest.ocr.registry import make_engine
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage

TRUTHS = {
    "eurotext.tif": "eurotext.txt",
    "phototest.tif": "phototest.txt",
    "phototest_2.tif": "phototest.txt",
    "phototestrot.tif": "phototest.txt",
    "phototest-rotated-180.png": "phototest.gold.txt",
    "phototest-rotated-L.png": "phototest.gold.txt",
    "phototest-rotated-R.png": "phototest.gold.txt",
}
NO_TRUTH = ("hebrew.png", "hebrew-nikud-genesis-1-2.png")
OTHER_SCRIPTS = ("cyrillic", "arabic", "el_rec", "eslav", "devanagari", "korean", "ta.png", "te.png", "th_rec")


def opened(path: Path) -> PageImage:
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            paper = Image.new("RGBA", upright.size, "white")
            paper.alpha_composite(upright)
            upright = paper
        rgb = upright.convert("RGB")
        return PageImage(rgb.width, rgb.height, rgb.tobytes(), 200)


def tesseract(reader: OcrEngine, folder: Path) -> None:
    rates = []
    for image, truth in TRUTHS.items():
        read = reader.read(opened(folder / image))
        rates.append(error_rate(text_of(upright(read)), (folder / truth).read_text("utf-8")))
        print(f"  {image:32} CER {rates[-1]:.4f}  {read.seconds:.2f} s")
    print(f"  mean of {len(rates)} {'':20} CER {sum(rates) / len(rates):.4f}")
    for image in NO_TRUTH:
        told(image, reader.read(opened(folder / image)))


def rapidocr_images(reader: OcrEngine, folder: Path) -> None:
    images = folder / "python" / "tests" / "test_files"
    asserted = json.loads((folder / "GROUND_TRUTH_from_tests.json").read_text("utf-8"))
    for label, strings in asserted.items():
        name, _, _ = label.partition(" ")
        read = reader.read(opened(images / name))
        whole = "".join(line.text for line in read.lines).replace(" ", "")
        found = [string for string in strings if string.replace(" ", "") in whole]
        if found == strings or not name.startswith(OTHER_SCRIPTS):
            print(f"  {label:32} {'found' if found == strings else 'NOT FOUND: ' + whole}")
        else:
            told(name, read)
    for name in sorted(path.name for path in images.iterdir() if path.name.startswith(OTHER_SCRIPTS)):
        if name not in asserted:
            told(name, reader.read(opened(images / name)))


def told(name: str, read: ReadImage) -> None:
    word = "told" if "ocr.recognition_model" in read.advice else "NOT TOLD: " + " ".join(x.text for x in read.lines)
    print(f"  {name:32} unread {read.unread:2} of {read.unread + len(read.lines):2}, {word}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--engine", nargs="+", default=["paddleocr", "rapidocr"])
    parser.add_argument("--size", nargs="+", default=["small", "tiny"])
    parser.add_argument("--side", type=int, default=OcrOptions().longest_side)
    arguments = parser.parse_args()
    for engine in arguments.engine:
        for size in arguments.size:
            print(engine, size)
            reader = make_engine(options(engine, size, arguments.side, 0), "cpu")
            tesseract(reader, arguments.corpus / "tesseract_test" / "testing")
            rapidocr_images(reader, arguments.corpus / "rapidocr_images")


if __name__ == "__main__":
    main()

"""Image files of every kind, read with an OCR that knows what is written in them."""

from __future__ import annotations

import importlib.util
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from ocr_fakes import KnowingOcr, Printed, boxed
from PIL import Image, ImageDraw, PngImagePlugin, TiffImagePlugin

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.image import ImageParser
from schemas.document import Document, PageMethod
from schemas.errors import CorruptFile, NoText, ParserCrashed, TooLarge, UnsupportedFormat
from schemas.source import Route

WORDS = boxed("Mind the gap", 20, 20, 120, 34)
DEFAULTS = ReadOptions()
DRAWN = (200, 160)
"""Pixels per inch of what is drawn here are 96: the words stand at (26, 26) and beyond."""


def parse(path: Path, ocr: KnowingOcr | None, options: ReadOptions = DEFAULTS) -> Document:
    parser = ImageParser(Tools(options, ocr))
    return parser.parse(ParseInput(path, path.name, "image/x", Route.UNSUPPORTED, path.stat().st_size))


def drawing(mode: str = "RGB", size: tuple[int, int] = DRAWN) -> Image.Image:
    """Dark on light, with a dot in the top left corner to see how it is held."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 9, 9), fill="black")
    draw.text((26, 26), "Mind the gap", fill="black")
    return image.convert(mode)


def pixels(ocr: KnowingOcr, index: int = 0) -> np.ndarray:
    image = ocr.seen[index]
    return np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width, 3)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("in.png", "RGB"), ("in.png", "L"), ("in.png", "1"), ("in.png", "P"), ("in.png", "RGBA"), ("in.png", "LA"),
        ("in.jpg", "RGB"), ("in.jpg", "CMYK"), ("in.jpg", "L"), ("in.tif", "RGB"), ("in.tif", "CMYK"), ("in.tif", "1"),
        ("in.gif", "P"), ("in.bmp", "RGB"), ("in.webp", "RGB"), ("in.webp", "RGBA"), ("in.avif", "RGB"),
    ],
)  # fmt: skip
def test_every_kind_is_handed_to_ocr_dark_on_light(name: str, mode: str, tmp_path: Path) -> None:
    drawing(mode).save(tmp_path / name)
    ocr = KnowingOcr([[WORDS]], keep=True)
    result = parse(tmp_path / name, ocr)
    assert result.text == "Mind the gap"
    assert (result.pages[0].method, result.pages[0].reason) == (PageMethod.OCR, "image")
    seen = pixels(ocr)
    assert seen.shape == (160, 200, 3)
    assert seen[4, 4].max() < 40
    assert seen[150, 190].min() > 215


def test_sixteen_bits_keep_their_shades(tmp_path: Path) -> None:
    shades = np.full((40, 40), 65_535, np.uint16)
    shades[:20] = 128 * 257
    Image.fromarray(shades).save(tmp_path / "in.png")
    ocr = KnowingOcr([[WORDS]], keep=True)
    parse(tmp_path / "in.png", ocr)
    assert (pixels(ocr)[5, 5].tolist(), pixels(ocr)[35, 35].tolist()) == ([128] * 3, [255] * 3)


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0)])
def test_what_is_drawn_on_a_transparent_ground_stands_out(ink: int, ground: int, tmp_path: Path) -> None:
    image = Image.new("RGBA", DRAWN, (ink, ink, ink, 0))
    ImageDraw.Draw(image).rectangle((20, 20, 60, 30), fill=(ink, ink, ink, 255))
    image.save(tmp_path / "in.png")
    ocr = KnowingOcr([[WORDS]], keep=True)
    parse(tmp_path / "in.png", ocr)
    assert (pixels(ocr)[25, 40].tolist(), pixels(ocr)[100, 100].tolist()) == ([ink] * 3, [ground] * 3)


@pytest.mark.parametrize(("orientation", "corner"), [(1, (4, 4)), (3, (4, 4)), (6, (4, 4)), (8, (4, 4))])
def test_a_photo_is_held_as_its_exif_says(orientation: int, corner: tuple[int, int], tmp_path: Path) -> None:
    upright = drawing()
    back = {1: 0, 3: 180, 6: 90, 8: 270}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright.rotate(back, expand=True).save(tmp_path / "in.jpg", exif=exif, quality=95)
    ocr = KnowingOcr([[WORDS]], keep=True)
    result = parse(tmp_path / "in.jpg", ocr)
    assert pixels(ocr).shape == (160, 200, 3)
    assert pixels(ocr)[corner].max() < 40
    assert (result.pages[0].width, result.pages[0].height) == (150, 120)


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    frames = [drawing(), drawing(size=(300, 100)), drawing()]
    frames[0].save(tmp_path / "in.tif", save_all=True, append_images=frames[1:])
    pages: list[list[Printed]] = [[boxed(f"Sheet {n}", 20, 20, 90, 34)] for n in (1, 2, 3)]
    result = parse(tmp_path / "in.tif", KnowingOcr(pages))
    assert [result.text_of(block) for block in result.blocks] == ["Sheet 1", "Sheet 2", "Sheet 3"]
    assert [(page.width, page.height) for page in result.pages] == [(150, 120), (225, 75), (150, 120)]


def test_the_first_picture_of_an_animation_is_read(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.gif", save_all=True, append_images=[Image.new("RGB", DRAWN, "red")])
    assert len(parse(tmp_path / "in.gif", KnowingOcr([[WORDS]])).pages) == 1


def test_regions_are_points_of_the_picture_at_its_own_resolution(tmp_path: Path) -> None:
    drawing(size=(1654, 2339)).save(tmp_path / "in.png", dpi=(200, 200))
    result = parse(tmp_path / "in.png", KnowingOcr([[boxed("Mind the gap", 100, 200, 300, 214)]]))
    assert (result.pages[0].width, result.pages[0].height) == pytest.approx((595.4, 842), abs=0.2)
    assert result.blocks[0].regions[0].bbox == pytest.approx((100, 200, 300, 214), abs=0.1)


@pytest.mark.parametrize("dpi", [None, (72, 72), (1, 1)])
def test_a_photo_of_no_known_resolution_is_taken_for_a_sheet(dpi: tuple[int, int] | None, tmp_path: Path) -> None:
    extra = {} if dpi is None else {"dpi": dpi}
    drawing(size=(3000, 2000)).save(tmp_path / "in.jpg", **extra)
    page = parse(tmp_path / "in.jpg", KnowingOcr([[WORDS]])).pages[0]
    assert (page.width, page.height) == pytest.approx((841.7, 561.1), abs=0.2)


def test_a_fax_has_square_pixels(tmp_path: Path) -> None:
    """200 columns and 100 rows an inch."""
    drawing("1", (400, 150)).save(tmp_path / "in.tif", dpi=(200, 100), compression="group4")
    ocr = KnowingOcr([[WORDS]])
    page = parse(tmp_path / "in.tif", ocr).pages[0]
    assert (ocr.seen[0].width, ocr.seen[0].height) == (400, 300)
    assert (page.width, page.height) == pytest.approx((144, 108), abs=0.1)


def claiming(width: int, height: int, path: Path) -> Path:
    """A PNG whose header claims a size, and with hardly any data: whoever decodes it finds it cut short."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress(b"\0" * 10)) + part(b"IEND", b""))
    return path


def test_pixels_are_counted_before_any_is_decoded(tmp_path: Path) -> None:
    path = claiming(40_000, 40_000, tmp_path / "in.png")
    with pytest.raises(TooLarge, match=r"1,600,000,000 pixels.*parse\.max_pixels") as caught:
        parse(path, KnowingOcr([]))
    assert caught.value.facts["pixels"] == 1_600_000_000
    with pytest.raises(CorruptFile):
        parse(claiming(100, 100, tmp_path / "in.png"), KnowingOcr([]))


def test_as_many_pixels_as_allowed_are_read(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.png")
    parse(tmp_path / "in.png", KnowingOcr([[WORDS]]), ReadOptions(max_pixels=200 * 160))
    with pytest.raises(TooLarge):
        parse(tmp_path / "in.png", KnowingOcr([[WORDS]]), ReadOptions(max_pixels=200 * 160 - 1))


def test_a_frame_of_too_many_pixels_costs_that_frame(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.tif", save_all=True, append_images=[drawing(size=(400, 400))])
    result = parse(tmp_path / "in.tif", KnowingOcr([[WORDS]]), ReadOptions(max_pixels=100_000))
    assert [page.method for page in result.pages] == [PageMethod.OCR, PageMethod.FAILED]
    assert "parse.max_pixels" in result.pages[1].reason


def test_a_tiff_of_too_many_frames_is_not_read(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.tif", save_all=True, append_images=[drawing(), drawing()])
    ocr = KnowingOcr([])
    with pytest.raises(TooLarge, match=r"3 pages.*parse\.max_pages"):
        parse(tmp_path / "in.tif", ocr, ReadOptions(max_pages=2))
    assert not ocr.seen


def test_pillows_own_limit_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing().save(tmp_path / "in.tif", save_all=True, append_images=[drawing()])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert len(parse(tmp_path / "in.tif", KnowingOcr([[WORDS], [WORDS]])).pages) == 2
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("name", ["in.png", "in.jpg", "in.tif", "in.bmp", "in.webp"])
def test_an_image_that_is_cut_short_is_corrupt(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    noise = np.random.default_rng(1).integers(0, 255, (160, 200, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CorruptFile, match=name) as caught:
        parse(path, KnowingOcr([]))
    assert str(tmp_path) not in caught.value.message


def test_what_is_no_image_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(b"not an image at all")
    with pytest.raises(CorruptFile):
        parse(tmp_path / "in.png", KnowingOcr([]))


@pytest.mark.skipif(importlib.util.find_spec("pillow_heif") is not None, reason="pillow-heif is installed")
def test_heic_names_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "in.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40)
    with pytest.raises(UnsupportedFormat, match="pillow-heif"):
        parse(tmp_path / "in.heic", KnowingOcr([]))


def test_exif_gives_author_date_and_description_and_no_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x010E], exif[0x0132] = "Ada Lovelace", "The engine's notes", "2020:01:02 03:04:05"
    exif.get_ifd(0x8769).update({0x9003: "2019:05:06 07:08:09", 0x9011: "+02:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: "2019:05:06"})
    exif[0x9C9B] = "Notes on the Engine".encode("utf-16-le")
    drawing().save(tmp_path / "in.jpg", exif=exif)
    result = parse(tmp_path / "in.jpg", KnowingOcr([[WORDS]]))
    assert result.metadata == {
        "author": "Ada Lovelace",
        "created": "2019-05-06T07:08:09+02:00",
        "description": "The engine's notes",
    }
    assert result.title == "Notes on the Engine"


def test_a_clock_that_was_never_set_is_no_date(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0132] = "0000:00:00 00:00:00"
    drawing().save(tmp_path / "in.jpg", exif=exif)
    assert parse(tmp_path / "in.jpg", KnowingOcr([[WORDS]])).metadata == {}


def test_png_text_chunks_are_metadata(tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Author", "Ada Lovelace")
    chunks.add_itxt("Title", "分析机笔记")
    drawing().save(tmp_path / "in.png", pnginfo=chunks)
    result = parse(tmp_path / "in.png", KnowingOcr([[WORDS]]))
    assert (result.title, result.metadata) == ("分析机笔记", {"author": "Ada Lovelace"})


def test_broken_exif_costs_nothing_but_itself(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\xff" + b"\xff" * 30)
    assert parse(tmp_path / "in.jpg", KnowingOcr([[WORDS]])).text == "Mind the gap"


def test_a_picture_without_text_says_so(tmp_path: Path) -> None:
    drawing(size=(600, 600)).save(tmp_path / "in.png")
    with pytest.raises(NoText, match="No text was found"):
        parse(tmp_path / "in.png", KnowingOcr([[]]))


def test_a_crop_of_one_line_is_looked_at_again_with_paper_around_it(tmp_path: Path) -> None:
    """Detectors miss what touches the edges."""
    drawing(size=(200, 40)).save(tmp_path / "in.png")
    ocr = KnowingOcr([[], [WORDS]], ahead=1)
    result = parse(tmp_path / "in.png", ocr)
    first, second = ocr.seen
    assert (second.width > first.width, second.height > first.height) == (True, True)
    assert result.text == "Mind the gap"
    assert (result.pages[0].width, result.pages[0].height) == (150, 30)
    box = result.blocks[0].regions[0].bbox
    assert box is not None
    # Where the fake says that it stands on the larger image, less the paper around.
    assert box[0] < 20


def test_without_ocr_the_option_is_named(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.png")
    with pytest.raises(NoText, match=r"OCR is off: set ocr\.engine"):
        parse(tmp_path / "in.png", None)


def test_an_image_that_ocr_fails_on_has_its_error(tmp_path: Path) -> None:
    drawing().save(tmp_path / "in.png")
    with pytest.raises(ParserCrashed, match="the engine died"):
        parse(tmp_path / "in.png", KnowingOcr([ParserCrashed("the engine died")]))


def test_pillow_writes_the_tiff_tags_that_these_tests_rely_on(tmp_path: Path) -> None:
    drawing("1").save(tmp_path / "in.tif", dpi=(200, 100))
    with Image.open(tmp_path / "in.tif") as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        assert image.info["dpi"] == (200, 100)

"""What can be wrong with a scanned sheet, drawn onto a clean page; always the same."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SEED = 20_261_122

Condition = Callable[[Image.Image, int], Image.Image]
"""A picture and its dots per inch to the picture as the scanner gave it. The dots may become fewer."""


def worn(picture: Image.Image, dpi: int = 0) -> Image.Image:
    """As a fax or an old copy has it: turned by 0.7 degrees, blurred, greyed, grain, specks, JPEG."""
    random = np.random.default_rng(SEED)
    turned = picture.rotate(0.7, resample=Image.Resampling.BICUBIC, fillcolor="white")
    grey = np.asarray(turned.convert("L").filter(ImageFilter.GaussianBlur(1.0)), np.float32)
    grey = 45 + grey * (225 - 45) / 255 + random.normal(0, 14, grey.shape)
    specks = random.random(grey.shape)
    grey[specks < 0.001] = 20
    grey[specks > 0.999] = 250
    buffer = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=50)
    return Image.open(buffer).convert("RGB")


def specked(picture: Image.Image, dpi: int) -> Image.Image:
    """Half a percent of the pixels are black or white."""
    random = np.random.default_rng(SEED)
    pixels = np.asarray(picture).copy()
    specks = random.random(pixels.shape[:2])
    pixels[specks < 0.005] = 10
    pixels[specks > 0.995] = 250
    return Image.fromarray(pixels)


def grainy(picture: Image.Image, dpi: int) -> Image.Image:
    """A photo in bad light."""
    random = np.random.default_rng(SEED)
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.7)), np.float32)
    pixels = 60 + pixels * (220 - 60) / 255 + random.normal(0, 22, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def faint(picture: Image.Image, dpi: int) -> Image.Image:
    """The third copy: 40 shades between ink and paper."""
    random = np.random.default_rng(SEED)
    grey = np.asarray(picture.convert("L").filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    grey = 195 + grey * 40 / 255 + random.normal(0, 2.5, grey.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")


def shadowed(picture: Image.Image, dpi: int) -> Image.Image:
    """A photo of a sheet, one side of which lies in the shadow."""
    pixels = np.asarray(picture, np.float32)
    across = np.linspace(1.0, 0.3, pixels.shape[1])[None, :, None]
    return Image.fromarray((pixels * across).astype(np.uint8))


def skewed(picture: Image.Image, dpi: int) -> Image.Image:
    return picture.rotate(-4.0, resample=Image.Resampling.BICUBIC, fillcolor="white")


def stamped(picture: Image.Image, dpi: int) -> Image.Image:
    """Three red seals over the text, their ink let through."""
    layer = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(layer)
    radius, red = 0.7 * dpi, (225, 60, 70)
    for x, y in ((2.2, 2.0), (3.9, 4.3), (2.6, 6.4)):
        cx, cy = x * dpi, y * dpi
        draw.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), outline=red, width=max(round(dpi / 18), 3))
        star = [
            (cx + size * np.sin(point * np.pi / 5), cy - size * np.cos(point * np.pi / 5))
            for point in range(10)
            for size in ([0.28 * dpi, 0.12 * dpi][point % 2],)
        ]
        draw.polygon(star, fill=red)
        for spoke in range(14):
            at = spoke * 2 * np.pi / 14
            inner, outer = 0.72 * radius, 0.9 * radius
            line = [cx + inner * np.cos(at), cy + inner * np.sin(at), cx + outer * np.cos(at), cy + outer * np.sin(at)]
            draw.line(line, fill=red, width=max(round(dpi / 40), 2))
    return Image.fromarray(np.minimum(np.asarray(picture), np.asarray(layer)))


def ruled(picture: Image.Image, dpi: int) -> Image.Image:
    """Lines of a form through the feet of the text, as where a typewriter missed them."""
    drawn = picture.copy()
    draw = ImageDraw.Draw(drawn)
    for step in range(1, 40):
        y = round((0.55 + step * 0.25) * dpi)
        draw.line((0.5 * dpi, y, picture.width - 0.5 * dpi, y), fill=(60, 60, 60), width=max(round(dpi / 100), 1))
    return drawn


def low(picture: Image.Image, dpi: int) -> Image.Image:
    """At half of its dots per inch."""
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)


CONDITIONS: dict[str, Condition] = {
    "clean": lambda picture, dpi: picture,
    "noisy": worn,
    "specked": specked,
    "grainy": grainy,
    "faint": faint,
    "shadowed": shadowed,
    "skewed": skewed,
    "stamped": stamped,
    "ruled": ruled,
    "low": low,
    "left": lambda picture, dpi: picture.transpose(Image.Transpose.ROTATE_90),
    "head": lambda picture, dpi: picture.transpose(Image.Transpose.ROTATE_180),
    "right": lambda picture, dpi: picture.transpose(Image.Transpose.ROTATE_270),
}
"""By name. `left`, `head` and `right` are how the sheet lay on the glass."""

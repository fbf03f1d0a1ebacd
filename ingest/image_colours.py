"""Pictures of any kind of colour as RGB, so that what is written in them can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_LIGHT = 190
"""Mean brightness, of 255, from which what is drawn on a transparent ground is light."""
_MOSTLY = 0.5


def to_rgb(image: Image) -> Image:
    """Transparent parts become white paper; a dark one where what is drawn on them is light."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _to_8_bits(image)
    if image.has_transparency_data:
        return _on_ground(image.convert("RGBA"))
    return image.convert("RGB")


def _to_8_bits(image: Image) -> Image:
    """16 bits are halved; numbers without a scale are spread from black to white."""
    import numpy as np
    from PIL import Image as Pillow

    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    if image.mode == "F" or values.min() < 0 or values.max() > 0xFFFF:
        low, high = values.min(), values.max()
        values = (values - low) * (255.0 / max(high - low, 1e-9))
    elif values.max() > 0xFF:
        values = values / 257.0
    return Pillow.fromarray(values.round().astype(np.uint8))


def _on_ground(image: Image) -> Image:
    import numpy as np
    from PIL import Image as Pillow

    alpha = np.asarray(image.getchannel("A"))
    drawn = alpha > 127
    light = drawn.any() and np.asarray(image.convert("L"))[drawn].mean() > _LIGHT and drawn.mean() < _MOSTLY
    ground = Pillow.new("RGBA", image.size, (0, 0, 0, 255) if light else (255, 255, 255, 255))
    return Pillow.alpha_composite(ground, image).convert("RGB")

"""Whether this machine has the fonts that the pairs are set in."""

from __future__ import annotations

import shutil
import subprocess


def chinese_fonts_missing() -> str:
    """A sentence when Noto CJK is not installed; "" when it is, or when nothing here can tell."""
    if shutil.which("fc-list") is None:
        return ""
    families = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    if "Noto Serif CJK SC" in families and "Noto Sans CJK SC" in families:
        return ""
    return (
        "The pairs are set in Noto Sans and Serif CJK SC: install these fonts (Debian: fonts-noto-cjk) and run again."
    )

"""Names of members, as they are shown. No file is ever created under one of them."""

from __future__ import annotations

import re
import unicodedata

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_JUNK_FOLDERS = frozenset({"__MACOSX"})
_JUNK_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def shown_name(name: str) -> str:
    """With `/`, in NFC, and without what would lead out of the container; may be empty."""
    parts = _DRIVE.sub("", unicodedata.normalize("NFC", name).replace("\\", "/")).split("/")
    return "/".join(_CONTROL.sub("", part) for part in parts if part not in {"", ".", ".."})


def is_junk(shown: str) -> bool:
    """What systems put beside the user's files."""
    *folders, file = shown.split("/")
    return not _JUNK_FOLDERS.isdisjoint(folders) or file in _JUNK_FILES


def numbered(name: str, number: int) -> str:
    """`report.pdf` as `report (2).pdf`."""
    folder, slash, file = name.rpartition("/")
    stem, dot, suffix = file.rpartition(".")
    renamed = f"{stem} ({number}).{suffix}" if dot and stem else f"{file} ({number})"
    return folder + slash + renamed

"""What people call a media type. One that is not named here stands as it is."""

from __future__ import annotations

_NAMES = {
    "": "not known",
    "application/epub+zip": "EPUB",
    "application/msword": "Word (.doc)",
    "application/pdf": "PDF",
    "application/rtf": "RTF",
    "application/vnd.ms-excel": "Excel (.xls)",
    "application/vnd.ms-outlook": "Outlook mail (.msg)",
    "application/vnd.ms-powerpoint": "PowerPoint (.ppt)",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument slides (.odp)",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument sheet (.ods)",
    "application/vnd.oasis.opendocument.text": "OpenDocument text (.odt)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint (.pptx)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel (.xlsx)",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word (.docx)",
    "application/x-ipynb+json": "Jupyter notebook",
    "application/xhtml+xml": "XHTML",
    "application/zip": "ZIP",
    "image/heic": "HEIC",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/webp": "WebP",
    "message/rfc822": "mail (.eml)",
    "text/asciidoc": "AsciiDoc",
    "text/csv": "CSV",
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/org": "Org",
    "text/plain": "plain text",
    "text/tab-separated-values": "TSV",
    "text/x-rst": "reStructuredText",
}


def format_name(media_type: str) -> str:
    return _NAMES.get(media_type, media_type)

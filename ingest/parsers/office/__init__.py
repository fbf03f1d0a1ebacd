"""Office formats, HTML, EPUB and tables, read with unstructured."""

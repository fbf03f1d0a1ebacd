"""Chunk-quality reports: figures from the catalog and the artifacts, told as HTML and JSON."""

"""The parts of `recount.py`, by what they count.

`catalog` reads the catalog, `documents` (with `keeping`, `figures`) what the artifacts hold; `checks` (with `parsing`,
`paragraphs`, `duplication`, `fit`, `vectors`, `segmentation`, `drift`) what the report checked; `evaluation` retrieval.
"""

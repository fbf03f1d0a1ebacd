"""How well the chunks of one document keep what they were cut from, one concern a file. What is counted is
defined in `schemas.chunk_counts`; here it is counted, from the document and its chunks alone."""

"""Pure chunking: a `Document` in, `Chunk` records out. No file, network, clock or model."""

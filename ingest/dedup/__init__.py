"""Near-identical chunks are told apart or told once."""

"""The stages and the runner."""

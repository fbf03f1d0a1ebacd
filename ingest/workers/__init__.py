"""Processes that read files and images, and may be thrown away."""

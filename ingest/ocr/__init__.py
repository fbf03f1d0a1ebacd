"""Text in images of pages."""

"""Vector indexes; one adapter a file."""

"""Files become documents; one adapter a file."""

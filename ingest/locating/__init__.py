"""Where a chunk stands: found, told and drawn on its pages, of old versions too."""

"""PDF files: text layers, layout, scans."""

"""What happened and what is known, in SQLite."""

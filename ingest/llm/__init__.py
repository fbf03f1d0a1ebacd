"""A language model behind an HTTP endpoint, and what it is asked for."""

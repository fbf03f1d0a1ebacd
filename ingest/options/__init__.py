"""The sections of the configuration: what each sets, its defaults, and what it refuses."""

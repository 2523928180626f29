"""The process that owns the parts of a local cloud, and what it starts them with."""

"""Entry points of building and packaging."""

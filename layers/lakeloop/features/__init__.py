"""Derived features: one expression, read once, computed alike for a whole table and for one request."""

from lakeloop.features.expression import Derivation, parse
from lakeloop.features.nodes import ExpressionError

__all__ = ["Derivation", "ExpressionError", "parse"]

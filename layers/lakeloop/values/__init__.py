"""The one definition of a value: what a text in a file, a cell of JSON or Parquet, and a value in a request mean."""

from lakeloop.values.refusal import RefusedValueError
from lakeloop.values.value import Value

__all__ = ["RefusedValueError", "Value"]

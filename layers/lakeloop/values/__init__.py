"""The one definition of a value: what a text in a file, a cell of JSON or Parquet, and a value in a request mean."""

from datetime import date, datetime

Value = int | float | bool | str | date | datetime

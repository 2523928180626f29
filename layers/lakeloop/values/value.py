"""What a value is behind the gate."""

from datetime import date, datetime

Value = int | float | bool | str | date | datetime
"""Typed: a category is its word, a timestamp is in UTC; None stands for no value."""

"""Parts of an expression."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lakeloop.contract.columns import Column
from lakeloop.values import Value

Row = Mapping[str, Value | None]
"""Typed values of one row by column."""

Kind = Literal["number", "category", "text", "moment"]
KINDS: dict[str, Kind] = {
    "float": "number",
    "integer": "number",
    "boolean": "number",
    "category": "category",
    "string": "text",
    "date": "moment",
    "timestamp": "moment",
}


class ExpressionError(Exception):
    """What was expected in an expression, and what stands there."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


class Node(Protocol):
    """One step; what is no number has no value of its own and is only read by functions."""

    @property
    def kind(self) -> Kind: ...

    def value(self, row: Row) -> float | None: ...


@dataclass(frozen=True)
class Operand:
    """A column."""

    column: Column

    @property
    def kind(self) -> Kind:
        return KINDS[self.column.type]

    def value(self, row: Row) -> float | None:
        found = row.get(self.column.name)
        return float(found) if isinstance(found, bool | int | float) else None


@dataclass(frozen=True)
class Constant:
    """A number that stands in the expression."""

    number: float
    kind: Kind = "number"

    def value(self, row: Row) -> float | None:
        return self.number


@dataclass(frozen=True)
class Step:
    """A function of numbers; missing in, missing out. `limits` are those of clip and bucket."""

    name: str
    operands: Sequence[Node]
    python: Callable[..., float]
    limits: tuple[float, ...] = ()
    kind: Kind = "number"

    def value(self, row: Row) -> float | None:
        numbers = [operand.value(row) for operand in self.operands]
        if any(number is None for number in numbers):
            return None
        try:
            return finite(self.python(*numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None


def finite(number: float) -> float | None:
    # Adding zero takes the sign of -0.0 away.
    return number + 0.0 if math.isfinite(number) else None


def numbers_only(name: str, arguments: Sequence[Node], least: int, most: int | None) -> None:
    """Raises ExpressionError unless there are so many arguments and all of them numbers."""
    if len(arguments) < least or (most is not None and len(arguments) > most):
        wanted = f"{least}" if most == least else f"{least} to {most}" if most else f"at least {least}"
        raise ExpressionError(f"{wanted} arguments of {name}", str(len(arguments)))
    for argument in arguments:
        if argument.kind != "number":
            raise ExpressionError(f"numbers in {name}", f"a {argument.kind}")

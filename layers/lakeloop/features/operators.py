"""Arithmetic, functions of numbers, and of categories and text."""

import ast
import bisect
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lakeloop.features.nodes import ExpressionError, Kind, Node, Operand, Row, Step, numbers_only

SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
MOST_CROSSED = 1000


def binary(sign: str, left: Node, right: Node) -> Step:
    numbers_only(sign, [left, right], 2, 2)
    return Step(sign, (left, right), ARITHMETIC[sign])


def _of_one(python: Callable[[float], float]) -> "Function":
    def make(name: str, arguments: Sequence[Node]) -> Node:
        numbers_only(name, arguments, 1, 1)
        return Step(name, arguments, python)

    return make


def _of_several(python: Callable[..., float]) -> "Function":
    def make(name: str, arguments: Sequence[Node]) -> Node:
        numbers_only(name, arguments, 2, None)
        return Step(name, arguments, python)

    return make


def _clip(name: str, arguments: Sequence[Node]) -> Node:
    numbers_only(name, arguments, 3, 3)
    low, high = _fixed(name, arguments[1:])
    if low > high:
        raise ExpressionError("the lower limit of clip first", f"{low:g} before {high:g}")
    return Step(name, arguments[:1], lambda x: min(max(x, low), high), (low, high))


def _bucket(name: str, arguments: Sequence[Node]) -> Node:
    """How many edges are at or below the number: an edge belongs to the upper bucket."""
    numbers_only(name, arguments, 2, None)
    edges = _fixed(name, arguments[1:])
    if any(lower >= upper for lower, upper in pairwise(edges)):
        raise ExpressionError("edges of bucket that grow", ", ".join(f"{edge:g}" for edge in edges))
    return Step(name, arguments[:1], lambda x: float(bisect.bisect_right(edges, x)), tuple(edges))


def _fixed(name: str, arguments: Sequence[Node]) -> list[float]:
    """Arguments that do not depend on the row."""
    numbers = [argument.value({}) for argument in arguments]
    if any(number is None for number in numbers):
        raise ExpressionError(f"numbers as limits of {name}", "a column")
    return [number for number in numbers if number is not None]


@dataclass(frozen=True)
class Cross:
    """A pair of categories as one code: from 1, in the order of both lists; 0 where one of them is not listed."""

    left: Operand
    right: Operand
    kind: Kind = "number"

    def value(self, row: Row) -> float | None:
        left, right = (_place(operand, row) for operand in (self.left, self.right))
        if left is None or right is None:
            return None
        return (left - 1) * len(self.right.column.allowed) + right if left and right else 0.0


def places(operand: Operand) -> dict[str, float]:
    """The listed values by their place, from 1."""
    return {value: float(place) for place, value in enumerate(operand.column.allowed, start=1)}


def _place(operand: Operand, row: Row) -> float | None:
    """The place of the row's value in the list, from 1; 0 for one that is not listed, None for none."""
    value = row.get(operand.column.name)
    return None if value is None else places(operand).get(str(value), 0.0)


def _cross(name: str, arguments: Sequence[Node]) -> Node:
    operands = [argument for argument in arguments if isinstance(argument, Operand) and argument.kind == "category"]
    if len(arguments) != 2 or len(operands) != 2:
        raise ExpressionError(f"two categories in {name}", ", ".join(argument.kind for argument in arguments) or "none")
    left, right = operands
    if (pairs := len(left.column.allowed) * len(right.column.allowed)) > MOST_CROSSED:
        raise ExpressionError(f"at most {MOST_CROSSED:,} pairs in {name}", f"{pairs:,}")
    return Cross(left, right)


@dataclass(frozen=True)
class Length:
    """Characters of a text or category."""

    operand: Operand
    kind: Kind = "number"

    def value(self, row: Row) -> float | None:
        found = row.get(self.operand.column.name)
        return float(len(str(found))) if found is not None else None


def _length(name: str, arguments: Sequence[Node]) -> Node:
    match arguments:
        case [Operand() as operand] if operand.kind in ("text", "category"):
            return Length(operand)
        case _:
            raise ExpressionError(f"one text or category in {name}", ", ".join(a.kind for a in arguments) or "none")


Function = Callable[[str, Sequence[Node]], Node]
FUNCTIONS: dict[str, Function] = {
    "log1p": _of_one(math.log1p),
    "sqrt": _of_one(math.sqrt),
    "abs": _of_one(abs),
    "min": _of_several(min),
    "max": _of_several(max),
    "clip": _clip,
    "bucket": _bucket,
    "cross": _cross,
    "length": _length,
}

"""The language of derived features: `debt / income`, `log1p(amount)`, `bucket(age, 18, 30)`, `cross(plan, region)`.

Python's `ast` parses it, and whatever is not listed here is refused. Numbers are 64-bit floats before anything is done
with them. A missing operand gives no value, and so does a step whose result is not finite; -0.0 is 0.0.
"""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass

from lakeloop.contract.columns import Column
from lakeloop.features import dates, operators
from lakeloop.features.nodes import Constant, ExpressionError, Node, Operand, Row

LONGEST = 500
DEEPEST = 20
FUNCTIONS = {**operators.FUNCTIONS, **dates.FUNCTIONS}


@dataclass(frozen=True)
class Derivation:
    """A derived feature that was judged against the columns it is made of."""

    root: Node
    operands: tuple[str, ...]
    """The columns it reads."""

    def value(self, row: Row) -> float | None:
        """The number for one typed row."""
        return self.root.value(row)


def parse(expression: str, columns: Mapping[str, Column]) -> Derivation:
    """`columns` are those that it may read. Raises ExpressionError, whose text ends a sentence: "expected ..."."""
    if len(expression) > LONGEST:
        raise ExpressionError(f"at most {LONGEST} characters", f"{len(expression)}")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("an expression such as debt / income", expression[:40]) from error
    names: dict[str, None] = {}
    root = _node(tree, columns, names, 0)
    if root.kind != "number":
        raise ExpressionError("a number as its result", f"a {root.kind}: use it in a function")
    if not names:
        raise ExpressionError("a column", "none")
    return Derivation(root, tuple(names))


def _node(tree: ast.expr, columns: Mapping[str, Column], names: dict[str, None], depth: int) -> Node:
    if depth > DEEPEST:
        raise ExpressionError(f"at most {DEEPEST} levels", "more")

    def inner(part: ast.expr) -> Node:
        return _node(part, columns, names, depth + 1)

    match tree:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in operators.SIGNS:
            return operators.binary(operators.SIGNS[type(op)], inner(left), inner(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return operators.binary("-", Constant(0.0), inner(operand))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in FUNCTIONS:
                raise ExpressionError(f"one of {', '.join(FUNCTIONS)}", f"{name}()")
            return FUNCTIONS[name](name, [inner(argument) for argument in arguments])
        case _:
            return _leaf(tree, columns, names)


def _leaf(tree: ast.expr, columns: Mapping[str, Column], names: dict[str, None]) -> Node:
    match tree:
        case ast.Constant(value=bool()):
            raise ExpressionError("a column, a number or a function", str(tree.value))
        case ast.Constant(value=int() | float() as number):
            return Constant(_finite(number))
        case ast.Name(id=name):
            if name not in columns:
                raise ExpressionError(f"one of {', '.join(list(columns)[:10])}", name)
            names[name] = None
            return Operand(columns[name])
        case _:
            raise ExpressionError("columns, numbers, + - * / ( ) and functions", ast.unparse(tree)[:40])


def _finite(number: float) -> float:
    try:
        there = float(number)
    except OverflowError:
        there = math.inf
    if math.isinf(there):
        raise ExpressionError("numbers up to about 1.8e308", str(number)[:40])
    return there

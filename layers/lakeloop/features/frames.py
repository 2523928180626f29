"""Derived features of a whole table; apart, so that a request is answered without polars."""

from collections.abc import Callable
from functools import reduce

import polars as pl

from lakeloop.features.dates import MICROSECONDS_OF_A_DAY, Days, Part
from lakeloop.features.expression import Derivation
from lakeloop.features.nodes import Constant, Node, Operand, Step
from lakeloop.features.operators import ARITHMETIC, Cross, Length, places


def compiled(derivation: Derivation) -> pl.Expr:
    """The number for each row of a frame of typed columns, null where there is none."""
    return _node(derivation.root)


def _node(node: Node) -> pl.Expr:
    match node:
        case Constant():
            number = pl.lit(node.number)
        case Operand():
            number = pl.col(node.column.name)
        case Step():
            number = _step(node)
        case Cross():
            number = _cross(node)
        case Length():
            number = pl.col(node.operand.column.name).cast(pl.String).str.len_chars()
        case Part():
            number = _part(node)
        case Days():
            number = (_microseconds(node.end) - _microseconds(node.start)) / MICROSECONDS_OF_A_DAY
        case _:
            raise TypeError(node)
    return number.cast(pl.Float64)


def _step(step: Step) -> pl.Expr:
    """Its operands are read once each: an expression that named them twice would double with every level."""
    names = [str(place) for place in range(len(step.operands))]
    fixed = [_is_fixed(operand) for operand in step.operands]
    if all(fixed):
        return pl.lit(step.value({}), dtype=pl.Float64)
    operands = [
        pl.lit(operand.value({}), dtype=pl.Float64) if known else pl.col(name)
        for name, operand, known in zip(names, step.operands, fixed, strict=True)
    ]
    there = pl.all_horizontal(operand.is_not_null() for operand in operands)
    # Adding zero takes the sign of -0.0 away.
    result = STEPS[step.name](operands, step.limits).cast(pl.Float64) + 0.0
    finite = pl.when(there & result.is_finite()).then(result)
    given = [
        _node(operand).alias(name)
        for name, operand, known in zip(names, step.operands, fixed, strict=True)
        if not known
    ]
    return pl.struct(given).map_batches(
        lambda rows: rows.struct.unnest().select(finite).to_series(), return_dtype=pl.Float64
    )


def _is_fixed(node: Node) -> bool:
    return isinstance(node, Constant) or (isinstance(node, Step) and all(map(_is_fixed, node.operands)))


def _lesser(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return pl.when(right < left).then(right).otherwise(left)


def _greater(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return pl.when(right > left).then(right).otherwise(left)


def _bucket(number: pl.Expr, edges: tuple[float, ...]) -> pl.Expr:
    return pl.sum_horizontal((number >= edge).cast(pl.Float64) for edge in edges)


Compiled = Callable[[list[pl.Expr], tuple[float, ...]], pl.Expr]
STEPS: dict[str, Compiled] = {
    # The functions of `operator` do both: polars' expressions have these operators too.
    **{sign: lambda operands, _, sign=sign: ARITHMETIC[sign](*operands) for sign in ARITHMETIC},  # type: ignore[misc]
    "log1p": lambda operands, _: operands[0].log1p(),
    "sqrt": lambda operands, _: operands[0].sqrt(),
    "abs": lambda operands, _: operands[0].abs(),
    "min": lambda operands, _: reduce(_lesser, operands),
    "max": lambda operands, _: reduce(_greater, operands),
    "clip": lambda operands, limits: operands[0].clip(*limits),
    "bucket": lambda operands, limits: _bucket(operands[0], limits),
}


def _cross(cross: Cross) -> pl.Expr:
    left, right = (
        pl.col(operand.column.name)
        .cast(pl.String)
        .replace_strict(places(operand), default=0.0, return_dtype=pl.Float64)
        for operand in (cross.left, cross.right)
    )
    there = pl.all_horizontal(pl.col(operand.column.name).is_not_null() for operand in (cross.left, cross.right))
    code = (left - 1) * len(cross.right.column.allowed) + right
    return pl.when(there).then(pl.when((left > 0) & (right > 0)).then(code).otherwise(0.0))


def _part(part: Part) -> pl.Expr:
    column = part.operand.column
    moment = pl.col(column.name)
    # A date has no clock, so no time zone changes what it says.
    local = moment.dt.convert_time_zone(column.timezone or "UTC") if column.type == "timestamp" else moment
    number: pl.Expr = getattr(local.dt, part.part)()
    return number


def _microseconds(operand: Operand) -> pl.Expr:
    return pl.col(operand.column.name).cast(pl.Datetime("us")).to_physical()

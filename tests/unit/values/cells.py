"""Readers of one column, as short as a test can say them."""

from typing import Any

from lakeloop.contract import Column, FileFormat
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.reading import CellReader


def reader(type_: str, *, file: dict[str, Any] | None = None, feature: bool = True, **options: Any) -> CellReader:  # noqa: ANN401
    column = Column.model_validate({"name": "c", "type": type_, "nullable": True, **options})
    return CellReader(column, FileFormat.model_validate(file or {}), feature=feature)


def text(cell: str | None, type_: str, **options: Any) -> Value | str | None:  # noqa: ANN401
    """The value, or the rule against it behind an exclamation mark."""
    return _answer(lambda: reader(type_, **options).text(cell))


def json(cell: object, type_: str, **options: Any) -> Value | str | None:  # noqa: ANN401
    return _answer(lambda: reader(type_, **options).json(cell))


def _answer(read: Any) -> Value | str | None:  # noqa: ANN401
    try:
        return read()  # type: ignore[no-any-return]
    except RefusedValueError as error:
        return f"! {error.rule}"

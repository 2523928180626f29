"""Moves the borders of a split by time on in a contract's text, and changes nothing else of it."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import cast

import yaml

from lakeloop.contract import Blocks, DatasetContract
from lakeloop.values import Value
from lakeloop.values.splits import UNITS, border, seconds

DURATION = re.compile(r"[1-9][0-9]*(s|min|h|d)")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def advanced_by(contract: DatasetContract, step: str | None) -> tuple[str, str]:
    """Where train and validation end, each moved on by a time or a number.

    Raises ValueError with a sentence where there is no such border, or no such step.
    """
    by = contract.splits.by
    if not isinstance(by, Blocks) or by.until is None:
        raise ValueError("its splits have no borders `until` that could move")
    if step is None:
        raise ValueError("how far the borders move is not said")
    column = contract.column(by.column)
    train, validation = (_later(border(text, column), step) for text in (by.until.train, by.until.validation))
    return train, validation


def written(text: str, train: str, validation: str) -> str:
    """The text of a contract with other borders."""
    nodes = dict(_until(cast("yaml.Node", yaml.compose(text, Loader=yaml.BaseLoader))))
    marks = [(nodes["train"], train), (nodes["validation"], validation)]
    for node, value in sorted(marks, key=lambda pair: -pair[0].start_mark.index):
        text = text[: node.start_mark.index] + _scalar(value) + text[node.end_mark.index :]
    return text


def _later(value: Value, step: str) -> str:
    if isinstance(value, date):
        if not DURATION.fullmatch(step):
            raise ValueError(f"{step} is no time such as 30d")
        if not isinstance(value, datetime) and seconds(step) % UNITS["d"]:
            raise ValueError(f"{step} are no whole days, and the column holds dates")
        return (value + timedelta(seconds=seconds(step))).isoformat()
    if not NUMBER.fullmatch(step):
        raise ValueError(f"{step} is no number, and the column holds numbers")
    moved = cast("float", value) + (int(step) if step.isdigit() else float(step))
    return f"{moved:.15g}" if isinstance(moved, float) else str(moved)


def _until(root: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    node = root
    for key in ("splits", "by", "until"):
        node = dict(_entries(node))[key]
    return _entries(node)


def _entries(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    return ((str(key.value), value) for key, value in cast("yaml.MappingNode", node).value)


def _scalar(value: str) -> str:
    """A colon begins a mapping unless it is quoted."""
    return f'"{value}"' if ":" in value else value

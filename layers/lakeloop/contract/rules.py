"""How the sections of a contract fit together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lakeloop.contract.base import Broken
from lakeloop.contract.columns import NUMERIC, TRUTHS, Column
from lakeloop.contract.training import Metric

Problem = Literal["binary", "multiclass", "regression"]

METRICS_OF_PROBLEM: dict[Problem, tuple[Metric, ...]] = {
    "binary": ("auc", "aucpr", "error", "logloss"),
    "multiclass": ("mlogloss", "merror"),
    "regression": ("rmse", "mae"),
}
"""The first is the one that counts where a contract names none."""


@dataclass(frozen=True)
class Draft:
    """A contract as far as it is readable: what is wrong by itself is None, and such a column in `names` only."""

    problem: Problem | None
    row_key: tuple[str, ...] | None
    label: str | None
    positive_class: str | None
    metrics: Mapping[str, str | None]
    """By the section that names it."""
    names: tuple[str, ...]
    columns: Mapping[str, Column]


def broken(draft: Draft) -> Iterator[Broken]:
    for rule in (_names, _roles, _label, _positive_class, _metric):
        yield from rule(draft)


def _names(draft: Draft) -> Iterator[Broken]:
    for name in sorted({name for name in draft.names if draft.names.count(name) > 1}):
        yield Broken(("columns",), "each name once", f"{name} twice")


def _roles(draft: Draft) -> Iterator[Broken]:
    keys = [("row_key", name) for name in draft.row_key or ()]
    for role, name in (*keys, ("label", draft.label)):
        if name is not None and name not in draft.names:
            yield Broken((role,), "the name of a column", name)
        column = draft.columns.get(name or "")
        if column and column.nullable and role == "row_key":
            yield Broken((role,), "a column that is not nullable", f"{name}, which is")
    if draft.label is not None and draft.label in (draft.row_key or ()):
        yield Broken(("label",), "another column than the row key", draft.label)


def _label(draft: Draft) -> Iterator[Broken]:
    label = draft.columns.get(draft.label or "")
    if label is None or draft.problem is None:
        return
    if draft.problem == "regression":
        if label.type not in NUMERIC:
            yield Broken(("label",), "a float or integer column to learn", f"{label.name}, a {label.type}")
    elif label.type != "category" and not (draft.problem == "binary" and label.type == "boolean"):
        kinds = "a category or boolean" if draft.problem == "binary" else "a category"
        yield Broken(("label",), f"{kinds} to learn for {draft.problem}", f"{label.name}, a {label.type}")
    if draft.problem == "binary" and label.type == "category" and len(label.allowed) != 2:
        found = f"{len(label.allowed)}: {', '.join(label.allowed[:3])}"
        yield Broken(("columns", label.name, "allowed"), "2 values of a binary label", found)


def _positive_class(draft: Draft) -> Iterator[Broken]:
    path, positive = ("positive_class",), draft.positive_class
    if draft.problem is not None and draft.problem != "binary" and positive is not None:
        yield Broken(path, f"nothing for {draft.problem}", positive)
    label = draft.columns.get(draft.label or "")
    if draft.problem != "binary" or label is None or label.type not in ("category", "boolean"):
        return
    classes = label.allowed if label.type == "category" else TRUTHS
    if positive not in classes:
        yield Broken(path, f"one of {', '.join(classes)}", positive or "nothing")


def _metric(draft: Draft) -> Iterator[Broken]:
    if draft.problem is None:
        return
    metrics = METRICS_OF_PROBLEM[draft.problem]
    for section, metric in draft.metrics.items():
        if metric is not None and metric not in metrics:
            yield Broken((section, "metric"), f"one of {', '.join(metrics)} for {draft.problem}", metric)

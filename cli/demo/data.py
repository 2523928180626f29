"""The demo's files: real tumours, most of them to learn from, some held out, and a few rows broken on purpose."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.datasets import load_breast_cancer

from lakeloop.contract import DatasetContract

DATASET = "breast_cancer"
HELD_OUT_FILE = "held-out.csv"
HELD_OUT_EVERY = 5
# Where in each file its three broken rows stand: anywhere but together.
PLANTED_AT = (40, 120, 200)

Row = list[str]


@dataclass(frozen=True)
class Planted:
    """A row that must end in quarantine, and why."""

    why: str
    row: Row


@dataclass(frozen=True)
class DemoData:
    """Files to drop, and labelled rows the model must never see."""

    files: tuple[Path, ...]
    held_out: list[dict[str, str]]
    planted: tuple[Planted, ...]


def prepare(contract: DatasetContract, folder: Path) -> DemoData:
    """Write the two files to drop, and a third with the held-out rows, into `folder`."""
    header = [column.name for column in contract.columns]
    rows = tumours(header)
    held_out = [dict(zip(header, row, strict=True)) for row in rows[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]]
    known = [row for number, row in enumerate(rows, start=1) if number % HELD_OUT_EVERY]
    half = len(known) // 2
    halves = (known[:half], known[half:])
    planted = planted_rows(header, *halves)
    files = tuple(folder / f"tumours-{number}.csv" for number in (1, 2))
    for file, good, bad in zip(files, halves, (planted[:3], planted[3:]), strict=True):
        write(file, header, with_planted(good, bad))
    write(folder / HELD_OUT_FILE, header, rows[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])
    return DemoData(files, held_out, planted)


def tumours(header: Sequence[str]) -> list[Row]:
    """The rows of scikit-learn's set in the contract's columns, in the set's own order."""
    source = load_breast_cancer()
    names = [str(name).replace(" ", "_") for name in source.feature_names]
    rows = []
    for number, (measures, target) in enumerate(zip(source.data, source.target, strict=True), start=1):
        values = {name: repr(float(value)) for name, value in zip(names, measures, strict=True)}
        values |= {"sample_id": f"bc-{number:04}", "diagnosis": str(source.target_names[target])}
        rows.append([values[name] for name in header])
    return rows


def planted_rows(header: Sequence[str], first: Sequence[Row], second: Sequence[Row]) -> tuple[Planted, ...]:
    """Three broken rows for each file, each broken in one way and otherwise like a real one."""

    def broken(row: Row, number: int, column: str, value: str) -> Row:
        changed = dict(zip(header, row, strict=True)) | {"sample_id": f"bc-90{number:02}", column: value}
        return [changed[name] for name in header]

    return (
        Planted("wrong type", broken(first[0], 1, "mean_radius", "wide")),
        Planted("out of range", broken(first[1], 2, "mean_smoothness", "-0.5")),
        Planted("unknown category", broken(first[2], 3, "diagnosis", "unclear")),
        Planted("missing label", broken(second[0], 4, "diagnosis", "")),
        Planted("duplicate key", second[1]),
        Planted("extra column", [*broken(second[2], 6, "sample_id", "bc-9006"), "surplus"]),
    )


def with_planted(good: Sequence[Row], planted: Sequence[Planted]) -> list[Row]:
    rows = list(good)
    for position, bad in zip(PLANTED_AT, planted, strict=True):
        rows.insert(position, bad.row)
    return rows


def write(file: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

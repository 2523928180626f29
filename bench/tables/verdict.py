"""One table: what is inferred, what the gate makes of it, and whether the oracle agrees."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.tables import oracle
from bench.tables.damage import plant
from bench.tables.oracle import Reading, Record
from bench.tables.sources import Source
from lakeloop.contract import DatasetContract, Quality
from lakeloop.errors import LakeloopError
from lakeloop.inference.infer import infer
from lakeloop.inference.landed import Landed
from lakeloop.ingest.transform import transform
from lakeloop.lake.layout import LANDED_COLUMN, SOURCE_COLUMN

MEASURES = ("inferred", "ingested", "exact", "typed", "planted")
MOST_QUARANTINED = 0.01
TYPES = {"number": ("integer", "float"), "boolean": ("boolean",), "date": ("date",)}
REPEATED = "unique:"


@dataclass
class Verdict:
    """The measures that a table fails, each with why; `exact` is asked of tables that are ingested."""

    name: str
    failed: dict[str, str] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class Taken:
    """What the gate made of a file: committed rows, and for each quarantined row its line and reasons."""

    rows_in: int
    committed: Counter[tuple[object, ...]]
    quarantined: dict[int, tuple[int, list[tuple[str, str]]]]
    """By the row's number: its line, and column and rule of each reason."""


def judged(source: Source) -> Verdict:
    """The verdict on one table; an unforeseen error fails all that was not asked before it."""
    verdict = Verdict(source.name)
    try:
        contract = infer([_landed(source)]).contract
    except (LakeloopError, ArithmeticError, LookupError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        verdict.failed = dict.fromkeys(MEASURES, f"{type(error).__name__}: {error}")
        return verdict
    reading = oracle.read(source.body, contract)
    verdict.rows = len(reading.records)
    if not reading.records:
        # There is nothing to take, and the gate says so.
        return verdict
    taken = take(source, contract)
    for measure, why in _findings(source, contract, reading, taken):
        verdict.failed.setdefault(measure, why)
    return verdict


def _findings(source: Source, contract: DatasetContract, reading: Reading, taken: Taken) -> Iterator[tuple[str, str]]:
    if why := _lost(contract, reading, taken):
        yield "ingested", why
    elif why := _changed(contract, reading, taken):
        yield "exact", why
    if why := _mistyped(contract, reading):
        yield "typed", why
    if why := _unfound(source, contract, reading, taken):
        yield "planted", why


def take(source: Source, contract: DatasetContract) -> Taken:
    """The gate's answer; no file is set aside whole, so that each line's own verdict is seen."""
    lenient = contract.model_copy(update={"quality": Quality(max_rejected_fraction=1.0)})
    with TemporaryDirectory(prefix="lakeloop-bench-") as folder:
        result = transform(lenient, lambda: io.BytesIO(source.body), source.file, Path(folder))
        committed: Counter[tuple[object, ...]] = Counter()
        for path in (path for part in result.ranges for path in part.rows.values()):
            committed.update(pl.read_parquet(path).drop(SOURCE_COLUMN, LANDED_COLUMN).rows())
        quarantined = {}
        if result.quarantine:
            for row in pl.read_parquet(result.quarantine).iter_rows(named=True):
                reasons = [(reason["column"], reason["rule"]) for reason in row["reasons"]]
                quarantined[row["row"]] = (row["line"], reasons)
        return Taken(result.rows_in, committed, quarantined)


def _landed(source: Source) -> Landed:
    return Landed(source.file, lambda: io.BytesIO(source.body))


def _lost(contract: DatasetContract, reading: Reading, taken: Taken) -> str:
    rows = len(reading.records)
    if taken.rows_in != rows or taken.committed.total() + len(taken.quarantined) != rows:
        became = f"{taken.committed.total()} committed, {len(taken.quarantined)} quarantined"
        return f"{rows} rows, {taken.rows_in} in, {became}"
    bad = [
        (line, reasons)
        for line, reasons in taken.quarantined.values()
        if not all(
            rule.startswith(REPEATED) or (column == contract.label and rule == "required") for column, rule in reasons
        )
    ]
    if len(bad) <= MOST_QUARANTINED * rows:
        return ""
    line, reasons = bad[0]
    return f"{len(bad)} of {rows} rows quarantined, line {line}: {reasons[0][0]}: {reasons[0][1]}"


def _changed(contract: DatasetContract, reading: Reading, taken: Taken) -> str:
    expected: Counter[tuple[object, ...]] = Counter()
    for number, record in enumerate(reading.records, start=1):
        if number not in taken.quarantined:
            expected[_values(contract, reading, record)] += 1
    missing = expected - Counter({_plain(row): count for row, count in taken.committed.items()})
    return f"{missing.total()} rows differ, as {next(iter(missing))}"[:200] if missing else ""


def _values(contract: DatasetContract, reading: Reading, record: Record) -> tuple[object, ...]:
    places = _places(contract, reading)
    found = []
    for column in contract.kept:
        place = places[column.name]
        cell = record.cells[place] if place < len(record.cells) else ""
        try:
            found.append(oracle.value(column, contract, cell))
        except (ValueError, ArithmeticError, StopIteration):
            found.append(f"not a {column.type}: {cell}")
    return tuple(found)


def _plain(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell for cell in row)


def _places(contract: DatasetContract, reading: Reading) -> dict[str, int]:
    if not reading.names:
        return {column.name: place for place, column in enumerate(contract.columns)}
    return {column.name: reading.names.index((column.header or ("",))[0]) for column in contract.columns}


def _mistyped(contract: DatasetContract, reading: Reading) -> str:
    """The first column whose cells are all of one kind and which is of another type.

    Numbers and truths of a label may be classes, and the running number in front is no column to read.
    """
    places = _places(contract, reading)
    for column in contract.columns:
        place = places[column.name]
        cells = [record.cells[place] for record in reading.records if place < len(record.cells)]
        wanted = TYPES.get(oracle.kind(cells), ())
        numbers_rows = column.type == "skip" and place == 0
        if wanted and column.type not in wanted and not numbers_rows and column.name != contract.label:
            return f"{column.name} is {column.type}, its cells are {oracle.kind(cells)}s"
    return ""


def _unfound(source: Source, contract: DatasetContract, reading: Reading, taken: Taken) -> str:
    good = [record for number, record in enumerate(reading.records, start=1) if number not in taken.quarantined]
    if not good:
        return "no row is good"
    planted = plant(source.body, contract, reading, good)
    again = take(Source(source.name, planted.body), contract)
    found = dict(again.quarantined.values())
    for line, what in planted.lines.items():
        if not _is_found(what, found.get(line, [])):
            return f"{what}: line {line} was taken"
    if len(found) != len(planted.lines) + len(taken.quarantined) or again.committed != taken.committed:
        return f"{len(planted.lines)} lines are damaged, {len(found) - len(taken.quarantined)} more were quarantined"
    return ""


def _is_found(what: str, reasons: list[tuple[str, str]]) -> bool:
    """Whether a line is set aside for more than its key, where that is not the damage."""
    if what == "a key that is there":
        return bool(reasons)
    return any(not rule.startswith(REPEATED) for _, rule in reasons)

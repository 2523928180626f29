"""Random tables in random dialects, some of them damaged: the gate must say what an independent reading says.

Rows in are rows committed and rows quarantined, values and lines are those of the oracle, and no block size changes a
verdict. A table follows from the seed and its number, so that it can be made again. The last line is one JSON object.
"""

import argparse
import gzip
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from bench import oracle
from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.transform import transform
from lakeloop.lake.layout import LANDED_COLUMN, SOURCE_COLUMN

TYPES = ("float", "integer", "boolean", "category", "string", "date")
WORDS = ["red", "green", "blue", "no", "NA", "-", "café", "cafe\u0301", "東京", "x y", "a\u200bb", "\ufeffred"]
NUMBERS = [
    "0", "-0", "1", "7.5", "-3", "+4", "007", "1e3", "1E5", "2.0", ".5", "5.", "1e400", "1e-400", "123456789012345678",
    "12345678901234567890", "9007199254740993", "0.1", "1,5", "1.5", "nan", "inf", "1_0", "\uff11", "1e", "--1",
    "3.4e39", "00", "-0.0", "1.000", "16777217", "0.30000000000000004",
]  # fmt: skip
DATES = [
    "2024-02-29",
    "2023-02-29",
    "2024-1-5",
    "9999-12-31",
    "0000-01-01",
    "2024-01-05T00:00:00",
    "45000",
    "2024-01-05 ",
]
ODD = ['="00123"', "'00123", "8.8E+12", "", " ", "\t", "true", "FALSE", "1.0", "\x01", "\u00a0x\u00a0", "#x", "id"]
DAMAGE = ['"', "'", ",", ";", " ", "\t", "\udce9", "\udcff", "\x00", "x", "\n", "\r", "\\", "é", '""', "{", "}", ":"]
BLOCKS = (1, 7, 60)


@dataclass(frozen=True)
class Table:
    """A contract as it is written, and a file."""

    contract: dict[str, Any]
    name: str
    text: str
    content: bytes
    encoding: str


class Maker:
    """Makes one table from a seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 no secret

    def table(self) -> Table:
        choose = self._random.choice
        delimiter = choose([",", ",", ";", "\t", "|", "||", "whitespace"])
        quote = "" if delimiter == "whitespace" else choose(['"', '"', "'", ""])
        self._file: dict[str, Any] = {
            "delimiter": delimiter,
            "quotechar": quote or False,
            "header": choose([True, True, False]),
            "decimal": choose([".", ".", ","]),
            "na_values": self._random.sample(["NA", "-", "?", "no"], 2),
        }
        if choose([True, False, False]):
            self._file["comment"] = "#"
        columns = [self._column(place) for place in range(self._random.randint(1, 5))]
        contract = {"name": "fuzz", "file": self._file, "quality": {"max_rejected_fraction": 1}, "columns": columns}
        if columns[0]["type"] in ("integer", "string") and choose([True, False]):
            contract |= {"row_key": "c0", "repeats": choose(["reject", "last", "keep"])}
            columns[0]["nullable"] = False
        text = self._json(columns) if choose([True, False, False]) else self._csv(columns)
        return self._packed(contract, text, "t.jsonl" if text.startswith("{") else "t.csv")

    def _column(self, place: int) -> dict[str, Any]:
        column = {"name": f"c{place}", "type": self._random.choice(TYPES), "nullable": self._random.random() < 0.5}
        if column["type"] == "category":
            column["allowed"] = self._random.sample(["red", "green", "blue", "NA", "café", "x y"], 3)
        return column

    def _cell(self, column: dict[str, Any]) -> str:
        if self._random.random() < 0.08:
            return self._random.choice(NUMBERS + WORDS + DATES + ODD)
        return self._good_cell(column)

    def _good_cell(self, column: dict[str, Any]) -> str:
        match column["type"]:
            case "float":
                number = str(round(self._random.uniform(-1000, 1000), self._random.randint(0, 6)))
                return number.replace(".", self._file["decimal"])
            case "integer":
                return str(self._random.randint(-30, 30))
            case "boolean":
                return self._random.choice(["true", "False", "1", "0", "TRUE"])
            case "category":
                return str(self._random.choice(column["allowed"]))
            case "date":
                return str(date(2024, 1, 1) + timedelta(days=self._random.randint(-5000, 5000)))
            case _:
                return self._random.choice([*WORDS, "a, b", 'say "x"', "it's", "two\nlines", "a;b|c||d", "k1", "k2"])

    def _csv(self, columns: list[dict[str, Any]]) -> str:
        delimiter, quote = self._file["delimiter"], self._file["quotechar"] or ""
        apart = " " if delimiter == "whitespace" else delimiter
        lines = [apart.join(column["name"] for column in columns)] if self._file["header"] else []
        for _ in range(self._random.randint(1, 25)):
            cells = [self._written(self._cell(column), apart, quote) for column in columns]
            lines.append(apart.join(cells) + self._random.choice([""] * 6 + [apart, apart * 2]))
        body = self._damaged(lines, keep=int(self._file["header"]))
        end = self._random.choice(["\n", "\n", "\r\n", "\r"])
        return end.join(body) + self._random.choice(["", end, end * 3])

    def _written(self, cell: str, apart: str, quote: str) -> str:
        if apart == " ":
            return "".join(cell.split()) or "-"
        must = any(part in cell for part in (apart, quote or "\n", "\n"))
        if quote and (must or self._random.random() < 0.15):
            space = self._random.choice(["", "", "", " "])
            return f"{space}{quote}{cell.replace(quote, quote * 2)}{quote}{space}"
        return cell.replace("\n", " ").replace(apart, " ") if must else cell

    def _json(self, columns: list[dict[str, Any]]) -> str:
        lines = []
        for _ in range(self._random.randint(1, 25)):
            pairs = [f"{json.dumps(column['name'])}: {self._json_cell(column)}" for column in columns]
            lines.append("{" + ", ".join(pairs) + "}")
        end = self._random.choice(["\n", "\r\n"])
        first = "{" + ", ".join(f'"{column["name"]}": null' for column in columns) + "}"
        return end.join([first, *self._damaged(lines, keep=0)]) + self._random.choice(["", end])

    def _json_cell(self, column: dict[str, Any]) -> str:
        cell = self._cell(column)
        plain = cell.replace(",", ".")
        try:
            json.loads(plain, parse_constant=lambda word: json.loads(f"!{word}"))
        except ValueError:
            return json.dumps(cell, ensure_ascii=self._random.random() < 0.5)
        return plain if self._random.random() < 0.6 else json.dumps(cell)

    def _damaged(self, lines: list[str], keep: int) -> list[str]:
        """Some lines with a character more, or less."""
        share = self._random.choice([0, 0, 0.05, 0.3])
        for place in range(keep, len(lines)):
            if self._random.random() < share:
                line, at = lines[place], self._random.randint(0, len(lines[place]))
                gone = self._random.choice([0, 0, 1, 5])
                lines[place] = line[:at] + self._random.choice([*DAMAGE, ""]) + line[at + gone :]
        if self._random.random() < 0.3:
            lines.insert(
                self._random.randint(keep, len(lines)), self._random.choice(["", " ", "# a remark", *lines[:1]])
            )
        return lines

    def _packed(self, contract: dict[str, Any], text: str, name: str) -> Table:
        encoding = self._random.choice(["utf-8", "utf-8", "utf-8", "utf-16-le", "latin-1"])
        if encoding != "utf-8":
            text = "".join(character for character in text if ord(character) < 256 and character != "\ufeff")
            contract["file"]["encoding"] = encoding
        content = text.encode(encoding, "surrogateescape")
        if self._random.random() < 0.2:
            at = self._random.randint(0, len(content))
            content = gzip.compress(content[:at]) + gzip.compress(content[at:])
        return Table(contract, name, text, content, encoding)


def expected(table: Table) -> oracle.Verdict | None:
    """What becomes of the table by the oracle; None where the file is refused whole."""
    columns, verdict, seen = table.contract["columns"], oracle.Verdict(), list[tuple[int, tuple[Any, ...]]]()
    records = list(json_records(table) if table.name == "t.jsonl" else csv_records(table))
    if not records or (table.name == "t.csv" and refused_whole(records, columns)):
        return None
    for line, cells in records:
        try:
            seen.append((line, row_of(table, cells)))
        except oracle.Bad:
            verdict.lines.append(line)
    repeats = table.contract.get("repeats", "keep")
    for line, row in reversed(seen) if repeats == "last" else seen:
        if repeats != "keep" and row[0] in (before[0] for before in verdict.rows):
            verdict.lines.append(line)
        else:
            verdict.rows.append(row)
    again = len(seen) - len(verdict.rows)
    # What most rows repeat is no key.
    return None if again > len(records) / 2 else verdict


def row_of(table: Table, cells: list[Any] | None) -> tuple[Any, ...]:
    """The typed row. Raises Bad."""
    columns = table.contract["columns"]
    if cells is None or len(cells) != len(columns):
        raise oracle.Bad
    read = oracle.json_cell if table.name == "t.jsonl" else oracle.cell
    return tuple(read(column, cell, table.contract) for column, cell in zip(columns, cells, strict=True))


def csv_records(table: Table) -> list[tuple[int, list[Any] | None]]:
    file, width = table.contract["file"], len(table.contract["columns"])
    dialect = oracle.Dialect(file["delimiter"], file["quotechar"] or "", file.get("comment", ""))
    text = table.text.lstrip("\ufeff") if table.encoding == "utf-8" else table.text
    found = list(oracle.records(text, dialect))
    header = found.pop(0)[1] if file["header"] and found else None
    records: list[tuple[int, list[Any] | None]] = []
    for line, fields in found:
        if fields is not None and not any(part.strip(oracle.BLANK) for part in fields):
            continue
        while fields and len(fields) > width and not fields[-1].strip(oracle.BLANK):
            fields.pop()
        again = header and fields and [part.lstrip("\ufeff").strip(oracle.BLANK) for part in fields] == header
        records.append((line, None if again else fields))
    return records


def refused_whole(records: list[tuple[int, list[Any] | None]], columns: list[Any]) -> bool:
    """Where each record has another number of fields than there are columns, the gate may say so of the file."""
    return all(cells is None or len(cells) != len(columns) for _, cells in records)


def json_records(table: Table) -> list[tuple[int, list[Any] | None]]:
    records: list[tuple[int, list[Any] | None]] = []
    for line, found in oracle.objects(table.text):
        cells: dict[str, Any] | None = {}
        for key, value in (found or {}).items():
            name = "".join(filter(str.isalnum, oracle.canonical(key).casefold()))
            known = name in (column["name"] for column in table.contract["columns"])
            if value is not None and (not known or cells is None or name in cells):
                cells = None
            elif value is not None and cells is not None:
                cells[name] = value
        row = (
            None
            if found is None or cells is None
            else [cells.get(column["name"]) for column in table.contract["columns"]]
        )
        records.append((line, row))
    return records


def judged(table: Table, block_bytes: int) -> oracle.Verdict | str:
    """What the gate says."""
    contract = DatasetContract.model_validate(table.contract)
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = transform(contract, lambda: io.BytesIO(table.content), table.name, Path(folder), block_bytes)
        except UnreadableObjectError as error:
            return str(error)
        files = [path for part in result.ranges for path in part.rows.values()]
        rows = [row for path in files for row in pl.read_parquet(path).drop(SOURCE_COLUMN, LANDED_COLUMN).rows()]
        lines = pl.read_parquet(result.quarantine)["line"].to_list() if result.quarantine else []
    if not result.rows_in == result.rows_committed + result.rows_quarantined == len(rows) + len(lines):
        raise AssertionError(f"{result.rows_in} rows in, {len(rows)} and {len(lines)} out")
    return oracle.Verdict(rows, lines)


def difference(table: Table) -> str:
    """Nothing where gate and oracle agree."""
    verdicts = {size: judged(table, size) for size in (2**23, BLOCKS[len(table.content) % len(BLOCKS)])}
    right = expected(table)
    for size, verdict in verdicts.items():
        if isinstance(verdict, str) or right is None:
            if not isinstance(verdict, str) and right is None and not verdict.rows:
                continue
            if not isinstance(verdict, str) or right is not None:
                return f"blocks of {size}: {verdict}, expected {right}"
        elif sorted(map(repr, verdict.rows)) != sorted(map(repr, right.rows)) or sorted(verdict.lines) != sorted(
            right.lines
        ):
            return f"blocks of {size}: {verdict}, expected {right}"
    return ""


def made(seed: int, number: int) -> Table:
    return Maker(f"{seed}-{number}").table()


def run(seed: int, more: Callable[[int], bool]) -> list[str]:
    """The numbers of the tables that are judged otherwise, and how."""
    found, number = [], 0
    while more(number):
        try:
            said = difference(made(seed, number))
        except Exception as error:  # noqa: BLE001 whatever it is, it is a finding
            said = f"{type(error).__name__}: {error}"
        if said:
            found.append(f"{seed}-{number}: {said}")
            print(found[-1][:2000], file=sys.stderr, flush=True)
        number += 1
    print(json.dumps({"seed": seed, "tables": number, "found": len(found)}))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    sys.exit(bool(run(asked.seed, lambda _: time.monotonic() < end)))


if __name__ == "__main__":
    main()

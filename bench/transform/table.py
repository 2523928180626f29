"""The made-up tables: twelve narrow columns, 61 bytes a row, and what the gate must say of them."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import polars as pl

from lakeloop.contract import DatasetContract

MEGABYTE = 1024 * 1024
ROWS_AT_ONCE = 200_000
PLANS = ("basic", "family", "plus", "pro")
REGIONS = ("east", "north", "south", "west")
CITIES = ("Oslo", "Bergen", "Tromso", "Molde", "Bodo", "Narvik")
CITIES_BEYOND_ASCII = ("Tromsø", "Bodø", "Ålesund", "Hønefoss")
STREETS = ("улица Ленина, 12", "проспект Мира, 7", "Невский проспект, 28", "Большая Ордынка, 40")
DAYS = 3_000
FIRST_KEY = 10_000_000
CONTRACT = DatasetContract.model_validate(
    {
        "name": "transform",
        "problem": "binary",
        "label": "churned",
        "positive_class": "yes",
        "row_key": "id",
        "columns": [
            {"name": "id", "type": "integer"},
            {"name": "churned", "type": "category", "allowed": ["no", "yes"]},
            {"name": "plan", "type": "category", "allowed": list(PLANS)},
            {"name": "region", "type": "category", "allowed": list(REGIONS), "nullable": True},
            {"name": "active", "type": "boolean"},
            {"name": "age", "type": "integer", "min": 18, "max": 99},
            {"name": "visits", "type": "integer", "min": 0, "nullable": True},
            {"name": "income", "type": "float", "min": 0},
            {"name": "balance", "type": "float"},
            {"name": "score", "type": "float", "min": 0, "max": 1, "nullable": True},
            {"name": "city", "type": "string"},
            {"name": "signup", "type": "date"},
        ],
        "quality": {"max_rejected_fraction": 0.5},
    }
)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  # the same table each time, no secret


def ascii_rows(numbers: pl.Series, seed: int) -> pl.DataFrame:
    """Texts of rows; 0.75 % have a wrong type, a value out of range or one that is not listed."""
    count, chance = len(numbers), seeded(seed)

    def drawn(values: tuple[str | None, ...]) -> list[str | None]:
        return chance.choices(values, k=count)

    def whole(most: int) -> pl.Series:
        return pl.int_range(count, eager=True).shuffle(chance.randrange(2**32)).cast(pl.Int64) * 7919 % most

    frame = pl.DataFrame(
        {
            "id": numbers,
            "churned": drawn(("no", "no", "no", "yes")),
            "plan": drawn(PLANS),
            "region": drawn((*REGIONS, *REGIONS, None)),
            "active": drawn(("true", "false")),
            "age": whole(82) + 18,
            "visits": whole(300),
            "income": (whole(9_000_000) / 100).round(2),
            "balance": ((whole(2_000_000) - 1_000_000) / 100).round(2),
            "score": (whole(1_000) / 1_000).round(3),
            "city": drawn(CITIES),
            "signup": pl.Series([DAYS]).new_from_index(0, count).cast(pl.Int32) + 13_514 + whole(DAYS),
        }
    )
    texts = frame.with_columns(pl.col("signup").cast(pl.Int32).cast(pl.Date)).cast(pl.String)
    row = pl.int_range(pl.len())
    return texts.with_columns(
        pl.when(row % 400 == 7).then(pl.lit("many")).otherwise("visits").alias("visits"),
        pl.when(row % 400 == 9).then(pl.lit("107")).otherwise("age").alias("age"),
        pl.when(row % 400 == 11).then(pl.lit("gold")).otherwise("plan").alias("plan"),
    )


def text_rows(numbers: pl.Series, seed: int) -> pl.DataFrame:
    """5 % of the cities beyond ASCII, 1 % of them with a break between quotes, 1 % of the rows bad."""
    row = pl.int_range(pl.len())
    places = pl.Series(seeded(seed).choices(CITIES_BEYOND_ASCII, k=len(numbers)))
    return ascii_rows(numbers, seed).with_columns(
        pl.when(row % 20 == 3)
        .then(pl.lit(places))
        .when(row % 100 == 57)
        .then(pl.col("city") + pl.lit("\nNorway"))
        .otherwise("city")
        .alias("city"),
        pl.when(row % 400 == 13).then(pl.lit("-1")).otherwise("income").alias("income"),
    )


def cyrillic_rows(numbers: pl.Series, seed: int) -> pl.DataFrame:
    """An address in Cyrillic in each row."""
    streets = pl.Series(seeded(seed).choices(STREETS, k=len(numbers)))
    return ascii_rows(numbers, seed).with_columns((streets + ", кв. " + (numbers % 500).cast(pl.String)).alias("city"))


TABLES: dict[str, Callable[[pl.Series, int], pl.DataFrame]] = {
    "ascii": ascii_rows,
    "text": text_rows,
    "cyrillic": cyrillic_rows,
}


def written(table: str, size: int, path: Path) -> Path:
    """About so many bytes; every thousandth key stands in the row before already."""
    first = FIRST_KEY
    with path.open("wb") as file:
        while (place := file.tell()) < size:
            rows = min(ROWS_AT_ONCE, (size - place) // 60 + 1)
            numbers = pl.int_range(first, first + rows, eager=True)
            keys = numbers - (numbers % 1_000 == 0).cast(pl.Int64)
            TABLES[table](keys, first).write_csv(file, include_header=first == FIRST_KEY)
            first += rows
    return path

"""Tables with and without drift."""

from random import Random

import polars as pl


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 no secret


def normals(random: Random, rows: int, columns: int, shift: float = 0.0) -> pl.DataFrame:
    """Independent standard normals `x0` and on, of which the first is shifted."""
    return pl.DataFrame(
        {
            f"x{column}": [random.gauss(shift if column == 0 else 0.0, 1.0) for _ in range(rows)]
            for column in range(columns)
        }
    )


def words(random: Random, rows: int, values: int, new: float = 0.0) -> pl.Series:
    """A category of so many values alike, and a share of one that nobody knows."""
    found = ["unseen" if random.random() < new else f"v{random.randrange(values)}" for _ in range(rows)]
    return pl.Series("word", found)

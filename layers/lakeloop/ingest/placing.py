"""Keys and splits of many typed rows at once; `lakeloop.values` says the same for one row."""

from array import array
from collections.abc import Callable, Sequence
from itertools import repeat
from zlib import crc32

import polars as pl

from lakeloop.contract import Blocks, DatasetContract
from lakeloop.values import Value
from lakeloop.values.keys import SEPARATOR, row_digest, value_text
from lakeloop.values.splits import MASK, block_number, borders


def key_texts(contract: DatasetContract, rows: pl.DataFrame) -> pl.Series:
    """The canonical text of each row's key, or the digest of its values where the contract names no key."""
    if contract.row_key:
        return _joined(rows, contract.row_key)
    return _digests(rows, [column.name for column in contract.kept])


def split_names(contract: DatasetContract, rows: pl.DataFrame, keys: pl.Series | None = None) -> pl.Series:
    """The split of each row: a function of its values alone, the same on every machine and in every file.

    `keys` are the `key_texts` of the rows, where they are known.
    """
    by = contract.splits.by
    if isinstance(by, Blocks) and by.until is not None:
        return _by_time(contract, by, rows)
    return _by_hash(contract, split_texts(contract, rows, keys))


def split_texts(contract: DatasetContract, rows: pl.DataFrame, keys: pl.Series | None = None) -> pl.Series:
    match contract.splits.by:
        case None:
            return key_texts(contract, rows) if keys is None else keys
        case "values":
            return _digests(rows, [column.name for column in contract.kept if column.name not in contract.row_key])
        case Blocks() as blocks:
            return _mapped(rows[blocks.column], lambda value: str(block_number(blocks, value)))
        case names:
            return _joined(rows, names)


def _joined(rows: pl.DataFrame, names: tuple[str, ...]) -> pl.Series:
    if len(names) == 1:
        return _texts(rows[names[0]]).alias("key")
    return rows.select(
        pl.concat_str([_texts(rows[name]) for name in names], separator=SEPARATOR).alias("key")
    ).to_series()


def _texts(values: pl.Series) -> pl.Series:
    """The canonical text of typed values."""
    if values.dtype == pl.String:
        return values
    if values.dtype == pl.Int64:
        return values.cast(pl.String)
    return _mapped(values, value_text)


def _mapped(values: pl.Series, text: Callable[[Value], str]) -> pl.Series:
    """A text for each value, which is asked for once for equal ones."""
    distinct = values.drop_nulls().unique()
    texts = pl.Series([text(value) for value in distinct], dtype=pl.String)
    return values.replace_strict(distinct, texts, default=None, return_dtype=pl.String)


def _digests(rows: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """The digest of each row's values that are not null, so that a new nullable column moves no row."""
    texts = rows.select(_texts(rows[name]).alias(name) for name in sorted(names))
    return pl.Series("key", [row_digest(row) for row in texts.iter_rows(named=True)], pl.String)


def _by_hash(contract: DatasetContract, texts: pl.Series) -> pl.Series:
    """CRC-32 is fast and everywhere but leaves a pattern in numbered keys; the finaliser of MurmurHash3 breaks it.

    fmix32, https://github.com/aappleby/smhasher
    """
    seed = contract.splits.seed
    checksums = array("I", map(crc32, texts.cast(pl.Binary).to_list(), repeat(seed)))
    as_numbers = pl.Array(pl.UInt32, len(texts))
    codes = pl.Series("code", [checksums.tobytes()], pl.Binary).bin.reinterpret(dtype=as_numbers).explode()
    fractions = contract.splits.fractions
    position = _fmix32(pl.col("code")) / (MASK + 1)
    return (
        codes.cast(pl.UInt64)
        .to_frame()
        .select(
            pl.when(position < fractions.train)
            .then(pl.lit("train"))
            .when(position < fractions.train + fractions.validation)
            .then(pl.lit("validation"))
            .otherwise(pl.lit("test"))
            .alias("split")
        )["split"]
    )


def _fmix32(code: pl.Expr) -> pl.Expr:
    """32-bit values in 64-bit integers: a product of two fits, so nothing overflows."""
    code = code ^ (code // 2**16)
    code = (code * 0x85EBCA6B) & MASK
    code = code ^ (code // 2**13)
    code = (code * 0xC2B2AE35) & MASK
    return code ^ (code // 2**16)


def _by_time(contract: DatasetContract, blocks: Blocks, rows: pl.DataFrame) -> pl.Series:
    """What is earlier is learned from, what is later judges; rows within the gap behind a border are in no split."""
    train, after_train, validation, after_validation = borders(blocks, contract.column(blocks.column))
    value = pl.col(blocks.column)
    split = (
        pl.when(value < train)
        .then(pl.lit("train"))
        .when(value < after_train)
        .then(pl.lit("gap"))
        .when(value < validation)
        .then(pl.lit("validation"))
        .when(value < after_validation)
        .then(pl.lit("gap"))
        .otherwise(pl.lit("test"))
    )
    return rows.select(split.alias("split"))["split"]

"""Which split a row belongs to: a function of its key alone, so that a row never changes split."""

from zlib import crc32

import polars as pl

from lakeloop.contract import Splits

SPLITS = ("train", "validation", "test")
MASK = 0xFFFFFFFF


def split_names(keys: pl.Series, splits: Splits) -> pl.Series:
    """The split of each key, the same on every machine and with every version of polars.

    CRC-32 is fast and everywhere but leaves a pattern in numbered keys; the finaliser of MurmurHash3
    (fmix32, https://github.com/aappleby/smhasher) breaks it.
    """
    codes = pl.Series("code", [crc32(key.encode()) for key in keys], pl.UInt64)
    position = codes.to_frame().select((_fmix32(pl.col("code")) / (MASK + 1)).alias("position"))["position"]
    return position.to_frame().select(
        pl.when(pl.col("position") < splits.fractions.train)
        .then(pl.lit("train"))
        .when(pl.col("position") < splits.fractions.train + splits.fractions.validation)
        .then(pl.lit("validation"))
        .otherwise(pl.lit("test"))
        .alias("split")
    )["split"]


def _fmix32(code: pl.Expr) -> pl.Expr:
    """32-bit values in 64-bit integers: a product of two fits, so nothing overflows."""
    code = code ^ (code // 2**16)
    code = (code * 0x85EBCA6B) & MASK
    code = code ^ (code // 2**13)
    code = (code * 0xC2B2AE35) & MASK
    return code ^ (code // 2**16)

"""The same work as people write it with pandas and awswrangler: features by split, rejected rows with their reasons.

Run by itself in an environment that has awswrangler: `peers.py VARIANT TABLE FOLDER`. Prints one JSON object.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd

ALLOWED = {
    "churned": ["no", "yes"],
    "plan": ["basic", "family", "plus", "pro"],
    "region": ["east", "north", "south", "west"],
    "active": ["false", "true"],
}
LIMITS = {"age": (18, 99), "visits": (0, None), "income": (0, None), "balance": (None, None), "score": (0, 1)}
NULLABLE = ("region", "visits", "score")
SHARES = (0.7, 0.85)


def strings(table: Path) -> pd.DataFrame:
    return pd.read_csv(table, dtype=str, keep_default_na=False, na_values=[""])


def fastest(table: Path) -> pd.DataFrame:
    return pd.read_csv(table, engine="pyarrow")


def judged(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Typed rows that keep all rules, and the others as they are with what is wrong."""
    typed = pd.DataFrame(index=frame.index)
    reasons = pd.Series("", index=frame.index, dtype=object)

    def refuse(bad: pd.Series, reason: str) -> None:
        if bad.any():
            reasons[bad] += f"{reason}; "

    for name in frame.columns:
        cells = frame[name]
        if name in ALLOWED:
            words = cells.astype(str).str.lower()
            typed[name] = pd.Categorical(words.where(words.isin(ALLOWED[name])), categories=ALLOWED[name])
        elif name == "signup":
            typed[name] = pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce")
        elif name == "city":
            typed[name] = cells
        else:
            typed[name] = pd.to_numeric(cells, errors="coerce")
        refuse(typed[name].isna() & cells.notna(), f"{name}: type")
        if name not in NULLABLE:
            refuse(cells.isna(), f"{name}: not null")
        low, high = LIMITS.get(name, (None, None))
        if low is not None:
            refuse(typed[name] < low, f"{name}: min")
        if high is not None:
            refuse(typed[name] > high, f"{name}: max")
    refuse(typed["id"].duplicated(), "id: unique")
    bad = reasons != ""
    return typed[~bad], frame[bad].assign(reasons=reasons[bad])


def features(typed: pd.DataFrame) -> pd.DataFrame:
    numbers = pd.DataFrame({"churned": typed["churned"].cat.codes.astype("float32")})
    for name in [*ALLOWED, *LIMITS]:
        if name in ALLOWED:
            codes = typed[name].cat.codes.astype("float32")
            numbers[name] = codes.where(codes >= 0)
        else:
            numbers[name] = typed[name].astype("float32")
    position = np.array([crc32(str(key).encode()) for key in typed["id"]]) / 2**32
    numbers["split"] = np.select([position < share for share in SHARES], ["train", "validation"], "test")
    return numbers


def transformed(frame: pd.DataFrame, folder: Path) -> tuple[int, int]:
    good, bad = judged(frame)
    for split, part in features(good).groupby("split"):
        part.drop(columns="split").to_parquet(folder / f"{split}.parquet", compression="zstd", index=False)
    bad.astype(str).to_parquet(folder / "quarantine.parquet", compression="zstd", index=False)
    return len(good), len(bad)


def awswrangler(table: Path, folder: Path) -> tuple[int, int]:
    """From a bucket and into it, which is all that it knows; the bucket is named as the table."""
    import awswrangler as wr  # noqa: PLC0415  # only one of the environments has it

    bucket = f"s3://{folder.name}"
    good, bad = judged(wr.s3.read_csv(f"{bucket}/{table.name}", dtype=str, keep_default_na=False, na_values=[""]))
    wr.s3.to_parquet(features(good), f"{bucket}/features/", dataset=True, partition_cols=["split"], compression="zstd")
    wr.s3.to_parquet(bad.astype(str), f"{bucket}/quarantine/", dataset=True, compression="zstd")
    return len(good), len(bad)


VARIANTS: dict[str, Callable[[Path, Path], tuple[int, int]]] = {
    "pandas": lambda table, folder: transformed(strings(table), folder),
    "pandas_fast": lambda table, folder: transformed(fastest(table), folder),
    "awswrangler": awswrangler,
}


def peak_megabytes() -> float:
    """Of this program alone; what getrusage tells is at least what the program before it took."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def main() -> None:
    variant, table, folder = sys.argv[1:]
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    good, bad = VARIANTS[variant](Path(table), Path(folder))
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": peak_megabytes(), "good": good, "bad": bad}))


if __name__ == "__main__":
    main()

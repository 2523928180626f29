"""XGBoost that counts each row by the contract's `weight`.

Runs in SageMaker's XGBoost container, and the same on the local cloud. To use it, put it at `datasets/training/` and
name it in a contract that has a `weight`: `training: {script: training/weighted.py}`.

It is given what the built-in mode is: the channels `train` and `validation` with Parquet, the label first; the
hyperparameters of the contract and of the search. Beside them, where the contract has a weight: `train_rows` and
`validation_rows` with typed rows, and `pairs`, which says which file of rows belongs to which of features. It prints a
line for each round, by which SageMaker judges it, and leaves `xgboost-model`, which the built-in mode serves.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy
import xgboost
from pyarrow import parquet

MAXIMIZED = ("auc", "aucpr")


def channel(name: str) -> Path:
    return Path(os.environ[f"SM_CHANNEL_{name.upper()}"])


def weights_of(split: str, file: str, pairs: dict[str, Any]) -> numpy.ndarray | None:
    """The weights of the rows of one file of features, in their order; None where no rows belong to it."""
    rows = pairs["rows"].get(split, {}).get(file)
    if rows is None:
        return None
    columns = [pairs["label"], pairs["weight"]]
    table = parquet.ParquetFile(channel(f"{split}_rows") / rows).read(columns=columns).to_pydict()
    # Rows without a label have no features.
    kept = [weight for label, weight in zip(*(table[name] for name in columns), strict=True) if label is not None]
    return numpy.array(kept, dtype=numpy.float32)


def read(split: str, pairs: dict[str, Any]) -> xgboost.DMatrix:
    tables, weights = [], []
    folder = channel(split)
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        columns = parquet.ParquetFile(path).read().columns
        rows = numpy.column_stack([column.to_numpy() for column in columns]).astype(numpy.float32)
        found = weights_of(split, path.relative_to(folder).as_posix(), pairs)
        tables.append(rows)
        weights.append(numpy.ones(len(rows), dtype=numpy.float32) if found is None else found)
    rows = numpy.concatenate(tables)
    return xgboost.DMatrix(rows[:, 1:], label=rows[:, 0], weight=numpy.concatenate(weights))


def main() -> None:
    given = {name: str(value) for name, value in json.loads(os.environ["SM_HPS"]).items()}
    metric, rounds, patience = (given.pop(name) for name in ("eval_metric", "num_round", "early_stopping_rounds"))
    pairs = json.loads((channel("pairs") / "pairs.json").read_text())
    train, validation = read("train", pairs), read("validation", pairs)
    best = xgboost.callback.EarlyStopping(
        int(patience), metric_name=metric, data_name="validation", maximize=metric in MAXIMIZED, save_best=True
    )
    booster = xgboost.train(
        {**given, "eval_metric": metric},
        train,
        num_boost_round=int(rounds),
        evals=[(train, "train"), (validation, "validation")],
        callbacks=[best],
        verbose_eval=1,
    )
    booster.save_model(Path(os.environ["SM_MODEL_DIR"]) / "xgboost-model")


if __name__ == "__main__":
    main()

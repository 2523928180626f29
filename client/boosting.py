"""Trains on this machine as the built-in XGBoost does: the same objective, metric and seed of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.contract import DatasetContract
from lakeloop.training.tuning_job import MAXIMIZED, static_hyperparameters

# What a contract says for all its models.
OF_THE_CONTRACT = frozenset({"objective", "eval_metric", "num_class"})
OWN = frozenset({"num_round", "early_stopping_rounds"})


@dataclass(frozen=True)
class Boosted:
    """A model as XGBoost saves it, its metric on the validation rows, and that by round."""

    booster: bytes
    value: float
    rounds: tuple[float, ...]


def refuse_unlearnable(contract: DatasetContract) -> None:
    """Raises AdvisedError where the dataset has nothing to learn, or is trained by a program of its own."""
    if contract.problem is None:
        raise MistakenNameError(
            f"nothing is learned from {contract.name}: its contract names no problem", "add `problem` and `label` to it"
        )
    if contract.training.script is not None:
        raise AdvisedError(
            f"{contract.name} is trained by a program of its own",
            f"ask for a job that runs it: `lakeloop train {contract.name}`",
        )


def refuse_settings(settings: object) -> list[dict[str, float]]:
    """The settings as they were given, or AdvisedError with what is wrong with which."""
    advice = 'write a list of them, as in \'[{"eta": 0.1}, {"eta": 0.3, "max_depth": 4}]\''
    if not isinstance(settings, list) or not settings:
        raise AdvisedError(f"there are no settings to try in {settings!r}", advice)
    for number, one in enumerate(settings, 1):
        if not isinstance(one, dict):
            raise AdvisedError(f"settings {number} are {one!r}", advice)
        if taken := sorted(OF_THE_CONTRACT & one.keys()):
            raise AdvisedError(f"settings {number} name {', '.join(taken)}, which the contract says", "leave it out")
    return settings


def boost(
    contract: DatasetContract, train: pl.DataFrame, validation: pl.DataFrame, settings: Mapping[str, float]
) -> Boosted:
    """Learn from features, the label first; the model of the best round is kept.

    Raises AdvisedError where either split has no rows, or where XGBoost takes no such settings.
    """
    # Only who trains here needs it.
    import xgboost  # noqa: PLC0415

    for split, rows in (("train", train), ("validation", validation)):
        if rows.is_empty():
            raise AdvisedError(f"no row is in the {split} split of {contract.name}", "drop more files, then ask again")
    values: dict[str, object] = {**static_hyperparameters(contract), **settings}
    told: dict[str, dict[str, list[float]]] = {}
    try:
        stop = xgboost.callback.EarlyStopping(
            rounds=_whole(values, "early_stopping_rounds"),
            metric_name=contract.metric,
            data_name="validation",
            maximize=contract.metric in MAXIMIZED,
            save_best=True,
        )
        booster = xgboost.train(
            # One thread: sums of floats come out the same on every machine.
            {"nthread": 1, **{name: value for name, value in values.items() if name not in OWN}},
            _matrix(train),
            num_boost_round=_whole(values, "num_round"),
            evals=[(_matrix(validation), "validation")],
            evals_result=told,
            callbacks=[stop],
            verbose_eval=False,
        )
    except (xgboost.core.XGBoostError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise AdvisedError(f"XGBoost does not train with {dict(settings)}: {reason}", "name other settings") from error
    rounds = tuple(told["validation"][contract.metric])
    value = max(rounds) if contract.metric in MAXIMIZED else min(rounds)
    return Boosted(bytes(booster.save_raw("ubj")), value, rounds)


def _whole(values: Mapping[str, object], name: str) -> int:
    number = int(str(values[name]))
    if number < 1:
        raise ValueError(f"{name} is {number}, not 1 or more")
    return number


def _matrix(features: pl.DataFrame) -> object:
    import xgboost  # noqa: PLC0415

    numbers = features.cast(pl.Float32).to_numpy()
    return xgboost.DMatrix(numbers[:, 1:], label=numbers[:, 0])

"""The training entry point: from /opt/ml/input to a model in /opt/ml/model, or why not in /opt/ml/output/failure."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

from lakeloop.local.sagemaker.containers.layout import Layout
from lakeloop.local.sagemaker.containers.xgboost.data import files_in, format_of, read_channel
from lakeloop.local.sagemaker.containers.xgboost.errors import AlgorithmError, UserError
from lakeloop.local.sagemaker.containers.xgboost.hyperparameters import Value, read
from lakeloop.local.sagemaker.containers.xgboost.lean import xgboost
from lakeloop.local.sagemaker.containers.xgboost.metric_names import ADDED, MAXIMIZE
from lakeloop.local.sagemaker.containers.xgboost.metrics import added_metrics
from lakeloop.local.sagemaker.documents import Document

MODEL_FILE = "xgboost-model"
# What this container reads itself; XGBoost would warn of them.
OWN = frozenset(
    {
        *("num_round", "early_stopping_rounds", "csv_weights", "eval_metric", "save_model_on_termination"),
        *("_tuning_objective_metric", "_num_cv_round"),
    }
)
Evaluations = dict[str, dict[str, list[float] | list[tuple[float, float]]]]


class Progress(xgboost.callback.TrainingCallback):
    """One line per round, which is where SageMaker reads the metrics, and an end when SageMaker asks for it."""

    def __init__(self) -> None:
        self.terminated = False
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self.terminated = True

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: Evaluations) -> bool:
        # CloudWatch shows the container's tabs as #011, and the metric definitions of the image expect that.
        values = [
            f"#011{data}-{metric}:{history[-1]:.5f}"
            for data, metrics in evals_log.items()
            for metric, history in metrics.items()
        ]
        print(f"[{epoch}]{''.join(values)}", flush=True)
        return self.terminated


@dataclass(frozen=True)
class Data:
    train: xgboost.DMatrix
    validation: xgboost.DMatrix | None


def main() -> None:
    layout = Layout.here()
    try:
        run(layout)
    except (UserError, AlgorithmError) as error:
        layout.failure.write_text(f"{error.prefix}: {error}", encoding="utf-8")
        print(f"{error.prefix}: {error}", flush=True)
        sys.exit(1)


def run(layout: Layout) -> None:
    values = read(layout.read_config("hyperparameters"))
    if "_kfold" in values:
        raise UserError("The stand-in has no cross-validation: leave _kfold and _num_cv_round out")
    data = read_data(layout, weights=values.get("csv_weights") == 1)
    print(f"Train matrix has {data.train.num_row()} rows and {data.train.num_col()} columns", flush=True)
    if data.validation is not None:
        print(f"Validation matrix has {data.validation.num_row()} rows", flush=True)
    progress = Progress()
    booster = boost(values, data, progress)
    if progress.terminated and values.get("save_model_on_termination") != "true":
        return
    booster.save_model(layout.model / MODEL_FILE)


def read_data(layout: Layout, *, weights: bool) -> Data:
    channels = layout.read_config("inputdataconfig")
    if "train" not in channels:
        raise UserError(f"Missing channel: train; there are {sorted(channels)}")
    for name, channel in channels.items():
        if channel["TrainingInputMode"] == "Pipe":
            raise UserError(f"Pipe mode is not supported by this version, and channel {name} wants it")
    train = _read(layout, channels, "train", weights=weights)
    return Data(train, _read(layout, channels, "validation") if "validation" in channels else None)


def _read(layout: Layout, channels: Document, name: str, *, weights: bool = False) -> xgboost.DMatrix:
    folder = layout.channel(name)
    content = read_channel(folder, format_of(channels[name].get("ContentType")), weights=weights)
    if content is None:
        raise UserError(f"No data in {name} channel path {folder}: {len(files_in(folder))} files")
    return content


def boost(values: Mapping[str, Value], data: Data, progress: Progress) -> xgboost.Booster:
    metrics = evaluation_metrics(values)
    parameters = {name: value for name, value in values.items() if name not in OWN}
    native = [metric for metric in metrics if metric not in ADDED]
    watched = [(data.train, "train")]
    if data.validation is not None:
        watched.append((data.validation, "validation"))
    callbacks: list[xgboost.callback.TrainingCallback] = [progress]
    if "early_stopping_rounds" in values:
        callbacks.append(early_stopping(values, metrics, watched[-1][1]))
    try:
        return xgboost.train(
            {**parameters, **({"eval_metric": native} if native else {})},
            data.train,
            num_boost_round=int(str(values["num_round"])),
            evals=watched,
            custom_metric=added_metrics(metrics),
            callbacks=callbacks,
            verbose_eval=False,
        )
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise AlgorithmError(f"XGB train call failed with exception:\n {error}") from error


def evaluation_metrics(values: Mapping[str, Value]) -> list[str]:
    """Those asked for, and the one that tuning looks at."""
    asked = values.get("eval_metric", [])
    metrics = list(asked) if isinstance(asked, list) else []
    objective = str(values.get("_tuning_objective_metric", "")).rpartition(":")[2]
    return metrics if not objective or objective in metrics else [*metrics, objective]


def early_stopping(values: Mapping[str, Value], metrics: list[str], data_name: str) -> xgboost.callback.EarlyStopping:
    """The last metric decides, and the model of the best round is kept."""
    metric = metrics[-1] if metrics else None
    return xgboost.callback.EarlyStopping(
        rounds=int(str(values["early_stopping_rounds"])),
        metric_name=metric,
        data_name=data_name,
        maximize=metric in MAXIMIZE if metric else None,
        save_best=True,
    )


if __name__ == "__main__":
    main()

"""The hyperparameters that the container knows: all others are an error, as is a value outside its range.

https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lakeloop.local.sagemaker.containers.xgboost.errors import UserError

Value = int | float | str | list[str]
ALIASES = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}


@dataclass(frozen=True)
class Rule:
    """What a value, which arrives as text, must be; the limits belong to the range unless `exclusive`."""

    read: Callable[[str], Value]
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    tunable: bool = False
    exclusive: bool = False

    def value(self, name: str, text: str) -> Value:
        try:
            value = self.read(text)
        except ValueError as error:
            raise UserError(f"Hyperparameter {name}: could not parse value {text!r}: {error}") from error
        if self.choices and value not in self.choices:
            raise UserError(f"Hyperparameter {name}: {value} is not in {list(self.choices)}")
        if isinstance(value, int | float) and not self._contains(value):
            raise UserError(f"Hyperparameter {name}: {value} is not in the range {self.low:g} to {self.high:g}")
        return value

    def _contains(self, value: float) -> bool:
        if self.exclusive and value in (self.low, self.high):
            return False
        return self.low <= value <= self.high


def _integer(low: float = -math.inf, high: float = math.inf, *, tunable: bool = False) -> Rule:
    return Rule(int, low, high, tunable=tunable)


def _number(low: float, high: float = math.inf, *, tunable: bool = False, exclusive: bool = False) -> Rule:
    return Rule(float, low, high, tunable=tunable, exclusive=exclusive)


def _fraction() -> Rule:
    """A share of rows or columns: more than nothing, at most all."""
    return Rule(float, math.ulp(0.0), 1, tunable=True)


def _choice(*choices: str) -> Rule:
    return Rule(str, choices=choices)


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")]


def _constraints(text: str) -> str:
    """They stay text, which is how XGBoost takes them."""
    if not text.startswith(("(", "[")):
        raise ValueError("not a list")
    return text


RULES: Mapping[str, Rule] = {
    "num_round": _integer(1, tunable=True),
    "early_stopping_rounds": _integer(1),
    "csv_weights": _integer(0, 1),
    "booster": _choice("gbtree", "gblinear", "dart"),
    "verbosity": _integer(0, 3),
    "nthread": _integer(1),
    "seed": _integer(-(2**31), 2**31 - 1),
    "objective": _choice(
        *("binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax", "multi:softprob"),
        *("rank:pairwise", "rank:ndcg", "rank:map", "reg:linear", "reg:squarederror", "reg:logistic", "reg:gamma"),
        *("reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie"),
        *("survival:aft", "survival:cox"),
    ),
    "num_class": _integer(2),
    "base_score": _number(0),
    "eval_metric": Rule(_list),
    "eta": _number(0, 1, tunable=True),
    "gamma": _number(0, tunable=True),
    "max_depth": _integer(0, tunable=True),
    "min_child_weight": _number(0, tunable=True),
    "max_delta_step": _number(0, tunable=True),
    "subsample": _fraction(),
    "colsample_bytree": _fraction(),
    "colsample_bylevel": _fraction(),
    "colsample_bynode": _fraction(),
    "lambda": _number(0, tunable=True),
    "alpha": _number(0, tunable=True),
    "tree_method": _choice("auto", "exact", "approx", "hist", "gpu_hist"),
    "sketch_eps": _number(0, 1, exclusive=True),
    "scale_pos_weight": _number(0, exclusive=True),
    "updater": Rule(str),
    "dsplit": _choice("row", "col"),
    "refresh_leaf": _integer(0, 1),
    "process_type": _choice("default", "update"),
    "grow_policy": _choice("depthwise", "lossguide"),
    "max_leaves": _integer(0),
    "max_bin": _integer(0),
    "predictor": _choice("auto", "cpu_predictor", "gpu_predictor"),
    "monotone_constraints": Rule(_constraints),
    "interaction_constraints": Rule(_constraints),
    "sample_type": _choice("uniform", "weighted"),
    "normalize_type": _choice("tree", "forest"),
    "rate_drop": _number(0, 1),
    "one_drop": _integer(0, 1),
    "skip_drop": _number(0, 1),
    "lambda_bias": _number(0, 1),
    "num_parallel_tree": _integer(1),
    "tweedie_variance_power": _number(1, 2, exclusive=True),
    "huber_slope": _number(0),
    "aft_loss_distribution": _choice("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": _number(0, exclusive=True),
    "deterministic_histogram": _choice("true", "false"),
    "save_model_on_termination": _choice("true", "false"),
    "_kfold": _integer(2),
    "_num_cv_round": _integer(1),
    "_tuning_objective_metric": Rule(str),
}
TUNABLE = frozenset(name for name, rule in RULES.items() if rule.tunable)


def read(given: Mapping[str, str]) -> dict[str, Value]:
    """The hyperparameters with their types and under their proper names. Raises UserError for the first bad one."""
    values: dict[str, Value] = {}
    for alias, text in given.items():
        name = ALIASES.get(alias, alias)
        if name not in RULES:
            raise UserError(f"Extraneous hyperparameter found: {alias}")
        values[name] = RULES[name].value(name, text)
    if "num_round" not in values:
        raise UserError("Missing hyperparameter: num_round")
    _check_together(values)
    return values


def _check_together(values: Mapping[str, Value]) -> None:
    objective = str(values.get("objective", ""))
    if objective.startswith("multi:") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    metrics = values.get("eval_metric", [])
    if isinstance(metrics, list) and "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")

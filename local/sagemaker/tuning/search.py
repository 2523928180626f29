"""Choosing the next trial. Optuna stands in for Amazon's Bayesian optimisation: TPE, not Gaussian processes."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import optuna
from optuna.pruners import HyperbandPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.tuning.space import Categorical, Parameter, parameters

optuna.logging.set_verbosity(optuna.logging.WARNING)
Values = dict[str, str]
# Random trials before TPE has something to go by: fewer than Optuna's 10, because tuning jobs are short.
STARTUP_TRIALS = 4


@dataclass(frozen=True)
class PastTrial:
    """A finished trial: of this job before a restart, or of a parent (warm start)."""

    values: Values
    objective: float | None


class Search(Protocol):
    def propose(self, trial: str) -> Values | None:
        """The tuned hyperparameters of a new trial; None when nothing is left to try."""

    def report(self, trial: str, epoch: int, objective: float) -> bool:
        """Whether the trial should go on."""

    def conclude(self, trial: str, objective: float | None) -> None:
        """The trial ended, with an objective or without."""


def new_search(config: Document, past: Iterable[PastTrial]) -> Search:
    space = parameters(config.get("ParameterRanges", {}))
    if config["Strategy"] == "Grid":
        return GridSearch(space, past)
    return OptunaSearch(config, space, list(past))


class GridSearch:
    """Every combination once, in a fixed order."""

    def __init__(self, space: Sequence[Parameter], past: Iterable[PastTrial]) -> None:
        names = [parameter.name for parameter in space]
        values = [parameter.values for parameter in space if isinstance(parameter, Categorical)]
        done = [trial.values for trial in past]
        combinations = (dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*values))
        self._left = [combination for combination in combinations if combination not in done]

    def propose(self, trial: str) -> Values | None:
        return self._left.pop(0) if self._left else None

    def report(self, trial: str, epoch: int, objective: float) -> bool:
        return True

    def conclude(self, trial: str, objective: float | None) -> None:
        pass


class OptunaSearch:
    """Bayesian, Random and Hyperband."""

    def __init__(self, config: Document, space: Sequence[Parameter], past: Sequence[PastTrial]) -> None:
        self._space = space
        self._distributions = {parameter.name: parameter.distribution for parameter in space}
        self._running: dict[str, optuna.Trial] = {}
        direction = config["HyperParameterTuningJobObjective"]["Type"].lower()
        # The seed moves with the trials that are known, or a restarted job would propose its first ones again.
        seed = config["RandomSeed"] + len(past) if "RandomSeed" in config else None
        self._study = optuna.create_study(direction=direction, sampler=_sampler(config, seed), pruner=_pruner(config))
        for trial in past:
            self._remember(trial)

    def propose(self, trial: str) -> Values | None:
        asked = self._study.ask(self._distributions)
        self._running[trial] = asked
        return {parameter.name: parameter.text(asked.params[parameter.name]) for parameter in self._space}

    def report(self, trial: str, epoch: int, objective: float) -> bool:
        running = self._running.get(trial)
        if running is None:
            return True
        running.report(objective, epoch)
        return not running.should_prune()

    def conclude(self, trial: str, objective: float | None) -> None:
        running = self._running.pop(trial, None)
        if running is None:
            return
        if objective is None:
            self._study.tell(running, state=TrialState.FAIL)
        else:
            self._study.tell(running, objective)

    def _remember(self, trial: PastTrial) -> None:
        searched = {
            each.name: each.searched(trial.values[each.name]) for each in self._space if each.name in trial.values
        }
        if trial.objective is None or len(searched) < len(self._space) or None in searched.values():
            return
        self._study.add_trial(create_trial(params=searched, distributions=self._distributions, value=trial.objective))


def _sampler(config: Document, seed: int | None) -> BaseSampler:
    if config["Strategy"] == "Bayesian":
        # Trials run side by side: without constant_liar those under way would be proposed again.
        return TPESampler(n_startup_trials=STARTUP_TRIALS, constant_liar=True, seed=seed)
    return RandomSampler(seed=seed)


def _pruner(config: Document) -> HyperbandPruner | NopPruner:
    if config["Strategy"] != "Hyperband":
        return NopPruner()
    resources = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    return HyperbandPruner(
        min_resource=resources.get("MinResource", 1), max_resource=resources.get("MaxResource", "auto")
    )

"""What the predictions of a model are compared with: its training rows, and its answers to its test rows."""

import io

import polars as pl

from lakeloop import names
from lakeloop.capture.keys import profile_key
from lakeloop.contract import DatasetContract
from lakeloop.evaluation.champion import Champion
from lakeloop.evaluation.held_out import HeldOut
from lakeloop.evaluation.scored import Task
from lakeloop.lake.ports import Lake
from lakeloop.monitoring.captured import WATCHED, answers_of_scores, watched
from lakeloop.monitoring.ports import Store
from lakeloop.monitoring.profile import FORMAT, Profile
from lakeloop.training.tuning_job import TRAIN

# A quantile of so many rows is known to a thousandth; of wide tables fewer, for the function's memory.
MOST_ROWS = 200_000
MOST_CELLS = 20_000_000


class References:
    """A profile is made once of a model, and kept under what it is made of."""

    def __init__(self, lake: Lake, kept: Store, evaluations: Store, name_prefix: str) -> None:
        self._lake = lake
        self._kept = kept
        self._evaluations = evaluations
        self._name_prefix = name_prefix

    def of(self, served: Champion, contract: DatasetContract, hidden: frozenset[str]) -> Profile:
        """Of a model that learned from `served.commit` under this contract; `hidden` are columns to leave out."""
        columns = watched(contract, hidden)
        made_of = [served.commit, served.contract, served.tuning_job, str(FORMAT), *WATCHED, *columns]
        key = profile_key(contract.name, *made_of)
        known = self._kept.read(key)
        profile = Profile.from_json(known) if known is not None else None
        if profile is None:
            answers = self._answers(served, contract)
            learned = self._learned(served, contract, columns)
            profile = Profile.of(served.commit, served.contract, learned, *([] if answers is None else [answers]))
            self._kept.put(key, profile.to_json().encode())
        return profile

    def promised(self, served: Champion, contract: DatasetContract) -> pl.DataFrame | None:
        """Labels of its test rows and what it said of them; None where no evaluation kept them."""
        body = self._evaluations.read(names.scores_key(contract.name, served.tuning_job)) if served.tuning_job else None
        return pl.read_parquet(io.BytesIO(body)) if body is not None else None

    def _answers(self, served: Champion, contract: DatasetContract) -> pl.DataFrame | None:
        promised = self.promised(served, contract)
        if promised is None:
            return None
        return answers_of_scores(Task(contract.task, contract.classes, contract.metric), promised)

    def _learned(self, served: Champion, contract: DatasetContract, columns: list[str]) -> pl.DataFrame:
        most = min(MOST_ROWS, MOST_CELLS // max(1, len(columns)))
        repository = names.repository(self._name_prefix, contract.name)
        rows = HeldOut(self._lake, repository, served.commit, contract, most, split=TRAIN)
        # Of rows that are older than a column it is missing, as the model learned it.
        found = [block for _, block in rows.blocks(columns)]
        return pl.concat(found, how="diagonal_relaxed") if found else pl.DataFrame()

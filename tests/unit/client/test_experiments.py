"""Which runs `lakeloop experiments sync` writes, from what SageMaker says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lakeloop.client import experiments
from lakeloop.client.environment import Environment, Outputs
from lakeloop.client.errors import AdvisedError
from lakeloop.client.experiments import Experiments, alone, wanted
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest
from lakeloop.contract.tracking import Tracking
from lakeloop.tracking.ports import Run
from lakeloop.training.ports import TuningRun
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryModelContracts, MemoryTuner
from tests.unit.client.deployed import OUTPUTS
from tests.unit.tracking.world import BEGAN, COMMIT, CONTRACT, DATASET, JOB, TrackingWorld, a_job, a_trial


@dataclass
class Recorded:
    """A tracker in memory: versions by key, in the order they came."""

    runs: dict[str, str] = field(default_factory=dict)

    def record(self, experiment: str, runs: Sequence[Run]) -> None:
        assert experiment == DATASET
        self.runs |= {run.key: run.version for run in runs}

    def is_recorded(self, experiment: str, key: str, version: str) -> bool:
        return self.runs.get(key) == version


def environment(*contracts: DatasetContract) -> Environment:
    names = [contract.name for contract in contracts]
    made = Environment(Outputs.model_validate(OUTPUTS | {"datasets": names}))
    made.contracts = MemoryContracts(*contracts)  # type: ignore[assignment]
    return made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> TrackingWorld:
    found = TrackingWorld("http://127.0.0.1:9")
    tuner = MemoryTuner()
    monkeypatch.setattr(tuner, "runs", lambda _: iter([TuningRun(JOB, COMMIT, "Completed", BEGAN, None, 2, {})]))
    for name, fake in {
        "SageMakerTuner": tuner,
        "SageMakerJobs": found.jobs,
        "SageMakerPackages": found.registry,
        "S3ModelContracts": MemoryModelContracts({contract_digest(CONTRACT): CONTRACT}),
        "S3Objects": found.objects,
        "endpoint": "lakeloop-dev-tiny",
    }.items():
        monkeypatch.setattr(experiments, name, lambda *_, fake=fake: fake)
    return found


def test_jobs_trials_and_evaluations_become_runs_once(world: TrackingWorld) -> None:
    arn, tracker, told = world.register().arn, Recorded(), list[str]()
    client = Experiments(environment(tiny()), tracker)

    first = client.sync(DATASET, told.append)
    again = client.sync(DATASET, told.append)

    assert set(tracker.runs) == {JOB, f"{JOB}-001", f"{JOB}-002", arn}
    assert first == again == experiments.Synced(DATASET, jobs=1, evaluations=1, running=())
    assert told == [f"{JOB}, 2 trials"]


def test_a_job_that_still_runs_is_told_and_recorded_when_it_has_ended(world: TrackingWorld) -> None:
    tracker = Recorded()
    client = Experiments(environment(tiny()), tracker)
    world.jobs.jobs[JOB] = a_job(status="InProgress", ended=None)

    before = client.sync(DATASET, print)
    world.jobs.jobs[JOB] = a_job()
    world.jobs.all_trials = [a_trial(1)]
    client.sync(DATASET, print)

    assert before.running == (JOB,)
    assert set(tracker.runs) == {JOB, f"{JOB}-001"}


@pytest.mark.parametrize("tracking", ["wandb", "both"])
def test_only_what_a_contract_wants_there_is_recorded(tracking: Tracking) -> None:
    assert wanted(environment(tiny().model_copy(update={"tracking": tracking})), None) == [DATASET]


@pytest.mark.parametrize("tracking", ["mlflow", "none"])
def test_where_no_contract_wants_it_that_is_told(tracking: Tracking) -> None:
    with pytest.raises(AdvisedError, match="nothing is recorded in Weights & Biases of tiny"):
        wanted(environment(tiny().model_copy(update={"tracking": tracking})), DATASET)


def test_two_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(AdvisedError, match="another process writes"), alone(tmp_path):
        pass

"""Enough new data starts one job on exactly one commit."""

import json
from datetime import UTC, datetime

import pytest
from mypy_boto3_sagemaker.type_defs import CreateHyperParameterTuningJobRequestTypeDef

from lakeloop import names
from lakeloop.contract import DatasetContract, Range, Retrain
from lakeloop.errors import PermanentError, UnknownDatasetError
from lakeloop.lake.ports import LakeCommit, LakeObject
from lakeloop.messages import DataCommitted, Message
from lakeloop.training.decision import decide, new_rows
from lakeloop.training.manifest import manifest
from lakeloop.training.ports import TuningRun
from lakeloop.training.service import TrainingService
from lakeloop.training.tuning_job import tuning_request
from tests.botocore_model import request_errors
from tests.data import breast_cancer, tiny, tiny_csv
from tests.fakes import Crash, CrashError, MemoryContracts, MemoryTuner, message, notification
from tests.world import ROWS, World

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"


def run(status: str = "Completed", commit: str = "c1") -> TuningRun:
    return TuningRun(name="job", commit=commit, status=status, created=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("rows", "last", "start", "why"),
    [
        (300, None, True, "300 new rows, at least 300 needed"),
        (299, None, False, "299 new rows, 300 needed"),
        (300, run(), True, "300 new rows, at least 300 needed"),
        (900, run(status="InProgress"), False, "job is still running"),
        (900, run(commit="head"), False, "commit head is trained by job already"),
        (900, run(status="Failed"), True, "900 new rows, at least 300 needed"),
    ],
)
def test_the_decision_to_train_says_why(rows: int, last: TuningRun | None, start: bool, why: str) -> None:
    decision = decide(Retrain(min_new_rows=300), head="head", rows=rows, last=last)

    assert (decision.start, decision.why) == (start, why)


def test_rows_are_counted_back_to_the_commit_that_was_trained() -> None:
    log = [LakeCommit(f"c{n}", {"rows_committed": str(n)}) for n in (4, 3, 2, 1)] + [LakeCommit("c0", {})]

    assert new_rows(log, "c2") == 7
    assert new_rows(log, "") == 10


def test_a_manifest_is_a_prefix_and_the_keys_below_it() -> None:
    addresses = ["s3://lake/repo/data/abc1", "s3://lake/repo/data/abd2"]
    objects = [LakeObject(f"train/{n}.parquet", address, 1) for n, address in enumerate(addresses)]

    assert json.loads(manifest(objects)) == [{"prefix": "s3://lake/repo/data/"}, "abc1", "abd2"]
    assert json.loads(manifest(objects[:1])) == [{"prefix": "s3://lake/repo/data/"}, "abc1"]


def test_the_request_is_one_that_sagemaker_takes() -> None:
    contract = breast_cancer()
    name = names.tuning_job("lakeloop-production", contract.name, "c" * 64, "x")
    request = tuning_request(
        contract, job_name=name, image=IMAGE, role_arn=ROLE, manifests={"train": "s3://a/b"}, output_uri="s3://a/c/"
    )

    assert request_errors("CreateHyperParameterTuningJob", request) == ""
    assert len(name) <= 32
    definition = request["TrainingJobDefinition"]
    # SageMaker refuses metric definitions for its own image, and a spot job that waits less than it may run.
    assert "MetricDefinitions" not in definition["AlgorithmSpecification"]
    stopping = definition["StoppingCondition"]
    assert stopping["MaxWaitTimeInSeconds"] >= stopping["MaxRuntimeInSeconds"]
    [depth] = request["HyperParameterTuningJobConfig"]["ParameterRanges"]["IntegerParameterRanges"]
    assert (depth["MinValue"], depth["MaxValue"]) == ("2", "6")


@pytest.mark.parametrize(
    ("searched", "limits"),
    [
        (Range(type="integer", min=1, max=1048576), ("1", "1048576")),
        (Range(type="integer", min=-3, max=10**15), ("-3", "1000000000000000")),
        (Range(type="continuous", min=0.12345678901234, max=1), ("0.12345678901234", "1.0")),
    ],
)
def test_limits_are_sent_to_the_last_digit(searched: Range, limits: tuple[str, str]) -> None:
    contract = with_training(ranges={"max_depth": searched.model_dump()})
    ranges = request_of(contract)["HyperParameterTuningJobConfig"]["ParameterRanges"]
    [sent] = ranges["IntegerParameterRanges"] or ranges["ContinuousParameterRanges"]

    assert (sent["MinValue"], sent["MaxValue"]) == limits


@pytest.mark.parametrize(("runs", "waits"), [(600, 1200), (2400, 3600), (3600, 3600)])
def test_a_spot_job_waits_no_longer_than_sagemaker_lets_one_without_checkpoints(runs: int, waits: int) -> None:
    stopping = request_of(with_training(max_trial_seconds=runs))["TrainingJobDefinition"]["StoppingCondition"]

    assert stopping == {"MaxRuntimeInSeconds": runs, "MaxWaitTimeInSeconds": waits}


def with_training(**changes: object) -> DatasetContract:
    return tiny(training={**tiny().training.model_dump(), **changes})


def request_of(contract: DatasetContract) -> CreateHyperParameterTuningJobRequestTypeDef:
    return tuning_request(contract, job_name="job", image=IMAGE, role_arn=ROLE, manifests={}, output_uri="s3://a/c/")


def service(world: World, tuner: MemoryTuner, crash: Crash | None = None) -> TrainingService:
    world.artifacts.crash = tuner.crash = world.lake.crash = crash or Crash()
    return TrainingService(
        contracts=MemoryContracts(tiny()),
        lake=world.lake,
        artifacts=world.artifacts,
        tuner=tuner,
        name_prefix="lakeloop-test",
        image=IMAGE,
        role_arn=ROLE,
    )


@pytest.fixture
def world() -> World:
    """Main with two commits of ten rows."""
    world = World()
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:10]))])
    world.service.handle([world.drop("b.csv", tiny_csv(*ROWS[10:]))])
    return world


def woken(world: World, index: int = -1) -> Message:
    return message(world.publisher.published[index].model_dump_json())


def test_a_job_is_pinned_to_the_head_of_main_whichever_message_woke_it(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world, index=0))

    [tags] = tuner.started.values()
    assert tags[names.COMMIT_TAG] == world.lake.head("")
    manifests = {key: json.loads(body) for key, body in world.artifacts.objects.items() if "manifests" in key}
    assert set(manifests) == {
        f"manifests/tiny/{world.lake.head('')}/{split}.manifest" for split in ("train", "validation")
    }


def test_two_messages_start_one_job(world: World) -> None:
    tuner = MemoryTuner(status="InProgress")
    training = service(world, tuner)

    training.handle(woken(world, 0))
    training.handle(woken(world, 1))
    training.handle(woken(world, 1))

    assert len(tuner.started) == 1


def test_a_crash_at_any_step_and_redelivery_starts_the_same_job(world: World) -> None:
    unharmed = MemoryTuner()
    crash = Crash()
    service(world, unharmed, crash).handle(woken(world))

    for step in range(1, crash.calls + 1):
        tuner = MemoryTuner()
        with pytest.raises(CrashError):
            service(world, tuner, Crash(at=step)).handle(woken(world))
        service(world, tuner).handle(woken(world))

        assert tuner.started == unharmed.started


def test_a_commit_without_rows_to_validate_on_is_refused(world: World) -> None:
    training = service(World(), MemoryTuner())
    few = World()
    few.service.handle([few.drop("a.csv", tiny_csv("k0,no,1,,,"))])
    training._lake = few.lake
    training._contracts = MemoryContracts(tiny(retrain={"min_new_rows": 1}))

    with pytest.raises(PermanentError, match="has no rows in its"):
        training.handle(woken(few))


def test_a_message_about_an_unknown_dataset_is_refused(world: World) -> None:
    other = DataCommitted(dataset="other", repository="r", commit="c", rows_committed=1, correlation_id="x")

    with pytest.raises(UnknownDatasetError):
        service(world, MemoryTuner()).handle(message(other.model_dump_json()))


def test_a_message_of_another_kind_is_malformed(world: World) -> None:
    with pytest.raises(PermanentError, match="not a data-committed message"):
        service(world, MemoryTuner()).handle(message(notification("incoming/tiny/a.csv")))

"""Enough new data starts one job on exactly one commit."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mypy_boto3_sagemaker.type_defs import CreateHyperParameterTuningJobRequestTypeDef

from lakeloop import names
from lakeloop.contract import DatasetContract, Range, Retrain
from lakeloop.contract.digest import recipe_digest
from lakeloop.errors import PermanentError, TransientError, UnknownDatasetError
from lakeloop.lake.layout import features_path
from lakeloop.lake.ports import LakeCommit, LakeObject
from lakeloop.messages import DataCommitted, Message
from lakeloop.reports import StepReport
from lakeloop.training.decision import Decision, decide
from lakeloop.training.failure import explained
from lakeloop.training.manifest import manifest
from lakeloop.training.ports import TuningRun
from lakeloop.training.service import TrainingService
from lakeloop.training.tuning_job import tuning_request
from tests.botocore_model import request_errors
from tests.data import breast_cancer, tiny, tiny_csv
from tests.fakes import (
    Crash,
    LakeFooters,
    LakeLabels,
    MemoryContracts,
    MemoryLeases,
    MemoryTuner,
    message,
    notification,
)
from tests.metrics import counted
from tests.world import ROWS, World

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
KEY = "arn:aws:kms:us-east-1:000000000000:key/k"


MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = "digest-of-today's-contract"


def run(name: str = "job", *, status: str = "Completed", commit: str = "c1", models: int = 1, **tags: str) -> TuningRun:
    ended = None if status == "InProgress" else MIDNIGHT
    return TuningRun(name=name, commit=commit, status=status, created=MIDNIGHT, ended=ended, models=models, tags=tags)


def failed(name: str = "job", status: str = "Failed", commit: str = "head") -> TuningRun:
    return run(name, status=status, commit=commit, models=0)


def decided(*runs: TuningRun, minutes: float = 0, **rows: int) -> Decision:
    """The decision so many minutes after midnight, with a log of these commits, newest first."""
    log = [LakeCommit(commit, {"rows_committed": str(count)}) for commit, count in rows.items()]
    now = MIDNIGHT + timedelta(minutes=minutes)
    policy = Retrain(min_new_rows=300)
    return decide(policy, head=log[0].id, log=log, runs=runs, contract=TODAY, now=now, count=not_counted)


def not_counted(base: str, told: int) -> int:
    raise AssertionError("what commits say is not counted")


@pytest.mark.parametrize(
    ("rows", "runs", "start", "why"),
    [
        (300, [], True, "1700 new rows, at least 300 needed"),
        (300, [run()], True, "300 new rows, at least 300 needed"),
        (299, [run()], False, "299 new rows, 300 needed"),
        (299, [run(), run("older", commit="c0")], False, "299 new rows, 300 needed"),
        (299, [run(commit="c0")], True, "699 new rows, at least 300 needed"),
        (900, [run(status="InProgress", models=0)], False, "job is still running"),
        (900, [run(status="InProgress", models=1)], False, "job is still running"),
        (900, [run(status="Stopping", models=1)], False, "job is still running"),
        (900, [failed("b"), run("a", status="InProgress")], False, "a is still running"),
        (900, [run(commit="head")], False, "commit head is trained by job already"),
        (900, [run(commit="head", status="Stopped")], False, "commit head is trained by job already"),
        (10, [failed(commit="c1"), run("older", commit="c0")], True, "410 new rows, at least 300 needed"),
        (10, [failed(commit="c1"), run("older", commit="c1")], False, "10 new rows, 300 needed"),
    ],
)
def test_the_decision_to_train_says_why(rows: int, runs: list[TuningRun], start: bool, why: str) -> None:
    # An hour later the cool-down is over.
    decision = decided(*runs, minutes=60, head=rows, c1=400, c0=1000)

    assert decision.start == start
    assert decision.why.startswith(why)


def test_rows_of_a_failed_job_are_still_untrained() -> None:
    assert decided(failed(commit="c1"), run("older", commit="c0"), minutes=60, head=0, c1=300, c0=9).start
    assert not decided(run(commit="c1"), run("older", commit="c0"), minutes=60, head=0, c1=300, c0=9).start


@pytest.mark.parametrize(
    ("before", "minutes", "start", "wait", "why"),
    [
        (1, 9, False, True, "job-1 gave no model: attempt 2 of 3 follows after 00:10 UTC"),
        (1, 10, True, False, "300 new rows, at least 300 needed, attempt 2 of 3"),
        (2, 39, False, True, "job-2 gave no model: attempt 3 of 3 follows after 00:40 UTC"),
        (2, 40, True, False, "300 new rows, at least 300 needed, attempt 3 of 3"),
        (3, 100_000, False, False, "3 jobs on this data gave no model, the last was job-3: waits for 300 new rows"),
    ],
)
def test_what_failed_is_tried_three_times_with_growing_pauses_and_then_waits_for_somebody(
    before: int, minutes: float, start: bool, wait: bool, why: str
) -> None:
    runs = [failed(f"job-{number}") for number in range(before, 0, -1)]

    decision = decided(*runs, minutes=minutes, head=300)

    assert (decision.start, decision.wait) == (start, wait)
    assert decision.why.startswith(why)
    assert decision.good == start
    if start:
        assert decision.attempt == before + 1


def test_many_small_drops_after_three_failures_start_no_fourth() -> None:
    runs = [failed(f"job-{number}", commit="c1") for number in (3, 2, 1)]

    assert not decided(*runs, minutes=1e5, head=299, c1=300).start
    anew = decided(*runs, minutes=1e5, head=300, c1=300)
    assert (anew.start, anew.attempt) == (True, 1)


def test_a_job_that_failed_on_less_data_than_is_new_now_holds_nothing_back() -> None:
    decision = decided(failed(commit="c1"), minutes=1, head=400, c1=300)

    assert (decision.start, decision.why) == (True, "700 new rows, at least 300 needed")


def test_failures_that_a_stricter_policy_adds_to_these_do_not_start_a_fifth_job() -> None:
    runs = [failed(f"job-{number}") for number in (4, 3, 2, 1)]

    decision = decided(*runs, minutes=1e5, head=300)

    assert (decision.start, decision.good) == (False, False)
    assert decision.why.startswith("4 jobs on this data gave no model, the last was job-4")


@pytest.mark.parametrize("digest", ["yesterday's", "a digest of yesterday's"])
def test_a_changed_contract_begins_anew_under_another_name(digest: str) -> None:
    runs = [replace(failed(f"job-{number}"), tags={names.CONTRACT_TAG: digest}) for number in (3, 2, 1)]

    decision = decided(*runs, head=300)

    assert (decision.start, decision.attempt) == (True, 4)


def test_a_job_that_a_person_stopped_before_it_gave_a_model_waits_for_new_rows() -> None:
    decision = decided(failed(status="Stopped"), minutes=1e5, head=300)

    assert (decision.start, decision.good) == (False, False)
    assert "was stopped before it gave a model: waits for 300 new rows" in decision.why
    assert decided(failed(status="Stopped", commit="c1"), minutes=1e5, head=300, c1=300).start


def test_commits_have_the_order_of_the_log_whatever_they_are_called() -> None:
    rows = {"0a": 200, "f3": 100, "77": 50}

    assert decided(run(commit="77"), **rows).why == "300 new rows, at least 300 needed"
    assert decided(failed(commit="f3"), minutes=60, **rows).attempt == 1


def test_a_manifest_is_a_prefix_and_the_keys_below_it() -> None:
    addresses = ["s3://lake/repo/data/abc1", "s3://lake/repo/data/abd2"]
    objects = [LakeObject(f"train/{n}.parquet", address, 1) for n, address in enumerate(addresses)]

    assert json.loads(manifest(objects)) == [{"prefix": "s3://lake/repo/data/"}, "abc1", "abd2"]
    assert json.loads(manifest(objects[:1])) == [{"prefix": "s3://lake/repo/data/"}, "abc1"]


def test_the_request_is_one_that_sagemaker_takes() -> None:
    contract = breast_cancer()
    name = names.tuning_job("lakeloop-production", contract.name, "c" * 64, "x", 3)
    request = tuning_request(
        contract,
        job_name=name,
        image=IMAGE,
        role_arn=ROLE,
        manifests={"train": "s3://a/b"},
        output_uri="s3://a/c/",
        kms_key_arn=KEY,
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


def test_the_request_is_this_one() -> None:
    """Whole, because each of its lines decides what is trained on what, or what it costs."""
    contract = tiny()

    request = tuning_request(
        contract,
        job_name="job",
        image=IMAGE,
        role_arn=ROLE,
        manifests={"train": "s3://a/train.manifest", "validation": "s3://a/validation.manifest"},
        output_uri="s3://a/out/",
        kms_key_arn=KEY,
    )

    def channel(name: str) -> dict[str, object]:
        source = {
            "S3DataType": "ManifestFile",
            "S3Uri": f"s3://a/{name}.manifest",
            "S3DataDistributionType": "FullyReplicated",
        }
        return {"ChannelName": name, "ContentType": "application/x-parquet", "DataSource": {"S3DataSource": source}}

    assert request == {
        "HyperParameterTuningJobName": "job",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Auto"}
                ],
                "IntegerParameterRanges": [],
            },
            "TrainingJobEarlyStoppingType": "Off",
            "RandomSeed": 0,
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {
                "objective": "binary:logistic",
                "eval_metric": "auc",
                "num_round": "5",
                "early_stopping_rounds": "2",
                "seed": "0",
            },
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": [channel("train"), channel("validation")],
            "OutputDataConfig": {"S3OutputPath": "s3://a/out/", "KmsKeyId": KEY},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600},
            "EnableManagedSpotTraining": True,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
        },
    }


@pytest.mark.parametrize(
    ("metric", "kind"), [("auc", "Maximize"), ("aucpr", "Maximize"), ("logloss", "Minimize"), ("error", "Minimize")]
)
def test_the_best_trial_is_the_highest_or_the_lowest_as_the_metric_has_it(metric: str, kind: str) -> None:
    config = request_of(with_training(metric=metric))["HyperParameterTuningJobConfig"]

    assert config["HyperParameterTuningJobObjective"] == {"Type": kind, "MetricName": f"validation:{metric}"}


def test_each_channel_reads_the_split_of_its_name(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world))

    [request] = tuner.requests
    definition: Any = request["TrainingJobDefinition"]
    for channel in definition["InputDataConfig"]:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        head, *keys = json.loads(world.artifacts.objects[uri.removeprefix("s3://artifacts/")])
        split = world.lake.objects(
            "lakeloop-test-tiny", "main", features_path(recipe_digest(tiny()), channel["ChannelName"])
        )
        assert {head["prefix"] + key for key in keys} == {entry.physical_address for entry in split} != set()


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
    ranges: Any = request_of(contract)["HyperParameterTuningJobConfig"]["ParameterRanges"]
    [sent] = ranges["IntegerParameterRanges"] + ranges["ContinuousParameterRanges"]

    assert (sent["MinValue"], sent["MaxValue"]) == limits


@pytest.mark.parametrize(("runs", "waits"), [(600, 1200), (2400, 3600), (3600, 3600)])
def test_a_spot_job_waits_no_longer_than_sagemaker_lets_one_without_checkpoints(runs: int, waits: int) -> None:
    stopping = request_of(with_training(max_trial_seconds=runs))["TrainingJobDefinition"]["StoppingCondition"]

    assert stopping == {"MaxRuntimeInSeconds": runs, "MaxWaitTimeInSeconds": waits}


def test_a_job_that_is_not_spot_runs_on_demand_and_waits_for_nothing() -> None:
    definition = request_of(with_training(spot=False, max_trial_seconds=600))["TrainingJobDefinition"]

    assert definition["EnableManagedSpotTraining"] is False
    assert definition["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}


@pytest.mark.parametrize(
    ("problem", "label", "metric", "objective", "classes"),
    [
        ("multiclass", {"type": "category", "allowed": ["r", "g", "b"]}, "mlogloss", "multi:softprob", "3"),
        ("regression", {"type": "float"}, "rmse", "reg:squarederror", None),
    ],
)
def test_a_model_is_told_of_how_many_classes_where_there_are_several(
    problem: str, label: dict[str, object], metric: str, objective: str, classes: str | None
) -> None:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "description": "label", **label}
    training = {**tiny().training.model_dump(), "metric": metric}
    contract = tiny(problem=problem, positive_class=None, columns=columns, training=training)

    parameters = request_of(contract)["TrainingJobDefinition"]["StaticHyperParameters"]

    assert (parameters["objective"], parameters.get("num_class")) == (objective, classes)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "SageMaker gave no reason"),
        ("AlgorithmError:\n  out of\tmemory ", "AlgorithmError: out of memory"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 400),
        (
            "The account-level service limit 'ml.m5.large' is 0 Instances.",
            "quota: The account-level service limit 'ml.m5.large' is 0 Instances. "
            "Ask for more under Service Quotas, or name another training.instance_type",
        ),
    ],
    ids=["none", "several lines", "400", "401", "quota"],
)
def test_the_reason_of_a_failed_job_is_one_line_that_says_what_helps(reason: str, said: str) -> None:
    assert explained(reason) == said


def with_training(**changes: object) -> DatasetContract:
    return tiny(training={**tiny().training.model_dump(), **changes})


def request_of(contract: DatasetContract) -> CreateHyperParameterTuningJobRequestTypeDef:
    return tuning_request(
        contract, job_name="job", image=IMAGE, role_arn=ROLE, manifests={}, output_uri="s3://a/c/", kms_key_arn=KEY
    )


def service(
    world: World,
    tuner: MemoryTuner,
    crash: Crash | None = None,
    leases: MemoryLeases | None = None,
    contract: DatasetContract | None = None,
) -> TrainingService:
    leases = leases or MemoryLeases()
    world.artifacts.crash = tuner.crash = world.lake.crash = world.reports.crash = leases.crash = crash or Crash()
    return TrainingService(
        contracts=MemoryContracts(contract or tiny()),
        lake=world.lake,
        artifacts=world.artifacts,
        tuner=tuner,
        leases=leases,
        labels=LakeLabels(world.lake),
        footers=LakeFooters(world.lake),
        reports=world.reports,
        name_prefix="lakeloop-test",
        image=IMAGE,
        role_arn=ROLE,
        kms_key_arn=KEY,
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


def job_ended(name: str, status: str = "Completed") -> Message:
    return message(
        {
            "detail-type": "SageMaker HyperParameter Tuning Job State Change",
            "detail": {"HyperParameterTuningJobName": name, "HyperParameterTuningJobStatus": status},
        }
    )


def test_data_that_came_while_a_job_ran_is_trained_when_it_ends(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    training = service(world, tuner)
    training.handle(woken(world))
    [first], before = tuner.started, world.lake.head("")
    world.service.handle([world.drop("c.csv", tiny_csv(*(row.replace("k", "m") for row in ROWS)))])
    training.handle(woken(world))
    assert list(tuner.started) == [first]

    tuner.jobs[first] = replace(tuner.jobs[first], status="Completed", models=2)
    training.handle(job_ended(first))

    assert [tags[names.COMMIT_TAG] for tags in tuner.started.values()] == [before, world.lake.head("")]


def test_the_end_of_somebody_elses_job_is_nothing(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(job_ended("lakeloop-test-of-another-project"))

    assert not tuner.started
    assert not world.reports.reports


def test_a_failed_job_is_tried_again_under_another_name_after_its_pause(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = MemoryTuner(status="Failed", models=0)
    training = service(world, tuner)
    training.handle(woken(world))
    [first] = tuner.started

    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=9))
    with pytest.raises(TransientError, match="attempt 2 of 3 follows after"):
        training.handle(job_ended(first, "Failed"))
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.job) == (False, first)
    assert f"Its reason: reason of {first}" in report.why

    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=11))
    training.handle(job_ended(first, "Failed"))
    _, second = tuner.started
    assert second != first
    assert [tuner.started[job][names.COMMIT_TAG] for job in (first, second)] == [world.lake.head("")] * 2


@pytest.mark.parametrize(
    ("minutes", "deployed", "lost"),
    [
        (59, "", False),
        (60, "", True),
        (61, "an-older-job", True),
        (61, "of-an-older-job", True),
        (61, "the job", False),
    ],
)
def test_a_model_that_deploy_model_never_heard_of_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, minutes: int, deployed: str, lost: bool
) -> None:
    tuner = MemoryTuner(ended=MIDNIGHT + timedelta(hours=2))
    training = service(world, tuner)
    training.handle(woken(world))
    [job] = tuner.started
    if deployed:
        said = job if deployed == "the job" else deployed
        world.reports.put(StepReport(dataset="tiny", step="deploy_model", good=True, why="in service", job=said))
    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=minutes))

    training.handle(woken(world))

    report = world.reports.reports["tiny", "start_tuning"]
    assert report.good != lost
    assert (f"never heard that {job} ended, so its model is not deployed" in report.why) == lost
    assert counted().get("ModelNotDeployed") == (1 if lost else None)


def test_the_model_keeps_the_contract_it_is_trained_with(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world))

    [tags] = tuner.started.values()
    kept = world.artifacts.objects[names.model_contract_key(tags[names.CONTRACT_TAG])]
    assert DatasetContract.model_validate_json(kept) == tiny()
    assert hashlib.sha256(kept).hexdigest() == tags[names.CONTRACT_TAG]


def test_a_job_that_sagemaker_does_not_list_yet_is_known_by_the_note_on_the_lease(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    leases = MemoryLeases()
    training = service(world, tuner, leases=leases)
    training.handle(woken(world))
    tuner.unlisted = set(tuner.started)
    world.service.handle([world.drop("c.csv", tiny_csv(*(row.replace("k", "m") for row in ROWS)))])

    training.handle(woken(world))

    assert len(tuner.started) == 1


@pytest.mark.parametrize(("seconds", "starts"), [(-1, True), (1, False)])
@pytest.mark.parametrize("name", ["noted", "a-job-that-was-noted"])
def test_a_noted_job_counts_only_where_it_is_newer_than_those_that_are_listed(
    world: World, name: str, seconds: int, starts: bool
) -> None:
    listed = run("listed", commit="c0")
    noted = replace(run(name, status="InProgress"), created=listed.created + timedelta(seconds=seconds))
    tuner = MemoryTuner(jobs={"listed": listed, name: noted}, unlisted={name})

    service(world, tuner, leases=MemoryLeases(noted={"tiny": name})).handle(woken(world))

    assert bool(tuner.started) == starts


def test_a_pause_begins_when_the_job_ended() -> None:
    long = replace(failed(), ended=MIDNIGHT + timedelta(hours=5))

    assert not decided(long, minutes=5 * 60 + 9, head=300).start
    assert decided(long, minutes=5 * 60 + 10, head=300).start
    assert decided(replace(failed(), ended=None), minutes=10, head=300).start


def test_a_first_attempt_is_the_first() -> None:
    decision = decided(head=300)

    assert (decision.attempt, decision.commit, decision.good, decision.wait) == (1, "head", True, False)


def test_only_the_holder_of_the_lease_starts(world: World) -> None:
    tuner = MemoryTuner()
    leases = MemoryLeases(held={"tiny"})

    with pytest.raises(TransientError, match="another start_tuning is deciding on tiny"):
        service(world, tuner, leases=leases).handle(woken(world))
    assert not tuner.started

    leases.expire()
    service(world, tuner, leases=leases).handle(woken(world))
    assert len(tuner.started) == 1
    assert not leases.held


def test_an_error_gives_the_lease_back_at_once(world: World) -> None:
    tuner, leases = MemoryTuner(), MemoryLeases()
    training = service(world, tuner, leases=leases)
    tuner.start = lambda *_: (_ for _ in ()).throw(TransientError("quota"))  # type: ignore[method-assign]

    with pytest.raises(TransientError, match="quota"):
        training.handle(woken(world))

    assert not leases.held
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.why, report.commit) == (False, "quota", world.lake.head(""))


def test_a_lease_that_is_lost_after_the_start_changes_nothing(world: World) -> None:
    tuner, leases = MemoryTuner(), MemoryLeases(lost=True)

    service(world, tuner, leases=leases).handle(woken(world))

    assert len(tuner.started) == 1
    assert world.reports.reports["tiny", "start_tuning"].good


def test_a_commit_without_rows_to_validate_on_waits_and_says_so() -> None:
    few = World()
    few.service.handle([few.drop("a.csv", tiny_csv(*(f"k{n},{'no' if n else 'yes'},1,,," for n in range(3))))])
    tuner = MemoryTuner()

    service(few, tuner).handle(woken(few))

    assert not tuner.started
    assert few.reports.reports["tiny", "start_tuning"].why == "no rows in validation yet: more data is needed"


def test_a_message_about_an_unknown_dataset_is_refused(world: World) -> None:
    other = DataCommitted(dataset="other", repository="r", commit="c", rows_committed=1, correlation_id="x")

    with pytest.raises(UnknownDatasetError):
        service(world, MemoryTuner()).handle(message(other.model_dump_json()))


def test_a_message_of_another_kind_is_malformed(world: World) -> None:
    with pytest.raises(PermanentError, match="not a data-committed message"):
        service(world, MemoryTuner()).handle(message(notification("incoming/tiny/a.csv")))


def test_a_dataset_without_a_problem_is_versioned_only(world: World) -> None:
    tuner = MemoryTuner()
    unlearned = tiny(problem=None, label=None, positive_class=None)

    service(world, tuner, contract=unlearned).handle(woken(world))

    assert tuner.requests == []

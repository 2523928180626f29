"""Tuning jobs: which are ours, how one is started, and what an error of SageMaker means."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeloop import names
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.errors import ConflictingResourceError, PermanentError, TransientError
from lakeloop.training.failure import explained
from tests.cases import OPS
from tests.unit.lakeloop.adapters.stubs import ARN, Stub, stubbed

PREFIX = names.tuning_job_prefix("lakeloop-dev", "wine")
NAME = f"{PREFIX}01234567"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
TAGS = {"environment": "lakeloop-dev", "dataset": "wine", "commit": "c1"}
LISTING = {"NameContains": PREFIX, "SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 10}


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed("sagemaker") as stub:
        yield stub


def tuner(stub: Stub) -> SageMakerTuner:
    return SageMakerTuner(stub.client, "lakeloop-dev")


def arn(name: str) -> str:
    return f"{ARN}:hyper-parameter-tuning-job/{name}"


def summary(name: str = NAME, status: str = "Completed", completed: int = 1) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobArn": arn(name),
        "HyperParameterTuningJobStatus": status,
        "Strategy": "Bayesian",
        "CreationTime": CREATED,
        "TrainingJobStatusCounters": {"Completed": completed},
        "ObjectiveStatusCounters": {},
    }


def description(name: str = NAME, status: str = "Completed", **more: object) -> dict[str, Any]:
    config = {"Strategy": "Bayesian", "ResourceLimits": {"MaxParallelTrainingJobs": 1}}
    described = {key: value for key, value in summary(name, status).items() if key != "Strategy"}
    return {**described, "HyperParameterTuningJobConfig": config, **more}


def listed(stub: Stub, *summaries: dict[str, Any], token: str = "", after: str = "") -> None:
    answer = {"HyperParameterTuningJobSummaries": list(summaries), **({"NextToken": token} if token else {})}
    stub.answers("list_hyper_parameter_tuning_jobs", answer, **LISTING, **({"NextToken": after} if after else {}))


def test_runs_are_those_of_the_dataset_newest_first_over_all_pages(stub: Stub) -> None:
    listed(stub, summary(f"{PREFIX}00000002"), token="more")
    stub.tags(arn(f"{PREFIX}00000002"), **TAGS)
    listed(stub, summary(f"{PREFIX}00000001", "Failed", completed=0), after="more")
    stub.tags(arn(f"{PREFIX}00000001"), **{**TAGS, "commit": "c0"})

    runs = list(tuner(stub).runs("wine"))

    assert [(run.name[-1], run.status, run.models, run.commit) for run in runs] == [
        ("2", "Completed", 1, "c1"),
        ("1", "Failed", 0, "c0"),
    ]


def test_jobs_of_other_projects_whose_names_contain_ours_are_passed_over_without_reading_their_tags(stub: Stub) -> None:
    listed(stub, summary(f"x-{NAME}"), summary(f"{NAME}-by-hand"), summary(f"{PREFIX}-alice-0123"))

    assert list(tuner(stub).runs("wine")) == []


@pytest.mark.parametrize(
    "tags",
    [{}, {**TAGS, "environment": "lakeloop-dev-alice"}, {**TAGS, "dataset": "other_with_the_same_digits"}],
)
def test_jobs_without_our_tags_are_nobodys(stub: Stub, tags: dict[str, str]) -> None:
    listed(stub, summary())
    stub.tags(arn(NAME), **tags)
    stub.answers("describe_hyper_parameter_tuning_job", description(), HyperParameterTuningJobName=NAME)
    stub.tags(arn(NAME), **{key: value for key, value in tags.items() if key != "dataset"})

    assert list(tuner(stub).runs("wine")) == []
    assert tuner(stub).run(NAME) is None


def test_a_run_is_found_by_name(stub: Stub) -> None:
    stub.answers("describe_hyper_parameter_tuning_job", description(), HyperParameterTuningJobName=NAME)
    stub.tags(arn(NAME), **TAGS)

    run = tuner(stub).run(NAME)

    assert run is not None
    assert (run.name, run.commit, run.tags[names.DATASET_TAG]) == (NAME, "c1", "wine")


def test_a_run_that_is_gone_or_called_otherwise_is_none(stub: Stub) -> None:
    stub.refuses(
        "describe_hyper_parameter_tuning_job", "ResourceNotFound", request={"HyperParameterTuningJobName": NAME}
    )

    assert tuner(stub).run(NAME) is None
    for other in ("somebody-elses", "lakeloop-dev-alice-0123456789ab", f"{NAME}-by-hand"):
        assert tuner(stub).run(other) is None


def test_quota_at_job_time_is_recognised_from_the_job_or_its_trials(stub: Stub) -> None:
    case = json.loads((OPS / "quota-at-job-time" / "describe.json").read_text())
    name, reason = case["HyperParameterTuningJobName"], case["FailureReason"]
    described = {key: case[key] for key in ("HyperParameterTuningJobStatus", "TrainingJobStatusCounters")}
    trial = {
        "TrainingJobName": "t",
        "TrainingJobArn": f"{ARN}:training-job/t",
        "CreationTime": CREATED,
        "TrainingJobStatus": "Failed",
        "TunedHyperParameters": {},
    }
    for of_job, of_trial in ((reason, ""), ("All training jobs failed.", reason)):
        stub.answers(
            "describe_hyper_parameter_tuning_job",
            description(name, **described, FailureReason=of_job),
            HyperParameterTuningJobName=name,
        )
        stub.answers(
            "list_training_jobs_for_hyper_parameter_tuning_job",
            {"TrainingJobSummaries": [{**trial, "FailureReason": of_trial}] if of_trial else []},
            HyperParameterTuningJobName=name,
            StatusEquals="Failed",
            MaxResults=1,
        )

        said = explained(tuner(stub).failure(name))

        assert said.startswith("quota: ")
        assert "'ml.m5.large for spot training job usage' is 0 Instances" in said
        assert "Service Quotas" in said


REQUEST = description()["HyperParameterTuningJobConfig"]
START = {"HyperParameterTuningJobName": NAME, "HyperParameterTuningJobConfig": REQUEST}
START_TAGS = {names.COMMIT_TAG: "c1", names.DATASET_TAG: "wine", names.ENVIRONMENT_TAG: "lakeloop-dev"}
SENT_TAGS = [{"Key": key, "Value": START_TAGS[key]} for key in sorted(START_TAGS)]


def test_a_job_is_started_with_its_tags_in_order(stub: Stub) -> None:
    answer = {"HyperParameterTuningJobArn": arn(NAME)}
    stub.answers("create_hyper_parameter_tuning_job", answer, **START, Tags=SENT_TAGS)

    assert tuner(stub).start(START, dict(reversed(START_TAGS.items())))


def in_use(stub: Stub, **tags: str) -> None:
    stub.refuses(
        "create_hyper_parameter_tuning_job", "ResourceInUse", "already exists", request={**START, "Tags": SENT_TAGS}
    )
    stub.answers("describe_hyper_parameter_tuning_job", description(), HyperParameterTuningJobName=NAME)
    stub.tags(arn(NAME), **tags)


def test_the_same_job_again_is_no_second_one(stub: Stub) -> None:
    in_use(stub, **TAGS)

    assert not tuner(stub).start(START, START_TAGS)


def test_a_job_that_a_person_asked_for_is_the_same_though_main_has_moved(stub: Stub) -> None:
    tags = {**START_TAGS, names.ASK_TAG: "a1"}
    sent = [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
    stub.refuses("create_hyper_parameter_tuning_job", "ResourceInUse", "exists", request={**START, "Tags": sent})
    stub.answers("describe_hyper_parameter_tuning_job", description(), HyperParameterTuningJobName=NAME)
    stub.tags(arn(NAME), **{**TAGS, "commit": "c0", "ask": "a1"})

    assert not tuner(stub).start(START, tags)


@pytest.mark.parametrize(
    "other", [{"commit": "c2"}, {"dataset": "other"}, {"environment": "lakeloop-prod"}, {"ask": "of-a-person"}]
)
def test_a_job_of_that_name_on_other_data_is_an_error(stub: Stub, other: dict[str, str]) -> None:
    in_use(stub, **{**TAGS, **other})

    with pytest.raises(ConflictingResourceError, match="was not started for commit c1 of wine, or not for what"):
        tuner(stub).start(START, START_TAGS)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ResourceLimitExceeded", TransientError),
        ("ThrottlingException", TransientError),
        ("InternalFailure", TransientError),
        ("ValidationException", PermanentError),
        ("AccessDeniedException", PermanentError),
    ],
)
def test_what_sagemaker_refuses_is_told_with_its_words_and_what_to_do(
    stub: Stub, code: str, kind: type[Exception]
) -> None:
    stub.refuses(
        "create_hyper_parameter_tuning_job", code, "these are SageMaker's words", request={**START, "Tags": SENT_TAGS}
    )

    with pytest.raises(kind, match="these are SageMaker's words") as error:
        tuner(stub).start(START, START_TAGS)

    assert NAME in str(error.value)
    if kind is PermanentError:
        assert "terraform apply" in str(error.value)

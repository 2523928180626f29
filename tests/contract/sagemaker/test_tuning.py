"""Tuning jobs: real trials, the best of them, and the ways to end early."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud, LocalServer, eventually
from tests.contract.sagemaker.examples import tuning_job
from tests.contract.sagemaker.jobs import ended_tuning, members, packed, train, trials, tune

Channels = list[dict[str, Any]]
FINAL = "FinalHyperParameterTuningJobObjectiveMetric"


def limits(most: int, parallel: int = 2) -> dict[str, int]:
    return {"MaxNumberOfTrainingJobs": most, "MaxParallelTrainingJobs": parallel}


def values(found: list[dict[str, Any]]) -> list[float]:
    return [trial[FINAL]["Value"] for trial in found]


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_best_of_all_trials_is_found_and_its_model_is_there(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("best")[:32]

    job = tune(cloud, tuning_job(cloud, name, channels))

    found = trials(cloud, name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"] == {
        **dict.fromkeys(("InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0),
        "Completed": 3,
    }
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    best = job["BestTrainingJob"]
    assert best[FINAL]["Value"] == max(values(found))
    # The summary has no artifact; the training job has.
    training = cloud.sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert "xgboost-model" in members(cloud, training["ModelArtifacts"]["S3ModelArtifacts"])
    assert training["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert training["HyperParameters"]["eta"] == best["TunedHyperParameters"]["eta"]


def test_trials_stay_within_their_ranges_and_differ(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("ranges")[:32]

    tune(cloud, tuning_job(cloud, name, channels))

    tuned = [trial["TunedHyperParameters"] for trial in trials(cloud, name)]
    assert all(0.1 <= float(each["eta"]) <= 0.5 and 2 <= int(each["max_depth"]) <= 6 for each in tuned)
    assert len({each["eta"] for each in tuned}) == 3
    assert all(trial["TrainingJobName"].startswith(f"{name}-00") for trial in trials(cloud, name))


def test_value_of_a_trial_is_what_its_training_reached(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("same")[:32]
    tune(cloud, tuning_job(cloud, name, channels, ResourceLimits=limits(1, 1)))
    trial = trials(cloud, name)[0]

    alone = train(cloud, channels, num_round="10", **trial["TunedHyperParameters"])

    again = {metric["MetricName"]: metric["Value"] for metric in alone["FinalMetricDataList"]}
    assert again["validation:auc"] == trial[FINAL]["Value"]


def test_two_trials_run_side_by_side_and_no_more(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("parallel")[:32]

    tune(cloud, tuning_job(cloud, name, channels, ResourceLimits=limits(4, 2)))

    spans = [(trial["CreationTime"], trial["TrainingEndTime"]) for trial in trials(cloud, name)]
    together = [sum(start <= moment < end for start, end in spans) for moment, _ in spans]
    assert max(together) == 2


def test_grid_tries_every_combination_once(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("grid")[:32]
    ranges = [{"Name": "max_depth", "Values": ["2", "3"]}, {"Name": "eta", "Values": ["0.1", "0.3"]}]

    job = tune(
        cloud,
        tuning_job(
            cloud,
            name,
            channels,
            Strategy="Grid",
            ParameterRanges={"CategoricalParameterRanges": ranges},
            ResourceLimits={"MaxParallelTrainingJobs": 2},
        ),
    )

    tried = sorted(tuple(sorted(trial["TunedHyperParameters"].items())) for trial in trials(cloud, name))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert tried == [(("eta", eta), ("max_depth", depth)) for eta in ("0.1", "0.3") for depth in ("2", "3")]


def test_random_search_with_a_seed_repeats_itself(cloud: Cloud, channels: Channels) -> None:
    names = [cloud.name("random")[:32], cloud.name("random")[:32]]

    for name in names:
        tune(cloud, tuning_job(cloud, name, channels, Strategy="Random", ResourceLimits=limits(2, 1)))

    first, second = ([trial["TunedHyperParameters"] for trial in trials(cloud, name)] for name in names)
    assert first == second


def test_hyperband_stops_trials_that_fall_behind(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("hyperband")[:32]
    request = tuning_job(
        cloud,
        name,
        channels,
        Strategy="Hyperband",
        StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 300}},
        ParameterRanges={"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.0001", "MaxValue": "0.5"}]},
        ResourceLimits=limits(6),
    )
    request["TrainingJobDefinition"]["StaticHyperParameters"]["num_round"] = "3000"

    job = tune(cloud, request)

    counters = job["TrainingJobStatusCounters"]
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert counters["Stopped"] >= 1
    assert counters["Completed"] + counters["Stopped"] == 6


def test_early_stopping_ends_a_trial_below_the_median(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("median")[:32]
    request = tuning_job(
        cloud,
        name,
        channels,
        TrainingJobEarlyStoppingType="Auto",
        HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "validation:logloss"},
        ParameterRanges={"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.00001", "MaxValue": "0.3"}]},
        ResourceLimits=limits(5, 1),
    )
    request["TrainingJobDefinition"]["StaticHyperParameters"]["num_round"] = "1500"

    job = tune(cloud, request)

    found = trials(cloud, name)
    stopped = [trial for trial in found if trial["TrainingJobStatus"] == "Stopped"]
    assert stopped
    assert job["BestTrainingJob"]["TrainingJobName"] not in [trial["TrainingJobName"] for trial in stopped]
    assert all(trial["ObjectiveStatus"] == "Succeeded" for trial in stopped)


@pytest.mark.parametrize(
    "criteria",
    [
        {"TargetObjectiveMetricValue": 0.5},
        {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}},
    ],
    ids=["target reached", "not improving"],
)
def test_completion_criteria_end_the_search(cloud: Cloud, channels: Channels, criteria: dict[str, Any]) -> None:
    name = cloud.name("criteria")[:32]
    request = tuning_job(
        cloud,
        name,
        channels,
        TuningJobCompletionCriteria=criteria,
        ResourceLimits=limits(40, 1),
        ParameterRanges={"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "2"}]},
    )
    request["TrainingJobDefinition"]["StaticHyperParameters"]["num_round"] = "1"

    job = tune(cloud, request)

    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials(cloud, name)) < 15


def test_warm_start_learns_from_its_parent(cloud: Cloud, channels: Channels, local_server: LocalServer) -> None:
    """Grid shows it plainly: what the parent tried is not tried again."""
    parent, child = cloud.name("parent")[:32], cloud.name("child")[:32]
    grid = {
        "Strategy": "Grid",
        "ResourceLimits": {"MaxParallelTrainingJobs": 2},
    }

    def depths(*depth: str) -> dict[str, Any]:
        return {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": list(depth)}]}

    tune(cloud, tuning_job(cloud, parent, channels, **grid, ParameterRanges=depths("2", "3")))
    request = tuning_job(cloud, child, channels, **grid, ParameterRanges=depths("2", "3", "4"))
    parents = [{"HyperParameterTuningJobName": parent}]
    request["WarmStartConfig"] = {
        "ParentHyperParameterTuningJobs": parents,
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }

    job = tune(cloud, request)

    assert [trial["TunedHyperParameters"] for trial in trials(cloud, child)] == [{"max_depth": "4"}]
    both = values([*trials(cloud, parent), *trials(cloud, child)])
    assert job["OverallBestTrainingJob"][FINAL]["Value"] == max(both)


def test_stopping_a_tuning_job_stops_its_trials(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("stop")[:32]
    request = tuning_job(cloud, name, channels)
    request["TrainingJobDefinition"]["StaticHyperParameters"]["num_round"] = "100000"
    cloud.sagemaker.create_hyper_parameter_tuning_job(**request)
    eventually(lambda: len(trials(cloud, name)) == 2, "both trials to start")

    cloud.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)

    job = ended_tuning(cloud, name)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert {trial["TrainingJobStatus"] for trial in trials(cloud, name)} == {"Stopped"}
    with pytest.raises(ClientError, match="in status Stopped"):
        cloud.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)


def test_job_fails_when_all_trials_fail(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("fail")[:32]
    request = tuning_job(cloud, name, channels)
    request["TrainingJobDefinition"]["InputDataConfig"] = [
        {**channels[0], "ContentType": "application/x-parquet"},
        channels[1],
    ]

    job = tune(cloud, request)

    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert "All training jobs failed" in job["FailureReason"]
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 3
    assert job["ObjectiveStatusCounters"]["Failed"] == 3
    assert "BestTrainingJob" not in job


def test_own_program_is_tuned(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("script")[:32]
    program = """
import os
depth = int(os.environ["SM_HP_MAX_DEPTH"])
print(f"[0]#011validation-auc:{1 / depth}")
open(os.environ["SM_MODEL_DIR"] + "/model", "w").write("x")
"""
    source = cloud.put(f"{cloud.prefix}/code/{name}/sourcedir.tar.gz", packed(train__py=program))
    request = tuning_job(
        cloud,
        name,
        channels,
        ParameterRanges={"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "9"}]},
    )
    request["TrainingJobDefinition"]["StaticHyperParameters"] = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": source,
    }

    job = tune(cloud, request)

    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    depths = [int(trial["TunedHyperParameters"]["max_depth"]) for trial in trials(cloud, name)]
    assert job["BestTrainingJob"][FINAL]["Value"] == pytest.approx(1 / min(depths))


def test_name_is_taken_for_good_in_any_case_until_deleted(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("taken")[:32]
    request = tuning_job(cloud, name, channels, ResourceLimits=limits(1, 1))
    tune(cloud, request)

    with pytest.raises(ClientError, match=r"already exists\. Choose a different name\.") as refused:
        cloud.sagemaker.create_hyper_parameter_tuning_job(**{**request, "HyperParameterTuningJobName": name.upper()})

    assert code(refused) == "ResourceInUse"
    cloud.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    with pytest.raises(ClientError, match=f"can't find a tuning job called {name}") as missing:
        cloud.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert code(missing) == "ResourceNotFound"


def test_trials_sorted_by_what_they_reached(cloud: Cloud, channels: Channels) -> None:
    name = cloud.name("sorted")[:32]
    tune(cloud, tuning_job(cloud, name, channels))

    found = cloud.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending"
    )["TrainingJobSummaries"]

    reached = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in found]
    assert len(reached) == 3
    assert reached == sorted(reached, reverse=True)
    completed = cloud.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, StatusEquals="Stopped"
    )
    assert completed["TrainingJobSummaries"] == []

"""The trials of a tuning job: training jobs like any other, that know what was tuned and how it went."""

import time
import uuid

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.documents import FINAL_METRIC, Document
from lakeloop.local.sagemaker.store import Store
from lakeloop.local.sagemaker.training.images import image

RUNNING = frozenset({"InProgress", "Stopping"})
COPIED = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


def trial_name(tuning_job: str, number: int) -> str:
    return f"{tuning_job}-{number:03d}-{uuid.uuid4().hex[:8]}"


def trial_request(tuning_job: Document, name: str, tuned: dict[str, str]) -> Document:
    """The training job behind a trial."""
    definition = tuning_job["TrainingJobDefinition"]
    objective = tuning_job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    static = dict(definition.get("StaticHyperParameters", {}))
    if image(definition["AlgorithmSpecification"].get("TrainingImage", "")).built_in:
        # So the container evaluates what tuning looks at, whatever `eval_metric` says.
        static["_tuning_objective_metric"] = objective
    return {
        **{member: definition[member] for member in COPIED if member in definition},
        "TrainingJobName": name,
        "HyperParameters": {**static, **tuned},
        "ResourceConfig": definition.get("ResourceConfig") or first_choice(definition),
        "TuningJobArn": tuning_job["HyperParameterTuningJobArn"],
        "TuningJobName": tuning_job["HyperParameterTuningJobName"],
        "TunedHyperParameters": tuned,
        "ObjectiveStatus": "Pending",
    }


def first_choice(definition: Document) -> Document:
    """Of several acceptable instance types the first is always to be had here."""
    resources = definition.get("HyperParameterTuningResourceConfig", {})
    first = resources.get("InstanceConfigs", [resources])[0]
    return {"VolumeSizeInGB": resources.get("VolumeSizeInGB", 1), **first}


def trials(store: Store, tuning_job_arn: str) -> list[Document]:
    """In the order they were started."""
    found = [job for job in store.all(Kind.TRAINING_JOB) if job.get("TuningJobArn") == tuning_job_arn]
    return sorted(found, key=lambda job: str(job["TrainingJobName"]))


def conclude(store: Store, name: str, objective: Document) -> Document:
    """Write down how a trial that ended met the objective."""
    job = store.find(Kind.TRAINING_JOB, name) or {}
    values = {metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])}
    metric = objective["MetricName"]
    if job["TrainingJobStatus"] == "Failed" or metric not in values:
        return store.change(Kind.TRAINING_JOB, name, ObjectiveStatus="Failed")
    final = {"Type": objective["Type"], "MetricName": metric, "Value": values[metric]}
    return store.change(Kind.TRAINING_JOB, name, ObjectiveStatus="Succeeded", **{FINAL_METRIC: final})


def objective_value(trial: Document) -> float | None:
    """What it reached; None while it runs and when it failed."""
    if trial["ObjectiveStatus"] != "Succeeded":
        return None
    value: float = trial[FINAL_METRIC]["Value"]
    return value


def progress(tuning_job: Document, found: list[Document]) -> Document:
    """What DescribeHyperParameterTuningJob says of the trials: how many ended how, and the best."""
    statuses = [trial["TrainingJobStatus"] for trial in found]
    objectives = [trial["ObjectiveStatus"] for trial in found]
    best = best_of(tuning_job, found)
    now = time.time()
    runtime = sum(trial.get("TrainingEndTime", now) - trial.get("TrainingStartTime", now) for trial in found)
    return {
        "TrainingJobStatusCounters": {
            "Completed": statuses.count("Completed"),
            "InProgress": sum(status in RUNNING for status in statuses),
            "RetryableError": 0,
            "NonRetryableError": statuses.count("Failed"),
            "Stopped": statuses.count("Stopped"),
        },
        "ObjectiveStatusCounters": {status: objectives.count(status) for status in ("Succeeded", "Pending", "Failed")},
        "ConsumedResources": {"RuntimeInSeconds": round(runtime)},
        **({"BestTrainingJob": best} if best else {}),
    }


def best_of(tuning_job: Document, found: list[Document]) -> Document | None:
    """The trial that met the job's objective best."""
    ended = [(value, trial) for trial in found if (value := objective_value(trial)) is not None]
    maximize = tuning_job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
    choose = max if maximize else min
    return choose(ended, key=lambda pair: pair[0])[1] if ended else None

"""What a tuning job learns from its parents.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
"""

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.store import Store
from lakeloop.local.sagemaker.tuning.trials import trials


def problem(parent: Document, request: Document) -> str:
    """Why a tuning job may not learn from a parent; empty where it may. SageMaker's wording for these is not known.

    HyperParameterTuningJobWarmStartConfig of the API reference.
    """
    name = parent["HyperParameterTuningJobName"]
    if _objective(parent) != _objective(request):
        return f"The objective metric must be that of the parent tuning job {name}."
    if len(_hyperparameters(parent)) != len(_hyperparameters(request)):
        return f"Static and tunable hyperparameters must together be as many as those of the parent tuning job {name}."
    return ""


def _objective(job: Document) -> object:
    return job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]


def _hyperparameters(job: Document) -> set[str]:
    ranges = job["HyperParameterTuningJobConfig"].get("ParameterRanges", {}).values()
    tuned = {each["Name"] for kind in ranges for each in kind}
    return tuned | set(job["TrainingJobDefinition"].get("StaticHyperParameters", {}))


def parents_trials(store: Store, tuning_job: Document) -> list[Document]:
    """The ended trials of the parents; those outside the new ranges are left out by the search."""
    parents = tuning_job.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    found = [store.find(Kind.TUNING_JOB, parent["HyperParameterTuningJobName"]) for parent in parents]
    return [trial for parent in found if parent for trial in trials(store, parent["HyperParameterTuningJobArn"])]

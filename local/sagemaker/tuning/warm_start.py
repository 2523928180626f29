"""What a tuning job learns from its parents.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
"""

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.store import Store
from lakeloop.local.sagemaker.tuning.trials import trials


def parents_trials(store: Store, tuning_job: Document) -> list[Document]:
    """The ended trials of the parents; those outside the new ranges are left out by the search."""
    parents = tuning_job.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    found = [store.find(Kind.TUNING_JOB, parent["HyperParameterTuningJobName"]) for parent in parents]
    return [trial for parent in found if parent for trial in trials(store, parent["HyperParameterTuningJobArn"])]

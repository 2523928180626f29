"""What an event would have told: of the same form, with the name alone, as nobody trusts more of it."""

import json

from lakeloop import names
from lakeloop.messages import DataCommitted
from lakeloop.reconciliation.findings import Finding


def notice(finding: Finding, dataset: str, name_prefix: str) -> str:
    """The message that wakes a finding's step."""
    repository = names.repository(name_prefix, dataset)
    match finding.wakes:
        case "evaluate_model":
            return _tuning_ended(finding.about)
        case "deploy_model":
            group = names.endpoint(name_prefix, dataset)
            return _event(
                "SageMaker Model Package State Change",
                {
                    "ModelPackageGroupName": group,
                    "ModelPackageArn": finding.about,
                    "ModelPackageVersion": int(finding.about.rpartition("/")[2]),
                    "ModelApprovalStatus": "Approved",
                },
                finding.about,
            )
        case "start_tuning" if names.is_tuning_job(name_prefix, finding.about):
            return _tuning_ended(finding.about)
    return DataCommitted(
        dataset=dataset,
        repository=repository,
        commit=finding.about,
        rows_committed=0,
        correlation_id=names.digest("reconcile", finding.name, length=32),
    ).model_dump_json()


def _tuning_ended(job: str) -> str:
    return _event("SageMaker HyperParameter Tuning Job State Change", {"HyperParameterTuningJobName": job}, job)


def _event(kind: str, detail: dict[str, object], resource: str) -> str:
    event = {"source": "lakeloop.reconcile", "detail-type": kind, "detail": detail, "resources": [resource]}
    return json.dumps(event)

"""A model version as a run of its evaluation and as an entry of a catalog, and which aliases point where."""

import math
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ValidationError

from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.tracking.ports import Alias, Kind, Point, Run, Status, Version, milliseconds
from lakeloop.tracking.runs import JOB_ARN, NOTE, Lineage

TEST = "test"
EVALUATION = "evaluation.json"
APPROVAL = "sagemaker.approval"
PACKAGE = "sagemaker.model_package"
DECIDED_BY = "lakeloop.decided_by"


class Figure(BaseModel):
    value: float | None = None


class Comparison(BaseModel):
    challenger: Figure = Figure()
    champion: Figure = Figure()


class Verdict(BaseModel):
    metrics: dict[str, Comparison] = {}


class Evaluation(BaseModel):
    """What is read of the file of metrics that a version names."""

    verdict: Verdict | None = None


def lineage_of(version: ModelVersion) -> Lineage:
    told = version.metadata
    return Lineage(
        dataset=told.get(lineage.DATASET, ""),
        repository=told.get(lineage.REPOSITORY, ""),
        commit=told.get(lineage.DATA_COMMIT, ""),
        recipe=told.get(lineage.RECIPE, ""),
        contract=told.get(lineage.CONTRACT, ""),
        git_sha=told.get(lineage.GIT_SHA, ""),
    )


def evaluation_run(version: ModelVersion, artifacts: Mapping[str, bytes], *, parent: str) -> Run:
    """How a version was judged, below the run of the tuning job that made it."""
    made_of = lineage_of(version)
    return Run(
        key=version.arn,
        name=f"evaluation of version {version.version}",
        kind=Kind.EVALUATION,
        group=parent,
        status=Status.FINISHED,
        started=version.created,
        ended=version.created,
        parent=parent,
        params={"metric": version.metadata.get(lineage.METRIC, "")},
        points=tuple(_points(version, artifacts.get(EVALUATION, b""))),
        tags={**made_of.tags(), **_told(version), JOB_ARN: version.arn, NOTE: version.why},
        data=made_of.data(TEST) if made_of.commit else None,
        artifacts=artifacts,
    )


def catalog_version(version: ModelVersion) -> Version:
    return Version(
        key=version.arn,
        run=version.metadata.get(lineage.TRAINING_JOB, ""),
        description=version.why,
        tags={**lineage_of(version).tags(), **_told(version)},
    )


def aliases(versions: Sequence[ModelVersion], served: str) -> dict[Alias, str | None]:
    """The ARN that each alias points to.

    The champion is what the endpoint really serves, the challenger the newest one after it that may still be deployed.
    """
    champion = next((version for version in versions if version.arn == served), None)
    after = champion.version if champion else 0
    waiting = [version for version in versions if version.version > after and version.approval is not Approval.REJECTED]
    newest = max(waiting, key=lambda version: version.version, default=None)
    return {
        Alias.CHAMPION: champion.arn if champion else None,
        Alias.CHALLENGER: newest.arn if newest else None,
    }


def _told(version: ModelVersion) -> dict[str, str]:
    told = {
        PACKAGE: version.arn,
        APPROVAL: version.approval.value,
        DECIDED_BY: version.metadata.get(lineage.DECIDED_BY, ""),
        "sagemaker.training_job": version.metadata.get(lineage.TRAINING_JOB, ""),
    }
    return {key: value for key, value in told.items() if value}


def _points(version: ModelVersion, evaluation: bytes) -> Iterator[Point]:
    at = milliseconds(version.created)
    try:
        found = Evaluation.model_validate_json(evaluation)
    except ValidationError:
        # Somebody registered it with metrics of their own, which lie beside the run as they are.
        return
    for metric, compared in sorted((found.verdict or Verdict()).metrics.items()):
        for whose, figure in ((TEST, compared.challenger), (f"{Alias.CHAMPION}-{TEST}", compared.champion)):
            if figure.value is not None and math.isfinite(figure.value):
                yield Point(f"{whose}-{metric}", figure.value, 0, at)

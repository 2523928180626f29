"""The shipped training program, from rows with weights to a model that the built-in mode serves."""

from dataclasses import dataclass, field
from typing import Any

import numpy
import xgboost

from lakeloop import names, project
from lakeloop.adapters.s3 import S3Artifacts
from lakeloop.adapters.sagemaker_calls import tags_of
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.contract import DatasetContract
from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.conftest import SetFaults
from tests.contract.sagemaker.examples import IMAGE
from tests.contract.sagemaker.jobs import ended_tuning, members
from tests.data import tiny
from tests.world import World

PROGRAM = project.SOURCES / "datasets" / "examples" / "training" / "weighted.py"


def weighted() -> DatasetContract:
    columns = [
        {"name": "id", "type": "string"},
        {"name": "y", "type": "category", "allowed": ["yes", "no"], "nullable": True},
        {"name": "f", "type": "float"},
        {"name": "w", "type": "float"},
    ]
    training = {**tiny().training.model_dump(mode="json"), "metric": "logloss", "rounds": 40}
    training["ranges"] = {"eta": {"type": "continuous", "min": 0.3, "max": 0.5}}
    return tiny(columns=columns, weight="w", training={**training, "script": PROGRAM.read_text()})


def rows() -> bytes:
    """Of the same feature nine in ten say no, and a row that says yes stands for thirty; some have no label."""
    lines = ["id,y,f,w"]
    for number in range(400):
        says_yes = number % 10 == 0
        label = "" if number % 7 == 3 else "yes" if says_yes else "no"
        lines.append(f"k{number},{label},{number % 3},{30 if says_yes else 1}")
    return "\n".join(lines).encode()


@dataclass
class Loop:
    cloud: Cloud
    world: World = field(default_factory=lambda: World(weighted()))

    def start(self) -> str:
        """The job that is started for the rows; what the lake holds lies in S3."""
        self.world.service.handle([self.world.drop("a.csv", rows())])
        if "lake" not in [bucket["Name"] for bucket in self.cloud.s3.list_buckets()["Buckets"]]:
            self.cloud.s3.create_bucket(Bucket="lake")
        for checksum, body in self.world.lake.bytes.items():
            self.cloud.s3.put_object(Bucket="lake", Key=f"lakeloop-test-tiny/data/{checksum}", Body=body)
        service = self.world.training(
            SageMakerTuner(self.cloud.sagemaker, "lakeloop-test"),
            artifacts=S3Artifacts(self.cloud.s3, self.cloud.bucket),
            image=IMAGE,
            role_arn=self.cloud.role,
        )
        service.handle(self.world.told())
        return self.world.reports.reports["tiny", "start_tuning"].job


def test_the_shipped_program_counts_weights_and_leaves_a_model_that_is_served(
    cloud: Cloud, set_faults: SetFaults
) -> None:
    set_faults()
    job = Loop(cloud).start()

    ended: Any = ended_tuning(cloud, job)

    assert ended["HyperParameterTuningJobStatus"] == "Completed", ended
    best = ended["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["MetricName"] == "validation:logloss"
    training = cloud.sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    model = members(cloud, training["ModelArtifacts"]["S3ModelArtifacts"])["xgboost-model"]
    booster = xgboost.Booster(model_file=bytearray(model))
    # 30 of 39 where each row counts by its weight, 1 of 10 where it counts once.
    assert all(share > 0.6 for share in booster.predict(xgboost.DMatrix(numpy.array([[0.0], [1.0], [2.0]]))))
    tags = tags_of(cloud.sagemaker, ended["HyperParameterTuningJobArn"])
    assert tags[names.WHY_TAG].startswith("343 new rows"), "those with a label"

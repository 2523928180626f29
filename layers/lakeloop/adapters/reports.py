"""Reports of the steps, in the artifacts bucket."""

from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.adapters.s3 import body_of
from lakeloop.reports import Step, StepReport

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3StepReports:
    """The last report of each step; an earlier one is a noncurrent version of the same object."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, dataset: str, step: Step) -> StepReport | None:
        found = body_of(self._client, self._bucket, names.report_key(dataset, step))
        return StepReport.model_validate_json(found) if found is not None else None

    def put(self, report: StepReport) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=names.report_key(report.dataset, report.step),
            Body=report.model_dump_json().encode(),
            ContentType="application/json",
        )

"""The operations on transform jobs."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import in_use, invalid
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.quotas import check_quota
from lakeloop.local.sagemaker.transform import rules
from lakeloop.local.sagemaker.transform.run import TransformRuns
from lakeloop.local.sagemaker.transform.state import RUNNING, enter

JOBS = Listing("TransformJobSummaries", name="TransformJobName", status="TransformJobStatus", descending=True)


class Transform:
    def __init__(self, backends: Backends, runs: TransformRuns) -> None:
        self._backends = backends
        self._runs = runs

    @operation("CreateTransformJob")
    def create(self, request: Document) -> Document:
        rules.check(request)
        name, resources = request["TransformJobName"], request["TransformResources"]
        if self._backends.store.find(Kind.MODEL, request["ModelName"]) is None:
            model = self._backends.settings.arns.of(Kind.MODEL, request["ModelName"])
            raise invalid(f'Could not find model "{model}".')
        check_quota(
            self._backends.faults.current,
            resources["InstanceType"],
            "transform job usage",
            resources["InstanceCount"],
        )
        arn = self._backends.settings.arns.of(Kind.TRANSFORM_JOB, name)
        job = {**request, "TransformJobArn": arn, "CreationTime": time.time()}
        with self._backends.store.transaction():
            if not self._backends.store.add(Kind.TRANSFORM_JOB, name, job):
                raise in_use(
                    "Job name must be unique within an AWS account and region, and a job with this name already exists "
                    f"({arn})"
                )
            enter(self._backends, name, "InProgress")
        self._runs.start(name)
        return {"TransformJobArn": arn}

    @operation("DescribeTransformJob")
    def describe(self, request: Document) -> Document:
        return self._find(request["TransformJobName"])

    @operation("ListTransformJobs")
    def list_jobs(self, request: Document) -> Document:
        return JOBS.page(self._backends.store.all(Kind.TRANSFORM_JOB), request)

    @operation("StopTransformJob")
    def stop(self, request: Document) -> Document:
        with self._backends.store.transaction():
            job = self._find(request["TransformJobName"])
            status = job["TransformJobStatus"]
            if status not in RUNNING:
                raise invalid(f"The request was rejected because the transform job is in status {status}.")
            if status == "InProgress":
                enter(self._backends, job["TransformJobName"], "Stopping")
        self._runs.stop(job["TransformJobName"])
        return {}

    def _find(self, name: str) -> Document:
        job = self._backends.store.find(Kind.TRANSFORM_JOB, name)
        if job is None:
            # Unlike a missing tuning job, this is no ResourceNotFound.
            raise invalid(f"Could not find requested job with name: {name}")
        return job

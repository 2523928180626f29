"""The operations on model package groups."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import ServiceError, invalid
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.registry.state import CREATOR, versions

GROUPS = Listing("ModelPackageGroupSummaryList", name="ModelPackageGroupName")


class ModelPackageGroups:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("CreateModelPackageGroup")
    def create(self, request: Document) -> Document:
        name = request["ModelPackageGroupName"]
        arn = self._backends.settings.arns.of(Kind.MODEL_PACKAGE_GROUP, name)
        group = {
            **request,
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": "Completed",
            "CreationTime": time.time(),
            "CreatedBy": CREATOR,
            "NextVersion": 1,
        }
        if not self._backends.store.add(Kind.MODEL_PACKAGE_GROUP, name, group):
            raise invalid(f"Model Package Group already exists: {arn}")
        return {"ModelPackageGroupArn": arn}

    @operation("DescribeModelPackageGroup")
    def describe(self, request: Document) -> Document:
        return self._find(request["ModelPackageGroupName"])

    @operation("ListModelPackageGroups")
    def list_groups(self, request: Document) -> Document:
        return GROUPS.page(self._backends.store.all(Kind.MODEL_PACKAGE_GROUP), request)

    @operation("DeleteModelPackageGroup")
    def delete(self, request: Document) -> Document:
        with self._backends.store.transaction():
            group = self._find(request["ModelPackageGroupName"])
            name = group["ModelPackageGroupName"]
            if versions(self._backends.store, name):
                raise ServiceError(
                    "ConflictException",
                    f"Model Package Group {name} still contains Model Package versions; delete them.",
                )
            self._backends.store.remove(Kind.MODEL_PACKAGE_GROUP, name)
        return {}

    def _find(self, name_or_arn: str) -> Document:
        name = name_or_arn.rpartition("/")[2]
        group = self._backends.store.find(Kind.MODEL_PACKAGE_GROUP, name)
        if group is None:
            arn = self._backends.settings.arns.of(Kind.MODEL_PACKAGE_GROUP, name)
            raise invalid(f"ModelPackageGroup {arn} does not exist.")
        return group

"""The operations on model packages."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.registry.state import CREATOR, emit, find_package, key_of, versions

PACKAGES = Listing("ModelPackageSummaryList", name="ModelPackageName", status="ModelPackageStatus")
UPDATABLE = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


class ModelPackages:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("CreateModelPackage")
    def create(self, request: Document) -> Document:
        """The same ClientToken again returns the package that it made the first time."""
        group, name = request.get("ModelPackageGroupName"), request.get("ModelPackageName")
        if group and name:
            raise invalid(
                "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one "
                "to use."
            )
        if not group and not name:
            raise invalid("Missing ARN.")
        with self._backends.store.transaction():
            existing = self._made_by(request.get("ClientToken"))
            if existing is None:
                existing = self._add_version(request, group) if group else self._add(request, {})
        return {"ModelPackageArn": existing["ModelPackageArn"]}

    @operation("DescribeModelPackage")
    def describe(self, request: Document) -> Document:
        return find_package(self._backends.store, self._backends.settings.arns, request["ModelPackageName"])

    @operation("ListModelPackages")
    def list_packages(self, request: Document) -> Document:
        """Of one group, or (unless another type is asked for) those without one."""
        group = request.get("ModelPackageGroupName", "").rpartition("/")[2]
        packages = versions(self._backends.store, group) if group else self._of_type(request)
        approval = request.get("ModelApprovalStatus")
        chosen = [package for package in packages if approval in (None, package.get("ModelApprovalStatus"))]
        return PACKAGES.page(chosen, request)

    @operation("UpdateModelPackage")
    def update(self, request: Document) -> Document:
        with self._backends.store.transaction():
            package = find_package(self._backends.store, self._backends.settings.arns, request["ModelPackageArn"])
            changed: Document = {name: request[name] for name in UPDATABLE if name in request}
            changed.update(_metadata_changes(package, request))
            if added := request.get("AdditionalInferenceSpecificationsToAdd"):
                before = package.get("AdditionalInferenceSpecifications", [])
                changed["AdditionalInferenceSpecifications"] = [*before, *added]
            saved = self._backends.store.change(
                Kind.MODEL_PACKAGE, key_of(package), **changed, LastModifiedTime=time.time(), LastModifiedBy=CREATOR
            )
            emit(self._backends, saved, sorted(changed))
        return {"ModelPackageArn": package["ModelPackageArn"]}

    @operation("DeleteModelPackage")
    def delete(self, request: Document) -> Document:
        package = find_package(self._backends.store, self._backends.settings.arns, request["ModelPackageName"])
        self._backends.store.remove(Kind.MODEL_PACKAGE, key_of(package))
        return {}

    def _made_by(self, token: str | None) -> Document | None:
        packages = self._backends.store.all(Kind.MODEL_PACKAGE)
        return next((package for package in packages if token and package.get("ClientToken") == token), None)

    def _add_version(self, request: Document, group: str) -> Document:
        if request.get("Tags"):
            raise invalid("Tags cannot be given for a model package version: it uses the tags of its group.")
        name = group.rpartition("/")[2]
        found = self._backends.store.find(Kind.MODEL_PACKAGE_GROUP, name)
        if found is None:
            arn = self._backends.settings.arns.of(Kind.MODEL_PACKAGE_GROUP, name)
            raise invalid(f"ModelPackageGroup {arn} does not exist.")
        version = found["NextVersion"]
        self._backends.store.change(Kind.MODEL_PACKAGE_GROUP, name, NextVersion=version + 1)
        versioned = {
            "ModelPackageName": found["ModelPackageGroupName"],
            "ModelPackageGroupName": found["ModelPackageGroupName"],
            "ModelPackageVersion": version,
            "ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval"),
        }
        return self._add(request, versioned)

    def _add(self, request: Document, versioned: Document) -> Document:
        package = {
            **request,
            **versioned,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": request.get("CertifyForMarketplace", False),
            "CreationTime": time.time(),
            "CreatedBy": CREATOR,
        }
        package["ModelPackageArn"] = self._backends.settings.arns.of(Kind.MODEL_PACKAGE, key_of(package))
        if not self._backends.store.add(Kind.MODEL_PACKAGE, key_of(package), package):
            raise invalid(f"Model Package already exists: {package['ModelPackageArn']}")
        emit(self._backends, package)
        return package

    def _of_type(self, request: Document) -> list[Document]:
        wanted = request.get("ModelPackageType", "Unversioned")
        packages = self._backends.store.all(Kind.MODEL_PACKAGE)
        if wanted == "Both":
            return packages
        return [package for package in packages if ("ModelPackageVersion" in package) == (wanted == "Versioned")]


def _metadata_changes(package: Document, request: Document) -> Document:
    """CustomerMetadataProperties are merged; those to remove go first."""
    added, removed = request.get("CustomerMetadataProperties"), request.get("CustomerMetadataPropertiesToRemove")
    if not added and not removed:
        return {}
    kept = {
        key: value for key, value in package.get("CustomerMetadataProperties", {}).items() if key not in (removed or [])
    }
    return {"CustomerMetadataProperties": {**kept, **(added or {})} or None}

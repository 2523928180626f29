"""Model packages: where they are kept, and who is told when one changes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from lakeloop.local.sagemaker.arns import Arns, Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document, names_and_values
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.store import Store

EVENT = "SageMaker Model Package State Change"
EVENT_MEMBERS = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "LastModifiedTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelPackageStatusDetails",
    "CertifyForMarketplace",
    "ModelApprovalStatus",
    "ApprovalDescription",
    "MetadataProperties",
    "CustomerMetadataProperties",
    "ModelMetrics",
)
# There are no users here; AWS fills this from the caller's identity.
CREATOR: Document = {}


def versions(store: Store, group: str) -> list[Document]:
    packages = store.all(Kind.MODEL_PACKAGE)
    return [package for package in packages if package.get("ModelPackageGroupName", "").lower() == group.lower()]


def key_of(package: Document) -> str:
    """A version is kept under its group and number, as its ARN says; another package under its name."""
    if "ModelPackageVersion" in package:
        return f"{package['ModelPackageGroupName']}/{package['ModelPackageVersion']}"
    name: str = package["ModelPackageName"]
    return name


def find_package(store: Store, arns: Arns, name_or_arn: str) -> Document:
    key = arns.parse(name_or_arn)[1] if name_or_arn.startswith("arn:") else name_or_arn
    package = store.find(Kind.MODEL_PACKAGE, key)
    if package is None:
        raise invalid(f"ModelPackage {arns.of(Kind.MODEL_PACKAGE, key)} does not exist.")
    return package


def emit(backends: Backends, package: Document, updated: Sequence[str] = ()) -> None:
    """Unlike the other events of SageMaker this one writes times as text."""
    detail = {name: package[name] for name in EVENT_MEMBERS if name in package}
    for name in ("CreationTime", "LastModifiedTime"):
        if name in detail:
            detail[name] = datetime.fromtimestamp(detail[name], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    detail["Tags"] = names_and_values(package.get("Tags", []))
    if updated:
        detail["UpdatedModelPackageFields"] = list(updated)
    backends.events.emit(EVENT, package["ModelPackageArn"], detail)

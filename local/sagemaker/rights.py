"""Whether the caller may make a call, asked of the emulator, which keeps users, roles and policies."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lakeloop.local.sagemaker.arns import Arns, Kind
from lakeloop.local.sagemaker.documents import Document, names_and_values
from lakeloop.local.sagemaker.errors import ServiceError
from lakeloop.local.sagemaker.events import DIRECT
from lakeloop.local.sagemaker.settings import Settings
from lakeloop.local.sagemaker.store import Store

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")
VERB = re.compile(r"(Create|Describe|Delete|Update|Stop)(\w+)")
# What an operation is named after: the member that names it and its kind.
NAMED = {
    "HyperParameterTuningJob": Kind.TUNING_JOB,
    "TrainingJob": Kind.TRAINING_JOB,
    "Model": Kind.MODEL,
    "EndpointConfig": Kind.ENDPOINT_CONFIG,
    "Endpoint": Kind.ENDPOINT,
    "ModelPackageGroup": Kind.MODEL_PACKAGE_GROUP,
    "TransformJob": Kind.TRANSFORM_JOB,
}
# Operations that IAM asks about on two resources, and one whose name does not say its resource.
BESIDE = {"CreateEndpoint": "EndpointConfig", "UpdateEndpoint": "EndpointConfig"}
LISTED = {"ListTrainingJobsForHyperParameterTuningJob": "HyperParameterTuningJob"}
# Operations on versions of models, and what names them: by an ARN, or by a group whose next version has no number yet.
PACKAGES = {
    "CreateModelPackage": "ModelPackageGroupName",
    "DeleteModelPackage": "ModelPackageName",
    "DescribeModelPackage": "ModelPackageName",
    "ListModelPackages": "ModelPackageGroupName",
    "UpdateModelPackage": "ModelPackageArn",
}


@dataclass(frozen=True)
class Question:
    """One thing that the caller's policies must allow."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


class Rights:
    """Checks nothing while there is nobody to ask, as where IAM is not enforced."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def check(self, headers: Mapping[str, str], operation: str, request: Document) -> None:
        """Raise ServiceError where the caller's policies do not allow the call."""
        if not self._settings.rights_url:
            return
        signed = CREDENTIAL.search(headers.get("authorization", ""))
        if signed is None:
            raise ServiceError("MissingAuthenticationTokenException", "Request is missing Authentication Token")
        for question in self._questions(operation, request):
            caller, allowed = self._ask(signed[1], question)
            if not allowed:
                raise ServiceError(
                    "AccessDeniedException",
                    f"User: {caller} is not authorized to perform: {question.action} on resource: {question.resource} "
                    f"because no identity-based policy allows the {question.action} action",
                )

    def _questions(self, operation: str, request: Document) -> Iterator[Question]:
        asked = {f"aws:RequestTag/{name}": value for name, value in names_and_values(request.get("Tags", [])).items()}
        for arn in self._resources(operation, request):
            context = {**asked, **{f"aws:ResourceTag/{name}": value for name, value in self._tags(arn).items()}}
            yield Question(f"sagemaker:{operation}", arn, context)
            if asked and operation.startswith("Create"):
                yield Question("sagemaker:AddTags", arn, context)
        for role in _roles(request):
            yield Question("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})

    def _resources(self, operation: str, request: Document) -> list[str]:
        if "ResourceArn" in request:
            return [request["ResourceArn"]]
        if operation in PACKAGES:
            return [_package(self._settings.arns, request, PACKAGES[operation])]
        verb = VERB.fullmatch(operation)
        nouns = [LISTED.get(operation) or (verb[2] if verb else operation), BESIDE.get(operation, "")]
        if operation == "InvokeEndpoint":
            nouns = ["Endpoint"]
        arns = [
            self._settings.arns.of(NAMED[noun], request[f"{noun}Name"])
            for noun in nouns
            if noun in NAMED and f"{noun}Name" in request
        ]
        return arns or ["*"]

    def _tags(self, arn: str) -> dict[str, str]:
        """The tags of what is there; none of what is not."""
        if arn == "*":
            return {}
        try:
            found = self._store.find(*self._settings.arns.parse(arn))
        except ServiceError:
            return {}
        return names_and_values(found.get("Tags", [])) if found else {}

    def _ask(self, access_key: str, question: Question) -> tuple[str, bool]:
        document = {
            "access_key": access_key,
            "action": question.action,
            "resource": question.resource,
            "context": dict(question.context),
        }
        request = urllib.request.Request(  # noqa: S310 - the address is that of the local emulator
            self._settings.rights_url,
            data=json.dumps(document).encode(),
            headers={"Content-Type": "application/json", "X-Lakeloop-Token": self._settings.events_token},
        )
        try:
            with DIRECT.open(request, timeout=10) as answer:
                found = json.load(answer)
        except (urllib.error.URLError, OSError, json.JSONDecodeError) as error:
            raise ServiceError("InternalFailure", f"the emulator cannot be asked about rights: {error}", 500) from error
        return str(found["caller"]), bool(found["allowed"])


def _package(arns: Arns, request: Document, member: str) -> str:
    named: str = request.get(member, "")
    if named.startswith("arn:"):
        return named
    return arns.of(Kind.MODEL_PACKAGE, f"{named}/*" if member == "ModelPackageGroupName" else named)


def _roles(request: Document) -> Iterator[str]:
    """The roles that the call hands to SageMaker."""
    for part in (request, request.get("TrainingJobDefinition", {})):
        for member in ("RoleArn", "ExecutionRoleArn"):
            if isinstance(role := part.get(member) if isinstance(part, dict) else None, str):
                yield role

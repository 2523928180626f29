"""What all that calls SageMaker shares: tags, and what its errors mean."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import TRANSIENT_CODES, error_code, error_message
from lakeloop.errors import PermanentError, TransientError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import TagTypeDef

DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
REFUSED_CODES = frozenset({"ValidationException", "ResourceNotFound"})
# ValidationExceptions that pass with time: a name that exists by now, work under way, a config not yet readable.
PASSING = ("Cannot create already existing", "Cannot update in-progress", "Could not find endpoint configuration")

# What is said where a person has an endpoint scaled automatically, and the caller may not end that with it.
SCALED = "scalable target exists"


def as_tags(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_of(client: "SageMakerClient", arn: str) -> dict[str, str]:
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def is_missing(error: ClientError) -> bool:
    """Endpoints, configs and models that are not there are an unmodelled ValidationException."""
    if error_code(error) == "ResourceNotFound":
        return True
    return error_code(error) == "ValidationException" and error_message(error).startswith("Could not find")


def exists_already(error: ClientError) -> bool:
    return error_code(error) == "ResourceInUse" or "already exist" in error_message(error)


def stop(call: Callable[..., object], **name: str) -> None:
    """Stop a job, unless it ended by itself meanwhile."""
    try:
        call(**name)
    except ClientError as error:
        if not is_missing(error) and error_code(error) != "ValidationException":
            raise


def scaled(endpoint: str, error: ClientError) -> PermanentError | None:
    """That an endpoint stays because it is scaled automatically; None where something else is the matter."""
    if SCALED not in error_message(error):
        return None
    return PermanentError(
        f"endpoint {endpoint} is scaled automatically, and this role may not end that. Run `terraform apply`, which "
        "gives the right, or end it by hand: aws application-autoscaling deregister-scalable-target "
        "--service-namespace sagemaker --scalable-dimension sagemaker:variant:DesiredInstanceCount "
        f"--resource-id endpoint/{endpoint}/variant/AllTraffic",
        subject=endpoint,
    )


@contextmanager
def calling(what: str, subject: str) -> Iterator[None]:
    """Errors of SageMaker as errors of ours: what passes with time, and what somebody has to mend."""
    try:
        yield
    except ClientError as error:
        if why := scaled(subject, error):
            raise why from error
        code, message = error_code(error), error_message(error)
        if code in TRANSIENT_CODES or (code == "ValidationException" and any(said in message for said in PASSING)):
            raise TransientError(f"SageMaker cannot {what} {subject} now: {message}", subject=subject) from error
        if code in DENIED_CODES:
            advice = "run `terraform apply`, or look for a boundary or an organization's policy that denies it"
            raise PermanentError(f"not allowed to {what} {subject}: {message}: {advice}", subject=subject) from error
        if code in REFUSED_CODES:
            advice = "mend the dataset's contract, run `terraform apply` and send the message again"
            raise PermanentError(
                f"SageMaker refuses to {what} {subject}: {message}: {advice}", subject=subject
            ) from error
        raise

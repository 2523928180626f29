"""One place where an error becomes what a person reads: what happened, and what to do about it."""

import errno
import subprocess
from dataclasses import dataclass

import urllib3.exceptions
from botocore import exceptions as aws
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.aws import error_code, error_message
from lakeloop.client.errors import AdvisedError
from lakeloop.errors import LakeloopError
from lakeloop.local.errors import LocalCloudError

EXPIRED_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})

NO_CREDENTIALS = (aws.NoCredentialsError, aws.NoRegionError, aws.PartialCredentialsError, aws.ProfileNotFound)

LOCAL_OR_AWS = "start the local cloud with `lakeloop up`, or set AWS credentials (AWS_PROFILE) for one on AWS"


@dataclass(frozen=True)
class Problem:
    """An error in words."""

    what: str
    advice: str


def explain(error: Exception) -> Problem:
    """The error as a person should read it."""
    if isinstance(error, AdvisedError):
        return Problem(error.what, error.advice)
    if isinstance(error, LocalCloudError):
        return Problem(error.what, error.what_to_do)
    return (
        _explain_aws(error)
        or _explain_network(error)
        or _explain_machine(error)
        or Problem(
            f"unexpected {type(error).__name__}: {error}",
            "run the command again with `lakeloop --debug ...` and report the trace",
        )
    )


def _explain_aws(error: Exception) -> Problem | None:
    if isinstance(error, NO_CREDENTIALS):
        return Problem(str(error), LOCAL_OR_AWS)
    if isinstance(error, aws.ClientError):
        return _explain_refusal(error)
    if isinstance(error, aws.BotoCoreError):
        return Problem(str(error), "see with `lakeloop status` whether everything runs, or look at the network")
    return None


def _explain_refusal(error: aws.ClientError) -> Problem:
    code = error_code(error)
    what = f"AWS refused {error.operation_name}: {code}: {error_message(error)}"
    if code in EXPIRED_CODES:
        return Problem(what, "log in again: the credentials have expired or are not of this account")
    if code in DENIED_CODES:
        return Problem(what, "ask for this permission, or set AWS_PROFILE to a role that has it")
    return Problem(what, "see with `lakeloop status` what is there; `terraform apply` makes what is missing")


def _explain_network(error: Exception) -> Problem | None:
    if isinstance(error, ApiException):
        return Problem(
            f"lakeFS answered {error.status} {error.reason}: {error.body}",
            "see with `lakeloop status` whether the repository is there; `lakeloop logs lakefs` tells more",
        )
    if isinstance(error, urllib3.exceptions.HTTPError):
        return Problem(str(error), "see with `lakeloop status` whether everything runs, or look at the network")
    if isinstance(error, LakeloopError):
        return Problem(str(error), "try again; `lakeloop status` shows what runs")
    return None


def _explain_machine(error: Exception) -> Problem | None:
    if isinstance(error, subprocess.CalledProcessError):
        return Problem(str(error), "read what it printed above; `make setup` installs what the command needs")
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.ENOSPC:
        return Problem(f"the disk is full: {error}", "free some space; `lakeloop down --reset` clears the local state")
    advice = "look at the path and its permissions" if error.filename else "look at the machine's limits and network"
    return Problem(str(error), advice)

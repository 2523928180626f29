"""Every error that can be foreseen says what happened and what to do."""

import errno
import subprocess

import pytest
import urllib3.exceptions
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from lakefs_sdk.exceptions import ApiException

from lakeloop.cli.errors import explain
from lakeloop.client.errors import AdvisedError
from lakeloop.errors import TransientError
from lakeloop.local.errors import LocalCloudError, TerraformError


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said AWS"}}, "GetObject")


@pytest.mark.parametrize(
    ("error", "what", "advice"),
    [
        (AdvisedError("no file", "look"), "no file", "look"),
        (LocalCloudError("Port 4566 is taken", "Stop it"), "Port 4566 is taken", "Stop it"),
        (TerraformError("not installed", "Install it"), "not installed", "Install it"),
        (NoCredentialsError(), "Unable to locate credentials", "lakeloop up"),
        (refused("ExpiredToken"), "AWS refused GetObject: ExpiredToken: said AWS", "log in again"),
        (refused("AccessDenied"), "AccessDenied", "permission"),
        (refused("NoSuchBucket"), "NoSuchBucket", "terraform apply"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "http://127.0.0.1:1", "lakeloop status"),
        (ApiException(status=404, reason="Not Found"), "lakeFS answered 404", "lakeloop status"),
        (TransientError("lakeFS did not answer"), "lakeFS did not answer", "try again"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", "free some space"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "/x", "permissions"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files", "the machine's limits"),
        (urllib3.exceptions.HTTPError("refused"), "refused", "look at the network"),
        (subprocess.CalledProcessError(2, ["uv"]), "uv", "make setup"),
    ],
)
def test_foreseen_errors_are_explained(error: Exception, what: str, advice: str) -> None:
    problem = explain(error)

    assert what in problem.what
    assert advice in problem.advice


def test_an_unforeseen_error_says_how_to_see_more() -> None:
    problem = explain(ZeroDivisionError("division by zero"))

    assert problem.what == "unexpected ZeroDivisionError: division by zero"
    assert "--debug" in problem.advice

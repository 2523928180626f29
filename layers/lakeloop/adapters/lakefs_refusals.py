"""Why lakeFS refused a call, looked up where one sentence can tell what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.lakefs_calls import FORBIDDEN, NOT_FOUND, PRECONDITION_FAILED, LakeCaller, message_of, refusal
from lakeloop.adapters.lakefs_hooks import words_of_hook
from lakeloop.adapters.lakefs_protection import protecting_rule
from lakeloop.errors import HookRefusedError, PermanentError


@contextmanager
def explained(lake: LakeCaller, repository: str, ref: str, what: str) -> Iterator[None]:
    """Refusals of what is done meanwhile at a reference, as errors of this project that say what it was."""
    try:
        yield
    except ApiException as error:
        if error.status == NOT_FOUND:
            _explain_missing(lake, repository, what, error)
        if error.status == FORBIDDEN:
            _explain_protected(lake, repository, ref, error)
        if error.status == PRECONDITION_FAILED:
            raise HookRefusedError(f"{what}: {words_of_hook(lake, repository, error)}") from error
        if error.status == 400 and "dirty" in message_of(error).lower():
            raise PermanentError(
                f"{what}: somebody left uncommitted changes on main. Commit or reset them "
                f"(lakectl branch reset lakefs://{repository}/main), then redrive"
            ) from error
        raise refusal(error, what) from error


def _explain_missing(lake: LakeCaller, repository: str, what: str, error: ApiException) -> None:
    try:
        lake.call(lake.api.repositories_api.get_repository, repository)
    except ApiException as second:
        if second.status == NOT_FOUND:
            raise PermanentError(
                f"{what}: lakeFS has no repository {repository}. Run `terraform apply`, then redrive"
            ) from error


def _explain_protected(lake: LakeCaller, repository: str, branch: str, error: ApiException) -> None:
    if pattern := protecting_rule(lake, repository, branch):
        raise PermanentError(
            f"branch {branch} of {repository} is protected by the rule `{pattern}`: exclude ingest-* "
            "(protect main and the like by their names), then redrive"
        ) from error

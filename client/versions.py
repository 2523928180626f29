"""The commit that people mean: by branch, tag, commit id, or the day or moment at which main stood there."""

import re
from datetime import UTC, date, datetime, time, timedelta

from lakefs_sdk.exceptions import ApiException

from lakeloop import names
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.lakefs_calls import NOT_FOUND
from lakeloop.client.errors import MistakenNameError
from lakeloop.errors import LakeloopError
from lakeloop.lake.ports import LakeCommit

When = str | date | datetime
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.+Z-]+)?")


def commit_at(lake: LakeFS, repository: str, at: When) -> LakeCommit:
    """A reference of lakeFS, or what main was at a moment; a day means its end, UTC, and so does a moment without zone.

    Raises MistakenNameError where there is none.
    """
    if not isinstance(at, str):
        return _before(lake, repository, _moment(at))
    if _DAY.fullmatch(at):
        return _before(lake, repository, _moment(_parsed(at)))
    try:
        return lake.commit_at(repository, at)
    except LakeloopError as error:
        if not isinstance(error.__cause__, ApiException) or error.__cause__.status not in (400, NOT_FOUND):
            raise
        raise MistakenNameError(
            f"{repository} has no branch, tag or commit {at!r}",
            "name one of them, a day as 2026-11-01, or leave it out for main; `lakeloop status --json` names commits",
        ) from error


def _parsed(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-01") else datetime.fromisoformat(text)
    except ValueError as error:
        raise MistakenNameError(f"{text!r} is no day or moment", "write 2026-11-01 or 2026-11-01T14:30:00Z") from error


def _moment(at: date | datetime) -> datetime:
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max, UTC)
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    # lakeFS tells whole seconds.
    return moment + timedelta(microseconds=999_999 - moment.microsecond)


def _before(lake: LakeFS, repository: str, moment: datetime) -> LakeCommit:
    """The newest commit of main's own line that is not later."""
    oldest = None
    for commit in lake.log(repository, names.MAIN):
        if commit.created <= moment.timestamp():
            return commit
        oldest = commit
    begun = f", it begins {datetime.fromtimestamp(oldest.created, UTC):%Y-%m-%d %H:%M:%S}" if oldest else ""
    raise MistakenNameError(
        f"main of {repository} was not there yet at {moment:%Y-%m-%d %H:%M:%S} UTC{begun}", "name a later moment"
    )

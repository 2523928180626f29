"""What functions wrote down when they failed: why, about which object, and how often they have tried."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lakeloop import names
from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.client.environment import Environment
from lakeloop.failures import Failure

MESSAGES_SAID = 300


class Failures:
    """The failure records of one environment, one for each message that has failed, whether or not it did later."""

    def __init__(self, environment: Environment) -> None:
        self._s3 = environment.s3
        self._bucket = environment.outputs.artifacts_bucket
        self._log = S3FailureLog(environment.s3, self._bucket)

    def since(self, function: str, moment: datetime) -> Iterator[Failure]:
        """The failures of a function that were written at or after an aware moment, newest first."""
        found = [entry for entry in self._listed(function) if entry[0] >= moment]
        for _, message_id in sorted(found, reverse=True):
            if failure := self._log.get(function, message_id):
                yield failure

    def _listed(self, function: str) -> Iterable[tuple[datetime, str]]:
        """When each record was written, and of which message."""
        prefix, _, ending = names.failure_key(function, "\0").partition("\0")
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for entry in (entry for page in pages for entry in page.get("Contents", [])):
            yield entry["LastModified"], entry["Key"].removeprefix(prefix).removesuffix(ending)


def described(failure: Failure) -> str:
    """Like `start_tuning failed (2 tries): Hyperparameters ['etta'] cannot be tuned`."""
    tries = "1 try" if failure.attempts == 1 else f"{failure.attempts} tries"
    reason = " ".join(failure.reason.split())
    shortened = f"{reason[:MESSAGES_SAID]}…" if len(reason) > MESSAGES_SAID else reason
    return f"{failure.function} failed ({tries}): {shortened}"

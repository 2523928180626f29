"""How lakeFS is called: with one time budget for all tries of a call, and its refusals as errors of this project."""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

import lakefs_sdk
import urllib3
from lakefs_sdk.client import LakeFSClient
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import LakeloopError, PermanentError, TransientError
from lakeloop.side_by_side import THREADS

T = TypeVar("T")
Timeout = tuple[float, float]

# All tries of one call together; it leaves the shortest function that calls lakeFS (60 s) time to say what happened.
BUDGET_SECONDS = 20.0
CONNECT_SECONDS = 5.0
# Closing the connection cancels the work on the server, so a slow commit is given time.
READ_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
PAGE = 1000
MESSAGE_CHARACTERS = 300

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
GONE = 410
PRECONDITION_FAILED = 412

# 401 is also what lakeFS answers while its database is away; 500 what it answers to lost races ("predicate failed");
# 420, 423 and 429 to too many of them, by version.
RETRIED_STATUS = frozenset({UNAUTHORIZED, 420, 423, 429, 500, 502, 503, 504})
PERMANENT_STATUS = frozenset({400, FORBIDDEN, 405, 416, 501})


class LakeCaller:
    """One lakeFS server and the key pair it is called with."""

    def __init__(self, endpoint: str, read_credentials: Callable[[], LakeCredentials], budget_seconds: float) -> None:
        self._read_credentials = read_credentials
        self.budget_seconds = budget_seconds
        self._configuration = lakefs_sdk.Configuration(host=endpoint)
        # The SDK would retry a read timeout three times by itself and reads no proxy or timeout from anywhere.
        self._configuration.retries = False
        self._configuration.connection_pool_maxsize = THREADS
        self._take_key()
        self.api = LakeFSClient(self._configuration)

    def call(self, operation: Callable[..., Any], *arguments: object, **options: object) -> Any:  # noqa: ANN401 the SDK is untyped
        return self.retried(lambda timeout: operation(*arguments, **options, _request_timeout=timeout))

    def pages(
        self, operation: Callable[..., Any], *arguments: object, amount: int = PAGE, **options: object
    ) -> Iterator[Any]:
        """All results of a listing."""
        after = ""
        while True:
            page = self.call(operation, *arguments, after=after, amount=amount, **options)
            yield from page.results
            if not page.pagination.has_more:
                return
            after = page.pagination.next_offset

    def retried(self, attempt: Callable[[Timeout], T], budget_seconds: float | None = None) -> T:
        """Retry what may pass: each call the adapters make ends the same when it was done and its answer lost."""
        budget = budget_seconds or self.budget_seconds
        ends = time.monotonic() + budget
        key_is_fresh = False
        for tries in count(1):
            left = ends - time.monotonic()
            try:
                return attempt((min(CONNECT_SECONDS, left), min(READ_SECONDS, left)))
            except ApiException as error:
                if error.status not in RETRIED_STATUS:
                    raise
                last: Exception = error
                reason = _reason(error)
                if error.status == UNAUTHORIZED and not key_is_fresh:
                    key_is_fresh = True
                    if self._take_key():
                        continue
            except urllib3.exceptions.HTTPError as error:
                last = error
                reason = str(error)
            pause = random.uniform(0, min(FIRST_PAUSE_SECONDS * 2**tries, LONGEST_PAUSE_SECONDS))  # noqa: S311 jitter
            if time.monotonic() + pause >= ends:
                raise TransientError(
                    f"lakeFS at {self._configuration.host} did not answer {tries} tries in {budget:g} s: {reason}"
                ) from last
            time.sleep(pause)
        raise AssertionError("unreachable")

    def _take_key(self) -> bool:
        """Read the key pair; whether it is another than before."""
        before = self._configuration.username, self._configuration.password
        credentials = self._read_credentials()
        self._configuration.username = credentials.access_key_id
        self._configuration.password = credentials.secret_access_key.get_secret_value()
        return before != (self._configuration.username, self._configuration.password)


def message_of(error: ApiException) -> str:
    """What the server said, without headers."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or "")
    try:
        said = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        said = body or error.reason
    return str(said).strip()[:MESSAGE_CHARACTERS]


def says_no_changes(error: ApiException) -> bool:
    return error.status == 400 and "no changes" in message_of(error).lower()


def refusal(error: ApiException, what: str) -> LakeloopError:
    """An answer of lakeFS as an error of this project; `what` says what was tried, and on what."""
    said = message_of(error)
    if error.status == GONE:
        return TransientError(
            f"{what}: lakeFS says that data is gone (410 {said}). If the lake bucket was emptied, run "
            "`terraform apply`: it says what to do"
        )
    kind = PermanentError if error.status in PERMANENT_STATUS else TransientError
    return kind(f"{what}: lakeFS refuses with {error.status}: {said}")


@contextmanager
def refusals(what: str) -> Iterator[None]:
    try:
        yield
    except ApiException as error:
        raise refusal(error, what) from error


def _reason(error: ApiException) -> str:
    if error.status == UNAUTHORIZED:
        return (
            f"401 {message_of(error)}. The key pair in the secret is wrong, or lakeFS cannot reach its database, "
            "to which it gives the same answer"
        )
    return f"{error.status} {message_of(error)}"

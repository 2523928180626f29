"""One call of lakeFS: what is tried again, for how long, and what is said when it fails."""

from collections.abc import Callable

import pytest
import urllib3
from lakefs_sdk.exceptions import ApiException
from pydantic import SecretStr

from lakeloop.adapters import lakefs_calls
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.lakefs_calls import LakeCaller, message_of, says_no_changes
from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import HookRefusedError, LakeloopError, PermanentError, TransientError
from tests.unit.lakefs_adapter.scripted import Answer, ScriptedServer, page, refused

MAIN = Answer(200, {"id": "main", "commit_id": "c1"})
DROPPED = Answer(0)
ASK_MAIN = "GET /api/v1/repositories/r/branches/main"


def keys(*secrets: str) -> Callable[[], LakeCredentials]:
    """A secret that is another at each reading; the last one stays."""
    left = list(secrets)

    def read() -> LakeCredentials:
        secret = left.pop(0) if len(left) > 1 else left[0]
        return LakeCredentials(access_key_id="id", secret_access_key=SecretStr(secret))

    return read


def test_what_may_pass_is_tried_again() -> None:
    for status in (401, 420, 423, 429, 500, 502, 503, 504):
        with ScriptedServer(refused(status, "not now"), MAIN).running() as server:
            assert LakeFS(server.url, keys("s")).head("r") == "c1", status
            assert server.lines == [ASK_MAIN, ASK_MAIN], status


def test_a_lost_answer_is_asked_for_again() -> None:
    with ScriptedServer(DROPPED, MAIN).running() as server:
        assert LakeFS(server.url, keys("s")).head("r") == "c1"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PermanentError),
        (405, PermanentError),
        (409, TransientError),
        (410, TransientError),
        (412, HookRefusedError),
        (418, TransientError),
        (501, PermanentError),
    ],
)
def test_a_refusal_is_said_once_and_without_headers(status: int, error: type[LakeloopError]) -> None:
    with ScriptedServer(refused(status, "the server's own words")).running() as server:
        with pytest.raises(error, match=r"read main of r: .*the server's own words") as raised:
            LakeFS(server.url, keys("s")).head("r")

        assert type(raised.value) is error
        assert "HTTP" not in str(raised.value)
        assert server.lines == [ASK_MAIN]


def test_a_missing_repository_is_permanent_and_says_what_to_do() -> None:
    with ScriptedServer(refused(404, "not found"), refused(404, "not found")).running() as server:
        with pytest.raises(PermanentError, match=r"lakeFS has no repository r. Run `terraform apply`, then redrive"):
            LakeFS(server.url, keys("s")).head("r")

        assert server.lines == [ASK_MAIN, "GET /api/v1/repositories/r"]


def test_a_missing_branch_or_commit_of_a_repository_that_is_there_is_transient() -> None:
    there = Answer(200, {"id": "r", "creation_date": 1, "default_branch": "main", "storage_namespace": "s3://lake/r"})
    with ScriptedServer(refused(404, "not found"), there).running() as server:
        lake = LakeFS(server.url, keys("s"))

        with pytest.raises(TransientError, match="refuses with 404: not found"):
            lake.head("r")


def test_a_refusal_without_a_rule_that_explains_it_is_permanent() -> None:
    with ScriptedServer(refused(403, "read-only"), Answer(200, [])).running() as server:
        with pytest.raises(PermanentError, match="read main of r: lakeFS refuses with 403: read-only"):
            LakeFS(server.url, keys("s")).head("r")

        assert server.lines[1] == "GET /api/v1/repositories/r/settings/branch_protection"


def test_a_body_that_is_no_json_is_said_as_it_is_and_cut() -> None:
    with ScriptedServer(Answer(400, b"<html>" + b"x" * 1000, {"Content-Type": "text/html"})).running() as server:
        with pytest.raises(PermanentError, match="<html>") as raised:
            LakeFS(server.url, keys("s")).head("r")

        assert len(str(raised.value)) < 500


def answered(status: int, body: bytes) -> ApiException:
    error = ApiException(status=status, reason="Bad Request")
    error.body = body
    return error


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": " no changes "}', "no changes"),
        (b'{"error": "x"}', '{"error": "x"}'),
        (b"[1]", "[1]"),
        (b"\xff", "\ufffd"),
        (b"", "Bad Request"),
        (b"x" * 301, "x" * 300),
    ],
)
def test_what_a_server_says_is_read_from_whatever_it_sends(body: bytes, said: str) -> None:
    assert message_of(answered(400, body)) == said


@pytest.mark.parametrize(
    ("status", "message", "nothing_changed"),
    [(400, "commit: No changes", True), (400, "bad path", False), (409, "no changes", False)],
)
def test_nothing_to_commit_is_told_from_other_refusals(status: int, message: str, nothing_changed: bool) -> None:
    assert says_no_changes(answered(status, f'{{"message": "{message}"}}'.encode())) is nothing_changed


def test_a_rotated_key_is_read_again_once_when_it_is_refused() -> None:
    with ScriptedServer(refused(401, "error authenticating request"), MAIN).running() as server:
        assert LakeFS(server.url, keys("old", "new")).head("r") == "c1"

        assert server.keys == ["id:old", "id:new"]


def test_a_key_that_stays_the_same_is_not_read_at_each_try() -> None:
    reads = 0

    def read() -> LakeCredentials:
        nonlocal reads
        reads += 1
        return LakeCredentials(access_key_id="id", secret_access_key=SecretStr("s"))

    away = refused(401, "error authenticating request")
    with ScriptedServer(away, away, away, MAIN).running() as server:
        assert LakeFS(server.url, read).head("r") == "c1"

    assert reads == 2


def test_a_refused_key_is_said_as_what_it_may_be_and_is_never_permanent() -> None:
    with ScriptedServer(*[refused(401, "error authenticating request")] * 50).running() as server:
        lake = LakeFS(server.url, keys("s"), budget_seconds=0.2)

        with pytest.raises(
            TransientError,
            match=r"401 error authenticating request. The key pair in the secret is wrong, or lakeFS cannot reach",
        ):
            lake.head("r")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    own = Clock()
    monkeypatch.setattr(lakefs_calls, "time", own)
    return own


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("budget", [3.0, 20.0, 90.0, 200.0])
def test_all_tries_on_a_server_that_hangs_end_within_the_budget(clock: Clock, budget: float) -> None:
    caller = LakeCaller("http://lakefs.invalid", keys("s"), budget)
    tries = 0

    def hang(timeout: tuple[float, float]) -> None:
        nonlocal tries
        tries += 1
        clock.sleep(timeout[1])
        raise urllib3.exceptions.ReadTimeoutError(None, None, "read timed out")  # type: ignore[arg-type]

    with pytest.raises(
        TransientError, match=rf"did not answer {-(-budget // 60):g} tries in {budget:g} s: .*timed out"
    ):
        caller.retried(hang)

    assert clock.now <= 1000 + budget
    assert tries == -(-budget // 60)


def test_all_tries_on_a_server_that_fails_at_once_end_within_the_budget_and_slow_down(clock: Clock) -> None:
    caller = LakeCaller("http://lakefs.invalid", keys("s"), 20)
    tries: list[float] = []

    def refuse(timeout: tuple[float, float]) -> None:
        assert timeout[0] <= lakefs_calls.CONNECT_SECONDS
        tries.append(clock.now)
        raise ApiException(status=503, reason="starting")

    with pytest.raises(TransientError, match="503 starting"):
        caller.retried(refuse)

    assert clock.now < 1020
    assert 5 <= len(tries) < 100


def test_a_longer_wait_can_be_asked_for(clock: Clock) -> None:
    caller = LakeCaller("http://lakefs.invalid", keys("s"), 1)

    def answer_after_a_minute(_timeout: tuple[float, float]) -> str:
        if clock.now < 1060:
            raise urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
        return "up"

    assert caller.retried(answer_after_a_minute, budget_seconds=90) == "up"


def test_listings_are_read_to_their_end() -> None:
    branch = {"id": "b1", "commit_id": "c1"}
    with ScriptedServer(page(branch, next_offset="b1"), page({**branch, "id": "b2"})).running() as server:
        caller = LakeCaller(server.url, keys("s"), 5)

        found = [item.id for item in caller.pages(caller.api.branches_api.list_branches, "r", amount=1)]

        assert found == ["b1", "b2"]
        assert server.lines == [
            "GET /api/v1/repositories/r/branches?after=&amount=1",
            "GET /api/v1/repositories/r/branches?after=b1&amount=1",
        ]

"""One holder at a time, also when one is killed; against S3's conditional writes as moto answers them."""

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.labels import S3Labels
from lakeloop.adapters.leases import S3Leases
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.reports import S3StepReports
from lakeloop.contract.digest import contract_digest, recipe_digest
from lakeloop.errors import ModelFailedError, TransientError
from lakeloop.lake.layout import features_folder
from lakeloop.reports import StepReport
from tests.data import tiny, tiny_csv
from tests.unit.lakeloop.adapters.conftest import BUCKET
from tests.unit.lakeloop.adapters.stubs import stubbed
from tests.world import ROWS, World

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the time is, in its only element."""
    now = [1000.0]
    monkeypatch.setattr("lakeloop.adapters.leases.time.time", lambda: now[0])
    return now


def test_a_lease_is_held_by_one_until_it_is_given_back(s3: "S3Client", clock: list[float]) -> None:
    mine, other = S3Leases(s3, BUCKET), S3Leases(s3, BUCKET)

    lease = mine.take("wine", 90)
    with pytest.raises(TransientError, match="another start_tuning works on wine; its lease ends in 90 s"):
        other.take("wine", 90)
    other.take("beer", 90)
    lease.release()

    assert other.take("wine", 90).job == ""


def test_a_holder_killed_before_it_started_a_job_is_followed_after_its_time(s3: "S3Client", clock: list[float]) -> None:
    S3Leases(s3, BUCKET).take("wine", 90)

    clock[0] += 89
    with pytest.raises(TransientError):
        S3Leases(s3, BUCKET).take("wine", 90)
    clock[0] += 2

    assert S3Leases(s3, BUCKET).take("wine", 90).job == ""


def test_a_holder_killed_after_it_started_a_job_leaves_its_name(s3: "S3Client", clock: list[float]) -> None:
    S3Leases(s3, BUCKET).take("wine", 90).note("job-1")
    clock[0] += 91

    lease = S3Leases(s3, BUCKET).take("wine", 90)
    lease.release()

    assert (lease.job, S3Leases(s3, BUCKET).take("wine", 90).job) == ("job-1", "job-1")


def test_a_holder_that_woke_up_too_late_can_note_nothing(s3: "S3Client", clock: list[float]) -> None:
    late = S3Leases(s3, BUCKET).take("wine", 90)
    clock[0] += 91
    S3Leases(s3, BUCKET).take("wine", 90).note("job-2")

    with pytest.raises(TransientError, match="went to another start_tuning"):
        late.note("job-1")


def test_of_two_that_take_at_once_one_does(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = S3Leases(s3, BUCKET), S3Leases(s3, BUCKET)
    read = mine._read

    def read_before_the_other_took(key: str) -> object:
        found = read(key)
        monkeypatch.setattr(mine, "_read", read)
        other.take("wine", 90)
        return found

    monkeypatch.setattr(mine, "_read", read_before_the_other_took)

    with pytest.raises(TransientError, match="went to another start_tuning"):
        mine.take("wine", 90)


def test_a_write_whose_answer_was_lost_and_that_the_client_repeated_is_ours(
    s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    put = s3.put_object

    def twice(**request: object) -> object:
        put(**request)  # type: ignore[arg-type]
        return put(**request)  # type: ignore[arg-type]

    monkeypatch.setattr(s3, "put_object", twice)
    lease = S3Leases(s3, BUCKET).take("wine", 90)
    monkeypatch.setattr(s3, "put_object", put)

    lease.note("job-1")


def test_a_report_is_what_was_said_last(s3: "S3Client") -> None:
    reports = S3StepReports(s3, BUCKET)
    assert reports.get("wine", "deploy_model") is None

    said = StepReport(dataset="wine", step="deploy_model", good=False, why="rolled back", job="job-1")
    reports.put(StepReport(dataset="wine", step="deploy_model", good=True, why="in service"))
    reports.put(said)

    assert reports.get("wine", "deploy_model") == said
    assert reports.get("wine", "start_tuning") is None


def test_a_models_contract_is_read_by_its_digest_once(s3: "S3Client") -> None:
    digest = contract_digest(tiny())
    s3.put_object(Bucket=BUCKET, Key=names.model_contract_key(digest), Body=tiny().model_dump_json().encode())
    contracts = S3ModelContracts(s3, BUCKET)

    assert contracts.get(digest) == tiny()
    s3.delete_object(Bucket=BUCKET, Key=names.model_contract_key(digest))
    assert contracts.get(digest) == tiny()
    with pytest.raises(ModelFailedError, match="is gone: train again"):
        S3ModelContracts(s3, BUCKET).get(digest)


def test_a_models_contract_that_cannot_be_read_now_may_be_later(s3: "S3Client") -> None:
    with pytest.raises(TransientError):
        S3ModelContracts(s3, "no-such-bucket").get("digest")


def test_labels_are_the_codes_of_the_first_column(s3: "S3Client") -> None:
    world = World()
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    (entry, *_) = world.lake.objects("", "main", features_folder(recipe_digest(tiny()), "train"))
    body = world.lake.bytes[entry.physical_address.rpartition("/")[2]]
    s3.put_object(Bucket=BUCKET, Key="data/x", Body=body)

    assert S3Labels(s3).codes(f"s3://{BUCKET}/data/x") == {0, 1}


def test_a_lease_that_may_not_be_read_is_not_taken_for_one_that_is_free() -> None:
    with stubbed("s3") as stub:
        stub.refuses("get_object", "AccessDenied", "not authorized")

        with pytest.raises(ClientError, match="not authorized"):
            S3Leases(stub.client, BUCKET).take("wine", 90)

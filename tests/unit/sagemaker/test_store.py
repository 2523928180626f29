from pathlib import Path

import pytest

from lakeloop.local.sagemaker.arns import Arns, Kind
from lakeloop.local.sagemaker.errors import ServiceError
from lakeloop.local.sagemaker.faults import Faults
from lakeloop.local.sagemaker.settings import Settings
from lakeloop.local.sagemaker.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def test_names_are_unique_whatever_their_case(store: Store) -> None:
    assert store.add(Kind.MODEL, "Model", {"ModelName": "Model"})
    assert not store.add(Kind.MODEL, "MODEL", {"ModelName": "MODEL"})
    assert store.add(Kind.ENDPOINT, "Model", {})

    assert store.find(Kind.MODEL, "model") == {"ModelName": "Model"}


def test_change_sets_and_removes_fields(store: Store) -> None:
    store.add(Kind.MODEL, "a", {"kept": 1, "removed": 2})

    assert store.change(Kind.MODEL, "a", removed=None, added=3) == {"kept": 1, "added": 3}
    with pytest.raises(KeyError):
        store.change(Kind.MODEL, "b", added=3)


def test_failed_transaction_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.add(Kind.MODEL, "a", {})
            store.add_event(0, {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert store.all(Kind.MODEL) == []
    assert store.next_event() is None


def test_events_come_in_the_order_they_are_due(store: Store) -> None:
    store.add_event(2, {"n": "second"})
    store.add_event(1, {"n": "first"})

    number, due, entry = store.next_event() or (0, 0, {})
    store.remove_event(number)

    assert (due, entry) == (1, {"n": "first"})
    assert (store.next_event() or (0, 0, {}))[2] == {"n": "second"}


def test_next_server_finds_what_was_stored(tmp_path: Path, store: Store) -> None:
    store.add(Kind.MODEL, "a", {"x": 1})
    store.close()

    assert Store(tmp_path / "store.sqlite").all(Kind.MODEL) == [{"x": 1}]


ARNS = Arns("us-east-1", "000000000000")


def test_arns_lower_names_and_find_back() -> None:
    arn = ARNS.of(Kind.MODEL_PACKAGE, "Group/3")

    assert arn == "arn:aws:sagemaker:us-east-1:000000000000:model-package/group/3"
    assert ARNS.parse(arn) == (Kind.MODEL_PACKAGE, "group/3")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:us-east-1:000000000000:pipeline/x",
        "arn:aws:s3:::bucket",
        "arn:aws:sagemaker:us-east-1:000000000000:model/",
    ],
)
def test_arns_of_nothing_here(arn: str) -> None:
    with pytest.raises(ServiceError):
        ARNS.parse(arn)


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    found = Settings.read(
        tmp_path,
        {"AWS_REGION": "eu-west-1", "LAKELOOP_EVENTS_URL": "http://e", "LAKELOOP_SAGEMAKER_TIME_SCALE": "0.5"},
    )

    assert (found.region, found.events_url, found.time_scale, found.event_copies) == ("eu-west-1", "http://e", 0.5, 2)


def test_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="LAKELOOP_SAGEMAKER_EVENT_COPIES must be a int"):
        Settings.read(tmp_path, {"LAKELOOP_SAGEMAKER_EVENT_COPIES": "twice"})


@pytest.mark.parametrize("text", ["[]", "{", '{"earthquake": true}'])
def test_faults_that_are_not_understood(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are those of three parsers
        Faults.parse(text)

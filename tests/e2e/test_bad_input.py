"""What cannot be handled waits in the dead-letter queue, with a reason a person can act on."""

import pytest

from lakeloop.client.dead_letters import DeadLetter, DeadLetters
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import eventually

UNHANDLED = {
    "incoming/breast_cancer/binary.csv": (b"\x89PNG\r\n\x1a\n\xff\xfe", "not UTF-8"),
    "incoming/breast_cancer/sheet.xlsx": (b"PK\x03\x04", "the name must end with .csv"),
    "incoming/unheard_of/a.csv": (b"a,b\n1,2\n", "no dataset is called 'unheard_of'"),
    "incoming/stray.csv": (b"a,b\n1,2\n", "is not at incoming/<dataset>/<file>"),
}


@pytest.fixture(scope="module")
def letters(deployment: Deployment) -> dict[str, DeadLetter]:
    """The dead letters by key: each after one try."""
    environment = deployment.environment
    for key, (body, _) in UNHANDLED.items():
        environment.s3.put_object(Bucket=environment.outputs.landing_bucket, Key=key, Body=body)
    dead = DeadLetters(environment)
    eventually("the dead letters", lambda: dead.count() == len(UNHANDLED))
    return {letter.object.partition("?")[0].split("/", 3)[3]: letter for letter in dead.all()}


@pytest.mark.parametrize("key", UNHANDLED)
def test_what_cannot_be_handled_is_listed_with_object_reason_and_tries(
    key: str, letters: dict[str, DeadLetter]
) -> None:
    letter = letters[key]

    assert UNHANDLED[key][1] in letter.reason
    assert "versionId=" in letter.object
    assert letter.attempts == 1
    assert letter.chain == "transform_data"


def test_nothing_of_it_reaches_the_lake(deployment: Deployment, letters: dict[str, DeadLetter]) -> None:
    environment = deployment.environment
    repository = f"{environment.outputs.name_prefix}-breast-cancer"
    lake = environment.lake

    sources = " ".join(commit.metadata.get("sources", "") for commit in lake.log(repository, "main"))

    assert not [key for key in letters if key in sources]

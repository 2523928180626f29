"""How the local cloud comes up, as a person follows it."""

import pytest

from lakeloop.cli import deploy
from lakeloop.client.environment import Environment
from lakeloop.client.errors import NotDeployedError
from tests.data import tiny


def test_terraforms_lines_become_how_far_it_is() -> None:
    notes: list[str] = []
    count = deploy.ResourceCounter(notes.append)

    for line in (
        "module.storage.aws_s3_bucket.this[0]: Creating...",
        "module.storage.aws_s3_bucket.this[0]: Creation complete after 1s [id=x]",
        "aws_kms_key.main: Modifications complete after 0s [id=y]",
        "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.",
    ):
        count(line)

    assert notes == [
        "1 resources done, last module.storage.aws_s3_bucket.this[0]",
        "2 resources done, last aws_kms_key.main",
        "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.",
    ]


def test_where_nothing_is_deployed_no_contract_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> Environment:
        raise NotDeployedError("nothing is deployed", "")

    monkeypatch.setattr(Environment, "current", nothing)

    deploy.refuse_what_misreads_data({"tiny": tiny()})


def test_what_is_deployed_is_compared_before_terraform_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    deployed = object()
    monkeypatch.setattr(Environment, "current", lambda: deployed)
    monkeypatch.setattr(deploy, "refuse_code_changes", lambda *given: compared.append(given))

    deploy.refuse_what_misreads_data({"tiny": tiny()})

    assert compared == [(deployed, {"tiny": tiny()})]

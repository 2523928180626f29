"""Every right of every role, by call, resource and condition, and everyone whom key, topics, queues and buckets let in.

`rights.json` is read by people: a change of it is a change of what somebody may do. After one that is meant:

    LAKELOOP_WRITE_RIGHTS=1 .venv/bin/pytest -n0 tests/infra/test_rights.py
"""

import json
import os
from pathlib import Path

import pytest

from tests.infra.planned import Resource, Values, of_type, planned
from tests.infra.running import Terraform

EXPECTED = Path(__file__).with_name("rights.json")
POLICIES = ("aws_iam_role_policy", "aws_kms_key", "aws_sns_topic", "aws_sqs_queue", "aws_s3_bucket_policy")
Rights = dict[str, list[str]]


@pytest.fixture(scope="module")
def rights(terraform: Terraform) -> Rights:
    plan = planned(terraform, "tests/demanding.tftest.hcl")
    found = {
        resource.address: sorted(map(in_words, statements(resource)))
        for kind in POLICIES
        for resource in of_type(plan, kind)
    }
    found |= {
        f"{role.address}: who may be it": sorted(
            map(in_words, json.loads(role.values["assume_role_policy"])["Statement"])
        )
        for role in of_type(plan, "aws_iam_role")
    }
    if os.environ.get("LAKELOOP_WRITE_RIGHTS"):
        EXPECTED.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    return found


def statements(resource: Resource) -> list[Values]:
    document: Values = json.loads(resource.values["policy"])
    return list(document["Statement"])


def in_words(statement: Values) -> str:
    """One line of a statement, without the order in which it lists things."""
    parts = [statement["Effect"], listed(statement["Action"]), "on", listed(statement.get("Resource", "itself"))]
    if who := statement.get("Principal"):
        parts += [
            "by",
            who if isinstance(who, str) else " ".join(f"{kind} {listed(names)}" for kind, names in sorted(who.items())),
        ]
    if condition := statement.get("Condition"):
        parts += ["if", json.dumps(condition, sort_keys=True)]
    return " ".join(parts)


def listed(names: str | list[str]) -> str:
    return names if isinstance(names, str) else ", ".join(sorted(names))


@pytest.mark.parametrize("holder", sorted(json.loads(EXPECTED.read_text())) if EXPECTED.exists() else [])
def test_rights_are_exactly_these(rights: Rights, holder: str) -> None:
    assert rights.get(holder) == json.loads(EXPECTED.read_text())[holder]


def test_nobody_else_has_rights(rights: Rights) -> None:
    assert set(rights) == set(json.loads(EXPECTED.read_text()))

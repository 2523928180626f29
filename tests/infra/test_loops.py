"""Functions that wake themselves, or are woken by whom they wake: Lambda stops them after 16 rounds, unless told."""

import json

import pytest

from tests.infra.planned import Resource, of_type


@pytest.fixture(scope="module")
def wakes(plan: list[Resource]) -> dict[str, set[str]]:
    """The steps that each step may tell something, by their names with the prefix."""
    steps = {topic.values["name"] for topic in of_type(plan, "aws_sns_topic")}
    policies = {policy.address: policy.values["policy"] for policy in of_type(plan, "aws_iam_role_policy")}
    return {step: told_by(policies[policy_of(step)]) & steps for step in steps}


def policy_of(step: str) -> str:
    chain = step.removeprefix("lakeloop-test-").replace("-", "_")
    return f'module.event_chain["{chain}"].module.function.aws_iam_role_policy.this'


def told_by(policy: str) -> set[str]:
    return {
        topic.rpartition(":")[2]
        for statement in json.loads(policy)["Statement"]
        if "sns:Publish" in statement["Action"]
        for topic in statement["Resource"]
    }


def reached(wakes: dict[str, set[str]], step: str) -> set[str]:
    """The steps that it wakes, and those that they wake."""
    found: set[str] = set()
    coming = set(wakes[step])
    while coming:
        found |= coming
        coming = {further for each in coming for further in wakes[each]} - found
    return found


def test_lambda_lets_those_go_on_that_ask_themselves_for_the_rest(
    plan: list[Resource], wakes: dict[str, set[str]]
) -> None:
    in_a_loop = {step for step in wakes if step in reached(wakes, step)}
    allowed = of_type(plan, "aws_lambda_function_recursion_config")

    assert "lakeloop-test-reconcile-landing" in in_a_loop
    assert {each.values["function_name"] for each in allowed if each.values["recursive_loop"] == "Allow"} == in_a_loop

"""What infra/ makes, as `terraform test` plans it with made-up values for what AWS would fill in."""

import json
from dataclasses import dataclass
from typing import Any

from tests.infra.running import Terraform

Values = dict[str, Any]
"""A resource's arguments, or a part of a policy, as JSON has them."""


@dataclass(frozen=True)
class Resource:
    """One resource of a plan; its address is that in the module."""

    address: str
    type: str
    values: Values


def planned(terraform: Terraform, test_file: str, **variables: str) -> list[Resource]:
    """The managed resources of the first run of a test file below infra/."""
    given = [f"-var={name}={value}" for name, value in variables.items()]
    result = terraform.run("test", "-json", "-verbose", f"-filter={test_file}", *given)
    assert result.returncode == 0, result.stdout[-2000:]
    messages = [json.loads(line) for line in result.stdout.splitlines() if '"type":"test_plan"' in line]
    changes = messages[0]["test_plan"]["resource_changes"]
    return [
        Resource(change["address"].removeprefix("module.lakeloop."), change["type"], change["change"]["after"])
        for change in changes
        if change["mode"] == "managed"
    ]


def of_type(plan: list[Resource], kind: str) -> list[Resource]:
    return [resource for resource in plan if resource.type == kind]


def environment_of(plan: list[Resource], function: str) -> dict[str, str]:
    """The variables that a function is given."""
    name = f"lakeloop-test-{function.replace('_', '-')}"
    variables: dict[str, str] = next(
        resource.values["environment"][0]["variables"]
        for resource in of_type(plan, "aws_lambda_function")
        if resource.values["function_name"] == name
    )
    return variables

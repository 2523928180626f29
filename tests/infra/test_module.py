"""infra/ as a module: what a root of one's own calls, and a state that was made before there was one."""

import json
import re
from pathlib import Path

from tests.infra.running import INFRA, ROOT, Terraform

MODULE = INFRA / "modules" / "lakeloop"
# No release had these at the root of infra/.
SINCE = {
    "aws_lambda_function_recursion_config.asks_for_the_rest",
    "aws_lambda_invocation.prune_layers",
    "aws_s3_object.rollout",
    "module.catalog.aws_athena_named_query.this",
    "module.catalog.aws_athena_workgroup.this",
    "module.catalog.aws_glue_catalog_database.this",
    "module.catalog.aws_glue_catalog_table.this",
    "module.watch.aws_cloudwatch_metric_alarm.this",
}


def test_a_state_of_a_release_is_planned_over_and_nothing_is_made_anew_or_destroyed(terraform: Terraform) -> None:
    result = terraform.run("test", "-json", "-verbose", "-filter=tests/upgrade.tftest.hcl")
    assert result.returncode == 0, result.stdout[-2000:]
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    (plan,) = (message["test_plan"] for message in messages if message["type"] == "test_plan")

    changes = [
        change
        for change in plan["resource_changes"]
        if change["mode"] == "managed" and change["address"].removeprefix("module.lakeloop.").split("[")[0] not in SINCE
    ]

    assert len(changes) > 200
    assert {change["address"]: change["change"]["actions"] for change in changes if replaced(change)} == {}


def replaced(change: dict[str, dict[str, list[str]]]) -> bool:
    """Whether it is made or destroyed, and not only found or changed."""
    return bool({"create", "delete"} & set(change["change"]["actions"]))


def test_what_is_called_says_nothing_of_where_it_runs() -> None:
    """A module with a provider, a backend or a path of its caller is one that cannot be called twice."""
    calls = re.compile(r'^provider "|^  backend "|path\.root|path\.cwd|^import \{', re.MULTILINE)

    for file in (INFRA / "modules").rglob("*.tf"):
        assert not calls.search(file.read_text()), file


def test_infra_takes_and_tells_what_the_module_does() -> None:
    told = {folder: names(folder / "outputs.tf", "output") for folder in (INFRA, MODULE, ROOT / "examples" / "one")}

    assert (INFRA / "variables_environment.tf").resolve() == MODULE / "variables.tf"
    assert told[INFRA] == told[MODULE] - {"log_group_names"} == told[ROOT / "examples" / "one"]


def names(file: Path, kind: str) -> set[str]:
    return set(re.findall(rf'^{kind} "(\w+)"', file.read_text(), re.MULTILINE))

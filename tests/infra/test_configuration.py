"""What Terraform itself says of infra/, and what its style asks for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.running import INFRA, ROOT, Terraform

MODULES = sorted(path for path in (INFRA / "modules").iterdir() if path.is_dir())
EXAMPLES = sorted((ROOT / "examples").iterdir())
FOLDERS = [INFRA, *MODULES, *EXAMPLES]


def test_files_are_formatted(terraform: Terraform) -> None:
    result = terraform.run("fmt", "-check", "-recursive", "-diff", "-no-color")

    assert result.returncode == 0, result.stdout


def test_configuration_is_valid(terraform: Terraform) -> None:
    result = terraform.run("validate", "-no-color")

    assert result.returncode == 0, result.stdout + result.stderr


def test_terraform_tests_pass(terraform: Terraform) -> None:
    result = terraform.run("test", "-no-color")

    assert result.returncode == 0, result.stdout + result.stderr
    assert ", 0 failed." in result.stdout


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_folders_are_laid_out_alike(folder: Path) -> None:
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf"} <= {path.name for path in folder.glob("*.tf")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_variables_and_outputs_are_described(folder: Path) -> None:
    for name, body in blocks(folder / "variables.tf", "variable"):
        assert re.search(r"^  description = \S", body, re.MULTILINE), f"variable {name} has no description"
        assert re.search(r"^  type +=", body, re.MULTILINE), f"variable {name} has no type"
    for name, body in blocks(folder / "outputs.tf", "output"):
        assert re.search(r"^  description = \S", body, re.MULTILINE), f"output {name} has no description"


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_a_required_value_cannot_be_null(folder: Path) -> None:
    for name, body in blocks(folder / "variables.tf", "variable"):
        assert re.search(r"^  (nullable += false|default += null)$", body, re.MULTILINE), f"variable {name} may be null"


def test_example_variables_exist_and_are_formatted(terraform: Terraform, tmp_path: Path) -> None:
    example = (ROOT / "terraform.tfvars.example").read_text()
    (tmp_path / "example.tfvars").write_text(example)

    named = set(re.findall(r"^(?:# )?(\w+) += ", example, re.MULTILINE))

    assert named <= {name for file in INFRA.glob("variables*.tf") for name, _ in blocks(file, "variable")}
    assert terraform.run("fmt", "-check", "-diff", folder=tmp_path).stdout == ""


@pytest.fixture(scope="module")
def depends(terraform: Terraform) -> dict[str, set[str]]:
    """Each resource of the module with those that it needs."""
    result = terraform.run("graph")
    assert result.returncode == 0, result.stderr
    found: dict[str, set[str]] = {}
    for dependent, on in re.findall(r'"([^"]+)" -> "([^"]+)"', result.stdout.replace('"module.lakeloop.', '"')):
        found.setdefault(dependent, set()).add(on)
        found.setdefault(on, set())
    return found


def needed(depends: dict[str, set[str]], start: str) -> set[str]:
    """All that must be there before it, which a destroy takes after it."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for on in depends[ahead.pop()] - seen:
            seen.add(on)
            ahead.append(on)
    return seen


def test_what_wakes_the_functions_goes_before_the_reaper_is_asked_to_delete(depends: dict[str, set[str]]) -> None:
    """What the reaper looks for, and what would make it work in vain."""
    for before in (
        "module.event_chain.aws_lambda_event_source_mapping.this",
        "aws_cloudwatch_event_rule.sagemaker",
        "aws_cloudwatch_event_target.sagemaker",
        "aws_s3_bucket_notification.landing",
    ):
        assert "aws_lambda_invocation.reap_endpoints" in needed(depends, before)


def test_destroy_full_buckets_asks_the_guard_before_anything_goes(depends: dict[str, set[str]]) -> None:
    """The case destroy-full-buckets: whatever is made here is needed by the guard, so a destroy takes it later."""
    guard = "aws_lambda_invocation.guard_data"
    made = {name for name in depends if not re.search(r"(^|\.)(data|var|local|output|provider)\.", name)}

    assert made - needed(depends, guard) == {guard}


def test_infra_does_not_know_where_it_runs() -> None:
    traces = re.compile(r"ministack|localstack|localhost|127\.0\.0\.1|emulator|AWS_ENDPOINT_URL|skip_credentials", re.I)
    found = [
        f"{path.relative_to(INFRA)}:{number}: {line.strip()}"
        for path in sorted(INFRA.rglob("*.tf"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if traces.search(line)
    ]

    assert found == []


def blocks(file: Path, kind: str) -> Iterator[tuple[str, str]]:
    """Name and body of each top-level block; formatted files close them in the first column."""
    for match in re.finditer(rf'^{kind} "(\w+)" {{\n(.*?)^}}', file.read_text(), re.MULTILINE | re.DOTALL):
        yield match[1], match[2]

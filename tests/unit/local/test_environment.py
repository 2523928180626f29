"""What Terraform is told of the local cloud."""

from pathlib import Path

from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.environment import terraform_variables
from lakeloop.local.supervisor.parts import LakeKeys
from lakeloop.local.terraform.providers import ProviderSource


def test_contracts_are_those_of_the_users_folder_wherever_infra_lies(tmp_path: Path) -> None:
    paths = CloudPaths(root=tmp_path / "mine", local=tmp_path / "elsewhere")
    paths.root.mkdir()

    variables = terraform_variables(
        paths, "http://127.0.0.1:1", LakeKeys("id", "secret"), ProviderSource(tmp_path / "terraform.rc", "")
    )

    assert variables["TF_VAR_contracts_directory"] == str(tmp_path / "mine" / "datasets")
    assert variables["TF_VAR_compiled_contracts_directory"] == str(tmp_path / "mine" / "build" / "contracts")

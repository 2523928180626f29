"""What Terraform runs on where lakeloop is installed: a copy, with the user's contracts and packages beside it."""

from pathlib import Path

import pytest

from lakeloop.local.terraform.configuration import copy_example, unpack


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages" / "infra"
    (folder / "modules" / "api").mkdir(parents=True)
    (folder / "main.tf").write_text("# one\n")
    (folder / "modules" / "api" / "main.tf").write_text("# api\n")
    return folder


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    return tmp_path / "my folder" / ".local" / "project" / "infra"


def test_contracts_and_packages_stand_beside_the_copy_as_in_a_checkout(carried: Path, infra: Path) -> None:
    workspace = infra.parents[2]
    (workspace / "datasets").mkdir(parents=True)
    (workspace / "datasets" / "mine.yaml").touch()

    unpack(carried, infra, workspace)

    assert (infra / "modules" / "api" / "main.tf").read_text() == "# api\n"
    assert (infra / ".." / "datasets" / "mine.yaml").exists()
    assert (infra.parent / "build").is_symlink()


def test_another_version_replaces_the_copy_but_not_terraforms_lock(carried: Path, infra: Path) -> None:
    unpack(carried, infra, infra.parents[2])
    (infra / ".terraform.lock.hcl").write_text("chosen")
    (carried / "main.tf").write_text("# two\n")
    (carried / "modules" / "api" / "main.tf").unlink()

    unpack(carried, infra, infra.parents[2])

    assert (infra / "main.tf").read_text() == "# two\n"
    assert not (infra / "modules" / "api" / "main.tf").exists()
    assert (infra / ".terraform.lock.hcl").read_text() == "chosen"


def test_a_read_only_source_can_be_unpacked_twice(carried: Path, infra: Path) -> None:
    (carried / "main.tf").chmod(0o444)

    unpack(carried, infra, infra.parents[2])
    unpack(carried, infra, infra.parents[2])

    assert (infra / "main.tf").stat().st_mode & 0o200


def test_the_example_is_copied_only_where_there_are_no_contracts(tmp_path: Path) -> None:
    carried = tmp_path / "carried"
    carried.mkdir()
    (carried / "breast_cancer.yaml").write_text("name: breast_cancer\n")
    datasets = tmp_path / "mine" / "datasets"

    assert copy_example(carried, datasets) == [datasets / "breast_cancer.yaml"]
    assert copy_example(carried, datasets) == []
    assert (datasets / "breast_cancer.yaml").read_text() == "name: breast_cancer\n"


def test_examples_beside_the_carried_contract_are_no_contracts_of_a_new_folder(tmp_path: Path) -> None:
    carried = tmp_path / "carried"
    (carried / "examples").mkdir(parents=True)
    (carried / "examples" / "wine.yaml").touch()
    (carried / "breast_cancer.yaml").touch()

    copied = copy_example(carried, tmp_path / "datasets")

    assert [file.name for file in copied] == ["breast_cancer.yaml"]
    assert [file.name for file in (tmp_path / "datasets").iterdir()] == ["breast_cancer.yaml"]

"""Where the provider is taken from: the user's choice, then a mirror on the machine, then the registry."""

from pathlib import Path

import pytest

from lakeloop.local.layout import CloudPaths
from lakeloop.local.terraform import providers
from lakeloop.local.terraform.providers import AWS_PROVIDER, REGISTRY, find_provider, terraform_platform


@pytest.fixture
def parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Stand for /opt and /usr/share."""
    made = tmp_path / "opt", tmp_path / "share"
    for parent in made:
        parent.mkdir()
    monkeypatch.setattr(providers, "MIRROR_PARENTS", made)
    return made


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "XDG_DATA_DIRS": str(tmp_path / "data")}


def mirror(root: Path, *, packed: bool = False, system: str | None = None) -> Path:
    target = system or terraform_platform()
    provider = root / AWS_PROVIDER
    if packed:
        provider.mkdir(parents=True)
        (provider / f"terraform-provider-aws_5.100.0_{target}.zip").touch()
    else:
        (provider / "5.100.0" / target).mkdir(parents=True)
    return root


@pytest.mark.usefixtures("parents")
def test_a_cli_configuration_that_exists_is_left_alone(tmp_path: Path, shell: dict[str, str]) -> None:
    own = tmp_path / "own.tfrc"
    own.touch()

    found = find_provider(CloudPaths(tmp_path, tmp_path / "local"), {**shell, "TF_CLI_CONFIG_FILE": str(own)})

    assert found.cli_configuration == own
    assert not (tmp_path / "local").exists()


@pytest.mark.usefixtures("parents")
def test_the_home_folders_configuration_counts_when_the_variable_names_nothing(
    tmp_path: Path, shell: dict[str, str]
) -> None:
    configuration = Path(shell["HOME"]) / ".terraformrc"
    configuration.touch()

    found = find_provider(CloudPaths(tmp_path, tmp_path / "local"), {**shell, "TF_CLI_CONFIG_FILE": "/not/there"})

    assert found.cli_configuration == configuration


def test_a_mirror_in_a_folder_below_a_shared_parent_is_found(
    tmp_path: Path, shell: dict[str, str], parents: tuple[Path, Path]
) -> None:
    root = mirror(parents[0] / "any-name")

    found = find_provider(CloudPaths(tmp_path, tmp_path / "local"), {**shell, "TF_CLI_CONFIG_FILE": "/not/there"})

    assert str(root) in found.description
    assert f'path    = "{root}"' in found.cli_configuration.read_text()
    assert f'exclude = ["{AWS_PROVIDER}"]' in found.cli_configuration.read_text()


def test_a_mirror_right_below_a_shared_parent_is_found(
    tmp_path: Path, shell: dict[str, str], parents: tuple[Path, Path]
) -> None:
    mirror(parents[1])

    assert str(parents[1]) in find_provider(CloudPaths(tmp_path, tmp_path / "local"), shell).description


@pytest.mark.parametrize("below", ["", REGISTRY])
def test_tf_plugin_dir_comes_first_whether_it_names_the_mirror_or_the_registry_folder(
    tmp_path: Path, shell: dict[str, str], parents: tuple[Path, Path], below: str
) -> None:
    mirror(parents[0] / "other")
    chosen = mirror(tmp_path / "chosen", packed=True)

    found = find_provider(CloudPaths(tmp_path, tmp_path / "local"), {**shell, "TF_PLUGIN_DIR": str(chosen / below)})

    assert f'"{chosen}"' in found.cli_configuration.read_text()


@pytest.mark.usefixtures("parents")
@pytest.mark.parametrize("implied", [".terraform.d/plugins", ".local/share/terraform/plugins"])
def test_terraforms_own_mirror_folders_are_found(tmp_path: Path, shell: dict[str, str], implied: str) -> None:
    root = mirror(Path(shell["HOME"]) / implied)

    assert str(root) in find_provider(CloudPaths(tmp_path, tmp_path / "local"), shell).description


def test_a_mirror_for_another_machine_is_passed_over(
    tmp_path: Path, shell: dict[str, str], parents: tuple[Path, Path]
) -> None:
    mirror(parents[0] / "foreign", system="plan9_mips")

    assert REGISTRY in find_provider(CloudPaths(tmp_path, tmp_path / "local"), shell).description


@pytest.mark.usefixtures("parents")
def test_without_any_mirror_the_registry_is_used_with_a_cache(tmp_path: Path, shell: dict[str, str]) -> None:
    found = find_provider(CloudPaths(tmp_path, tmp_path / "local"), shell)

    assert found.description == f"provider from {REGISTRY}"
    assert f'plugin_cache_dir   = "{tmp_path / ".local" / "plugins"}"' in found.cli_configuration.read_text()


@pytest.mark.usefixtures("parents")
def test_a_configuration_of_another_user_is_passed_over_and_told(
    tmp_path: Path, shell: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "root" / ".terraformrc"
    foreign.parent.mkdir()
    foreign.touch()
    # Root may read everything, so a mode alone would prove nothing.
    monkeypatch.setattr(providers, "is_readable", lambda path: False)
    monkeypatch.setattr(providers, "is_forbidden", lambda path: path == foreign)

    found = find_provider(CloudPaths(tmp_path, tmp_path / "local"), {**shell, "TF_CLI_CONFIG_FILE": str(foreign)})

    assert found.cli_configuration == tmp_path / "local" / "terraform" / "terraform.rc"
    assert f"{foreign} cannot be read and is passed over" in found.description

"""Where Terraform takes the hashicorp/aws provider from, decided once and written as a CLI configuration."""

import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lakeloop.local.layout import CloudPaths

REGISTRY = "registry.terraform.io"
AWS_PROVIDER = f"{REGISTRY}/hashicorp/aws"
# Packagers and images put a mirror in a folder of their own below one of these.
MIRROR_PARENTS = (Path("/opt"), Path("/usr/share"), Path("/usr/local/share"))


@dataclass(frozen=True)
class ProviderSource:
    """A CLI configuration, and a sentence that says where the provider comes from by it."""

    cli_configuration: Path
    description: str


def find_provider(paths: CloudPaths, environment: Mapping[str, str]) -> ProviderSource:
    """The user's own CLI configuration, else a mirror on this machine, else the registry."""
    folder = paths.terraform
    home = Path(environment.get("HOME", "/"))
    candidates = configurations(environment, home)
    for existing in filter(is_readable, candidates):
        return ProviderSource(existing, f"provider as the Terraform CLI configuration {existing} says")
    passed_over = "".join(f"; {path} cannot be read and is passed over" for path in candidates if is_forbidden(path))
    own = folder / "terraform.rc"
    folder.mkdir(parents=True, exist_ok=True)
    for mirror in mirrors(environment, home):
        own.write_text(mirror_configuration(mirror))
        return ProviderSource(own, f"provider from the mirror {mirror}{passed_over}")
    paths.plugins.mkdir(parents=True, exist_ok=True)
    own.write_text(f'disable_checkpoint = true\nplugin_cache_dir   = "{paths.plugins}"\n')
    return ProviderSource(own, f"provider from {REGISTRY}{passed_over}")


def configurations(environment: Mapping[str, str], home: Path) -> list[Path]:
    """Where a CLI configuration may be. The variable may name a missing one; Terraform would then look no further."""
    named = environment.get("TF_CLI_CONFIG_FILE")
    return [*([Path(named)] if named else []), home / ".terraformrc"]


def is_readable(path: Path) -> bool:
    return os.path.isfile(path) and os.access(path, os.R_OK)  # noqa: PTH113 - Path.is_file raises where it may not look


def is_forbidden(path: Path) -> bool:
    """Whether there may be a file that this user must not read: the shell's variables may be those of another one."""
    try:
        path.open("rb").close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def mirrors(environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Folders that hold the AWS provider for this machine, the most deliberate choice first."""
    for candidate in mirror_candidates(environment, home):
        if holds_aws_provider(candidate):
            yield candidate


def mirror_candidates(environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    if named := environment.get("TF_PLUGIN_DIR"):
        folder = Path(named)
        yield folder.parent if folder.name == REGISTRY else folder
    yield home / ".terraform.d" / "plugins"
    data = environment.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    shared = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for base in (data, *shared.split(":")):
        yield Path(base) / "terraform" / "plugins"
    for parent in MIRROR_PARENTS:
        yield parent
        yield from sorted(found.parent for found in parent.glob(f"*/{REGISTRY}"))


def holds_aws_provider(mirror: Path) -> bool:
    """Whether a mirror has some version for this machine, unpacked or as the zip that `providers mirror` leaves."""
    provider, target = mirror / AWS_PROVIDER, terraform_platform()
    return any(provider.glob(f"*/{target}")) or any(provider.glob(f"*_{target}.zip"))


def terraform_platform() -> str:
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{os.uname().sysname.lower()}_{architecture}"


def mirror_configuration(mirror: Path) -> str:
    return (
        "disable_checkpoint = true\n"
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = ["{AWS_PROVIDER}"]\n  }}\n'
        f'  direct {{\n    exclude = ["{AWS_PROVIDER}"]\n  }}\n'
        "}\n"
    )

"""Where the local cloud keeps its things: everything below one folder, `.local` unless told otherwise."""

from dataclasses import dataclass
from pathlib import Path

from lakeloop import project


@dataclass(frozen=True)
class CloudPaths:
    """The user's folder, the folder of one local cloud, and the package its processes import."""

    root: Path = project.WORKSPACE
    local: Path = project.WORKSPACE / ".local"
    package: Path = project.PACKAGE

    @property
    def contracts(self) -> Path:
        """The user's contracts."""
        return self.root / "datasets"

    @property
    def compiled_contracts(self) -> Path:
        return self.root / "build" / "contracts"

    @property
    def run_file(self) -> Path:
        """What runs now; gone when nothing does."""
        return self.local / "run.json"

    @property
    def lock_file(self) -> Path:
        return self.local / "lock"

    @property
    def env_file(self) -> Path:
        return self.local / "env"

    @property
    def state(self) -> Path:
        """What survives a stop, one folder per part."""
        return self.local / "state"

    @property
    def memory_file(self) -> Path:
        """Ports and keys that other state refers to, so that the next start uses the same."""
        return self.state / "supervisor.json"

    @property
    def terraform(self) -> Path:
        return self.local / "terraform"

    @property
    def terraform_state(self) -> Path:
        return self.terraform / "terraform.tfstate"

    @property
    def plugins(self) -> Path:
        """Providers from the registry: 700 MB that outlive any one cloud."""
        return self.root / ".local" / "plugins"

    @property
    def interpreters(self) -> Path:
        return self.local / "venvs" / "handlers"

    @property
    def environments(self) -> Path:
        """The virtual environments of servers, one of each for all clouds of this folder."""
        return self.root / ".local" / "venvs"

    @property
    def import_folder(self) -> Path:
        """Holds a link to `package` and nothing else, for interpreters that have other packages than ours."""
        return self.local / "import"

    def log(self, part: str) -> Path:
        return self.local / "logs" / f"{part}.log"

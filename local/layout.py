"""Where the local cloud keeps its things: everything below one folder, `.local` unless told otherwise."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class CloudPaths:
    """The repository and the folder of one local cloud."""

    root: Path = ROOT
    local: Path = ROOT / ".local"

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
    def plugins(self) -> Path:
        """Providers from the registry: 700 MB that outlive any one cloud."""
        return self.root / ".local" / "plugins"

    @property
    def interpreters(self) -> Path:
        return self.local / "venvs" / "handlers"

    @property
    def emulator_python(self) -> Path:
        """Set up beside the checkout, whatever folder the cloud itself runs in."""
        return self.root / ".local" / "venvs" / "emulator" / "bin" / "python"

    def log(self, part: str) -> Path:
        return self.local / "logs" / f"{part}.log"

"""The interpreters that handlers run on: one bare virtual environment per Python version, nothing installed in it.

With the emulator's own interpreter a package missing from a layer would be found in the emulator's site-packages.
"""

import shutil
import subprocess
import sys
import threading
from pathlib import Path


class RuntimeNotInstalledError(RuntimeError):
    """A function asks for a Python that is not on this machine."""


class Interpreters:
    """Bare interpreters below one folder, made when a function first asks for one and kept for the next start."""

    def __init__(self, folder: Path, search_path: str) -> None:
        self._folder = folder
        self._search_path = search_path
        self._lock = threading.Lock()

    def for_runtime(self, runtime: str) -> Path:
        """The interpreter for a runtime such as `python3.11`."""
        home = self._folder / runtime
        python = home / "bin" / "python"
        with self._lock:
            if not python.exists():
                self._create(home, runtime)
        return python

    def _create(self, home: Path, runtime: str) -> None:
        base = self._base(runtime)
        home.parent.mkdir(parents=True, exist_ok=True)
        # Made beside its place and moved there whole: the emulator may be stopped meanwhile.
        partial = home.with_suffix(f"{home.suffix}.partial")
        command = [base, "-m", "venv", "--clear", "--without-pip", "--symlinks", str(partial)]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            output = made.stderr.strip() or made.stdout.strip()
            raise RuntimeNotInstalledError(f"`{' '.join(command)}` failed: {output}")
        partial.rename(home)

    def _base(self, runtime: str) -> str:
        own = f"python{sys.version_info.major}.{sys.version_info.minor}"
        found = sys.executable if runtime == own else shutil.which(runtime, path=self._search_path)
        # A version manager's shim is on PATH for every version it knows of, installed or not: ask it.
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
        raise RuntimeNotInstalledError(
            f"the function wants {runtime}, which is not installed on this machine (it has {own}); "
            f"set the Terraform variable lambda_runtime to {own}, or install {runtime}"
        )

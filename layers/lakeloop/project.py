"""Where lakeloop's own files are and where the user's: one checkout, or the installed wheel and the current folder."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# The wheel carries infra/, lambdas/ and the locks beside the code.
_CARRIED = PACKAGE / "project"

INSTALLED = _CARRIED.is_dir()
# Read only: infra/, lambdas/, datasets/, the locks of layers and emulator.
SOURCES = _CARRIED if INSTALLED else PACKAGE.parents[1]
# Contracts, what is built, and the local cloud.
WORKSPACE = Path.cwd() if INSTALLED else SOURCES
# What Terraform runs on. It writes beside its configuration, so an installed one is copied below the user's folder.
INFRA = WORKSPACE / ".local" / "project" / "infra" if INSTALLED else SOURCES / "infra"

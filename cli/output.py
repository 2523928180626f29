"""JSON for other programs: alone on stdout, one documented shape for each command."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path


def print_json(value: object, *, indent: int | None = 2) -> None:
    """Print a dataclass, a mapping or a list of them; moments become ISO 8601 text."""
    sys.stdout.write(to_json(value, indent=indent) + "\n")
    sys.stdout.flush()


def to_json(value: object, *, indent: int | None = 2) -> str:
    # ASCII alone can be written to any terminal and pipe, whatever stands in a message.
    return json.dumps(value, default=_plain, indent=indent)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")

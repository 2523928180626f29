"""Reports of what went wrong elsewhere, each a folder of small facts: events, answers, files, settings, tables."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from lakeloop.contract import DatasetContract

OPS = Path(__file__).parent / "ops"
DATA = Path(__file__).parent / "data"
PLAN = Path(__file__).parent / "plan"


def contract_of(folder: Path, changes: Mapping[str, Any] = MappingProxyType({})) -> DatasetContract:
    """The contract of a table, with other keys, and other keys of its columns."""
    text = yaml.load((folder / "contract.yaml").read_text(), Loader=yaml.BaseLoader)  # noqa: S506 it makes text only
    changed = {key: value for key, value in changes.items() if key != "columns"}
    columns = [{**column, **changes.get("columns", {}).get(column["name"], {})} for column in text["columns"]]
    return DatasetContract.model_validate({**text, **changed, "columns": columns})

"""One row of a file as the prediction API wants it; the file is read as the gate reads it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from lakeloop.client.errors import AdvisedError, RefusedDataError
from lakeloop.client.predictions import Feature
from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.headers import by_position, match
from lakeloop.tables import Block, Form
from lakeloop.tables.opening import open_table
from lakeloop.values.codes import FeatureEncoder


def features_at(contract: DatasetContract, path: Path, number: int) -> dict[str, Feature]:
    """The features of data row `number`, which counts readable rows from 1; texts are sent as they stand there.

    Columns that the file lacks, as the label and the key may, are left out, and so are those that are no features.
    """
    rows = 0
    try:
        for block in _blocks(contract, path):
            if rows < number <= rows + block.frame.height:
                return _features(contract, block, number - rows - 1)
            rows += block.frame.height
    except UnreadableObjectError as error:
        raise RefusedDataError(f"{path.name}: {error}", "mend the file, or `file:` in the contract") from error
    raise AdvisedError(f"{path} has no row {number}", f"name a row from 1 to {rows}: --row {path}:1")


def _blocks(contract: DatasetContract, path: Path) -> Iterator[Block]:
    width = None if contract.file.header else len(contract.columns)
    with path.open("rb") as stream:
        yield from open_table(stream, contract.file, path.name, width=width).blocks()


def _features(contract: DatasetContract, block: Block, place: int) -> dict[str, Feature]:
    matched = by_position(contract) if block.names is None else match(contract, block.names, complete=False)
    row = block.frame.row(place)
    found: dict[str, Feature] = {}
    for name in FeatureEncoder(contract).columns:
        if places := matched.places[name]:
            cells = [row[cell] for cell in places]
            found[name] = _sent(cells[0], block.form) if len(cells) == 1 else " ".join(map(str, cells))
    return found


def _sent(cell: object, form: Form) -> Feature:
    """A cell as a value of JSON."""
    if form == Form.JSON and isinstance(cell, str):
        value: Feature = json.loads(cell)
        return value
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return cell.strip() or None
    return cell if isinstance(cell, bool | int | float) else None

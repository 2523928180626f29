"""What in a contract keeps predictions from coming back as rows."""

from collections.abc import Iterator

from lakeloop.contract import DatasetContract


def obstacles(contract: DatasetContract) -> Iterator[str]:
    """Why no prediction of this dataset can come back as a row, whatever its request holds."""
    if contract.delivery == "snapshot":
        yield "under `delivery: snapshot` a file replaces all rows"
    if contract.delivery_unit == "folder":
        yield "under `delivery_unit: folder` no file is taken alone"
    for column in contract.kept:
        if column.sensitive and (column in contract.features or not column.nullable) and column.name != contract.label:
            yield f"`{column.name}` is sensitive, so predictions are kept without it"
        if column.from_:
            yield f"`{column.name}` is made of several columns"

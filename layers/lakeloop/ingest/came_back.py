"""Files of predictions that came back with their labels: through the same gate, and by the time of the prediction."""

from datetime import UTC, datetime

from lakeloop import names
from lakeloop.contract import DatasetContract


def came_back_at(dataset: str, key: str) -> float | None:
    """When the predictions of a file were made, in seconds since 1970; None for a file that anybody dropped.

    A window that is joined again lands last. Its rows are as old as they were, so they replace none of a later one.
    """
    name = key.removeprefix(names.feedback_folder(dataset))
    try:
        return datetime.strptime(name, names.WINDOW).replace(tzinfo=UTC).timestamp() if name != key else None
    except ValueError:
        return None


def as_it_is_written(contract: DatasetContract) -> DatasetContract:
    """The contract, for a file that the loop wrote: Parquet with a header, of however few rows have a label."""
    file = contract.file.model_copy(update={"format": "parquet", "header": True})
    return contract.model_copy(update={"file": file, "quality": contract.quality.model_copy(update={"min_rows": 1})})

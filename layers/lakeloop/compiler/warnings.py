"""What a contract may say, and does not get all of or hardly means: no reason to refuse it."""

from collections.abc import Iterator

from lakeloop.compiler.problems import Path
from lakeloop.contract import DatasetContract

WEIGHT = (
    "it is kept in rows/ and each row counts once in training: the built-in XGBoost takes weights with CSV alone, and "
    "features are Parquet; a training.script may count them"
)
SENSITIVE_FEATURE = (
    "it is a feature although it is sensitive: its numbers lie in features/, models are made of them, and requests "
    "must give it"
)
SENSITIVE_LABEL = (
    "it is the label although it is sensitive: predictions and what `status` says of classes name its values"
)


def warned(contract: DatasetContract) -> Iterator[tuple[Path, str]]:
    """Where, columns by their name, and a sentence."""
    if contract.weight is not None and contract.problem is not None and contract.training.script is None:
        yield ("weight",), WEIGHT
    if contract.label in contract.sensitive:
        yield ("label",), SENSITIVE_LABEL
    for column in contract.features:
        if column.sensitive:
            yield ("columns", column.name, "feature"), SENSITIVE_FEATURE

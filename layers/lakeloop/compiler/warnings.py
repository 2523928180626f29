"""What a contract may say, and does not get all of or hardly means: no reason to refuse it."""

from collections.abc import Iterator

from lakeloop.compiler.problems import Path
from lakeloop.contract import DatasetContract
from lakeloop.feedback.obstacles import obstacles
from lakeloop.values.codes import asked_columns

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
NOT_ALL_PUBLIC = (
    "it is public, and another feature is not: rows may stand in an address only where all of them are public"
)


CANNOT_CLOSE = "labels that callers send make no rows of predictions"


def warned(contract: DatasetContract) -> Iterator[tuple[Path, str]]:
    """Where, columns by their name, and a sentence."""
    if contract.weight is not None and contract.problem is not None and contract.training.script is None:
        yield ("weight",), WEIGHT
    if contract.label in contract.sensitive:
        yield ("label",), SENSITIVE_LABEL
    for column in contract.features:
        if column.sensitive:
            yield ("columns", column.name, "feature"), SENSITIVE_FEATURE
    yield from _half_public(contract)
    if contract.problem is not None and contract.capture.enabled:
        for why in obstacles(contract):
            yield ("capture",), f"{CANNOT_CLOSE}: {why}"


def _half_public(contract: DatasetContract) -> Iterator[tuple[Path, str]]:
    """Public columns that let nobody ask without a key."""
    asked = asked_columns(contract)
    if not all(column.public for column in asked):
        for column in asked:
            if column.public:
                yield ("columns", column.name, "public"), NOT_ALL_PUBLIC

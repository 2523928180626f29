"""Features that are computed from the columns of the same row."""

from lakeloop.contract.base import ContractModel
from lakeloop.contract.columns import ColumnName


class Derived(ContractModel):
    """One derived feature; its expression is judged with the contract, `lakeloop.features.expression`."""

    name: ColumnName
    """What the feature is called."""
    expression: str
    """+ - * / ( ), log1p, sqrt, abs, min, max, clip(x, lo, hi), bucket(x, 10, 20), cross(a, b) of categories, year,
    month, day, weekday, hour, days(a, b), length(text)."""
